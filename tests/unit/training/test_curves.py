"""Sparklines of many runs: a few points each, and of a long log no more than they need."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tunesmith.domain.home import Home
from tunesmith.training.curves import STRETCH_BYTES, Curves
from tunesmith.training.routes import routes
from tunesmith.training.runs import Runs
from tunesmith.web import problems


def lines(steps: range, total: int) -> str:
    """A loss that falls from 2 to 1 along a straight line."""
    entries = ({"current_steps": step, "total_steps": total, "loss": 2 - step / total, "lr": 1e-4} for step in steps)
    return "".join(json.dumps(entry) + "\n" for entry in entries)


def test_a_short_log_is_told_whole_and_a_longer_one_in_means(tmp_path: Path) -> None:
    log, curves = tmp_path / "trainer_log.jsonl", Curves()
    assert curves.of("x", log, 4).loss == []
    log.write_text(lines(range(1, 4), 10) + '{"current_steps": 4, "eval_loss": 9}\n' + '{"current_steps": 5, "loss": NaN}\n{')
    assert curves.of("x", log, 4).model_dump() == {"name": "x", "steps": [1, 2, 3], "loss": [1.9, 1.8, 1.7]}
    log.write_text(lines(range(8), 10))
    found = curves.of("x", log, 4)
    assert (found.steps, found.loss) == ([1, 3, 5, 7], [1.95, 1.75, 1.55, 1.35])


def test_of_a_long_log_only_stretches_are_read(tmp_path: Path) -> None:
    log, curves = tmp_path / "trainer_log.jsonl", Curves()
    log.write_text(lines(range(100_000), 100_000))
    found = curves.of("x", log, 40)
    assert len(found.loss) == 40 and found.steps[-1] == 99_999
    assert curves.bytes_read <= 40 * STRETCH_BYTES < log.stat().st_size / 50
    for step, loss in zip(found.steps, found.loss, strict=True):
        assert loss == pytest.approx(2 - step / 100_000, abs=2e-3)


def test_what_was_read_is_remembered_until_the_log_changes(tmp_path: Path) -> None:
    log, curves = tmp_path / "trainer_log.jsonl", Curves()
    log.write_text(lines(range(3), 10))
    os.utime(log, (1e9, 1e9))
    first, read = curves.of("x", log, 40), curves.bytes_read
    assert (curves.of("x", log, 40), curves.bytes_read) == (first, read)
    log.write_text(lines(range(4), 10))
    assert len(curves.of("x", log, 40).loss) == 4 and curves.bytes_read > read


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    for name, base in (("curves", "models/base/tiny"), ("a/facts", "models/base/Qwen"), ("empty", "models/base/tiny")):
        folder = home.saves / name
        folder.mkdir(parents=True)
        config = {"base": base, "template": "chatml", "dataset": ["Rows"]}
        (folder / ".tunesmith-run.json").write_text(json.dumps({"job": "j", "config": config}))
        if name != "empty":
            (folder / "trainer_log.jsonl").write_text(lines(range(2), 10))
    return home


@pytest.fixture
async def client(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problems.install(app)
    app.include_router(routes(Runs(home)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def test_several_at_once_over_http(client: httpx.AsyncClient) -> None:
    asked = {"names": ["empty", "a/facts", "nobody", "../x", "curves", "a/facts"], "points": 10}
    found = (await client.get("/api/runs:curves", params=asked)).raise_for_status().json()
    assert [(curve["name"], curve["loss"]) for curve in found] == [
        ("empty", []), ("a/facts", [2.0, 1.9]), ("curves", [2.0, 1.9]),
    ]  # fmt: skip
    assert (await client.get("/api/runs/curves")).json()["name"] == "curves", "a run may be called so"
    for wrong in ({}, {"names": ["x"], "points": 1}, {"names": ["x" * 301]}):
        assert (await client.get("/api/runs:curves", params=wrong)).status_code == 422


async def test_the_list_is_searched_and_cut(client: httpx.AsyncClient) -> None:
    async def listed(**query: object) -> tuple[list[str], int]:
        found = (await client.get("/api/runs", params=query)).raise_for_status().json()  # type: ignore[arg-type]
        return sorted(run["name"] for run in found["runs"]), found["total"]

    assert await listed() == (["a/facts", "curves", "empty"], 3)
    assert await listed(q="QWEN") == (["a/facts"], 1)
    assert await listed(q="rows") == (["a/facts", "curves", "empty"], 3)
    assert await listed(q="nothing") == ([], 0)
    names, total = await listed(limit=1)
    assert (len(names), total) == (1, 3)
