from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .application import Application, running


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The application on an empty home of its own, without toolboxes. No job starts: its disk counts as too small for any."""
    with running(tmp_path_factory.mktemp("application") / "home", disk_reserve_gib=1e6) as started:
        yield started


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where an application of one test may have its home."""
    return tmp_path / "home"
