"""The whole way as a person goes it: rows, a training, a release, an answer. Every step of it on the real tools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import Open
from .person import MINUTES, go_the_whole_way
from .workshop import Workshop

pytestmark = pytest.mark.timeout(1200)  # the whole way, on a machine that may do other things too


@pytest.fixture
def lamps(workshop: Workshop) -> Iterator[Workshop]:
    """The way leaves the workshop as it was, for the next one."""
    yield workshop
    workshop.call("DELETE", "/api/releases/lamps")
    workshop.call("DELETE", "/api/runs/lamps")
    workshop.call("DELETE", "/api/datasets/lamps")


def test_from_rows_to_an_answer(lamps: Workshop, visit: Open, tmp_path: Path) -> None:
    go_the_whole_way(visit(lamps.url, "/data"), tmp_path)


def test_a_name_is_rolled_back_and_released_again_in_one_click(workshop: Workshop, visit: Open) -> None:
    workshop.succeed(
        workshop.post("/api/releases", {"adapter": "saves/doors", "name": "doors", "way": "adapter", "system": "Be brief."})
    )
    before = workshop.get("/api/releases/doors")
    page = visit(workshop.url, "/release/doors")
    expect(page.get_by_text(f"Stands for release {before['current']} of")).to_be_visible()
    page.get_by_role("button", name=f"Go back to release {before['current'] - 1}").first.click()
    expect(page.get_by_text(f"Stands for release {before['current'] - 1} of")).to_be_visible(timeout=MINUTES)
    assert workshop.get("/api/releases/doors")["current"] == before["current"] - 1
