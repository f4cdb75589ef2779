"""The whole way as a person goes it: rows, a training, a release, an answer. Every step of it on the real tools."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from kit.home import ADAPTER, NAME

from .conftest import Open
from .person import go_the_whole_way
from .workshop import Workshop

pytestmark = [pytest.mark.timeout(1200), pytest.mark.xdist_group("busy")]  # on a machine that may do other things too


@pytest.fixture
def lamps(busy_workshop: Workshop, new_chat: None) -> Iterator[Workshop]:
    """The way leaves the workshop as it was, for the next one."""
    yield busy_workshop
    busy_workshop.call("DELETE", "/api/releases/lamps")
    busy_workshop.call("DELETE", "/api/runs/lamps")
    busy_workshop.call("DELETE", "/api/datasets/lamps")


def test_from_rows_to_an_answer(lamps: Workshop, visit: Open, tmp_path: Path) -> None:
    go_the_whole_way(visit(lamps.url, "/data", by_form=True), tmp_path)


def test_a_name_is_rolled_back_and_released_again_in_one_click(busy_workshop: Workshop, visit: Open) -> None:
    again = {"adapter": ADAPTER, "name": NAME, "way": "adapter", "system": "Be brief."}
    busy_workshop.succeed(busy_workshop.post("/api/releases", again))
    before = busy_workshop.get(f"/api/releases/{NAME}")
    page = visit(busy_workshop.url, f"/release/{NAME}")
    expect(page.get_by_text(f"Stands for release {before['current']} of")).to_be_visible()
    page.get_by_role("button", name=f"Go back to release {before['current'] - 1}").first.click()
    expect(page.get_by_text(f"Stands for release {before['current'] - 1} of")).to_be_visible()
    assert busy_workshop.get(f"/api/releases/{NAME}")["current"] == before["current"] - 1
