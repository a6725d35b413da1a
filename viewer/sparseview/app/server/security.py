"""The server's lock: loopback only, one secret per launch, Host and Origin checked each time.

Any page in the user's browser can send requests to 127.0.0.1, and any name can be made to resolve
to it. So a request must name this server (Host), must not come from another page (Origin,
Sec-Fetch-Site), and must carry the cookie that only the launch URL hands out.
"""

from __future__ import annotations

import hmac
import os
import secrets
from urllib.parse import urlencode

from flask import Flask, Response, request
from werkzeug.wrappers import Response as AnyResponse

from sparseview.app.server.replies import refuse

OPEN_PATHS = ("/health", "/launch")


class Lock:
    """Knows the secret and the port; `allows` is asked before every request.

    Parameters
    ----------
    token : fixes the secret; without it SPARSEVIEW_TOKEN does, else it is made at random.
    """

    def __init__(self, token: str | None = None) -> None:
        self._token = token or os.environ.get("SPARSEVIEW_TOKEN") or secrets.token_urlsafe(32)
        # The cookie holds another secret, so that the one in the URL (history, process list)
        # and the one in the browser can not be exchanged.
        self._session = secrets.token_urlsafe(32)
        self.port = 0

    @property
    def cookie(self) -> str:
        # Cookies are shared by all ports of a host: two windows need two names.
        return f"sparseview-{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        return (f"127.0.0.1:{self.port}", f"localhost:{self.port}")

    def url(self, view: str | None = None) -> str:
        """The launch URL with its secret."""
        query = {"t": self._token} | ({"view": view} if view else {})
        return f"http://127.0.0.1:{self.port}/launch?{urlencode(query)}"

    def opens_with(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self._token.encode())

    def give_cookie(self, response: AnyResponse) -> None:
        response.set_cookie(
            self.cookie, self._session, httponly=True, samesite="Strict", path="/", secure=False
        )

    def refusal(self) -> Response | None:
        """The answer to a request that may not pass, else None."""
        if request.headers.get("Host", "") not in self.hosts:
            return refuse(421, "This server does not answer to that name.", "", "host")
        origin = request.headers.get("Origin")
        if origin is not None and origin not in {f"http://{host}" for host in self.hosts}:
            return refuse(403, "A page of another origin may not ask here.", "", "origin")
        # Following the launch link from elsewhere is a navigation with the secret in hand.
        foreign = request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")
        if foreign and request.path != "/launch":
            return refuse(403, "A page of another site may not ask here.", "", "origin")
        if request.path in OPEN_PATHS:
            return None
        cookie = request.cookies.get(self.cookie, "")
        if not hmac.compare_digest(cookie.encode(), self._session.encode()):
            return refuse(
                403,
                "This page was not opened by Sparseview.",
                "Open the address that Sparseview printed when it started.",
                "locked",
            )
        return None


# pywebview injects its own script with eval, and so do the tools that drive a page (Playwright's
# `wait_for_function`). Model text never reaches eval or HTML, and no foreign script can load.
def content_policy(*hashes: str) -> str:
    """The policy of a page. hashes: base64 SHA-256 of the scripts that stand in the page itself."""
    own = "".join(f" 'sha256-{one}'" for one in hashes)
    return (
        f"default-src 'none'; script-src 'self' 'unsafe-eval'{own}; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; "
        "connect-src 'self'; worker-src 'self' blob:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


CONTENT_POLICY = content_policy()


def install(app: Flask, lock: Lock) -> None:
    """Put the lock before every route and the headers on every answer."""

    @app.before_request
    def check() -> Response | None:
        return lock.refusal()

    @app.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        # Keeps a page that opened this one from its window. "none" is an address that the user, or
        # a program, gave the browser: no page opened that, and none can forge the header; the
        # policy would only cost another process, and 50 ms.
        if request.headers.get("Sec-Fetch-Site") != "none":
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers.setdefault("Cache-Control", "no-store")
        return response

    @app.get("/health")
    def health() -> Response:
        return Response("ok", mimetype="text/plain")
