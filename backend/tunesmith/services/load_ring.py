"""Ten minutes of a service's load, kept in memory: means of five seconds each."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from tunesmith.domain.service import LoadHistory
from tunesmith.services.source import Load

EVERY_SECONDS = 5.0
POINTS = 120


@dataclass
class _Span:
    """The values of one span of time, as sums."""

    number: int
    count: int = 0
    cpu: float = 0.0
    measured_cpu: int = 0
    memory: int = 0

    def add(self, load: Load) -> None:
        if load.cpu_percent is not None:
            self.cpu += load.cpu_percent
            self.measured_cpu += 1
        if load.memory_bytes is not None:
            self.memory += load.memory_bytes
            self.count += 1


class LoadRing:
    """Times are seconds of a clock that only goes forward."""

    def __init__(self, every_seconds: float = EVERY_SECONDS, points: int = POINTS) -> None:
        self._every, self._spans = every_seconds, deque[_Span](maxlen=points)

    def add(self, now: float, load: Load) -> None:
        number = int(now // self._every)
        if not self._spans or self._spans[-1].number != number:
            self._spans.append(_Span(number))
        self._spans[-1].add(load)

    def history(self, now: float) -> LoadHistory:
        """As long as there was anything to measure in it. The span that isn't over counts with what it has."""
        last, size = int(now // self._every), self._spans.maxlen or 0
        spans = {span.number: span for span in self._spans if span.number > last - size}
        row = [spans.get(number) for number in range(min(spans, default=last + 1), last + 1)]
        return LoadHistory(
            every_seconds=self._every,
            cpu_percent=[round(span.cpu / span.measured_cpu, 2) if span and span.measured_cpu else None for span in row],
            memory_bytes=[span.memory // span.count if span and span.count else None for span in row],
        )
