from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from places import PLACES, Place
from trial import Trial


@pytest.fixture(params=list(PLACES))
def place(request: pytest.FixtureRequest) -> Place:
    chosen = PLACES[request.param]
    if why := chosen.missing():
        pytest.skip(why)
    return chosen


@pytest.fixture(scope="session")
def place_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a place needs once for all tests."""
    return tmp_path_factory.mktemp("place")


@pytest.fixture
async def trial(place: Place, place_folder: Path, tmp_path: Path) -> AsyncIterator[Trial]:
    folder = tmp_path / "with a blank"
    folder.mkdir()
    trial = Trial(place.make(place_folder), folder)
    yield trial
    await trial.nothing_left()
