"""A small HTTP client for the app's server: sends exactly the headers that a test asks for."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit


class Answer:
    """Status, headers (lower case) and body of one answer."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Follows the launch URL like a browser and keeps its cookie.

    launch : the URL with its secret; without `enter` no cookie is sent.
    """

    def __init__(self, launch: str, enter: bool = True) -> None:
        self.launch = launch
        self.port = urlsplit(launch).port or 0
        self.cookie: str | None = None
        if enter:
            parts = urlsplit(launch)
            answer = self.ask("GET", f"{parts.path}?{parts.query}")
            assert answer.status == 200
            self.cookie = answer.headers["set-cookie"].split(";")[0]

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request; header names with _ for -; an empty value leaves a usual header out."""
        sent = {"Host": f"127.0.0.1:{self.port}"}
        if self.cookie:
            sent["Cookie"] = self.cookie
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.putrequest(method, path, skip_host=True)
            for name, value in sent.items():
                if value:
                    connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """The JSON of a GET that must succeed."""
        answer = self.ask("GET", path)
        assert answer.status == 200, answer.body
        return answer.json

    def post(self, path: str, body: Any = None) -> Answer:
        data = json.dumps({} if body is None else body).encode()
        return self.ask("POST", path, data, Content_Type="application/json")


class Stream:
    """Reads /api/events in a thread; `events` grows as they come."""

    def __init__(self, client: Client) -> None:
        self.events: list[Any] = []
        self.ended = False
        self._connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=180)
        self._connection.request("GET", "/api/events", headers={"Cookie": client.cookie or ""})
        # Kept, because the connection lets go of it for an answer without a length.
        self._socket = self._connection.sock
        self.response = self._connection.getresponse()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                line = self.response.readline()
            except (OSError, ValueError, http.client.HTTPException, AttributeError):
                break
            if not line:
                break
            if line.startswith(b"data: "):
                self.events.append(json.loads(line[6:]))
        self.ended = True

    def of(self, kind: str) -> list[Any]:
        return [event for event in self.events if event["type"] == kind]

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._connection.close()


def until(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait until something is true and give it back; fails after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError(f"still not true after {seconds} seconds")
