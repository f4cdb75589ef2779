"""How much each served name was used, read from the engine's own figures without altering a byte of the answer."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable
from datetime import UTC, datetime

from pydantic import BaseModel, Field

LAST_CHUNKS = 8


def _now() -> datetime:
    return datetime.now(UTC)


class Usage(BaseModel):
    """Since `since`. Tokens as the engine counts them; those of answers that broke off are unknown and left out."""

    since: datetime = Field(default_factory=_now)
    requests: int = 0
    unfinished: int = 0
    """Requests without a complete answer: refused by the engine, broken off, or left by the client."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    last_at: datetime | None = None


class Tail:
    """The last few chunks of an answer; its figures are in there."""

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque(maxlen=LAST_CHUNKS)

    def add(self, chunk: bytes) -> None:
        self._chunks.append(chunk)

    def tokens(self) -> tuple[int, int] | None:
        """(prompt, completion), or None when the answer ended before the engine said so."""
        lines = b"".join(self._chunks).splitlines()
        return next((found for line in reversed(lines) if (found := _figures(line.removeprefix(b"data: "))) is not None), None)


def _figures(line: bytes) -> tuple[int, int] | None:
    if not line.startswith(b"{") or not (b'"usage"' in line or b'"timings"' in line):
        return None
    try:
        answer = json.loads(line)
    except ValueError:
        return None  # the beginning of this line was dropped
    usage, timings = answer.get("usage"), answer.get("timings")
    if usage:
        return _whole(usage, ("prompt_tokens",)), _whole(usage, ("completion_tokens",))
    return (_whole(timings, ("cache_n", "prompt_n")), _whole(timings, ("predicted_n",))) if timings else None


def _whole(figures: dict[str, object], names: Iterable[str]) -> int:
    return sum(value for name in names if isinstance(value := figures.get(name), int))


class Ledger:
    """Usage by served name, since this orchestrator started."""

    def __init__(self) -> None:
        self._by_name: dict[str, Usage] = {}
        self._since = _now()

    def of(self, name: str) -> Usage:
        return self._by_name.setdefault(name, Usage(since=self._since))

    def count(self, name: str, tokens: tuple[int, int] | None) -> None:
        usage = self.of(name)
        usage.requests += 1
        usage.last_at = _now()
        if tokens is None:
            usage.unfinished += 1
        else:
            usage.prompt_tokens += tokens[0]
            usage.completion_tokens += tokens[1]
