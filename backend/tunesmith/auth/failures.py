"""How many failed logins an address may have: so many in a sliding window, then it is told to wait."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable


class Failures:
    """Not thread-safe; its owner holds a lock."""

    def __init__(
        self, allowed: int = 10, window_seconds: float = 60, addresses: int = 10_000, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._allowed, self._window, self._addresses, self._now = allowed, window_seconds, addresses, now
        self._times: dict[str, deque[float]] = {}

    def note(self, address: str) -> None:
        times = self._times.pop(address, deque(maxlen=self._allowed))
        times.append(self._now())
        self._times[address] = times
        while len(self._times) > self._addresses:
            del self._times[next(iter(self._times))]

    def wait_seconds(self, address: str) -> int:
        """0 when `address` may try; else after how many seconds it may."""
        times = self._times.get(address)
        if times is None or len(times) < self._allowed:
            return 0
        return max(0, math.ceil(times[0] + self._window - self._now()))
