"""The door as compose/dev.yml has it: pages come from Vite, which knows no login, so the lock stands before it too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .checks import Door
from .ledger import Ledger
from .stand import BEARER, HTML, Stand, standing

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
def stand(tmp_path_factory: pytest.TempPathFactory, caddy: str) -> Iterator[Stand]:
    with standing(tmp_path_factory.mktemp("vite"), caddy, vite=True) as standing_one:
        yield standing_one


@pytest.fixture
def door(stand: Stand, ledger: Ledger) -> Door:
    stand.arrived()
    return Door(stand, ledger)


@pytest.mark.parametrize("path", PAGES)
def test_without_a_login_no_page_is_served(door: Door, path: str) -> None:
    for method in ("GET", "HEAD", "POST", "OPTIONS"):
        door.refuses(THEME, f"{method} {path}", door.stand.ask(method, path))
    door.refuses(THEME, f"browser at {path}", door.stand.ask("GET", path, [HTML]))
    for more in ([], [f"Origin: {door.stand.origin()}"], ["Cookie: __Host-tunesmith=x"]):
        door.refuses(THEME, f"WebSocket {path} {more}", door.stand.ask("GET", path, UPGRADE + more))


def test_a_deep_link_leads_to_the_login_page_and_back(door: Door) -> None:
    reply = door.stand.ask("GET", "/jobs/a%2Fb?tab=log", [HTML])
    assert (reply.status, reply.header("location")) == (303, "/auth/login?next=/jobs/a%252Fb%3Ftab%3Dlog")


def test_who_is_logged_in_gets_pages_of_vite_without_what_opens_our_door(door: Door) -> None:
    session = door.stand.session()
    door.stand.arrived()
    reply = door.stand.ask("GET", "/jobs/x?tab=log", [f"{session}; theme=dark", HTML])
    assert reply.status == 200
    [arrived] = door.stand.arrived("frontend")
    assert (arrived.target, arrived.header("cookie"), arrived.header("host")) == (
        "/jobs/x?tab=log",
        "theme=dark",
        door.stand.host(),
    )
    door.stand.ask("GET", "/x", [BEARER])
    assert [each.header("authorization") for each in door.stand.arrived("frontend")] == [None]


def test_hot_reload_is_let_in_from_our_own_page_only(door: Door) -> None:
    session = door.stand.session()
    own = f"Origin: {door.stand.origin()}"
    door.serves(THEME, "WebSocket", door.stand.ask("GET", "/?token=a", [*UPGRADE, session, own], wait=1), 101)
    for origin in ("http://evil.example", door.stand.origin("ollama")):
        reply = door.stand.ask("GET", "/?token=a", [*UPGRADE, session, f"Origin: {origin}"])
        door.refuses(THEME, f"WebSocket from {origin}", reply)


@pytest.mark.parametrize("path", ["/api/jobs", "/openapi.json", "/docs", "/metrics", "/v1/models"])
def test_what_is_the_orchestrators_stays_its_own(door: Door, path: str) -> None:
    reply = door.stand.ask("GET", path, [BEARER])
    assert reply.status == 200 and door.stand.arrived() == []
