"""Starts and stops waitress on the loopback interface."""

from __future__ import annotations

import threading
from types import TracebackType

import waitress
from waitress.server import BaseWSGIServer

from sparseview.app.server import THREADS, create_app
from sparseview.app.server.desk import Desk
from sparseview.app.server.security import Lock
from sparseview.errors import SparseviewError


class Server:
    """Listens from construction on; the socket is bound before the page is told its address.

    Parameters
    ----------
    port : 0 takes a free one. token : see Lock.
    """

    def __init__(self, desk: Desk, port: int = 0, token: str | None = None) -> None:
        self.desk = desk
        self.lock = Lock(token)
        app = create_app(desk, self.lock)
        try:
            self._server: BaseWSGIServer = waitress.create_server(
                app,
                host="127.0.0.1",
                port=port,
                threads=THREADS,
                ident="sparseview",
                # Lets an event stream notice that its page is gone.
                channel_request_lookahead=1,
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
        """End every stream and job, then stop listening."""
        self.desk.shut()
        self._server.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
