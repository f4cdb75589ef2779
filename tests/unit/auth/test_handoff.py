"""From host to host, and what a proxy asks about: the orchestrator's half, without Caddy."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tunesmith.auth.handoff import form_target, handoff_link, target_of
from tunesmith.auth.policy import TOOLS, Address, Policy, policy_from
from tunesmith.domain.errors import Refused
from tunesmith.settings import Settings
from tunesmith.web.errors import Misdirected

from .door import Door, Headers

TOOL = ("Host", "ollama.localhost:{port}")
PAGE = ("Origin", "http://ollama.localhost:{port}")
HTML = ("Accept", "text/html")
HOSTS = Path(__file__).resolve().parents[3] / "caddy" / "hosts"
LAN = Policy(domain="box.lan")


def test_a_page_of_a_tool_is_named_to_the_main_host() -> None:
    link = handoff_link(LAN, Address("ollama.box.lan", 3443), "https", "/a?b=%2F&c=1")
    assert link.startswith("https://box.lan:3443/auth/handoff?to=")
    to = parse_qs(urlsplit(link).query)["to"][0]
    target = target_of(to, LAN, Address("box.lan", 3443), "https")
    assert (target.name, target.origin, target.path) == ("ollama.box.lan", "https://ollama.box.lan:3443", "/a?b=%2F&c=1")


def test_behind_a_proxy_the_port_is_the_schemes_own() -> None:
    assert handoff_link(LAN, Address("ollama.box.lan"), "https", "/").startswith("https://box.lan/auth/handoff?")
    assert target_of("https://ollama.box.lan/", LAN, Address("box.lan"), "https").origin == "https://ollama.box.lan"
    assert target_of("https://ollama.box.lan:443/", LAN, Address("box.lan"), "https").origin == "https://ollama.box.lan"


@pytest.mark.parametrize(
    "to",
    ["https://evil.example/", "https://ollama.localhost/", "http://ollama.box.lan/", "https://ollama.box.lan:1/",
     "//ollama.box.lan/",
     "https://box.lan/", "https://x.ollama.box.lan/", "https://gate.box.lan/", "https://ollama.box.lan@evil.example/", "", "/",
     "https://ollama.box.lan.evil.example/", "https://ollama.box.lan:x/"],
)  # fmt: skip
def test_it_leads_to_tools_only(to: str) -> None:
    with pytest.raises(Refused):
        target_of(to, LAN, Address("box.lan"), "https")
    assert form_target(f"/auth/handoff?to={quote(to, safe='')}", LAN, Address("box.lan"), "https") is None


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "/auth/logout", "/a\tb"])
def test_a_tools_path_stays_on_its_host(path: str) -> None:
    assert target_of(f"https://ollama.box.lan{path}", LAN, Address("box.lan"), "https").path == "/"


def test_names_below_the_domain_are_the_tools(tmp_path: Path) -> None:
    policy = policy_from(Settings(home=tmp_path, domain="box.lan", runtime="docker"))
    assert policy.proxied and not policy_from(Settings(home=tmp_path)).proxied
    for name in ("box.lan", "ollama.box.lan", "easy-dataset.box.lan", "localhost"):
        assert policy.address([name]).name == name
    for name in ("gate.box.lan", "a.ollama.box.lan", "lan", "evilbox.lan"):
        with pytest.raises(Misdirected):
            policy.address([name])


def test_every_tool_has_its_host_at_caddy() -> None:
    assert sorted(path.stem for path in HOSTS.glob("*.caddy")) == sorted(TOOLS)
    assert all(f"import tool {path.stem} " in path.read_text() for path in HOSTS.glob("*.caddy"))


def check(door: Door, method: str, headers: Headers) -> int:
    asked = [("X-Forwarded-Method", method), ("X-Forwarded-Uri", "/x"), TOOL, *headers]
    return door.ask("GET", "/auth/check", asked).status


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_write_is_judged_as_one(door: Door, method: str) -> None:
    cookie = ("Cookie", door.session("ollama.localhost"))
    assert check(door, method, [cookie, PAGE]) == 204
    assert check(door, method, [cookie]) == 403
    assert check(door, method, [cookie, ("Sec-Fetch-Site", "cross-site")]) == 403
    assert check(door, method, [cookie, ("Origin", "http://localhost:{port}")]) == 403
    assert check(door, method, [PAGE]) == 401


def test_a_websocket_is_judged_as_a_write(door: Door) -> None:
    cookie = ("Cookie", door.session("ollama.localhost"))
    assert check(door, "GET", [cookie]) == 204
    assert check(door, "GET", [cookie, ("X-Forwarded-Upgrade", "websocket")]) == 403
    assert check(door, "GET", [cookie, PAGE, ("X-Forwarded-Upgrade", "websocket")]) == 204


def test_a_browser_is_led_to_the_main_host_and_a_program_is_told(door: Door) -> None:
    asked = [("X-Forwarded-Method", "GET"), ("X-Forwarded-Uri", "/a?b=1"), TOOL]
    answer = door.ask("GET", "/auth/check", [*asked, HTML])
    to = quote(f"http://ollama.localhost:{door.port}/a?b=1", safe="")
    assert (answer.status, answer.headers["Location"]) == (303, f"http://localhost:{door.port}/auth/handoff?to={to}")
    assert door.ask("GET", "/auth/check", asked).status == 401
    assert door.ask("GET", "/auth/check", [*asked[1:], ("X-Forwarded-Method", "POST"), HTML]).status == 401


def test_at_the_main_host_a_browser_is_led_to_the_login_page(door: Door) -> None:
    """For who puts a proxy before pages of ours: compose/dev.yml does."""
    asked = [("Host", "localhost:{port}"), ("X-Forwarded-Method", "GET"), ("X-Forwarded-Uri", "/jobs/a%2Fb?c=1")]
    answer = door.ask("GET", "/auth/check", [*asked, HTML])
    assert (answer.status, answer.headers["Location"]) == (303, "/auth/login?next=/jobs/a%252Fb%3Fc%3D1")
    assert door.ask("GET", "/auth/check", asked).status == 401


def test_scheme_and_address_are_believed_of_the_stacks_proxy_only(door: Door, proxied_door: Door) -> None:
    said = [("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "203.0.113.7"), TOOL, HTML]
    assert door.ask("GET", "/auth/check", said).headers["Location"].startswith("http://")
    assert proxied_door.ask("GET", "/auth/check", said).headers["Location"].startswith("https://")
    for at in (door, proxied_door):
        at.ask("POST", "/api/things", [("Host", "localhost"), *said[:2]], b"")
    assert ['"address":"203.0.113.7"' in each.audit.read_text() for each in (door, proxied_door)] == [False, True]


@pytest.mark.parametrize("path", ["/api/things", "/auth/tickets", "/auth/logout", "/auth/handoff", "/", "/api/health"])
def test_at_a_tools_host_nothing_of_ours_is_served_but_the_way_in(proxied_door: Door, path: str) -> None:
    cookie = ("Cookie", proxied_door.session("ollama.localhost"))
    for method in ("GET", "POST"):
        assert proxied_door.ask(method, path, [TOOL, PAGE, cookie], b"{}").status == 421
    assert proxied_door.ask("POST", "/auth/login", [TOOL, PAGE], b"token=x").status == 421
