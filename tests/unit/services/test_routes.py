"""HTTP of services over a source without an engine: links, refusals, the log over a real connection."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from tunesmith.domain.job import JobStatus, State, StepStatus
from tunesmith.domain.step import Lane
from tunesmith.services.board import Board
from tunesmith.services.known import Known
from tunesmith.services.links import Links
from tunesmith.services.log_batch import ServiceLogEvent
from tunesmith.services.routes import routes
from tunesmith.services.service import ServicesDesk
from tunesmith.services.source import Action
from tunesmith.web.openapi import describe
from tunesmith.web.problems import install

from .fakes import FakeSource

KNOWN = (
    Known("ollama", "Ollama", "serves models", "api"),
    Known("tensorboard", "TensorBoard", "curves", "page"),
    Known("gate", "Engine gate", "stands before the engine", tool=False),
    Known("easy-dataset", "easy-dataset", "is started by somebody else", "page"),
)


def job(name: str) -> JobStatus:
    now = datetime(2026, 1, 31, tzinfo=UTC)
    steps = [StepStatus(name="merge", state=State.RUNNING)]
    return JobStatus(
        id=name, kind="release", title="<b>Release", lane=Lane.LIGHT, state=State.RUNNING, created_at=now, steps=steps
    )


class Stand:
    """A server in this event loop, and what it stands on."""

    def __init__(self) -> None:
        self.source, self.busy = FakeSource(), list[JobStatus]()
        self.board = Board("docker", KNOWN)
        links = Links("localhost", 3000, 3443)
        self.beside: str | None = None
        self.desk = ServicesDesk(
            self.source, self.board, links, lambda name: self.busy, ["hf_secret_token"], lambda name: self.beside
        )

    def application(self) -> FastAPI:
        app = FastAPI()
        install(app)
        app.include_router(routes(self.desk))
        describe(app, [ServiceLogEvent])
        return app


@pytest.fixture
def stand() -> Stand:
    return Stand()


@pytest.fixture
async def client(stand: Stand) -> AsyncIterator[httpx.AsyncClient]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(stand.application(), log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    await stand.desk.start()
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", trust_env=False) as made:
        yield made
    server.should_exit = True
    await serving
    await stand.desk.close()


async def test_services_are_listed_with_their_addresses(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/services")).json()
    assert found["source"]["reachable"] is True
    ollama, tensorboard, *_ = found["services"]
    assert (ollama["state"], ollama["page"]) == ("ready", None)
    assert ollama["api"] == f"http://ollama.localhost:{client.base_url.port}"
    assert (tensorboard["state"], tensorboard["page"]) == ("absent", None)


async def test_a_service_tells_what_can_be_done_with_it_here(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/services")).json()["services"]
    can = {each["name"]: (each["tool"], each["log"]) for each in found}
    assert can == {"ollama": (True, True), "tensorboard": (True, False), "gate": (False, False), "easy-dataset": (False, False)}


async def test_one_service_has_its_history_and_a_foreign_name_is_not_found(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/services/ollama")).json()
    assert found["history"] == {"every_seconds": 5.0, "cpu_percent": [], "memory_bytes": []}
    missing = await client.get("/api/services/tunesmith-ollama-1")
    assert missing.status_code == 404 and "ollama, tensorboard, gate" in missing.json()["detail"]


async def test_what_was_started_in_its_page_counts_as_work_too(stand: Stand, client: httpx.AsyncClient) -> None:
    stand.beside = "LlamaBoard trains saves/x"
    refused = await client.post("/api/services/ollama:stop")
    assert refused.status_code == 409 and "LlamaBoard trains saves/x" in refused.json()["detail"]
    assert stand.source.acted == []
    assert (await client.post("/api/services/ollama:stop", params={"force": True})).status_code == 200
    assert (await client.post("/api/services/ollama:start")).status_code == 200


async def test_a_tool_at_work_is_stopped_only_by_force(stand: Stand, client: httpx.AsyncClient) -> None:
    stand.busy = [job("260131-release-abcde")]
    for action in ("stop", "restart"):
        refused = await client.post(f"/api/services/ollama:{action}")
        assert refused.status_code == 409 and "260131-release-abcde" in refused.json()["detail"]
    assert stand.source.acted == []
    assert (await client.post("/api/services/ollama:start")).json()["state"] == "ready"
    assert (await client.post("/api/services/ollama:restart", params={"force": True})).status_code == 200
    assert stand.source.acted == [("ollama", Action.START), ("ollama", Action.RESTART)]


async def test_what_the_platform_stands_on_is_only_looked_at(stand: Stand, client: httpx.AsyncClient) -> None:
    refused = await client.post("/api/services/gate:restart", params={"force": True})
    assert refused.status_code == 409 and "docker compose restart gate" in refused.json()["remedy"]
    assert stand.source.acted == []


async def test_the_log_is_read_masked(stand: Stand, client: httpx.AsyncClient) -> None:
    stand.source.messages = [b"\1\0\0\0\0\0\0\x14hf_secret_token \xff\r.\n"]
    answer = await client.get("/api/services/ollama/logs")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.content == b"*************** \xff\r.\n"
    absent = await client.get("/api/services/tensorboard/logs")
    assert absent.status_code == 404 and "docker compose up -d tensorboard" in absent.json()["remedy"]
    stand.source.missing = True
    assert (await client.get("/api/services/ollama/logs")).status_code == 503


async def test_the_log_is_followed_and_resumed(stand: Stand, client: httpx.AsyncClient) -> None:
    async def frames(count: int, last: str = "") -> list[dict[str, str]]:
        headers = {"Last-Event-ID": last} if last else {}
        async with client.stream("GET", "/api/services/ollama/logs/follow?tail=2", headers=headers) as answer:
            text = ""
            async for piece in answer.aiter_text():
                text += piece
                events = [part for part in text.split("\n\n")[:-1] if not part.startswith(":")]
                if len(events) >= count:
                    return [dict(line.split(": ", 1) for line in event.split("\n")) for event in events]
        raise AssertionError(text)

    await stand.source.add("one", "two", "three")
    [first] = await frames(1)
    assert json.loads(first["data"])["text"] == "two\nthree\n"
    await stand.source.add("four")
    [second] = await frames(1, first["id"])
    assert json.loads(second["data"])["text"] == "four\n"
