from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from orchestra import Ask, Life


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "a home"
    folder.mkdir()
    return folder


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
