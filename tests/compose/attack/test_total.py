"""The sum of what was tried at the gate and at the stack's own doors. This file is the last of its folder."""

from __future__ import annotations

import os

import pytest

from doors.ledger import Ledger

AT_LEAST, THEMES, CONTROLS = 548, 15, 31


def test_enough_was_tried_and_nothing_came_through(ledger: Ledger) -> None:
    if len(ledger.refused | ledger.served) < THEMES and not os.environ.get("CI"):
        pytest.skip("only a part of the attacks was run")
    assert ledger.total >= AT_LEAST and ledger.through == []
    # Refusing everything would be no lock but a wall: it has shown that it opens.
    assert ledger.served.total() >= CONTROLS
