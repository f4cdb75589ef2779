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


@pytest.fixture
async def trial(place: Place, tmp_path: Path) -> AsyncIterator[Trial]:
    folder = tmp_path / "with a blank"
    folder.mkdir()
    trial = Trial(place.make(tmp_path), folder)
    yield trial
    await trial.nothing_left()
