"""Tells who waits what runs, how far it is, and how it ended."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from kit.lanes import Outcome

EVERY_SECONDS = 60.0
HEAD_BYTES = 20_000
PERCENT = re.compile(rb"\[ *(\d+)%\]")
FAILED_LINES = 40


class Progress:
    """A line at each beginning and end, and one a minute on what runs."""

    def __init__(self, logs: Path, running: Mapping[str, float]) -> None:
        self._logs, self._running = logs, running
        self._begun = time.monotonic()
        self._over = threading.Event()

    def told(self, name: str, outcome: Outcome | None) -> None:
        if outcome is None:
            self._say(f"▶ {name}")
            return
        self._say(
            f"{'✔' if outcome.passed else '✘' if outcome.failed else '–'} {name}: {outcome.result}, {span(outcome.seconds)}"
        )
        if outcome.failed:
            print("\n".join(f"    {line}" for line in tail(outcome.log, FAILED_LINES)), flush=True)

    def watch(self) -> None:
        """Until `end`, in a thread of its own."""
        while not self._over.wait(EVERY_SECONDS):
            now = time.monotonic()
            parts = [f"{name}{self._percent(name)} {span(now - since)}" for name, since in dict(self._running).items()]
            if parts:
                self._say("  " + " · ".join(parts))

    def end(self) -> None:
        self._over.set()

    def _percent(self, name: str) -> str:
        """As far as pytest has told in its log."""
        log = self._logs / f"{name}.log"
        if not log.exists():
            return ""
        found = PERCENT.findall(log.read_bytes()[-HEAD_BYTES:])
        return f" {int(found[-1])} %" if found else ""

    def _say(self, text: str) -> None:
        print(f"{span(time.monotonic() - self._begun):>7}  {text}", flush=True)


def tail(log: Path, lines: int) -> list[str]:
    return log.read_text(errors="replace").rstrip().splitlines()[-lines:]


def span(seconds: float) -> str:
    """Such as 4:07."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
