"""Sessions and tickets: each good on one host, a ticket once; and the way of a browser from the main host to a tool's."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from .checks import Door
from .stand import BEARER, HTML, TOKEN, TOOLS, Stand

ELSEWHERE = (
    "http://evil.example/", "https://evil.example/", "//evil.example/", "http://ollama.localhost.evil.example/",
    "javascript:alert(1)",
    "http://ollama.localhost@evil.example/", "http://evil.example#.ollama.localhost", "http://ollama.localhost:1/", "/", "",
    "http://localhost:{port}/", "http://x.ollama.localhost:{port}/", "http://other.localhost:{port}/",
    "http://box.example:{port}/",
    "https://ollama.localhost:{port}/", "http://ollama.localhost:{port}@evil.example/", "ftp://ollama.localhost:{port}/",
    "http://ollama.localhost:{port}\\@evil.example/", "http://127.0.0.1:{port}/", "http:ollama.localhost:{port}",
    "http://ollama.localhost:0{port}/", "http://ollama.localhost/", "http://ollama.localhost.:{port}/",
)  # fmt: skip


def ticket(stand: Stand, tool: str | None) -> str:
    made = stand.ask("POST", "/auth/tickets", [BEARER], {"host": stand.host(tool)})
    return made.data.rpartition(b"ticket=")[2].partition(b'"')[0].decode()


@pytest.mark.parametrize("tool", [None, *TOOLS])
def test_a_session_is_good_on_its_host_only(door: Door, tool: str | None) -> None:
    stand, session = door.stand, door.stand.session(tool)
    for other in (None, *TOOLS):
        path = "/x" if other else "/api/jobs"
        reply = stand.ask("GET", path, [session], tool=other)
        if other == tool:
            door.serves("sessions", f"own at {tool}", reply)
        else:
            door.refuses("sessions", f"of {tool} at {other}", reply)


@pytest.mark.parametrize("tool", [None, *TOOLS])
def test_a_ticket_is_good_once_and_on_its_host_only(door: Door, tool: str | None) -> None:
    stand, secret = door.stand, ticket(door.stand, tool)
    for other in (None, *TOOLS):
        if other != tool:
            reply = stand.ask("GET", f"/auth/login?ticket={secret}", tool=other)
            door.refuses("tickets", f"of {tool} at {other}", reply)
    used = stand.ask("GET", f"/auth/login?ticket={secret}", tool=tool)
    door.ledger.control("tickets", f"at {tool}", used.status == 303 and used.header("set-cookie") is not None, used)
    door.refuses("tickets", f"replayed at {tool}", stand.ask("GET", f"/auth/login?ticket={secret}", tool=tool))
    door.refuses(
        "tickets", f"replayed by a browser at {tool}", stand.ask("GET", f"/auth/login?ticket={secret}", [HTML], tool=tool)
    )


@pytest.mark.parametrize("guess", ["", "x", TOKEN, "a" * 43, "%00", "../" * 10])
def test_a_guessed_ticket(door: Door, guess: str) -> None:
    door.refuses("tickets", f"guessed {guess!r}", door.stand.ask("GET", f"/auth/login?ticket={quote(guess)}", tool="ollama"))


@pytest.mark.parametrize("to", ELSEWHERE)
def test_the_handoff_leads_to_tools_only(door: Door, to: str) -> None:
    stand, session = door.stand, door.stand.session()
    wanted = quote(to.replace("{port}", str(stand.http)), safe="")
    reply = stand.ask("GET", f"/auth/handoff?to={wanted}", [session, HTML])
    away = reply.header("location")
    door.ledger.attack("open redirects", f"handoff {to}", reply.status in (403, 422) and away is None, reply.data[:1500])
    stranger = stand.ask("GET", f"/auth/handoff?to={wanted}", [HTML])
    door.refuses("open redirects", f"handoff {to} without login", stranger)


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/auth/logout"]
)
def test_a_login_leads_nowhere_else(door: Door, wanted: str) -> None:
    form = urlencode({"token": TOKEN, "next": wanted})
    headers = ["Content-Type: application/x-www-form-urlencoded", f"Origin: {door.stand.origin()}"]
    reply = door.stand.ask("POST", "/auth/login", headers, form)
    door.ledger.attack("open redirects", f"next={wanted}", reply.header("location") == "/", reply.data[:1500])


def test_a_tools_page_gets_no_ticket_for_elsewhere(door: Door) -> None:
    """It acts with our cookie of its own host: nothing of ours but the way in may be there."""
    stand = door.stand
    for tool in TOOLS:
        own = [stand.session(tool), f"Origin: {stand.origin(tool)}"]
        stand.ask("POST", "/auth/tickets", own, {"host": stand.host()}, tool=tool)
        arrived = stand.arrived(tool)
        reached_tool_only = len(arrived) == 1 and arrived[0].target == "/auth/tickets"
        door.ledger.attack("tickets", f"made at {tool}", reached_tool_only, arrived)
        direct = stand.ask(
            "POST", "/auth/login", [*own, "Content-Type: application/x-www-form-urlencoded"], f"token={TOKEN}", tool=tool
        )
        stand.arrived()
        door.ledger.attack("tickets", f"form at {tool}", direct.header("set-cookie") is None, direct.data[:500])


@pytest.mark.parametrize("tool", TOOLS)
def test_a_browser_comes_to_a_tool_by_the_main_host(door: Door, tool: str) -> None:
    """From a tool's page without any login: to the main host, its form, back with a ticket, and in."""
    stand = door.stand
    first = stand.ask("GET", "/page?a=1&b=%2F", [HTML], tool=tool)
    handoff = urlsplit(first.header("location") or "")
    assert (first.status, handoff.netloc) == (303, stand.host())
    asked = stand.ask("GET", f"{handoff.path}?{handoff.query}", [HTML])
    form = urlsplit(asked.header("location") or "")
    page = stand.ask("GET", f"{form.path}?{form.query}", [HTML])
    assert f"form-action 'self' {stand.origin(tool)};" in (page.header("content-security-policy") or "")
    fields = urlencode({"token": TOKEN, "next": parse_qs(form.query)["next"][0]})
    headers = ["Content-Type: application/x-www-form-urlencoded", f"Origin: {stand.origin()}"]
    entered = stand.ask("POST", "/auth/login", headers, fields)
    cookie = f"Cookie: {(entered.header('set-cookie') or '').partition(';')[0]}"
    handed = stand.ask("GET", entered.header("location") or "", [HTML, cookie])
    there = urlsplit(handed.header("location") or "")
    assert (there.netloc, there.path) == (stand.host(tool), "/auth/login"), handed.data
    inside = stand.ask("GET", f"{there.path}?{there.query}", [HTML], tool=tool)
    assert inside.header("location") == "/page?a=1&b=%2F"
    own = f"Cookie: {(inside.header('set-cookie') or '').partition(';')[0]}"
    door.serves("sessions", f"handoff to {tool}", stand.ask("GET", "/page?a=1&b=%2F", [HTML, own], tool=tool))


def test_logging_out_ends_every_host(door: Door) -> None:
    stand = door.stand
    sessions = {tool: stand.session(tool) for tool in (None, *TOOLS)}
    unused = ticket(stand, "ollama")
    left = stand.ask("POST", "/auth/logout", [sessions[None], f"Origin: {stand.origin()}"], "")
    door.serves("sessions", "log out", left, 204)
    for tool, session in sessions.items():
        door.refuses(
            "sessions", f"after logging out at {tool}", stand.ask("GET", "/x" if tool else "/api/jobs", [session], tool=tool)
        )
    door.refuses("tickets", "after logging out", stand.ask("GET", f"/auth/login?ticket={unused}", tool="ollama"))
