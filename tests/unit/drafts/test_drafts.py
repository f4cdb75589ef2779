"""Drafts of forms: kept whole, found again, and never more than there may be."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tunesmith.drafts import store
from tunesmith.drafts.routes import routes
from tunesmith.drafts.store import LARGEST, Drafts
from tunesmith.web import problems


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "drafts"


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problems.install(app)
    app.include_router(routes(Drafts(folder)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.exists() else []


async def test_a_draft_comes_back_as_it_was_kept(folder: Path, client: httpx.AsyncClient) -> None:
    content = {"name": "<b>مرحبا 🦉</b>", "rank": 16, "nested": {"list": [1, 2.5, None, True]}}
    assert (await client.get("/api/drafts/release")).status_code == 404
    kept = await client.put("/api/drafts/release", json=content)
    assert (kept.status_code, kept.json()["name"]) == (200, "release")
    assert (await client.get("/api/drafts/release")).json() == content
    await client.put("/api/drafts/release", json={"name": "new"})
    assert (await client.get("/api/drafts/release")).json() == {"name": "new"}
    [listed] = (await client.get("/api/drafts")).json()
    assert (listed["name"], listed["bytes"]) == ("release", len(json.dumps({"name": "new"})))
    assert names(folder) == ["release.json"], "nothing half-made is left"
    for _ in range(2):
        assert (await client.delete("/api/drafts/release")).status_code == 204
    assert (await client.get("/api/drafts")).json() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[1]", 422),
        (b'"x"', 422),
        (b"{", 422),
        (b'{"x": NaN}', 422),
        (b'{"x": "' + b"y" * LARGEST + b'"}', 413),
        (b'{"x": ' + b"[" * 900 + b"]" * 900 + b"}", 200),
        (b'{"x": "\\ud83d"}', 200),
    ],
)
async def test_only_objects_of_a_size(client: httpx.AsyncClient, body: bytes, status: int) -> None:
    answer = await client.put("/api/drafts/release", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    assert (await client.get("/api/drafts/release")).status_code == (200 if status == 200 else 404)


@pytest.mark.parametrize("name", ["Release", "-x", "a" * 62, "a.b", "..%2f..%2ftoken", "a%0a", "%00", "é"])
async def test_names_that_are_none(folder: Path, client: httpx.AsyncClient, name: str) -> None:
    for method in ("GET", "DELETE", "PUT"):
        answer = await client.request(method, f"/api/drafts/{name}", json={} if method == "PUT" else None)
        assert answer.status_code in (404, 405, 422)
    assert names(folder) == []


def test_of_too_many_the_oldest_go(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST", 3)
    drafts = Drafts(folder)
    for number in range(5):
        drafts.put(f"d{number}", {})
        os.utime(folder / f"d{number}.json", (1e9 + number, 1e9 + number))
    drafts.put("d2", {"again": 1})
    assert [draft.name for draft in drafts.all()] == ["d2", "d4", "d3"]
