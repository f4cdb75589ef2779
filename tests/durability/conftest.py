from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from counted import gates
from orchestra import Ask, Life


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """At the end of the test every held step of it ends."""
    folder = tmp_path / "a home"
    folder.mkdir()
    yield folder
    shutil.rmtree(gates(folder), ignore_errors=True)


@pytest.fixture
def live(home: Path) -> Iterator[Callable[..., Life]]:
    """Begins a life on `home`; whatever lives at the end of the test is killed."""
    lives: list[Life] = []

    def begin(*asks: Ask) -> Life:
        lives.append(Life(home, asks))
        return lives[-1]

    yield begin
    for life in lives:
        life.kill()
