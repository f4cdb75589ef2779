"""The whole way on the stack as a person goes it, through the one door: rows, a training, a release, an answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from browser.person import go_the_whole_way

from ..stack import Stack
from .conftest import log_in

pytestmark = pytest.mark.timeout(3600)


def test_from_rows_to_an_answer_on_the_stack(stack: Stack, adapter: str, page: Page, tmp_path: Path) -> None:
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type in ("error", "warning") else None)
    page.goto(f"{stack.url}/data")
    log_in(page, stack)
    go_the_whole_way(page, tmp_path)
    assert troubles == []
    losses = [point["loss"] for point in stack.door.get("/api/runs/lamps/metrics")["points"] if point["loss"] is not None]
    assert len(losses) == 16 and losses[-1] < losses[0] / 3
