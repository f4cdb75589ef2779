"""What the guard lets in and what it refuses: one table of requests, sent to a real server byte for byte."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import urlencode

import pytest
from starlette.types import Message, Receive, Scope, Send

from tunesmith.auth.guard import Guard
from tunesmith.auth.policy import Policy

from .door import TOKEN, Door, Headers

OWN = ("Host", "localhost:{port}")
PAGE = ("Origin", "http://localhost:{port}")
COOKIE = ("Cookie", "<session>")
BEARER = ("Authorization", f"Bearer {TOKEN}")
HTML = ("Accept", "text/html,application/xhtml+xml")


def host(name: str) -> tuple[str, str]:
    return ("Host", name)


def origin(name: str) -> tuple[str, str]:
    return ("Origin", name)


def site(name: str) -> tuple[str, str]:
    return ("Sec-Fetch-Site", name)


REQUESTS: list[tuple[str, str, Headers, int]] = [
    # Without a login: the login page, the check and health, nothing else.
    ("GET", "/api/health", [OWN], 200),
    ("GET", "/auth/login", [OWN], 200),
    ("GET", "/auth/check", [OWN], 401),
    ("GET", "/api/things", [OWN], 401),
    ("GET", "/v1/things", [OWN], 401),
    ("GET", "/api/things", [OWN, HTML], 401),
    ("GET", "/v1/things", [OWN, HTML], 401),
    ("GET", "/", [OWN], 401),
    ("GET", "/", [OWN, HTML], 303),
    ("GET", "/docs", [OWN, HTML], 303),
    ("GET", "/docs", [OWN], 401),
    ("GET", "/openapi.json", [OWN], 401),
    ("GET", "/metrics", [OWN], 401),
    ("GET", "/nowhere", [OWN], 401),
    ("POST", "/api/things", [OWN, PAGE], 401),
    ("POST", "/api/health", [OWN, PAGE], 401),
    ("DELETE", "/api/things", [OWN], 401),
    ("OPTIONS", "/api/things", [OWN, ("Access-Control-Request-Method", "POST")], 401),
    ("POST", "/auth/logout", [OWN, PAGE], 401),
    ("POST", "/auth/tickets", [OWN, PAGE], 401),
    ("GET", "/auth/login/", [OWN], 401),
    ("GET", "//auth/login", [OWN], 401),
    ("GET", "/auth/login/../../api/things", [OWN], 401),
    ("GET", "/auth/login%2f..%2f..%2fapi/things", [OWN], 401),
    ("GET", "/api/health/../things", [OWN], 401),
    ("GET", "/API/HEALTH", [OWN], 401),
    # Cookies that aren't a session of this host.
    ("GET", "/api/things", [OWN, COOKIE], 200),
    ("GET", "/api/things", [OWN, ("Cookie", "a=1; <session>; b=2")], 200),
    ("GET", "/api/things", [OWN, ("Cookie", "__Host-tunesmith=")], 401),
    ("GET", "/api/things", [OWN, ("Cookie", "__Host-tunesmith=guess")], 401),
    ("GET", "/api/things", [OWN, ("Cookie", f"__Host-tunesmith={TOKEN}")], 401),
    ("GET", "/api/things", [OWN, ("Cookie", "tunesmith=guess; __host-tunesmith=guess")], 401),
    ("GET", "/api/things", [host("tensorboard.localhost:{port}"), COOKIE], 401),
    ("GET", "/api/things", [host("127.0.0.1:{port}"), COOKIE], 401),
    ("GET", "/auth/check", [OWN, COOKIE], 204),
    # Hosts: DNS rebinding, tricks with the name, more than one.
    ("GET", "/api/health", [host("localhost")], 200),
    ("GET", "/api/health", [host("LOCALHOST:{port}")], 200),
    ("GET", "/api/health", [host("127.0.0.1:{port}")], 200),
    ("GET", "/api/health", [host("[::1]:{port}")], 200),
    ("GET", "/api/health", [host("llamafactory.localhost:{port}")], 200),
    ("GET", "/api/health", [host("box.example")], 200),
    ("GET", "/api/health", [host("box.example:443")], 200),
    ("GET", "/api/health", [host("evil.example")], 421),
    ("GET", "/auth/login", [host("evil.example")], 421),
    ("GET", "/api/things", [host("evil.example"), BEARER], 421),
    ("GET", "/api/things", [host("evil.example:{port}"), COOKIE], 421),
    ("GET", "/api/health", [host("localhost.evil.example")], 421),
    ("GET", "/api/health", [host("127.0.0.1.evil.example")], 421),
    ("GET", "/api/health", [host("evillocalhost")], 421),
    ("GET", "/api/health", [host(".localhost")], 421),
    ("GET", "/api/health", [host("a..localhost")], 421),
    ("GET", "/api/health", [host("localhost.")], 421),
    ("GET", "/api/health", [host("localhost@evil.example")], 421),
    ("GET", "/api/health", [host("localhost:80:80")], 421),
    ("GET", "/api/health", [host("localhost:port")], 421),
    ("GET", "/api/health", [host("localhost/evil")], 421),
    ("GET", "/api/health", [host("0.0.0.0:{port}")], 421),
    ("GET", "/api/health", [host("127.0.0.2")], 421),
    ("GET", "/api/health", [host("[::ffff:127.0.0.1]")], 421),
    ("GET", "/api/health", [host("sub.box.example")], 421),
    ("GET", "/api/health", [host("2130706433")], 421),
    ("GET", "/api/health", [host("evil.example"), ("X-Forwarded-Host", "localhost")], 421),
    # Origins, with their port, on every method: reading is refused as well.
    ("POST", "/api/things", [OWN, COOKIE, PAGE], 200),
    ("PUT", "/api/things", [OWN, COOKIE, PAGE], 200),
    ("DELETE", "/api/things", [OWN, COOKIE, PAGE], 200),
    ("POST", "/api/things", [OWN, COOKIE, origin("https://localhost:{port}")], 200),
    ("POST", "/api/things", [OWN, COOKIE, origin("https://friend.example:8443")], 200),
    ("POST", "/api/things", [OWN, COOKIE, origin("https://friend.example")], 403),
    ("POST", "/api/things", [OWN, COOKIE, origin("http://localhost")], 403),
    ("POST", "/api/things", [OWN, COOKIE, origin("http://localhost:1")], 403),
    ("POST", "/api/things", [OWN, COOKIE, origin("http://127.0.0.1:{port}")], 403),
    ("POST", "/api/things", [OWN, COOKIE, origin("http://llamafactory.localhost:{port}")], 403),
    ("POST", "/api/things", [OWN, COOKIE, origin("http://localhost:{port}.evil.example")], 403),
    ("POST", "/api/things", [OWN, COOKIE, origin("http://evil.example")], 403),
    ("POST", "/api/things", [OWN, COOKIE, origin("null")], 403),
    ("POST", "/api/things", [OWN, COOKIE, origin("")], 403),
    ("POST", "/api/things", [OWN, COOKIE, PAGE, origin("http://evil.example")], 403),
    ("GET", "/api/things", [OWN, COOKIE, origin("http://evil.example")], 403),
    ("GET", "/auth/check", [OWN, COOKIE, origin("http://llamafactory.localhost:{port}")], 403),
    ("OPTIONS", "/api/things", [OWN, COOKIE, origin("http://evil.example")], 403),
    ("POST", "/api/things", [OWN, COOKIE], 403),
    ("POST", "/api/things", [OWN, COOKIE, site("same-origin")], 200),
    ("POST", "/api/things", [OWN, COOKIE, site("same-site")], 403),
    ("POST", "/api/things", [OWN, COOKIE, site("cross-site")], 403),
    ("POST", "/api/things", [OWN, COOKIE, site("none")], 403),
    ("POST", "/api/things", [OWN, COOKIE, ("Referer", "http://localhost:{port}/")], 403),
    # A page that may not read still mustn't log anybody in.
    ("POST", "/auth/login", [OWN, origin("http://evil.example")], 403),
    ("POST", "/auth/login", [OWN, site("cross-site")], 403),
    # Bearer: needs no Origin, but a foreign one is refused; it decides even beside a good cookie.
    ("GET", "/api/things", [OWN, BEARER], 200),
    ("POST", "/api/things", [OWN, BEARER], 200),
    ("POST", "/v1/things", [OWN, ("authorization", f"bearer {TOKEN}")], 200),
    ("POST", "/api/things", [OWN, BEARER, PAGE], 200),
    ("POST", "/api/things", [OWN, BEARER, origin("http://evil.example")], 403),
    ("GET", "/api/things", [OWN, ("Authorization", "Bearer wrong"), COOKIE], 401),
    ("GET", "/api/things", [OWN, ("Authorization", "Bearer ")], 401),
    ("GET", "/api/things", [OWN, BEARER, ("Authorization", "Bearer other")], 401),
    ("GET", "/api/things", [OWN, ("Authorization", TOKEN)], 401),
    ("GET", "/api/things", [OWN, ("Authorization", f"Basic {TOKEN}")], 401),
    ("GET", f"/api/things?token={TOKEN}", [OWN], 401),
    # What a client says of itself counts for nothing.
    ("GET", "/api/things", [OWN, ("X-Tunesmith-User", "admin"), ("Remote-User", "admin")], 401),
    ("GET", "/api/things", [OWN, ("X-Forwarded-For", "127.0.0.1"), ("X-Real-IP", "127.0.0.1")], 401),
    ("GET", "/nowhere", [OWN, ("X-Original-URL", "/auth/login"), ("X-Rewrite-URL", "/auth/login")], 401),
    # An upgrade is a GET whose Origin is looked at too.
    (
        "GET",
        "/api/things",
        [OWN, COOKIE, origin("http://evil.example"), ("Connection", "Upgrade"), ("Upgrade", "websocket")],
        403,
    ),
]


@pytest.mark.parametrize(("method", "path", "headers", "status"), REQUESTS)
def test_request(door: Door, method: str, path: str, headers: Headers, status: int) -> None:
    session = door.session()
    sent = [(name, value.replace("<session>", session)) for name, value in headers]
    answer = door.ask(method, path, sent)
    assert answer.status == status, answer.body
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Request-Id"]
    if status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json["status"] == status and answer.json["title"] and answer.json["type"].startswith("/problems/")


def test_without_host(door: Door) -> None:
    # The server itself refuses HTTP/1.1 without a Host, before the application.
    assert door.ask("GET", "/api/health", []).status in (400, 421)


def test_two_hosts(door: Door) -> None:
    assert door.ask("GET", "/api/health", [OWN, host("evil.example")]).status in (400, 421)


@pytest.mark.parametrize(
    ("headers", "admitted"),
    [
        ([OWN, COOKIE, PAGE], True),
        ([OWN, BEARER], True),
        ([OWN, COOKIE], False),
        ([OWN, PAGE], False),
        ([OWN, COOKIE, origin("http://evil.example")], False),
        ([OWN, BEARER, origin("http://evil.example")], False),
        ([OWN, COOKIE, origin("http://llamafactory.localhost:{port}")], False),
        ([host("evil.example"), BEARER], False),
    ],
)
async def test_websocket(door: Door, headers: Headers, admitted: bool) -> None:
    """Spoken in ASGI: the server here has no WebSocket implementation, a later one may."""
    reached: list[Scope] = []
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    cookie = door.session()
    raw = [(name.lower(), value.replace("{port}", str(door.port)).replace("<session>", cookie)) for name, value in headers]
    lines = [(name.encode(), value.encode()) for name, value in raw]
    scope = {
        "type": "websocket",
        "scheme": "ws",
        "path": "/v1/live",
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "headers": lines,
    }
    await Guard(app, door.logins, Policy())(scope, receive, send)
    assert bool(reached) == admitted
    assert [message["type"] for message in sent] == ([] if admitted else ["websocket.close"])


def test_navigation_leads_to_the_login_page_and_back(door: Door) -> None:
    answer = door.ask("GET", "/jobs?state=failed&x=//evil", [OWN, HTML])
    assert (answer.status, answer.headers["Location"]) == (303, "/auth/login?next=/jobs%3Fstate%3Dfailed%26x%3D//evil")


@pytest.mark.parametrize(
    "address",
    [
        "/jobs/x?tab=log&q=a%26b%3D%23",
        "/models/base%2Fm?x",
        "/chat/%C3%A9%20%F0%9F%98%80",
        "/",
        "/a?next=/b?c",
        "/x%0d%0aSet-Cookie:%20a",
    ],
)
def test_a_deep_link_comes_back_from_the_login_just_as_it_was(door: Door, address: str) -> None:
    led = door.ask("GET", address, [OWN, HTML]).headers["Location"]
    page = door.ask("GET", led, [OWN, HTML]).body.decode()
    wanted = unescape(re.findall(r'name="next" value="([^"]*)"', page)[0])
    form = urlencode({"token": TOKEN, "next": wanted}).encode()
    entered = door.ask("POST", "/auth/login", [OWN, PAGE, ("Content-Type", "application/x-www-form-urlencoded")], form)
    assert (entered.status, entered.headers["Location"]) == (303, address)


def test_an_address_too_long_for_the_login_leads_home(door: Door) -> None:
    led = door.ask("GET", "/jobs?q=" + "x" * 3000, [OWN, HTML])
    assert led.headers["Location"] == "/auth/login?next=/"


def test_claims_of_a_client_dont_reach_a_route(door: Door) -> None:
    claims = ["X-Tunesmith-User", "x_tunesmith_user", "Remote-User", "X-Forwarded-User", "X-Forwarded-For", "Forwarded",
              "X-Auth-Request-Email", "X-Real-IP", "X-Original-URL", "X-WebAuth-User"]  # fmt: skip
    answer = door.ask("GET", "/api/things", [OWN, BEARER, *((claim, "admin") for claim in claims), ("X-Harmless", "kept")])
    assert "admin" not in answer.json.values()
    assert answer.json["x-harmless"] == "kept"


def test_bodies_have_a_limit(door: Door) -> None:
    assert door.ask("POST", "/api/things", [OWN, BEARER], b"x" * 1_000_001).status == 413
    assert door.ask("POST", "/api/uploads", [OWN, BEARER], b"x" * 1_000_001).status == 200
    assert door.ask("POST", "/api/uploads", [OWN, BEARER, ("Content-Length", "99999999999")]).status == 413


def test_body_of_unknown_length_has_a_limit(door: Door) -> None:
    chunk = b"80000\r\n" + b"x" * 0x80000 + b"\r\n"
    answer = door.ask_chunked("/api/uploads", [OWN, BEARER, ("Transfer-Encoding", "chunked")], chunk * 5 + b"0\r\n\r\n")
    assert (answer.status, answer.json["type"]) == (413, "/problems/too-large")


def test_audit_has_a_line_for_each_write_and_no_secret(door: Door) -> None:
    before = len(door.audit.read_text().splitlines()) if door.audit.exists() else 0
    session = door.session()
    answer = door.ask("POST", f"/api/things?token={TOKEN}", [OWN, PAGE, ("Cookie", session)])
    door.ask("GET", "/api/things", [OWN, BEARER])
    door.ask("DELETE", "/api/things", [OWN, ("Authorization", "Bearer wrong")])
    door.ask("DELETE", "/api/things", [OWN, BEARER])
    text = door.audit.read_text()
    lines = [json.loads(line) for line in text.splitlines()[before:]]
    assert [(line["method"], line["status"], line["who"] and line["who"]["by"]) for line in lines] == [
        ("POST", 200, "session"), ("DELETE", 401, None), ("DELETE", 200, "bearer"),
    ]  # fmt: skip
    assert lines[0]["request_id"] == answer.headers["X-Request-Id"]
    assert TOKEN not in text and session not in text
    assert door.audit.stat().st_mode & 0o777 == 0o600
