"""Names on Ollama: where they are found, what their state is, what is passed on, and what follows the releases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from tunesmith.domain.errors import Conflict, EngineFailed, NotFound, TunesmithError
from tunesmith.domain.release import Engine, Piece, Release
from tunesmith.serving import ollama
from tunesmith.serving.client import http_client
from tunesmith.serving.ollama import OllamaServing
from tunesmith.serving.ollama_answers import without_usage
from tunesmith.serving.ollama_client import OllamaClient
from tunesmith.serving.openai import Door
from tunesmith.serving.routes import openai_routes, routes
from tunesmith.serving.service import Deployments

from .conftest import Serving, make_release
from .fake_ollama import CHUNKS, DONE, USAGE, FakeOllama

JOB = "261121-140000-release-abcde"


def on_ollama(name: str, number: int = 1, digest: str = "d1", system: str | None = None) -> Release:
    made = make_release(name, number, system=system)
    modelfile = Piece(role="modelfile", path=f"models/served/{name}/modelfiles/j.Modelfile", sha256="f", bytes=1)
    return made.model_copy(
        update={"engine": Engine.OLLAMA, "model_digest": digest, "pieces": [*made.pieces, modelfile], "job": f"job-{number}"}
    )


@dataclass
class Both:
    """A door with llama.cpp's engines (facts, smol) and an Ollama behind it."""

    serving: Serving
    fake: FakeOllama
    ollama: OllamaServing
    http: httpx.AsyncClient
    ended: dict[str, bool]
    quick: httpx.Timeout
    """How long its small questions wait."""

    def fall_silent(self) -> None:
        """From now on nobody waits long for what won't come."""
        self.fake.silent, self.quick.read = True, 0.1

    async def ask(self, model: str, word: str = "hi", **more: object) -> httpx.Response:
        body = {"model": model, "messages": [{"role": "user", "content": word}], **more}
        return await self.http.post("/v1/chat/completions", json=body)


@pytest.fixture
async def both(serving: Serving) -> AsyncIterator[Both]:
    fake, ended = FakeOllama(), dict[str, bool]()
    async with http_client() as client:
        quick = httpx.Timeout(60)
        named = OllamaServing(OllamaClient(client, fake.address, quick=quick), serving.files, ended.get)
        door = Door(serving.supervisor, serving.client, ollama=named)
        app = FastAPI()
        app.include_router(routes(Deployments(door)))
        app.include_router(openai_routes(door))

        @app.exception_handler(TunesmithError)
        async def problem(_: Request, error: TunesmithError) -> JSONResponse:
            return JSONResponse({"title": error.title}, error.status)

        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
            yield Both(serving, fake, named, http, ended, quick)
    fake.close()


async def test_a_release_is_asked_by_its_own_tag_with_its_system_prompt(both: Both) -> None:
    both.serving.files.switch(on_ollama("doors", 3, system="Be brief."))
    answer = (await both.ask("doors", seed=5)).json()
    assert answer["sent"] == {
        "model": "doors:r3",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}],
        "seed": 5,
    }
    usage = (await both.http.get("/api/deployments/doors")).json()["usage"]
    assert (usage["requests"], usage["prompt_tokens"], usage["completion_tokens"]) == (1, 7, 2)
    assert both.serving.place.processes == {}, "no llama-server was started for it"


async def test_both_engines_serve_side_by_side_and_a_name_moves_with_its_release(both: Both) -> None:
    assert (await both.ask("facts")).json()["sent"]["model"] == "facts"
    both.serving.files.switch(on_ollama("facts", 2))
    assert (await both.ask("facts")).json()["sent"]["model"] == "facts:r2"
    assert (await both.ask("smol")).json()["sent"]["model"] == "smol"


async def test_a_stream_has_the_events_that_it_would_have_had_unasked_and_is_counted(both: Both) -> None:
    both.serving.files.switch(on_ollama("doors"))
    assert (await both.ask("doors", stream=True)).content == b"".join(CHUNKS) + DONE
    usage = (await both.http.get("/api/deployments/doors")).json()["usage"]
    assert (usage["unfinished"], usage["prompt_tokens"], usage["completion_tokens"]) == (0, 7, 5)
    asked = await both.ask("doors", stream=True, stream_options={"include_usage": True})
    assert asked.content == b"".join(CHUNKS) + USAGE + DONE


@pytest.mark.parametrize("size", [1, 7, 64])
async def test_events_are_told_apart_wherever_the_network_cuts_them(size: int) -> None:
    whole = b"".join(CHUNKS) + USAGE + DONE

    async def cut() -> AsyncIterator[bytes]:
        for start in range(0, len(whole), size):
            yield whole[start : start + size]

    assert b"".join([chunk async for chunk in without_usage(cut())]) == b"".join(CHUNKS) + DONE


async def test_another_number_than_the_current_is_refused(both: Both) -> None:
    both.serving.files.switch(on_ollama("doors", 2))
    assert (await both.ask("doors@2")).status_code == 200
    answer = await both.ask("doors@1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")


async def test_only_a_process_of_ours_has_a_log_of_its_own(both: Both) -> None:
    both.serving.files.switch(on_ollama("doors"))
    deployments = Deployments(Door(both.serving.supervisor, both.serving.client, ollama=both.ollama))
    facts = (await both.http.get("/api/deployments/facts")).json()
    assert await deployments.instance("facts") == facts["instance"]
    with pytest.raises(Conflict, match="answered by Ollama"):
        await deployments.instance("doors")
    with pytest.raises(NotFound):
        await deployments.instance("nobody")


async def test_the_state_is_what_the_last_look_showed(both: Both) -> None:
    both.serving.files.switch(on_ollama("doors"))

    async def state() -> tuple[str, str]:
        await both.ollama.look()
        shown = (await both.http.get("/api/deployments/doors")).json()
        return shown["state"], shown["detail"]

    assert await state() == (
        "absent",
        "Ollama hasn't got doors:r1: `ollama create doors:r1 -f models/served/doors/modelfiles/j.Modelfile` brings it back",
    )
    both.fake.models["doors:r1"] = "d1"
    assert (await state())[0] == "stopped"
    assert (await both.http.post("/api/deployments/doors:start")).json()["state"] == "ready"
    assert (await both.http.post("/api/deployments/doors:stop")).json()["state"] == "stopped"
    both.fake.models["doors:r1"] = "another"
    assert (await state())[0] == "failed"


async def test_listing_deployments_asks_ollama_nothing(both: Both) -> None:
    both.serving.files.switch(on_ollama("doors"))
    await both.ollama.look()
    asked = len(both.fake.asked)
    for _ in range(20):
        assert (await both.http.get("/api/deployments")).status_code == 200
    assert len(both.fake.asked) == asked


async def test_models_made_by_hand_are_listed_and_answer_under_their_own_name(both: Both) -> None:
    both.serving.files.switch(on_ollama("doors"))
    both.fake.models |= {"doors:r1": "d1", "doors:latest": "d1", "mine:latest": "m", "smol:latest": "s", f"x:{JOB}": "j"}
    await both.ollama.look()
    listed = {one["name"]: one for one in (await both.http.get("/api/deployments")).json()}
    assert sorted(listed) == ["doors", "facts", "mine", "smol"]
    assert (listed["mine"]["made_outside"], listed["mine"]["engine"], listed["mine"]["base"]) == (True, "ollama", "llama")
    assert [model["id"] for model in (await both.http.get("/v1/models")).json()["data"]] == ["doors", "facts", "smol", "mine"]
    assert (await both.ask("mine")).json()["sent"]["model"] == "mine:latest"
    assert (await both.ask("smol")).json()["sent"]["model"] == "smol", "a served name stands before one made by hand"


async def test_the_prompt_is_rendered_by_ollama(both: Both) -> None:
    both.serving.files.switch(on_ollama("doors", system="Be brief."))
    rendered = (
        await both.http.post("/api/deployments/doors:render", json={"messages": [{"role": "user", "content": "hi"}]})
    ).json()
    assert rendered == {"prompt": "<hi>", "tokens": None}
    (sent,) = both.fake.sent("/api/chat")
    assert sent["_debug_render_only"] is True
    assert sent["messages"][0] == {"role": "system", "content": "Be brief."}


async def test_the_numbers_that_its_address_sets_are_known_without_asking_it(both: Both) -> None:
    both.serving.files.switch(on_ollama("doors"))
    both.fake.silent = True
    told = (await both.http.get("/api/deployments/doors/sampling")).json()
    assert told == {"temperature": 1.0, "top_p": 1.0, "min_p": None, "repeat_penalty": None}


async def test_the_bare_name_follows_a_switch_and_what_a_job_left_goes(both: Both) -> None:
    both.fake.models |= {
        "doors:r1": "d1",
        "doors:r2": "d2",
        "doors:latest": "d2",
        f"doors:{JOB}": "d3",
        "x:260101-000000-release-z": "e",
    }
    both.serving.files.switch(on_ollama("doors", 2, "d2"))
    history = [on_ollama("doors", 1, "d1"), on_ollama("doors", 2, "d2")]
    both.serving.files.all = lambda name: history  # type: ignore[method-assign]
    both.serving.files.switch(history[0])
    both.ended[JOB] = False
    await both.ollama.look()
    await both.ollama.follow()
    assert both.fake.models["doors:latest"] == "d1"
    assert f"doors:{JOB}" in both.fake.models, "its job runs"
    both.ended[JOB] = True
    await both.ollama.follow()
    assert f"doors:{JOB}" not in both.fake.models
    assert "x:260101-000000-release-z" in both.fake.models, "a job of another home"


async def test_a_bare_name_made_by_hand_is_left_alone(both: Both) -> None:
    both.fake.models |= {"doors:r1": "d1", "doors:latest": "by hand"}
    both.serving.files.switch(on_ollama("doors"))
    await both.ollama.look()
    await both.ollama.follow()
    assert both.fake.models["doors:latest"] == "by hand"
    assert "made by hand" in (await both.http.get("/api/deployments/doors")).json()["detail"]


async def test_a_500_is_an_error_in_openais_form(both: Both) -> None:
    both.serving.files.switch(on_ollama("doors"))
    answer = await both.ask("doors", "fail")
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "engine_failed")
    assert "runner died" in answer.json()["error"]["message"]


async def test_an_ollama_that_isnt_there_is_said_and_llama_cpp_goes_on(both: Both) -> None:
    both.serving.files.switch(on_ollama("doors"))
    both.fake.close()
    await both.ollama.look()
    answer = await both.ask("doors")
    assert answer.status_code == 502
    assert "Ollama doesn't answer" in answer.json()["error"]["message"]
    shown = {one["name"]: one["state"] for one in (await both.http.get("/api/deployments")).json()}
    assert shown == {"doors": "failed", "facts": "stopped", "smol": "stopped"}
    assert (await both.ask("facts")).status_code == 200


async def test_requests_to_a_hung_ollama_are_given_up_when_its_looks_fail(both: Both) -> None:
    both.serving.files.switch(on_ollama("doors"))
    waiting = asyncio.create_task(both.ask("doors", "hang"))
    while not both.fake.sent("/v1/chat/completions"):  # noqa: ASYNC110, the fake tells it in no other way
        await asyncio.sleep(0.01)
    both.fall_silent()
    for _ in range(ollama.UNANSWERED):
        assert not waiting.done()
        await both.ollama.look()
    answer = await waiting
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "engine_failed")


async def test_reasons_against_a_release(both: Both) -> None:
    both.serving.files.switch(on_ollama("doors"))
    both.fake.models |= {"doors:latest": "d1", "doors:r1": "d1"}
    assert await both.ollama.reasons_against("doors") == []
    both.fake.models |= {"mine:latest": "m", "mine:r7": "n", "mine:own": "o"}
    found = [reason for reason, _ in await both.ollama.reasons_against("mine")]
    assert found == [
        "Ollama has a model mine:latest that this home didn't release",
        "Ollama has a model mine:r7 that this home didn't release",
    ]
    both.fake.close()
    ((reason, remedy),) = await both.ollama.reasons_against("mine")
    assert reason.startswith("Ollama doesn't answer")
    assert "ollama serve" in remedy


@pytest.mark.parametrize(("version", "fits"), [("0.16.9", False), ("0.17.1", True), ("1.0.0-rc1", True), ("0.0.0", True)])
async def test_an_ollama_that_is_too_old_is_refused(both: Both, version: str, fits: bool) -> None:
    both.fake.version = version
    assert (await both.ollama.reasons_against("doors") == []) is fits


async def test_an_unknown_name_is_still_unknown(both: Both) -> None:
    await both.ollama.look()
    with pytest.raises(NotFound):
        await both.serving.supervisor.route("nobody")
    assert (await both.ask("nobody")).status_code == 404


async def test_what_is_forgotten_goes_and_what_others_made_stays(both: Both) -> None:
    releases = [on_ollama("doors", 1, "d1"), on_ollama("doors", 2, "d2"), on_ollama("doors", 3, "d3")]
    both.fake.models |= {"doors:r1": "d1", "doors:r2": "by hand", "doors:r3": "d3", "doors:latest": "d3", "other:latest": "d1"}
    await both.ollama.forget(releases[:1], False)
    assert sorted(both.fake.models) == ["doors:latest", "doors:r2", "doors:r3", "other:latest"]
    await both.ollama.forget(releases, True)
    assert sorted(both.fake.models) == ["doors:r2", "other:latest"]
    assert sorted(both.ollama.seen.models) == ["doors:r2", "other:latest"]


async def test_nothing_is_forgotten_while_ollama_is_away_and_nobody_asks_it_for_llama_cpp(both: Both) -> None:
    both.fall_silent()
    await both.ollama.forget([make_release("facts")], True)
    with pytest.raises(EngineFailed, match="can't be asked"):
        await both.ollama.forget([on_ollama("doors")], True)
