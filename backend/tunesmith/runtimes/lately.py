"""An answer that is asked for at most once in a while, however many want it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Lately(Generic[T]):
    """`call` blocks, for long where the engine hangs: one caller waits for it, all others get what was known before.

    `first` is the answer while nothing is known; `seconds` an answer is good for.
    """

    def __init__(self, call: Callable[[], T], seconds: float, first: T) -> None:
        self._call, self._seconds, self._known = call, seconds, first
        self._asked_at = -seconds
        self._asking = threading.Lock()

    def __call__(self) -> T:
        if time.monotonic() - self._asked_at >= self._seconds and self._asking.acquire(blocking=False):
            try:
                self._known = self._call()
            finally:
                # Also after an error: the next one asks when the time has come, not at once.
                self._asked_at = time.monotonic()
                self._asking.release()
        return self._known
