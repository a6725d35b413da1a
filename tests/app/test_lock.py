"""The lock: who may ask the server, and what every answer carries."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from client import Client

from sparseview.app.server.desk import Desk
from sparseview.app.server.security import CONTENT_POLICY
from sparseview.app.server.serving import Server
from sparseview.app.settings import SettingsFile
from sparseview.errors import SparseviewError


def test_it_listens_on_loopback_only(server: Server) -> None:
    # A socket bound to every address would answer here too.
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.2", server.port), timeout=2).close()


def test_health_needs_no_secret_and_tells_nothing(server: Server) -> None:
    answer = Client(server.url(), enter=False).ask("GET", "/health")
    assert (answer.status, answer.body) == (200, b"ok")


@pytest.mark.parametrize("path", ["/", "/api/state", "/api/events", "/assets/x.js", "/nothing"])
def test_nothing_else_answers_without_the_cookie(server: Server, path: str) -> None:
    answer = Client(server.url(), enter=False).ask("GET", path)
    assert answer.status == 403
    assert answer.json["code"] == "locked"


def test_a_person_without_the_cookie_is_told_in_words(server: Server) -> None:
    answer = Client(server.url(), enter=False).ask("GET", "/", Sec_Fetch_Dest="document")
    assert answer.status == 403
    assert answer.headers["content-type"].startswith("text/plain")
    assert b"the address that Sparseview printed" in answer.body


def test_a_wrong_secret_opens_nothing(server: Server) -> None:
    answer = Client(server.url(), enter=False).ask("GET", "/launch?t=guess")
    assert answer.status == 403
    assert "set-cookie" not in answer.headers


def test_the_cookie_is_named_per_port_and_unreadable_for_scripts(server: Server) -> None:
    path = "/launch?" + server.url().partition("?")[2]
    cookie = Client(server.url(), enter=False).ask("GET", path).headers["set-cookie"]
    assert cookie.startswith(f"sparseview-{server.port}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_the_url_holds_another_secret_than_the_cookie(client: Client) -> None:
    secret = client.launch.partition("t=")[2]
    stranger = Client(client.launch, enter=False)
    stranger.cookie = f"sparseview-{client.port}={secret}"
    assert stranger.ask("GET", "/api/state").status == 403
    value = (client.cookie or "").partition("=")[2]
    assert stranger.ask("GET", f"/launch?t={value}").status == 403


@pytest.mark.parametrize("path", ["/health", "/", "/api/state", "/launch?t=x"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "0.0.0.0:80"])
def test_a_wrong_host_is_refused_everywhere(client: Client, host: str, path: str) -> None:
    answer = client.ask("GET", path, Host=host)
    assert answer.status == 421
    assert answer.json["code"] == "host"


def test_localhost_is_a_right_host(client: Client) -> None:
    assert client.ask("GET", "/api/state", Host=f"localhost:{client.port}").status == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"]
)
def test_a_foreign_origin_is_refused_even_with_the_cookie(client: Client, origin: str) -> None:
    answer = client.ask("POST", "/api/undo", b"{}", Origin=origin, Content_Type="application/json")
    assert answer.status == 403
    assert answer.json["code"] == "origin"


def test_the_own_origin_passes(client: Client) -> None:
    origin = f"http://127.0.0.1:{client.port}"
    assert client.ask("GET", "/api/state", Origin=origin).status == 200


def test_a_request_that_the_browser_marks_as_cross_site_is_refused(client: Client) -> None:
    assert client.ask("GET", "/api/state", Sec_Fetch_Site="cross-site").status == 403
    assert client.ask("GET", "/api/state", Sec_Fetch_Site="same-origin").status == 200


def test_a_body_that_a_form_could_send_is_refused(client: Client) -> None:
    answer = client.ask("POST", "/api/close", b"{}", Content_Type="text/plain")
    assert answer.status == 400
    assert answer.json["code"] == "request"


@pytest.mark.parametrize("path", ["/", "/health", "/api/state", "/nothing", "/launch?t=x"])
def test_every_answer_carries_the_headers(client: Client, path: str) -> None:
    headers = client.ask("GET", path).headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("site", ["", "cross-site", "same-site", "same-origin"])
def test_who_opened_the_page_is_kept_from_its_window(client: Client, site: str) -> None:
    """Where no page did, nobody pays for that with another process."""
    for path in ("/", "/launch?t=x"):
        headers = client.ask("GET", path, Sec_Fetch_Site=site).headers
        assert headers["cross-origin-opener-policy"] == "same-origin"
        headers = client.ask("GET", path, Sec_Fetch_Site="none").headers
        assert "cross-origin-opener-policy" not in headers


def test_no_script_from_elsewhere_or_inline_may_run() -> None:
    script = next(p for p in CONTENT_POLICY.split("; ") if p.startswith("script-src"))
    assert set(script.split()[1:]) == {"'self'", "'unsafe-eval'"}


def test_files_outside_the_page_are_out_of_reach(tmp_path: Path) -> None:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "assets" / "app.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("my treasure")
    settings = SettingsFile(tmp_path / "settings.json")
    with Server(Desk(settings), static=static) as server:
        client = Client(server.url())
        script = client.ask("GET", "/assets/app.js")
        assert script.body == b"export {}"
        assert script.headers["content-type"].startswith("text/javascript")
        assert "immutable" in script.headers["cache-control"]
        for path in (
            "/assets/../../secret.txt",
            "/assets/..%2f..%2fsecret.txt",
            f"/assets/%2f{tmp_path}/secret.txt",
        ):
            answer = client.ask("GET", path)
            assert answer.status != 200
            assert b"treasure" not in answer.body


def test_a_page_that_was_not_built_says_how(tmp_path: Path) -> None:
    settings = SettingsFile(tmp_path / "settings.json")
    with Server(Desk(settings), static=tmp_path / "none") as server:
        answer = Client(server.url()).ask("GET", "/")
        assert answer.status == 200
        assert b"pip install -e ." in answer.body


@pytest.mark.parametrize("view", ["flat", "grouped", "//evil"])
def test_the_launch_link_leads_nowhere_else(server: Server, view: str) -> None:
    client = Client(server.url(), enter=False)
    path = "/launch?" + server.url().partition("?")[2]
    answer = client.ask("GET", f"{path}&view={view}")
    assert answer.status == 200
    assert "location" not in answer.headers
    assert b"evil" not in answer.body


def test_the_environment_can_fix_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARSEVIEW_TOKEN", "known")
    with Server(Desk()) as server:
        assert server.url() == f"http://127.0.0.1:{server.port}/launch?t=known"


def test_a_taken_port_is_told_calmly(server: Server) -> None:
    with pytest.raises(SparseviewError, match=f"Port {server.port} cannot be used"):
        Server(Desk(), server.port)
