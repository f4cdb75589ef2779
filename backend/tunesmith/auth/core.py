"""Logins: the token, one-time tickets and sessions. Knows nothing of HTTP."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tunesmith.auth.book import Book, Pass, hashed, load_book, save_book
from tunesmith.auth.failures import Failures
from tunesmith.web.errors import LoginNeeded, TooMany

TICKET_SECONDS = 10 * 60
SESSION_SECONDS = 14 * 24 * 3600
MOST_TICKETS = 100
MOST_SESSIONS = 1000
SECRET_BYTES = 32


@dataclass(frozen=True)
class Session:
    """A session just opened. `secret` is known to the client only; `seconds` it lasts."""

    secret: str
    seconds: int


class Logins:
    """Every method is quick and may be called from any thread; those that change something write one small file."""

    def __init__(self, token: str, book: Path, failures: Failures | None = None, now: Callable[[], float] = time.time) -> None:
        """`token` from `load_token`; `book` is where sessions are kept (`.tunesmith/sessions.json`)."""
        self._token = hashed(token)
        self._path, self._now = book, now
        self._book = load_book(book, token)
        self._failures = failures or Failures()
        self._lock = threading.Lock()

    def new_ticket(self, host: str | None = None, seconds: float = TICKET_SECONDS) -> str:
        """A secret that opens one session within `seconds`, on `host` only if that is given."""
        ticket = secrets.token_urlsafe(SECRET_BYTES)
        with self._lock:
            book = self._book.without_expired(self._now())
            book.tickets[hashed(ticket)] = Pass(expires_at=self._now() + seconds, host=host, generation=book.generation)
            _keep_newest(book.tickets, MOST_TICKETS)
            self._keep(book)
        return ticket

    def redeem(self, ticket: str, host: str, address: str) -> Session:
        """Open a session on `host` by a ticket, which is void afterwards. Raises `LoginNeeded`, `TooMany`."""
        with self._lock:
            book = self._book.without_expired(self._now())
            found = book.tickets.get(hashed(ticket))
            if found is None or found.host not in (None, host):
                self._fail(f"ticket {address}")
                raise LoginNeeded(
                    "This link can't be used",
                    "It was used before, is older than ten minutes, or is for another address.",
                    "Log in by the token that `tunesmith token` prints.",
                )
            del book.tickets[hashed(ticket)]
            return self._open(book, host)

    def log_in(self, token: str, host: str, address: str) -> Session:
        """Open a session on `host` by the token. Raises `LoginNeeded`, `TooMany`."""
        self.check_token(token, address)
        with self._lock:
            return self._open(self._book.without_expired(self._now()), host)

    def check_token(self, token: str, address: str) -> None:
        """Raises `LoginNeeded` when `token` isn't ours, and `TooMany` from the eleventh wrong one in a minute on.

        The right one is never locked out: behind a proxy one address can be everybody's, and a stranger's guesses would shut
        the owner out. What stands against guessing is the token's length; the limit ends a flood.
        """
        if hmac.compare_digest(hashed(token), self._token):
            return
        with self._lock:
            self._fail(f"token {address}")
        raise LoginNeeded("The token is wrong", "", "`tunesmith token` prints it.")

    def knows(self, session: str, host: str) -> bool:
        """Whether `session` is the secret of a session on `host` that still lasts."""
        with self._lock:
            found = self._book.sessions.get(hashed(session))
            good = found is not None and found.expires_at > self._now() and found.generation == self._book.generation
            return good and found is not None and found.host == host

    def log_out_everywhere(self) -> None:
        """End every session on every host, and void every ticket."""
        with self._lock:
            self._keep(self._book.model_copy(update={"generation": self._book.generation + 1, "sessions": {}, "tickets": {}}))

    def _fail(self, address: str) -> None:
        if wait := self._failures.wait_seconds(address):
            raise TooMany("Too many failed logins", "They came from this address within a minute.", f"Wait {wait} s.", wait)
        self._failures.note(address)

    def _open(self, book: Book, host: str) -> Session:
        session = Session(secrets.token_urlsafe(SECRET_BYTES), SESSION_SECONDS)
        book.sessions[hashed(session.secret)] = Pass(
            expires_at=self._now() + SESSION_SECONDS, host=host, generation=book.generation
        )
        _keep_newest(book.sessions, MOST_SESSIONS)
        self._keep(book)
        return session

    def _keep(self, book: Book) -> None:
        # Written first: a ticket that was redeemed must stay void after a kill at this very moment.
        save_book(book, self._path)
        self._book = book


def _keep_newest(passes: dict[str, Pass], most: int) -> None:
    while len(passes) > most:
        del passes[next(iter(passes))]
