"""Starts and stops waitress on the loopback interface."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from types import TracebackType

import waitress
from waitress import wasyncore
from waitress.server import BaseWSGIServer

from sparseview.app.server import THREADS, create_app
from sparseview.app.server.desk import Desk
from sparseview.app.server.page import STATIC
from sparseview.app.server.security import Lock
from sparseview.errors import SparseviewError


class Server:
    """Listens from construction on; the socket is bound before the page is told its address.

    Parameters
    ----------
    port : 0 takes a free one. token : see Lock. static : folder of the built front end.
    """

    def __init__(
        self, desk: Desk, port: int = 0, token: str | None = None, static: Path = STATIC
    ) -> None:
        self.desk = desk
        self.lock = Lock(token)
        self._sockets: dict[int, object] = {}
        app = create_app(desk, self.lock, static)
        try:
            self._server: BaseWSGIServer = waitress.create_server(
                app,
                map=self._sockets,
                host="127.0.0.1",
                port=port,
                threads=THREADS,
                ident="sparseview",
                # Lets an event stream notice that its page is gone.
                channel_request_lookahead=1,
                asyncore_use_poll=True,
                clear_untrusted_proxy_headers=True,
            )
        except OSError as error:
            raise SparseviewError(
                f"Port {port} cannot be used: {error.strerror}.", "Choose another port.", "port"
            ) from error
        self.lock.port = int(self._server.effective_port)
        self._thread = threading.Thread(target=self._server.run, name="server", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self.lock.port

    def url(self, view: str | None = None) -> str:
        """The address that opens the page, secret included."""
        return self.lock.url(view)

    def close(self) -> None:
        """End every stream and job, then stop listening; a second call does nothing."""
        if not self._thread.is_alive():
            return
        self.desk.shut()
        # First the threads, for one that ends later would find its socket closed; then the
        # sockets, in the thread that polls them, which ends once it has none.
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=3)
        # Its wake-up fails if another has just woken that thread, which then was faster.
        with contextlib.suppress(OSError):
            self._server.trigger.pull_trigger(lambda: wasyncore.close_all(self._sockets, True))
        self._thread.join(3)

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
