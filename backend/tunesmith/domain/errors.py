"""What can go wrong, as a user meets it.

TunesmithError
├── InvalidInput        422  a value from outside is wrong; nothing was touched
├── NotFound            404  the named thing isn't there
├── Conflict            409  it exists already, or is in use
├── Refused             403  allowed to nobody, or not to this caller
├── PlaceMissing        503  the place where a command should run can't be reached
├── EngineFailed        502  a serving engine answered with an error, or not at all
└── NotEnough           507  disk or memory that a plan needs isn't there
"""

from __future__ import annotations

from collections.abc import Mapping


class TunesmithError(Exception):
    """An error with what happened (`title`), to what and why (`detail`), and what to do (`remedy`)."""

    status = 500
    kind = "error"

    def __init__(self, title: str, detail: str = "", remedy: str = "", *, wrong: Mapping[str, str] | None = None) -> None:
        super().__init__(title)
        self.title, self.detail, self.remedy = title, detail, remedy
        self.wrong = wrong or {}
        """What is wrong with each value that a form can point at, by the value's name."""

    def __str__(self) -> str:
        return " ".join(part for part in (f"{self.title}.", self.detail, self.remedy) if part.strip("."))


class InvalidInput(TunesmithError):
    status = 422
    kind = "invalid-input"


class NotFound(TunesmithError):
    status = 404
    kind = "not-found"


class Conflict(TunesmithError):
    status = 409
    kind = "conflict"


class Refused(TunesmithError):
    status = 403
    kind = "refused"


class PlaceMissing(TunesmithError):
    status = 503
    kind = "place-missing"


class EngineFailed(TunesmithError):
    status = 502
    kind = "engine-failed"


class NotEnough(TunesmithError):
    status = 507
    kind = "not-enough"
