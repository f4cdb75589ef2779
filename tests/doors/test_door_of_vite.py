"""The door as compose/dev.yml has it: pages come from Vite, which knows no login, so the lock stands before it too."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from .checks import Door
from .ledger import Ledger
from .stand import BEARER, HTML, Stand, standing
from .wire import together

THEME = "pages by Vite"
PAGES = (
    "/",
    "/jobs/x?tab=log",
    "/src/app/main.tsx",
    "/@vite/client",
    "/@fs/etc/passwd",
    "/assets/../api/jobs",
    "/apiary",
    "//api/jobs",
)
UPGRADE = [
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol: vite-hmr",
]


@pytest.fixture(scope="module")
def with_vite(tmp_path_factory: pytest.TempPathFactory, caddy: str) -> Iterator[Stand]:
    with standing(tmp_path_factory.mktemp("vite"), caddy, vite=True) as stand:
        yield stand


@pytest.fixture
def vite_door(with_vite: Stand, ledger: Ledger) -> Door:
    with_vite.arrived()
    return Door(with_vite, ledger)


@pytest.mark.parametrize("path", PAGES)
def test_without_a_login_no_page_is_served(vite_door: Door, path: str) -> None:
    for method in ("GET", "HEAD", "POST", "OPTIONS"):
        vite_door.refuses(THEME, f"{method} {path}", vite_door.stand.ask(method, path))
    vite_door.refuses(THEME, f"browser at {path}", vite_door.stand.ask("GET", path, [HTML]))
    claims: list[list[str]] = [[], [f"Origin: {vite_door.stand.origin()}"], ["Cookie: __Host-tunesmith=x"]]
    replies = together(partial(vite_door.stand.ask, "GET", path, UPGRADE + more) for more in claims)
    for more, reply in zip(claims, replies, strict=True):
        vite_door.refuses(THEME, f"WebSocket {path} {more}", reply)


def test_a_deep_link_leads_to_the_login_page_and_back(vite_door: Door) -> None:
    reply = vite_door.stand.ask("GET", "/jobs/a%2Fb?tab=log", [HTML])
    assert (reply.status, reply.header("location")) == (303, "/auth/login?next=/jobs/a%252Fb%3Ftab%3Dlog")


def test_who_is_logged_in_gets_pages_of_vite_without_what_opens_our_door(vite_door: Door) -> None:
    session = vite_door.stand.session()
    vite_door.stand.arrived()
    reply = vite_door.stand.ask("GET", "/jobs/x?tab=log", [f"{session}; theme=dark", HTML])
    assert reply.status == 200
    [arrived] = vite_door.stand.arrived("frontend")
    assert (arrived.target, arrived.header("cookie"), arrived.header("host")) == (
        "/jobs/x?tab=log",
        "theme=dark",
        vite_door.stand.host(),
    )
    vite_door.stand.ask("GET", "/x", [BEARER])
    assert [each.header("authorization") for each in vite_door.stand.arrived("frontend")] == [None]


def test_hot_reload_is_let_in_from_our_own_page_only(vite_door: Door) -> None:
    session = vite_door.stand.session()
    own = f"Origin: {vite_door.stand.origin()}"
    vite_door.serves(THEME, "WebSocket", vite_door.stand.ask("GET", "/?token=a", [*UPGRADE, session, own]), 101)
    for origin in ("http://evil.example", vite_door.stand.origin("ollama")):
        reply = vite_door.stand.ask("GET", "/?token=a", [*UPGRADE, session, f"Origin: {origin}"])
        vite_door.refuses(THEME, f"WebSocket from {origin}", reply)


@pytest.mark.parametrize("path", ["/api/jobs", "/openapi.json", "/docs", "/metrics", "/v1/models"])
def test_what_is_the_orchestrators_stays_its_own(vite_door: Door, path: str) -> None:
    reply = vite_door.stand.ask("GET", path, [BEARER])
    assert reply.status == 200 and vite_door.stand.arrived() == []
