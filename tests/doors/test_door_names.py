"""Foreign names: of the host that is asked for (DNS rebinding), and of the page that asks."""

from __future__ import annotations

import pytest

from .checks import Door
from .stand import BEARER, TOOLS
from .wire import request

HOSTS = (
    "evil.example", "evil.example:{port}", "localhost.evil.example", "127.0.0.1.evil.example", "evillocalhost",
    "ollama.localhost.", "localhost.",
    "a..localhost", ".localhost", "localhost@evil.example", "ollama.localhost@evil.example", "127.0.0.2", "0.0.0.0",
    "[::ffff:127.0.0.1]", "2130706433", "localhost:80:80", "localhost/evil", "ollama.localhost.evil.example",
    "ollama_localhost", "orchestrator:8765", "ollama:11434", "caddy", "gate:2375",
)  # fmt: skip
ORIGINS = (
    "http://evil.example", "https://evil.example", "null", "", "http://localhost", "http://localhost:1",
    "http://{own}.evil.example",
    "http://evil.example#http://{own}", "http://{own}@evil.example", "http://127.0.0.1:{port}", "file://", "http://{own}/",
    "chrome-extension://abcdefgh", "http://other.localhost:{port}", "http://{own} http://evil.example",
)  # fmt: skip
WRITES = ("GET", "POST", "PUT", "DELETE", "OPTIONS")


@pytest.mark.parametrize("host", HOSTS)
def test_a_foreign_host(door: Door, host: str) -> None:
    """Also with the token: what carries it there isn't meant for us."""
    name = host.replace("{port}", str(door.stand.http))
    for path in ("/api/jobs", "/auth/login", "/"):
        door.refuses("foreign Host", f"{name}{path}", door.stand.ask("GET", path, [BEARER], host=name))


@pytest.mark.parametrize("tool", [None, *TOOLS])
@pytest.mark.parametrize("origin", ORIGINS)
def test_a_foreign_origin(door: Door, tool: str | None, origin: str) -> None:
    stand = door.stand
    sent = origin.replace("{own}", stand.host(tool)).replace("{port}", str(stand.http))
    for method in WRITES if tool == "easy-dataset" else ("GET", "POST"):
        body = "{}" if method in ("POST", "PUT") else None
        reply = stand.ask(method, "/api/jobs", [BEARER, f"Origin: {sent}"], body, tool=tool)
        door.refuses("foreign Origin", f"{method} {tool} from {sent}", reply)


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tools_page_at_another_tool_or_at_the_main_host(door: Door, tool: str) -> None:
    stand, session = door.stand, door.stand.session()
    page = f"Origin: {stand.origin(tool)}"
    door.refuses("foreign Origin", f"{tool} at the main host", stand.ask("POST", "/api/system:shutdown", [session, page], {}))
    door.refuses("foreign Origin", f"{tool} reads the main host", stand.ask("GET", "/api/system", [session, page]))
    other = TOOLS[(TOOLS.index(tool) + 1) % len(TOOLS)]
    there = stand.session(other)
    door.refuses("foreign Origin", f"{tool} at {other}", stand.ask("POST", "/x", [there, page], {}, tool=other))


@pytest.mark.parametrize("tool", TOOLS)
def test_a_write_by_cookie_that_says_no_page(door: Door, tool: str) -> None:
    session = door.stand.session(tool)
    for more in ([], ["Sec-Fetch-Site: cross-site"], ["Sec-Fetch-Site: same-site"], [f"Referer: {door.stand.origin(tool)}/"]):
        for method in ("POST", "DELETE"):
            body = "{}" if method == "POST" else None
            reply = door.stand.ask(method, "/x", [session, *more], body, tool=tool)
            door.refuses("foreign Origin", f"{method} {tool} {more}", reply)
    # the method that the lock is asked about is the real one, whatever the client says it is
    for lie in ("X-Forwarded-Method: GET", "X-HTTP-Method-Override: GET", "X_Forwarded_Method: GET"):
        door.refuses("foreign Origin", f"{tool} {lie}", door.stand.ask("POST", "/x", [session, lie], {}, tool=tool))


def test_two_hosts_none_or_an_absolute_address(door: Door) -> None:
    stand, own = door.stand, door.stand.host("ollama")
    cases = {
        "no Host": request("GET", "/api/tags", [BEARER]),
        "two Hosts": request("GET", "/api/tags", [BEARER, "Host: evil.example"], host=own),
        "two Hosts, ours last": request("GET", "/api/tags", [BEARER, f"Host: {own}"], host="evil.example"),
        "absolute, foreign": request("GET", "http://evil.example/api/tags", [BEARER], host=own),
        "absolute, without login": request("GET", f"http://{own}/api/tags", host="evil.example"),
        "Host with a space": request("GET", "/api/tags", [BEARER], host=f"{own} evil.example"),
        "CONNECT": request("CONNECT", "ollama:11434", [BEARER], host="ollama:11434"),
        "Host folded": request("GET", "/api/tags", [BEARER, "Host:", f" {own}.evil.example"]),
    }
    for case, data in cases.items():
        door.refuses("foreign Host", case, stand.raw(data))


def test_our_own_names_are_served(door: Door) -> None:
    stand = door.stand
    for host in (stand.host(), f"LOCALHOST:{stand.http}", f"127.0.0.1:{stand.http}", "box.example"):
        door.serves("foreign Host", host, stand.ask("GET", "/api/jobs", [BEARER], host=host))
    door.serves("foreign Origin", "own", stand.ask("GET", "/api/jobs", [BEARER, f"Origin: {stand.origin()}"]))
