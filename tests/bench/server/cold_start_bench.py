"""From the spawn to the first healthy answer, on an empty home, beside the same of a bare FastAPI + DBOS application.

Pairs in turns, each server on a home of its own; then of both what 10 idle seconds leave of memory and take of a core.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rows import at_most, shown
from server_process import served

PAIRS, IDLE_SECONDS = 5, 10
RATIO_BAR, MEMORY_BAR_MB = 1.5, 150
BARE = Path(__file__).with_name("bare_app.py")
WAYS: dict[str, tuple[tuple[str, ...], str]] = {
    "ours": (("-m", "tunesmith.main"), "/api/health"),
    "bare": ((str(BARE),), "/health"),
}


def measure() -> list[dict[str, Any]]:
    for way in WAYS:
        start(way)  # the first one fills the page cache and writes byte code
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    for number in range(PAIRS):
        for way in sorted(WAYS, reverse=bool(number % 2)):
            seconds[way].append(start(way).seconds)
    ratio = statistics.median(ours / bare for ours, bare in zip(seconds["ours"], seconds["bare"], strict=True))
    ours, bare = (start(way, idle=IDLE_SECONDS) for way in ("ours", "bare"))
    return [
        at_most("cold start / bare FastAPI + DBOS", ratio, "×", RATIO_BAR),
        shown("cold start to the first healthy answer", statistics.median(seconds["ours"]), "s"),
        shown("the same of a bare FastAPI + DBOS application", statistics.median(seconds["bare"]), "s"),
        at_most(f"resident memory after {IDLE_SECONDS} idle seconds", ours.memory, "MB", MEMORY_BAR_MB),
        shown("the same of a bare FastAPI + DBOS application", bare.memory, "MB"),
        shown("share of a core while idle", ours.share, "%"),
        shown("the same of a bare FastAPI + DBOS application with one queue", bare.share, "%"),
    ]


@dataclass(frozen=True)
class Started:
    """Seconds to the first healthy answer; then resident megabytes, and per cent of a core, over an idle while."""

    seconds: float
    memory: float
    share: float


def start(way: str, idle: float = 0) -> Started:
    argv, health = WAYS[way]
    with tempfile.TemporaryDirectory(prefix="cold-start-") as home, served(Path(home), argv, health) as server:
        process = psutil.Process(server.pid)
        before = sum(process.cpu_times()[:2])
        time.sleep(idle)
        took = sum(process.cpu_times()[:2]) - before
        return Started(server.seconds, process.memory_info().rss / 1e6, 100 * took / idle if idle else 0.0)


if __name__ == "__main__":
    for row in measure():
        print(row)
