"""Sparklines: the loss of many runs in a few points each, without reading long logs whole."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from statistics import fmean

from pydantic import BaseModel
from pydantic_core import from_json

from tunesmith.runtimes.memo import Stamp, stamp
from tunesmith.training.metrics import finite

WHOLE_BYTES = 256 << 10
"""A log up to this size is read whole; of a longer one a stretch is read for each point."""
STRETCH_BYTES = 2 << 10
REMEMBERED = 5000


class Curve(BaseModel):
    """The loss of a run in equal parts of its log, oldest first."""

    name: str
    steps: list[int]
    loss: list[float]


class Curves:
    """Remembers what it read until a log changes. Blocking; safe to call from several threads."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, int], tuple[Stamp, list[tuple[int, float]]]] = OrderedDict()
        self._lock = threading.Lock()
        self.bytes_read = 0
        """In all; a test of how much is read, not of the clock."""

    def of(self, name: str, log: Path, points: int) -> Curve:
        """At most so many points; none for a run that has told no loss yet."""
        key, now = (str(log), points), stamp(str(log))
        with self._lock:
            known = self._known.get(key)
            if known and known[0] == now:
                self._known.move_to_end(key)
                return _curve(name, known[1])
        found = self._read(log, points)
        with self._lock:
            self._known[key] = (now, found)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return _curve(name, found)

    def _read(self, log: Path, points: int) -> list[tuple[int, float]]:
        try:
            with log.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size <= WHOLE_BYTES:
                    content = file.read(WHOLE_BYTES)
                    self.bytes_read += len(content)
                    return _in_parts(list(_losses(content.split(b"\n"))), points)
                found = []
                for number in range(points):
                    # The last stretch ends with the file, so that the newest loss is in it.
                    file.seek(max(0, (number + 1) * size // points - STRETCH_BYTES))
                    content = file.read(STRETCH_BYTES)
                    self.bytes_read += len(content)
                    found.append(list(_losses(content.split(b"\n")[1:])))
                return [_mean(part) for part in found if part]
        except OSError:
            return []


def _losses(lines: Iterable[bytes]) -> Iterable[tuple[int, float]]:
    """(step, loss) of each whole line that has both."""
    for line in lines:
        try:
            entry = from_json(line) if line else None
        except ValueError:
            continue
        if isinstance(entry, dict) and isinstance(step := entry.get("current_steps"), int):
            loss = finite(entry.get("loss"))
            if loss is not None:
                yield step, loss


def _in_parts(losses: list[tuple[int, float]], points: int) -> list[tuple[int, float]]:
    if len(losses) <= points:
        return losses
    bounds = [number * len(losses) // points for number in range(points + 1)]
    return [_mean(losses[start:end]) for start, end in pairwise(bounds)]


def _mean(part: list[tuple[int, float]]) -> tuple[int, float]:
    """The last step of a part with the mean of its losses."""
    return part[-1][0], fmean(loss for _, loss in part)


def _curve(name: str, found: list[tuple[int, float]]) -> Curve:
    return Curve(name=name, steps=[step for step, _ in found], loss=[float(f"{loss:.5g}") for _, loss in found])
