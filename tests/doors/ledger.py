"""How many attacks were made, by theme, and how many came through."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest


@dataclass
class Ledger:
    refused: Counter[str] = field(default_factory=Counter)
    through: list[str] = field(default_factory=list)
    served: Counter[str] = field(default_factory=Counter)
    """Honest requests that must work, else refusing everything would pass."""

    def attack(self, theme: str, case: str, refused: bool, evidence: object) -> None:
        """Note one attacking request; fails the test when it wasn't refused. `evidence`: what came back, or what arrived."""
        if refused:
            self.refused[theme] += 1
            return
        self.through.append(f"{theme}: {case}")
        raise AssertionError(f"through: {theme}: {case}\n{_shown(evidence)}")

    def control(self, theme: str, case: str, served: bool, evidence: object) -> None:
        """Note one honest request; fails the test when it wasn't served."""
        assert served, f"not served: {theme}: {case}\n{_shown(evidence)}"
        self.served[theme] += 1

    @property
    def total(self) -> int:
        return self.refused.total() + len(self.through)

    def print_to(self, reporter: pytest.TerminalReporter) -> None:
        if self.total:
            reporter.section("attacks")
            for line in self.table():
                reporter.line(line)

    def table(self) -> list[str]:
        themes = sorted(self.refused | self.served)
        rows = [f"{theme:32}{self.refused[theme]:8}{self.served[theme]:9}" for theme in themes]
        last = f"{'all':32}{self.refused.total():8}{self.served.total():9}"
        return [f"{'theme':32}{'refused':>8}{'controls':>9}", *rows, last, f"through: {len(self.through)}", *self.through]


def _shown(evidence: object) -> str:
    return repr(evidence)[:2000]
