"""What a test spends its time waiting for: a training, a release, an engine's start, a sleep. Told in the report of every layer.

    with waiting("training"):
        ...

What is inside another counts for the inner one alone. Only the main thread is counted: others wait beside it.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator

_seconds: Counter[str] = Counter()
_open: list[str] = []
_since = 0.0
_sleep = time.sleep


@contextlib.contextmanager
def waiting(what: str) -> Iterator[None]:
    """Count the time until the end of the block as spent on `what`."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _mark()
    _open.append(what)
    try:
        yield
    finally:
        _mark()
        _open.pop()


def taken() -> dict[str, float]:
    """Seconds by what was waited for since the last call."""
    _mark()
    found = dict(_seconds)
    _seconds.clear()
    return found


def count_sleeps() -> None:
    """From now on a bare `time.sleep` of the main thread counts as "sleep"; one in a named wait is part of that."""
    time.sleep = _counted_sleep


def _counted_sleep(seconds: float) -> None:
    if _open:
        _sleep(seconds)
        return
    with waiting("sleep"):
        _sleep(seconds)


def _mark() -> None:
    global _since
    now = time.monotonic()
    if _open:
        _seconds[_open[-1]] += now - _since
    _since = now
