"""Errors that only HTTP knows, beside those of `domain.errors`.

TunesmithError
├── LoginNeeded         401
├── TooLarge            413
├── RangeNotSatisfiable 416
├── Misdirected         421  the Host header names none of our names
└── TooMany             429  too many failed logins
"""

from __future__ import annotations

from tunesmith.domain.errors import TunesmithError


class LoginNeeded(TunesmithError):
    status = 401
    kind = "login-needed"


class TooLarge(TunesmithError):
    status = 413
    kind = "too-large"


class RangeNotSatisfiable(TunesmithError):
    status = 416
    kind = "range-not-satisfiable"

    def __init__(self, title: str, detail: str, remedy: str, total: int) -> None:
        super().__init__(title, detail, remedy)
        self.total = total
        """Bytes there are."""


class Misdirected(TunesmithError):
    status = 421
    kind = "misdirected"


class TooMany(TunesmithError):
    status = 429
    kind = "too-many"

    def __init__(self, title: str, detail: str, remedy: str, retry_after: int) -> None:
        super().__init__(title, detail, remedy)
        self.retry_after = retry_after
        """Seconds."""
