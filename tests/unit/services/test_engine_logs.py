"""The log of the engine behind a served name: over all its starts, followed by several, masked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tunesmith.domain.errors import NotFound
from tunesmith.services.engine_logs import EngineLogs
from tunesmith.services.routes import engine_routes
from tunesmith.web.problems import install


def start(folder: Path, number: int, log: str, *, over: bool) -> Path:
    attempt = folder / f"{number:04}"
    attempt.mkdir(parents=True)
    (attempt / "spec.json").write_text("{}")
    (attempt / "log").write_text(log)
    if over:
        (attempt / "exit").write_text("0")
    return attempt


@pytest.fixture
async def engines(tmp_path: Path) -> AsyncIterator[EngineLogs]:
    served = {"facts": "smol-f16", "base": "smol-f16", "unused": "never"}

    async def instance(name: str) -> str:
        if name not in served:
            raise NotFound(f"No model is served as {name}")
        return served[name]

    made = EngineLogs(tmp_path, instance, ["hf_secret_token"])
    yield made
    made.logs.close()


@pytest.fixture
async def client(engines: EngineLogs) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    install(app)
    app.include_router(engine_routes(engines))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as made:
        yield made


async def test_names_on_one_engine_have_its_log_over_all_starts(tmp_path: Path, client: httpx.AsyncClient) -> None:
    start(tmp_path / "smol-f16", 1, "loading\nout of memory\n", over=True)
    start(tmp_path / "smol-f16", 2, "loading\nkey hf_secret_token\n", over=False)
    whole = await client.get("/api/deployments/facts/logs", params={"whole": True})
    assert whole.text.splitlines()[:3] == ["loading", "out of memory", "loading"]
    assert "hf_secret_token" not in whole.text
    assert (await client.get("/api/deployments/base/logs", params={"whole": True})).text == whole.text
    assert (await client.get("/api/deployments/facts/logs", params={"tail": 1})).text.startswith("key ")


async def test_an_engine_that_never_ran_has_an_empty_log_and_a_foreign_name_none(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/deployments/unused/logs")).text == ""
    assert (await client.get("/api/deployments/nobody/logs")).status_code == 404


async def test_a_follower_sees_the_next_start_and_one_that_comes_back_misses_nothing(tmp_path: Path, engines: EngineLogs) -> None:
    first = start(tmp_path / "smol-f16", 1, "one\n", over=False)
    name = await engines.with_log("facts")
    cursor, texts = "", ""
    async with asyncio.timeout(60), aclosing(engines.logs.follow(name, None, 100)) as frames:
        async for frame in frames:
            cursor, texts = _took(frame, texts)
            if texts == "one\n":
                break
        (first / "log").write_text("one\ntwo\n")
        (first / "exit").write_text("0")
        start(tmp_path / "smol-f16", 2, "three\n", over=False)
    texts = ""
    async with asyncio.timeout(60), aclosing(engines.logs.follow(name, cursor, 100)) as frames:
        async for frame in frames:
            _, texts = _took(frame, texts)
            if texts == "two\nthree\n":
                return


def _took(frame: bytes, texts: str) -> tuple[str, str]:
    lines = dict(line.split(": ", 1) for line in frame.decode().splitlines() if ": " in line)
    return lines["id"], texts + json.loads(lines["data"])["text"]
