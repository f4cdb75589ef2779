from __future__ import annotations

import contextlib
import os
import random
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NoReturn

import docker
import pytest
from containers import Box, client, no_engine
from places import PLACES, Place, PythonOnly
from trial import Trial


def leave_out(why: str) -> NoReturn:
    """A person's machine may lack a place; continuous integration may not."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture
def dice() -> random.Random:
    """For moments that differ from run to run; a failed test shows its seed."""
    seed = int(os.environ.get("CONTRACT_SEED", random.randrange(10**6)))
    print(f"seed {seed} (set CONTRACT_SEED to have it again)")
    return random.Random(seed)


@pytest.fixture(params=list(PLACES))
def place(request: pytest.FixtureRequest) -> Place:
    chosen = PLACES[request.param]
    if why := chosen.missing():
        leave_out(why)
    return chosen


@pytest.fixture(scope="session")
def place_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What a place needs once for all tests."""
    folder = tmp_path_factory.mktemp("place")
    yield folder
    for place in PLACES.values():
        if not place.missing():
            place.end(folder)


@pytest.fixture
async def trial(place: Place, place_folder: Path, tmp_path: Path) -> AsyncIterator[Trial]:
    folder = tmp_path / "with a blank"
    folder.mkdir()
    trial = Trial(place.make(place_folder), folder)
    yield trial
    await trial.nothing_left()


@pytest.fixture
def engine() -> Iterator[docker.APIClient]:
    if why := no_engine():
        leave_out(why)
    with contextlib.closing(client()) as engine:
        yield engine


@pytest.fixture
def absent(place_folder: Path, engine: docker.APIClient) -> Box:
    """A service that has no container yet; what is made of it goes at the end."""
    return Box(place_folder, f"tool-{uuid.uuid4().hex[:8]}")


@pytest.fixture
def box(absent: Box) -> Box:
    """A container that no other test uses."""
    absent.ensure()
    return absent


@pytest.fixture
async def inside(absent: Box, tmp_path: Path) -> AsyncIterator[Trial]:
    """A trial in that container, if there is one."""
    folder = tmp_path / "with a blank"
    folder.mkdir()
    inside = Trial(absent.runtime(PythonOnly()), folder)
    yield inside
    await inside.nothing_left()
