"""The gate for attacks on it, and the ledger of all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from doors.ledger import Ledger

from .checks import GateDoor
from .engine import Gate, gated

KEPT = pytest.StashKey[Ledger]()


@pytest.fixture(scope="session")
def ledger(request: pytest.FixtureRequest) -> Ledger:
    return request.config.stash.setdefault(KEPT, Ledger())


@pytest.fixture(scope="session")
def gate(engine: None) -> Iterator[Gate]:
    with gated() as gate:
        yield gate


@pytest.fixture
def gate_door(gate: Gate, ledger: Ledger) -> GateDoor:
    return GateDoor(gate, ledger)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    config.stash.get(KEPT, Ledger()).print_to(terminalreporter)
