"""Sessions, tickets and the token, without HTTP."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path

import pytest
from pydantic import SecretStr

from tunesmith.auth.core import SESSION_SECONDS, TICKET_SECONDS, Logins
from tunesmith.auth.failures import Failures
from tunesmith.auth.policy import policy_from
from tunesmith.auth.token import load_token
from tunesmith.domain.errors import InvalidInput, Refused, TunesmithError
from tunesmith.settings import Settings
from tunesmith.web.errors import LoginNeeded, Misdirected

TOKEN = "a-token-for-the-tests-0123456789"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_everything_survives_a_restart_and_nothing_is_kept_in_clear(tmp_path: Path) -> None:
    book = tmp_path / "sessions.json"
    before = Logins(TOKEN, book)
    session, ticket = before.log_in(TOKEN, "localhost", ""), before.new_ticket()
    text = book.read_text()
    assert not any(secret in text for secret in (session.secret, ticket, TOKEN))
    assert book.stat().st_mode & 0o777 == 0o600

    after = Logins(TOKEN, book)
    assert after.knows(session.secret, "localhost")
    after.redeem(ticket, "localhost", "")
    with pytest.raises(LoginNeeded):
        Logins(TOKEN, book).redeem(ticket, "localhost", "")


def test_another_token_voids_what_was_given_for_the_old_one(tmp_path: Path) -> None:
    session = Logins(TOKEN, tmp_path / "b").log_in(TOKEN, "localhost", "")
    assert not Logins(TOKEN + "!", tmp_path / "b").knows(session.secret, "localhost")


def test_a_broken_book_is_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "b").write_text('{"sess')
    logins = Logins(TOKEN, tmp_path / "b")
    assert logins.knows(logins.log_in(TOKEN, "localhost", "").secret, "localhost")


def test_times_end(tmp_path: Path) -> None:
    clock = Clock()
    logins = Logins(TOKEN, tmp_path / "b", now=clock)
    session, ticket = logins.log_in(TOKEN, "localhost", ""), logins.new_ticket()
    clock.now += TICKET_SECONDS + 1
    with pytest.raises(LoginNeeded):
        logins.redeem(ticket, "localhost", "")
    assert logins.knows(session.secret, "localhost")
    clock.now += SESSION_SECONDS
    assert not logins.knows(session.secret, "localhost")


def test_of_many_at_once_one_redeems_a_ticket(tmp_path: Path) -> None:
    logins = Logins(TOKEN, tmp_path / "b", Failures(allowed=1000))
    ticket, won = logins.new_ticket(), []

    def try_it() -> None:
        with contextlib.suppress(LoginNeeded):
            won.append(logins.redeem(ticket, "localhost", ""))

    threads = [threading.Thread(target=try_it) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_failures_slide() -> None:
    clock = Clock()
    failures = Failures(allowed=3, window_seconds=60, now=clock)
    for _ in range(3):
        failures.note("a")
        clock.now += 10
    assert failures.wait_seconds("a") == 30
    assert failures.wait_seconds("b") == 0
    clock.now += 30
    assert failures.wait_seconds("a") == 0
    failures.note("a")
    assert failures.wait_seconds("a") == 10


def test_failures_remember_a_bounded_number_of_addresses() -> None:
    failures = Failures(allowed=1, addresses=2)
    for address in "abc":
        failures.note(address)
    assert [failures.wait_seconds(address) > 0 for address in "abc"] == [False, True, True]


def test_token_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "token"
    token = load_token(path)
    assert len(token) >= 43 and load_token(path) == token
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_token(path, SecretStr(TOKEN)) == TOKEN
    path.chmod(0o644)
    with pytest.raises(Refused, match="chmod 600"):
        load_token(path)


@pytest.mark.parametrize(
    "token", ["", "short", "has a space in its middle", "ünïcödé-is-too-hard-in-headers", "line\nbreak-0123456789"]
)
def test_a_token_that_cant_work_is_refused(tmp_path: Path, token: str) -> None:
    with pytest.raises(InvalidInput, match="TUNESMITH_TOKEN"):
        load_token(tmp_path / "token", SecretStr(token))


def test_hosts_come_from_the_settings(tmp_path: Path) -> None:
    policy = policy_from(Settings(home=tmp_path, host="192.168.1.5", allowed_hosts="box.example, Other.example"))
    assert policy.hosts == {"192.168.1.5", "box.example", "other.example"}
    assert policy.address(["BOX.example:8765"]).origin("http") == "http://box.example:8765"
    assert policy_from(Settings(home=tmp_path, host="0.0.0.0")).hosts == frozenset()
    with pytest.raises(Misdirected):
        policy_from(Settings(home=tmp_path, host="::")).address(["[::]"])


@pytest.mark.parametrize("names", ["http://box", "box:80", "*", "a b"])
def test_what_is_no_host_name_is_said(tmp_path: Path, names: str) -> None:
    with pytest.raises(TunesmithError, match="no host name"):
        policy_from(Settings(home=tmp_path, allowed_hosts=names))


def test_default_port_is_the_same_origin(tmp_path: Path) -> None:
    policy = policy_from(Settings(home=tmp_path))
    assert policy.is_own("http://localhost", policy.address(["localhost:80"]), "http")
    assert policy.is_own("https://localhost", policy.address(["localhost"]), "http")
    assert not policy.is_own("http://localhost", policy.address(["localhost"]), "https")
    assert not policy.is_own("http://localhost:80", policy.address(["localhost:443"]), "http")
