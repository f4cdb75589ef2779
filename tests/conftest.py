"""A test's layer is the folder it lies in: every test under tests/<layer>/ carries the marker <layer>.

Each tells the report (`kit.slowest`) what it waited for.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path

import pytest
from _pytest.nodeid import NodeId

from kit.slowest import WAITED
from kit.waiting import count_sleeps, taken

TESTS = Path(__file__).parent


def pytest_configure() -> None:
    count_sleeps()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(TESTS):
            item.add_marker(item.path.relative_to(TESTS).parts[0])
        if config.getoption("loadgroup", False):
            name_by_group(item)


def name_by_group(item: pytest.Item) -> None:
    """pytest-xdist 3.8 tells a group by the end of the test's id, and sets it in a way that pytest 9.2 no longer reads."""
    group = item.get_closest_marker("xdist_group")
    if group and not item.nodeid.endswith(f"@{group.args[0]}"):
        item._id = NodeId.parse(f"{item.nodeid}@{group.args[0]}")  # type: ignore[attr-defined]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    if call.when == "setup":
        item.stash[SPENT] = {}
    spent = item.stash.setdefault(SPENT, {})
    for what, seconds in taken().items():
        spent[what] = round(spent.get(what, 0) + seconds, 2)
    if call.when == "teardown" and spent:
        item.user_properties.append((WAITED, json.dumps(spent)))
    return (yield)


SPENT = pytest.StashKey[dict[str, float]]()
