"""Secrets don't get into logs: known values by what they are, others by what stands before them."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

MASK = "•••"
SHORTEST = 8
"""Values shorter than this aren't looked for: they'd blank ordinary words."""
TELLTALE = re.compile(
    r"(?P<before>\bBearer\s+|__Host-tunesmith=|\b(?:ticket|token|password|api_key)=)[^\s&;,\"']+"
    r"|\b(?:hf_|sk-)[A-Za-z0-9_-]{16,}"
)


class Redaction(logging.Formatter):
    """Formats a record, traceback included, and blanks every secret in what came out."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._secrets = longest_first(secrets)

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record), self._secrets)


def longest_first(secrets: Iterable[str]) -> tuple[str, ...]:
    """So that a secret which holds another one is blanked whole."""
    return tuple(sorted({secret for secret in secrets if len(secret) >= SHORTEST}, key=len, reverse=True))


def redacted(text: str, secrets: tuple[str, ...] = ()) -> str:
    for secret in secrets:
        text = text.replace(secret, MASK)
    return TELLTALE.sub(lambda found: (found["before"] or "") + MASK, text)
