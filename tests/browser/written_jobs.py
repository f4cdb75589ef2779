"""Jobs written into a home before its orchestrator starts: some are over, with a log that we wrote, and some it runs."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

PARAGRAPH = "the quick brown fox jumps over the lazy dog and runs away, loss=0.1234"

FLOOD = """
import sys, time
begin, said, seconds, a_second = time.time(), 0, float(sys.argv[1]), int(sys.argv[2])
while said < seconds * a_second:
    due = min(seconds * a_second, int((time.time() - begin) * a_second) + 1)
    while said < due:
        print(f"{said:07d} a line of a flood")
        said += 1
    sys.stdout.flush()
    time.sleep(0.02)
"""
"""Prints so many numbered lines a second for so many seconds."""

TWICE = """
import pathlib, sys
marker = pathlib.Path(sys.argv[1])
print("the second time it works" if marker.exists() else "the first time it fails", flush=True)
sys.exit(0 if marker.exists() else marker.touch() or 3)
"""


def write_plan(home: Path, job: str, title: str, *steps: tuple[str, list[str]]) -> Path:
    """`job.json` of a light job; the orchestrator runs the steps that have no attempt yet."""
    folder = home / ".tunesmith" / "jobs" / job
    (folder / "inputs").mkdir(parents=True)
    plan = {
        "id": job, "kind": "demo", "title": title, "lane": "light", "home": str(home),
        "created_at": datetime.now(UTC).isoformat(),
        "steps": [{"name": name, "toolbox": "system", "argv": argv} for name, argv in steps],
    }  # fmt: skip
    (folder / "job.json").write_text(json.dumps(plan), encoding="utf-8")
    return folder


def write_over(home: Path, job: str, title: str, *logs: tuple[str, bytes], status: int = 0) -> None:
    """A job that is over: each step with its log; the last one ended with `status`."""
    folder = write_plan(home, job, title, *((name, ["/bin/true"]) for name, _ in logs))
    for number, (name, log) in enumerate(logs, 1):
        attempt = folder / f"{number:02d}-{name}" / "1"
        (attempt / "claim").mkdir(parents=True)
        (attempt / "log").write_bytes(log)
        (attempt / "started").write_text("0 1 1", encoding="utf-8")
        (attempt / "exit").write_text(f"{status if number == len(logs) else 0}\n", encoding="utf-8")


def write_three(home: Path) -> None:
    for name in ("first", "second", "third"):
        write_over(home, f"job-{name}", f"The {name} job", ("print", b"a line\n"))


def write_flood(home: Path, job: str, seconds: float, a_second: int) -> int:
    """A job that prints a flood once it runs; how many lines."""
    write_plan(home, job, "A flood", ("flood", [sys.executable, "-c", FLOOD, str(seconds), str(a_second)]))
    return int(seconds * a_second)


def write_twice(home: Path, job: str) -> None:
    """A job whose step fails at first and works when it is retried."""
    write_plan(home, job, "Works the second time", ("try", [sys.executable, "-c", TWICE, str(home / "marker")]))


def numbered(lines: int) -> bytes:
    return b"".join(b"%07d %s\n" % (number, PARAGRAPH.encode()) for number in range(lines))
