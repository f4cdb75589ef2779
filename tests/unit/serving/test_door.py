from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from tunesmith.domain.errors import TunesmithError
from tunesmith.serving.routes import Relay, openai_routes, routes
from tunesmith.serving.service import Deployments

from .conftest import Serving
from .fake_engine import EVENTS
from .test_supervisor import until


def chat(word: str, model: str = "facts", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": word}], **more}


@pytest.fixture
async def http(serving: Serving) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(routes(Deployments(serving.door)))
    app.include_router(openai_routes(serving.door))

    @app.exception_handler(TunesmithError)
    async def problem(_: Request, error: TunesmithError) -> JSONResponse:
        return JSONResponse({"title": error.title}, error.status)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def test_answer_is_the_engines_and_counted(http: httpx.AsyncClient) -> None:
    answer = (await http.post("/v1/chat/completions", json=chat("hi", seed=5))).json()
    assert answer["sent"] == {
        "model": "facts",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}],
        "seed": 5,
        "lora": [{"id": 0, "scale": 1.0}],
    }
    shown = (await http.get("/api/deployments/facts")).json()
    assert (shown["state"], shown["release"], shown["adapter"], shown["in_flight"]) == ("ready", 1, 0, 0)
    assert {k: shown["usage"][k] for k in ("requests", "unfinished", "prompt_tokens", "completion_tokens")} == {
        "requests": 1, "unfinished": 0, "prompt_tokens": 7, "completion_tokens": 2,
    }  # fmt: skip


async def test_an_engines_own_numbers_are_told_once_it_runs_and_asking_starts_none(
    http: httpx.AsyncClient, serving: Serving
) -> None:
    unknown = {"temperature": None, "top_p": None, "min_p": None, "repeat_penalty": None}
    assert (await http.get("/api/deployments/facts/sampling")).json() == unknown
    assert serving.place.alive == []
    await http.post("/v1/chat/completions", json=chat("hi"))
    told = (await http.get("/api/deployments/facts/sampling")).json()
    assert told == {"temperature": 0.8, "top_p": 0.95, "min_p": None, "repeat_penalty": 1.0}
    assert (await http.get("/api/deployments/nobody/sampling")).status_code == 404


async def test_base_and_tuned_share_an_engine_and_differ_in_scale(http: httpx.AsyncClient, serving: Serving) -> None:
    for model in ("facts", "smol", "facts@1"):
        await http.post("/v1/chat/completions", json=chat("hi", model))
    (process,) = serving.place.alive
    assert [asked["lora"][0]["scale"] for asked in process.asked[-3:]] == [1.0, 0.0, 1.0]


async def test_stream_is_passed_on_byte_for_byte(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/chat/completions", json=chat("hi", stream=True))
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.content == b"".join(EVENTS)
    usage = (await http.get("/api/deployments/facts")).json()["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"]) == (7, 5)


async def test_engine_that_dies_in_mid_stream_ends_it_with_an_error_event(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/chat/completions", json=chat("break", stream=True))
    first, last, nothing = answer.content.split(b"\n\n")
    assert first + b"\n\n" == EVENTS[0]
    assert "facts@1" in json.loads(last.removeprefix(b"data: "))["error"]["message"]
    assert nothing == b""
    assert (await http.get("/api/deployments/facts")).json()["usage"]["unfinished"] == 1
    assert (await http.post("/v1/chat/completions", json=chat("hi"))).status_code == 200


async def test_request_that_kills_every_engine_is_tried_twice_and_refused(http: httpx.AsyncClient, serving: Serving) -> None:
    answer = await http.post("/v1/chat/completions", json=chat("die"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "engine_failed")
    assert len(serving.place.processes) == 2


async def test_engine_killed_between_two_requests_costs_the_client_nothing(http: httpx.AsyncClient, serving: Serving) -> None:
    await http.post("/v1/chat/completions", json=chat("hi"))
    serving.place.alive[0].end(137)
    assert (await http.post("/v1/chat/completions", json=chat("hi"))).status_code == 200


@pytest.mark.parametrize("stream", [False, True])
async def test_client_that_leaves_ends_the_engines_work(serving: Serving, stream: bool) -> None:
    """Straight on ASGI, since httpx's transport can't hang up."""
    relay = Relay(serving.door, "/v1/chat/completions", json.dumps(chat("hang", stream=stream)).encode())
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        await until(lambda: any("messages" in asked for p in serving.place.alive for asked in p.asked))
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await relay({"type": "http"}, receive, send)
    (process,) = serving.place.alive
    await until(lambda: process.left == 1)
    assert sent == []
    (engine,) = [serving.supervisor.engine(r) for r in await serving.supervisor.routes() if r.served.name == "facts"]
    assert engine.in_flight == 0
    assert serving.door.ledger.of("facts").unfinished == 1


async def test_refusals_have_openais_form(http: httpx.AsyncClient) -> None:
    unknown = await http.post("/v1/chat/completions", json=chat("hi", "fact"))
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "model_not_found")
    assert "'facts'" in unknown.json()["error"]["message"]
    lora = await http.post("/v1/completions", json={"model": "facts", "prompt": "x", "lora": []})
    assert (lora.status_code, lora.json()["error"]["type"]) == (400, "invalid_request_error")
    large = await http.post("/v1/completions", content=b"x" * (16 * 2**20 + 1))
    assert large.status_code == 413


async def test_models_are_listed_as_openai_does(http: httpx.AsyncClient) -> None:
    models = (await http.get("/v1/models")).json()
    assert models["object"] == "list"
    assert [(m["id"], m["object"], m["created"] > 0) for m in models["data"]] == [
        ("facts", "model", True),
        ("smol", "model", False),
    ]


async def test_deployments_start_and_stop(http: httpx.AsyncClient, serving: Serving) -> None:
    assert [d["state"] for d in (await http.get("/api/deployments")).json()] == ["stopped", "stopped"]
    started = await http.post("/api/deployments/facts:start")
    assert (started.status_code, started.json()["state"]) == (202, "starting")
    await serving.supervisor.ensure_ready("facts")
    assert (await http.get("/api/deployments/smol")).json()["state"] == "ready", "they share an engine"
    assert (await http.post("/api/deployments/facts:stop")).json()["state"] == "stopped"
    assert not serving.place.alive
    assert (await http.get("/api/deployments/nope")).status_code == 404


async def test_many_at_once_each_get_their_own(http: httpx.AsyncClient) -> None:
    async def one(number: int) -> bool:
        model = ("facts", "smol")[number % 2]
        sent = (await http.post("/v1/chat/completions", json=chat(f"say {number}", model))).json()["sent"]
        return bool(sent["messages"][-1]["content"] == f"say {number}" and sent["lora"][0]["scale"] == (model == "facts"))

    assert all(await asyncio.gather(*(one(number) for number in range(60))))
