"""One group a module, the longest first, for `pytest tests/integration -n 3 --dist loadgroup`.

`pytestmark = pytest.mark.xdist_group("name", seconds=120)`: what a module takes by itself on 2 cores. Without it a module is a
group named like its file, which comes after all that say how long they take.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .application import ROWS, Application, running
from .tiny_folders import write_adapter, write_base

FOLDER = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    # Groups are handed out as they were collected, not those with most tests first.
    config.option.loadscopereorder = False


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(FOLDER) and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    items.sort(key=lambda item: -seconds(item))


def seconds(item: pytest.Item) -> float:
    """What the item's group takes; 0 where nothing says so."""
    group = item.get_closest_marker("xdist_group")
    return float(group.kwargs.get("seconds", 0)) if group else 0


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The application on an empty home of its own, without toolboxes. No job starts: its disk counts as too small for any."""
    with running(tmp_path_factory.mktemp("application") / "home", disk_reserve_gib=1e6) as started:
        yield started


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """One with two base models, an adapter on the first and a data set, and without any toolbox."""
    # A package index that nobody runs: should an installation start, it ends at once.
    with running(
        tmp_path_factory.mktemp("stocked") / "home", index_url="http://127.0.0.1:9/simple", disk_reserve_gib=0
    ) as started:
        write_base(started.home / "models/base/tiny")
        write_base(started.home / "models/base/wide", width=32)
        write_adapter(started.home / "saves/good")
        answer = started.ask("POST", "/api/datasets", files={"file": ("rows.jsonl", ROWS)}, data={"name": "rows"})
        assert answer.status_code == 201, answer.text
        yield started


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where an application of one test may have its home."""
    return tmp_path / "home"
