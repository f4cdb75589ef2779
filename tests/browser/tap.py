"""A job that prints when a test says so, and ends when it says so: nothing hangs on how fast lines come."""

from __future__ import annotations

import os
import sys
import weakref
from pathlib import Path

from .written_jobs import write_plan

PRINTS = """
import sys
said = 0
for order in open(sys.argv[1]):
    if order == "end\\n":
        break
    for said in range(said + 1, said + 1 + int(order)):
        print(f"{said - 1:07d} a line of a flood")
    sys.stdout.flush()
"""
"""Reads orders from a pipe: so many numbered lines more, or the end."""


class Tap:
    """The pipe to such a job, and how many lines it was told to print."""

    def __init__(self, pipe: Path) -> None:
        os.mkfifo(pipe)
        self.pipe, self.lines = pipe, 0
        # For reading too: a job that is retried, or starts later, finds the pipe open.
        self._end = os.open(pipe, os.O_RDWR)
        weakref.finalize(self, os.close, self._end)

    def pour(self, lines: int) -> None:
        """Have it print so many lines, at once."""
        self.lines += lines
        os.write(self._end, b"%d\n" % lines)

    def end(self) -> None:
        os.write(self._end, b"end\n")


def write_tapped(home: Path, job: str, tap: Tap, step: str = "flood") -> None:
    """A light job of one step that prints what its tap says, once it runs."""
    write_plan(home, job, "A flood", (step, [sys.executable, "-c", PRINTS, str(tap.pipe)]))
