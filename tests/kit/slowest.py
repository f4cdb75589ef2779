"""Which tests took longest and what each waited for, read from the JUnit files that the layers write."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

WAITED = "waited"
"""The property in which a test tells what it waited for (`tests/conftest.py`)."""


@dataclass(frozen=True)
class Timed:
    """One test. `waited`: seconds by what they were spent on, the longest first; the rest is its own work."""

    layer: str
    name: str
    seconds: float
    waited: dict[str, float]
    failed: str | None = None
    """The first line of what went wrong."""

    def told(self) -> str:
        """The two things that took most, such as "training 21 s, own work 4 s"."""
        own = self.seconds - sum(self.waited.values())
        parts = sorted({**self.waited, "own work": own}.items(), key=lambda part: -part[1])
        return ", ".join(f"{what} {seconds:.0f} s" for what, seconds in parts[:2] if seconds >= 0.5)


def read(file: Path) -> list[Timed]:
    """All tests of one JUnit file; none where there is no file."""
    if not file.exists():
        return []
    return [_timed(file.stem, case) for case in ElementTree.parse(file).getroot().iter("testcase")]


def _timed(layer: str, case: ElementTree.Element) -> Timed:
    told = {each.get("name"): each.get("value") or "{}" for each in case.iter("property")}
    fault = next((case.find(kind) for kind in ("failure", "error") if case.find(kind) is not None), None)
    name = f"{(case.get('classname') or '').rpartition('.')[2]}::{case.get('name')}"
    failed = None if fault is None else ((fault.get("message") or "").splitlines() or ["failed"])[0]
    return Timed(layer, name, float(case.get("time") or 0), json.loads(told.get(WAITED, "{}")), failed)


def slowest(tests: Iterable[Timed], count: int = 15) -> list[str]:
    """A table of the tests that took longest."""
    chosen = sorted(tests, key=lambda test: -test.seconds)[:count]
    rows = [f"{test.seconds:6.0f} s  {test.layer:12} {_short(test.name, 78):78}  {test.told()}" for test in chosen]
    return ["  took    layer        test" + " " * 76 + "waited for", *rows]


def by_wait(tests: Iterable[Timed]) -> str:
    """The sum over all tests by what was waited for."""
    sums: dict[str, float] = {}
    for test in tests:
        own = test.seconds - sum(test.waited.values())
        for what, seconds in {**test.waited, "own work": own}.items():
            sums[what] = sums.get(what, 0) + seconds
    return ", ".join(f"{what} {seconds:.0f} s" for what, seconds in sorted(sums.items(), key=lambda part: -part[1]))


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
