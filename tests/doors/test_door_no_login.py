"""Nobody who isn't logged in gets anything but the login page: on no route of the API, on no tool's host, by no method."""

from __future__ import annotations

import json
import re
from functools import partial

import pytest

from .checks import Door
from .stand import BEARER, HTML, TOOLS, Stand
from .wire import request, together

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
OPEN = {("GET", "/auth/login"), ("HEAD", "/auth/login"), ("POST", "/auth/login"), ("GET", "/api/health"), ("HEAD", "/api/health"),
        ("GET", "/auth/handoff")}  # fmt: skip
PAGES = ("/", "/docs", "/openapi.json", "/metrics", "/assets/index.js")
AT_TOOLS = ("/", "/api/tags", "/v1/models", "/queue/join", "/data/runs", "/api/projects", "/auth/tickets", "/auth/logout",
            "/api/health", "/gradio_api/queue/data?session_hash=a", "/auth/", "/auth/login/", "/auth/check")  # fmt: skip
UPGRADE = [
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
]


@pytest.fixture(scope="module")
def routes(stand: Stand) -> list[str]:
    document = stand.ask("GET", "/openapi.json", [BEARER]).data.partition(b"\r\n\r\n")[2]
    return [re.sub(r"\{[^}]*\}", "1", path) for path in json.loads(document)["paths"]]


def test_no_route_of_the_api(door: Door, routes: list[str]) -> None:
    assert len(routes) > 40
    for path in [*routes, *PAGES]:
        for method in METHODS:
            if (method, path) not in OPEN:
                door.refuses("no login: API", f"{method} {path}", door.stand.ask(method, path))


@pytest.mark.parametrize("tool", TOOLS)
def test_no_tool(door: Door, tool: str) -> None:
    for path in AT_TOOLS:
        for method in METHODS:
            body = "{}" if method in ("POST", "PUT", "PATCH") else None
            reply = door.stand.ask(method, path, [f"Origin: {door.stand.origin(tool)}"], body, tool=tool)
            door.refuses("no login: tools", f"{method} {tool}{path}", reply)
    door.refuses("no login: tools", f"a page of {tool}", door.stand.ask("GET", "/", [HTML], tool=tool))


@pytest.mark.parametrize("tool", [None, *TOOLS])
def test_no_websocket(door: Door, tool: str | None) -> None:
    stand = door.stand
    claims = ([], [f"Origin: {stand.origin(tool)}"], ["Origin: http://evil.example", BEARER], ["Cookie: __Host-tunesmith=x"])
    cases = [(path, more) for path in ("/", "/ws", "/queue/join", "/api/events") for more in claims]
    replies = together(partial(stand.ask, "GET", path, UPGRADE + more, tool=tool) for path, more in cases)
    for (path, more), reply in zip(cases, replies, strict=True):
        door.refuses("no login: WebSocket", f"{tool}{path} {more}", reply)


@pytest.mark.parametrize("tool", TOOLS)
def test_no_tls_way_around(door: Door, tool: str) -> None:
    data = request("GET", "/api/tags", host=door.stand.host(tool, door.stand.https))
    door.refuses("no login: HTTPS", tool, door.stand.raw_tls(data, f"{tool}.localhost"))


@pytest.mark.parametrize("tool", TOOLS)
def test_who_is_logged_in_is_served(door: Door, tool: str) -> None:
    stand = door.stand
    session = stand.session(tool)
    door.serves("no login: tools", f"token at {tool}", stand.ask("GET", "/x", [BEARER], tool=tool))
    door.serves("no login: tools", f"session at {tool}", stand.ask("GET", "/x", [session], tool=tool))
    own = [session, f"Origin: {stand.origin(tool)}"]
    door.serves("no login: tools", f"write at {tool}", stand.ask("POST", "/x", own, {}, tool=tool))
    door.serves("no login: WebSocket", tool, stand.ask("GET", "/ws", [*UPGRADE, *own], tool=tool), 101)


def test_pages_and_api_are_served(door: Door) -> None:
    for path in ("/docs", "/openapi.json", "/api/jobs", "/api/system"):
        door.serves("no login: API", path, door.stand.ask("GET", path, [BEARER]))
