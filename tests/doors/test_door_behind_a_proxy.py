"""Behind someone else's proxy, which ends TLS and passes Host on: requests to Caddy as such a proxy sends them."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from .checks import Door
from .ledger import Ledger
from .stand import BEARER, HTML, Stand, standing

DOMAIN = "tunesmith.example"
TOOL = f"ollama.{DOMAIN}"
CLIENT = "203.0.113.7"
PROXIED = ["X-Forwarded-Proto: https", f"X-Forwarded-For: {CLIENT}"]


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory, caddy: str) -> Iterator[Stand]:
    with standing(tmp_path_factory.mktemp("behind"), caddy, DOMAIN, "127.0.0.1/32") as stand:
        yield stand


@pytest.fixture
def proxied_door(behind: Stand, ledger: Ledger) -> Door:
    behind.arrived()
    return Door(behind, ledger)


def test_the_way_to_a_tool_goes_by_https_and_without_a_port(proxied_door: Door) -> None:
    stand = proxied_door.stand
    first = stand.ask("GET", "/page?a=1", [*PROXIED, HTML], host=TOOL)
    wanted = quote(f"https://{TOOL}/page?a=1", safe="")
    assert first.header("location") == f"https://{DOMAIN}/auth/handoff?to={wanted}"
    handed = stand.ask("GET", f"/auth/handoff?to={wanted}", [*PROXIED, BEARER], host=DOMAIN)
    there = urlsplit(handed.header("location") or "")
    assert (there.scheme, there.netloc, parse_qs(there.query)["next"]) == ("https", TOOL, ["/page?a=1"])
    entered = stand.ask("GET", f"{there.path}?{there.query}", PROXIED, host=TOOL)
    cookie = f"Cookie: {(entered.header('set-cookie') or '').partition(';')[0]}"
    write = stand.ask("POST", "/x", [*PROXIED, cookie, f"Origin: https://{TOOL}"], {}, host=TOOL)
    assert write.status == 200, write.data
    [arrived] = stand.arrived("ollama")
    told = [arrived.header("X-Forwarded-Proto"), arrived.header("X-Forwarded-For"), arrived.header("X-Forwarded-Host")]
    proxied_door.ledger.control("behind a proxy", "a write", told == ["https", CLIENT, TOOL], told)
    for origin in (f"http://{TOOL}", f"https://{DOMAIN}", f"https://{TOOL}:8443", "https://evil.example"):
        reply = stand.ask("POST", "/x", [*PROXIED, cookie, f"Origin: {origin}"], {}, host=TOOL)
        proxied_door.refuses("behind a proxy", f"page of {origin}", reply)


@pytest.mark.parametrize(
    "claim", ["X-Forwarded-User: admin", "X-Forwarded-Method: GET", "X-Forwarded-Host: localhost", "Remote-User: a"]
)
def test_it_is_believed_nothing_else(proxied_door: Door, claim: str) -> None:
    for host, path in ((DOMAIN, "/api/jobs"), (TOOL, "/x")):
        reply = proxied_door.stand.ask("POST", path, [*PROXIED, claim], {}, host=host)
        proxied_door.refuses("behind a proxy", f"{claim} at {host}", reply)


def test_names_of_others_below_the_domain(proxied_door: Door) -> None:
    for host in (f"gate.{DOMAIN}", f"x.{TOOL}", f"{DOMAIN}.evil.example", "tunesmith.example.", "example"):
        reply = proxied_door.stand.ask("GET", "/api/jobs", [*PROXIED, BEARER], host=host)
        proxied_door.refuses("behind a proxy", host, reply)


def test_wrong_tokens_are_counted_by_client(proxied_door: Door) -> None:
    """A flood from one client isn't another's; and the owner gets in from either."""
    stand = proxied_door.stand
    wrong = "Authorization: Bearer wrong-wrong-wrong-wrong"
    mine = [stand.ask("GET", "/x", [PROXIED[0], "X-Forwarded-For: 203.0.113.8", wrong], host=TOOL).status for _ in range(12)]
    assert mine == [401] * 10 + [429] * 2
    other = stand.ask("GET", "/x", [PROXIED[0], "X-Forwarded-For: 203.0.113.9", wrong], host=TOOL)
    assert other.status == 401
    owner = stand.ask("GET", "/x", [PROXIED[0], "X-Forwarded-For: 203.0.113.8", BEARER], host=TOOL)
    proxied_door.serves("behind a proxy", "the owner beside a flood", owner)
