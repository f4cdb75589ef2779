"""Data sets from files of this machine, and what a form shows before anything is added."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tunesmith.datasets.routes import from_files, routes
from tunesmith.datasets.service import DatasetShelf
from tunesmith.domain.errors import Refused
from tunesmith.domain.home import Home
from tunesmith.web import problems

GOOD = '{"instruction": "Hi", "output": "Hello", "mine": 1}\n'


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
async def client(home: Home, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    def find(path: str) -> Path:
        if not path.startswith(str(tmp_path)):
            raise Refused("Not there")
        return Path(path)

    app, shelf = FastAPI(), DatasetShelf(home)
    problems.install(app)
    app.include_router(from_files(shelf, find))
    app.include_router(routes(shelf, largest=10_000))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "My Rows.jsonl"
    file.write_text(GOOD * 7 + "{\n")
    return file


async def test_an_upload_is_looked_at_and_nothing_is_kept(home: Home, client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/datasets:preview", files={"file": ("My Rows.jsonl", GOOD * 7 + "{\n")})
    found = answer.raise_for_status().json()
    assert (found["format"], found["rows"], found["bad_count"], found["name"], found["taken"]) == (
        "alpaca",
        7,
        1,
        "my-rows",
        False,
    )
    assert found["bad"][0]["line"] == 8 and "JSON" in found["bad"][0]["reason"]
    assert [row["output"] for row in found["first"]] == ["Hello"] * 5
    assert list((home.ours / "uploads").iterdir()) == [] and not home.data.exists()


async def test_a_file_without_any_row_is_told_as_such(client: httpx.AsyncClient) -> None:
    found = (await client.post("/api/datasets:preview", files={"file": ("x.jsonl", "\x00\n[1]\n")})).json()
    assert (found["format"], found["rows"], found["first"], found["bad_count"]) == (None, 0, [], 2)
    assert (await client.post("/api/datasets:preview", data={"name": "x"})).status_code == 422


async def test_a_file_of_this_machine_is_added_and_stays(home: Home, client: httpx.AsyncClient, rows: Path) -> None:
    looked = (await client.post("/api/datasets:preview-file", json={"path": str(rows)})).raise_for_status().json()
    assert (looked["rows"], looked["name"]) == (7, "my-rows")
    refused = await client.post("/api/datasets:from-file", json={"path": str(rows)})
    assert refused.status_code == 422 and "line 8" in refused.json()["detail"]
    added = await client.post("/api/datasets:from-file", json={"path": str(rows), "skip_bad": True})
    assert (added.status_code, added.json()["name"], added.json()["rows"]) == (201, "my-rows", 7)
    assert added.json()["source"] == "My Rows.jsonl"
    assert [len(await asyncio.to_thread(file.read_bytes)) > 300 for file in (rows, home.data / "my-rows.jsonl")] == [True, True]
    again = await client.post("/api/datasets:from-file", json={"path": str(rows), "skip_bad": True})
    assert again.status_code == 409
    assert (await client.post("/api/datasets:preview-file", json={"path": str(rows)})).json()["taken"]
    named = await client.post("/api/datasets:from-file", json={"path": str(rows), "name": "other", "skip_bad": True})
    assert named.json()["name"] == "other"


@pytest.mark.parametrize("path", ["/etc/passwd", "rows.jsonl", ""])
async def test_only_what_may_be_picked_is_read(client: httpx.AsyncClient, path: str) -> None:
    for verb in ("from-file", "preview-file"):
        assert (await client.post(f"/api/datasets:{verb}", json={"path": path})).status_code in (403, 422)
