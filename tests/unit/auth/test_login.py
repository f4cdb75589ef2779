"""Logging in over HTTP: links, the form, cookies, logging out, too many failures."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

import pytest

from .door import TOKEN, Answer, Door

OWN = ("Host", "localhost:{port}")
PAGE = ("Origin", "http://localhost:{port}")
BEARER = ("Authorization", f"Bearer {TOKEN}")
FORM = ("Content-Type", "application/x-www-form-urlencoded")
JSON = ("Content-Type", "application/json")


def post_form(door: Door, **fields: str) -> Answer:
    return door.ask("POST", "/auth/login", [OWN, PAGE, FORM], urlencode(fields).encode())


def check(door: Door, cookie: str, host: str = "localhost:{port}") -> int:
    return door.ask("GET", "/auth/check", [("Host", host), ("Cookie", cookie)]).status


def cookie_of(answer: Answer) -> str:
    [(name, morsel)] = SimpleCookie(answer.headers["Set-Cookie"]).items()
    return f"{name}={morsel.value}"


def test_a_link_logs_in_once_and_leads_home(door: Door) -> None:
    path = f"/auth/login?ticket={door.logins.new_ticket()}"
    first = door.ask("GET", path, [OWN, ("Sec-Fetch-Site", "none")])
    assert (first.status, first.headers["Location"]) == (303, "/")
    assert check(door, cookie_of(first)) == 204
    second = door.ask("GET", path, [OWN])
    assert second.status == 401
    assert "Set-Cookie" not in second.headers
    assert b"used before" in second.body


def test_the_cookie_is_for_this_host_only_and_hidden_from_scripts(door: Door) -> None:
    answer = post_form(door, token=TOKEN)
    [(name, morsel)] = SimpleCookie(answer.headers["Set-Cookie"]).items()
    assert name == "__Host-tunesmith"
    assert (morsel["path"], morsel["domain"], morsel["secure"], morsel["httponly"]) == ("/", "", True, True)
    assert morsel["samesite"].lower() == "lax"
    assert 0 < int(morsel["max-age"]) <= 14 * 24 * 3600
    assert len(morsel.value) >= 43


def test_the_form_leads_to_where_one_wanted_to_go(door: Door) -> None:
    page = door.ask("GET", "/auth/login?next=/jobs%3Fstate%3Dfailed", [OWN])
    assert b'name="next" value="/jobs?state=failed"' in page.body
    answer = post_form(door, token=f" {TOKEN}\n", next="/jobs?state=failed")
    assert (answer.status, answer.headers["Location"]) == (303, "/jobs?state=failed")


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/\t/evil.example", "", "/auth/login"],
)
def test_it_leads_nowhere_else(door: Door, wanted: str) -> None:
    assert post_form(door, token=TOKEN, next=wanted).headers["Location"] == "/"


def test_the_page_needs_nothing_else_and_runs_no_script(door: Door) -> None:
    page = door.ask("GET", "/auth/login?next=%22%3E%3Cscript%3E", [OWN])
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "form-action 'self'" in policy and "script-src" not in policy
    # A form under no-referrer would be posted with `Origin: null`, which the guard refuses.
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["Cache-Control"] == "no-store"
    assert not re.search(rb"<script|src=|href=|url\(", page.body)
    assert b'<label for="token">' in page.body and b"tunesmith token" in page.body


def test_where_a_browser_would_keep_no_login_the_page_says_so(door: Door) -> None:
    """The cookie is `Secure`: without a word the form would just come back."""
    assert b"https://" in door.ask("GET", "/auth/login", [("Host", "box.example:{port}")]).body
    for host in ("localhost:{port}", "127.0.0.1:{port}"):
        assert b'role="alert"' not in door.ask("GET", "/auth/login", [("Host", host)]).body


def test_a_wrong_token_says_so_on_the_page(door: Door) -> None:
    answer = post_form(door, token="<b>wrong</b>")
    assert answer.status == 401 and "Set-Cookie" not in answer.headers
    assert b'role="alert"' in answer.body and b"<b>wrong" not in answer.body


def test_logging_out_ends_the_sessions_of_all_hosts_and_all_links(door: Door) -> None:
    here, there = door.session(), door.session("tensorboard.localhost")
    ticket = door.logins.new_ticket()
    assert check(door, there, "tensorboard.localhost:{port}") == 204
    answer = door.ask("POST", "/auth/logout", [OWN, PAGE, ("Cookie", here)])
    assert answer.status == 204
    assert "Max-Age=0" in answer.headers["Set-Cookie"] and "Secure" in answer.headers["Set-Cookie"]
    assert check(door, here) == 401
    assert check(door, there, "tensorboard.localhost:{port}") == 401
    assert door.ask("GET", f"/auth/login?ticket={ticket}", [OWN]).status == 401


def test_a_link_for_another_host_is_good_there_only(door: Door) -> None:
    body = b'{"host": "tensorboard.localhost:%d"}' % door.port
    answer = door.ask("POST", "/auth/tickets", [OWN, BEARER, JSON], body)
    assert answer.status == 201
    url = urlsplit(str(answer.json["url"]))
    assert url.netloc == f"tensorboard.localhost:{door.port}"
    path = f"{url.path}?{url.query}"
    assert door.ask("GET", path, [OWN]).status == 401
    assert door.ask("GET", path, [("Host", url.netloc)]).status == 303


@pytest.mark.parametrize("host", ["evil.example", "localhost@evil.example", "", "https://localhost"])
def test_no_link_for_a_host_that_isnt_ours(door: Door, host: str) -> None:
    assert door.ask("POST", "/auth/tickets", [OWN, BEARER, JSON], b'{"host": "%s"}' % host.encode()).status == 421


def test_wrong_form_is_a_problem_that_doesnt_repeat_it(door: Door) -> None:
    answer = post_form(door, password=TOKEN)
    assert answer.status == 422
    assert answer.json["errors"] == [{"where": "body.token", "message": "Field required"}]
    assert TOKEN.encode() not in answer.body


def test_too_many_failures_are_told_to_wait_and_lock_nobody_out(lonely_door: Door) -> None:
    door, session = lonely_door, lonely_door.session()
    statuses = [door.ask("GET", "/api/things", [OWN, ("Authorization", "Bearer wrong")]).status for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    form = post_form(door, token="wrong as well")
    assert form.status == 429 and 0 < int(form.headers["Retry-After"]) <= 60
    assert door.ask("GET", "/api/things", [OWN, BEARER]).status == 200
    assert post_form(door, token=TOKEN).status == 303
    assert check(door, session) == 204
    assert door.ask("GET", f"/auth/login?ticket={door.logins.new_ticket()}", [OWN]).status == 303
