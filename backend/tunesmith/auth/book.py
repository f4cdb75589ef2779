"""What must survive a restart: sessions and one-time tickets, each known by its hash only."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from pydantic import BaseModel, ValidationError

from tunesmith.ownership import write_private

log = logging.getLogger("tunesmith.auth")


class Pass(BaseModel):
    """A session or a ticket. Times in seconds since the epoch."""

    expires_at: float
    host: str | None = None
    """The one host name it is good for; None (tickets only): any of ours."""
    generation: int


class Book(BaseModel):
    """`.tunesmith/sessions.json`."""

    token: str
    """Hash of the token they were given for: with another token none of them is good."""
    generation: int = 0
    """Counts the logouts: what was given before the last one is void, wherever it is."""
    sessions: dict[str, Pass] = {}
    tickets: dict[str, Pass] = {}

    def without_expired(self, now: float) -> Book:
        def current(passes: dict[str, Pass]) -> dict[str, Pass]:
            return {key: each for key, each in passes.items() if each.expires_at > now and each.generation == self.generation}

        return self.model_copy(update={"sessions": current(self.sessions), "tickets": current(self.tickets)})


def hashed(secret: str) -> str:
    """SHA-256 in hexadecimal. Enough for what has 128 random bits or more; not for passwords that people choose."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def load_book(path: Path, token: str) -> Book:
    """The book at `path`; an empty one when there is none, when it can't be read, or when it belongs to another token."""
    empty = Book(token=hashed(f"book of {token}"))
    try:
        book = Book.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return empty
    except (OSError, ValidationError):
        log.warning("%s can't be read; everybody has to log in again", path)
        return empty
    return book if book.token == empty.token else empty


def save_book(book: Book, path: Path) -> None:
    write_private(path, book.model_dump_json())
