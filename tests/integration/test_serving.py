"""Serving on the real llama.cpp server, as real processes, over real HTTP. The model is tiny and random."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
from collections.abc import AsyncIterator, Callable
from itertools import combinations
from pathlib import Path

import httpx
import psutil
import pytest

from tunesmith.domain.home import Home
from tunesmith.serving.attempts import Shape
from tunesmith.serving.canary import PROMPT, same
from tunesmith.serving.engine import Policy

from .serving_stack import Current, Stack, add_sidecar, stack, toolbox_python
from .tiny_gguf import write_adapter, write_model

pytestmark = [pytest.mark.timeout(900), pytest.mark.xdist_group("serving", seconds=60)]
POLICY = Policy(backoff=(0.1,), quick_failures=2, quick=600, poll=0.1, patience=300, grace=2)
PATIENCE_SECONDS = 180
SHAPE = Shape(ctx=32768, parallel=2, threads=1)
PROMPTS = [f"{word} the sea and the wind and the rain and the sun, {word}" for word in ("sing", "say", "tell", "hum", "ask")]


@pytest.fixture(scope="module")
def python() -> Path:
    found = toolbox_python()
    if found is None:
        pytest.skip("no llama.cpp toolbox: `tunesmith toolbox install llama-cpp`, or TUNESMITH_TEST_LLAMA_CPP=its folder")
    return found


@pytest.fixture
def current(tmp_path: Path) -> Current:
    home = Home(tmp_path)
    add_sidecar(write_model(home.models / "gguf" / "tiny-f16.gguf"), "tiny")
    current = Current(home)
    for number, name in enumerate(("alpha", "beta"), 1):
        current.switch(name, 1, write_adapter(home.models / "adapters" / f"{name}.gguf", number))
    return current


@pytest.fixture
async def serving(current: Current, python: Path) -> AsyncIterator[Stack]:
    async with stack(current.home, current, python, POLICY, SHAPE) as serving:
        yield serving
        await serving.supervisor.stop_all()
        assert engines(current.home) == []


def engines(home: Home) -> list[int]:
    """Pids of the living processes that have a file of this home on their command line."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = " ".join(process.info["cmdline"] or [])
        if str(home.root) in words and "server.py" in words and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process.pid)
    return found


def kill(home: Home) -> None:
    """SIGKILL to the engine itself, as the kernel does when memory ends; its wrapper lives."""
    leaves = [pid for pid in engines(home) if "job.sh" not in " ".join(psutil.Process(pid).cmdline())]
    assert leaves
    for pid in leaves:
        os.kill(pid, signal.SIGKILL)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not true():  # noqa: ASYNC110, processes have no event
            await asyncio.sleep(0.05)


async def test_base_and_tuned_answers_never_mix(serving: Stack) -> None:
    """More prompts than slots, in random order, each answer with whatever the cache has: as likely as the one without a cache."""
    models = ("tiny", "alpha", "beta")
    alone = {
        (model, prompt): await serving.likeliest(model, prompt, cache_prompt=False) for model in models for prompt in PROMPTS
    }
    for prompt in PROMPTS:
        for one, other in combinations(models, 2):
            assert not same(alone[one, prompt], alone[other, prompt]), "answers must tell the models apart"
    dice = random.Random(7)
    for pair in dice.choices(list(alone), k=150):
        assert same(await serving.likeliest(*pair), alone[pair]), f"{pair} was answered from another model's cache"
    assert len(list(serving.home.services.iterdir())) == 1, "one instance serves all three"


async def test_what_the_canary_compares_tells_models_apart(serving: Stack) -> None:
    """Blind to an adapter, it would pass an engine that answers from that adapter's state."""
    await serving.say("alpha", PROMPTS[0])
    address = (await serving.attempt("alpha")).address

    async def asked(*scales: float) -> dict[str, float]:
        lora = [{"id": number, "scale": scale} for number, scale in enumerate(scales)]
        return await serving.client.likeliest(address, PROMPT, lora)

    base, alpha, beta, again = await asked(0, 0), await asked(1, 0), await asked(0, 1), await asked(0, 0)
    assert same(base, again)
    assert not same(base, alpha) and not same(base, beta) and not same(alpha, beta)


async def test_killed_engine_comes_back_and_answers_alike(serving: Stack) -> None:
    before = await serving.likeliest("alpha", PROMPTS[0])
    attempt = await serving.attempt("alpha")
    kill(serving.home)
    assert same(await serving.likeliest("alpha", PROMPTS[0]), before)
    assert (await serving.attempt("alpha")).folder != attempt.folder
    assert (await serving.http.get("/api/deployments/alpha")).json()["restarts"] == 1


async def test_engine_survives_the_orchestrator_and_is_taken_over(current: Current, python: Path) -> None:
    async with stack(current.home, current, python, POLICY, SHAPE) as first:
        before, attempt = await first.likeliest("alpha", PROMPTS[0]), await first.attempt("alpha")
    running = engines(current.home)
    assert running
    async with stack(current.home, current, python, POLICY, SHAPE) as second:
        assert same(await second.likeliest("alpha", PROMPTS[0]), before)
        assert (await second.attempt("alpha")) == attempt
        assert engines(current.home) == running
        await second.supervisor.stop_all()
    assert engines(current.home) == []


async def test_release_switch_and_rollback(serving: Stack) -> None:
    first, beta = await serving.likeliest("alpha", PROMPTS[0]), await serving.likeliest("beta", PROMPTS[0])
    other = write_adapter(serving.home.models / "adapters" / "alpha-2.gguf", 9)
    serving.current.switch("alpha", 2, other)
    assert not same(await serving.likeliest("alpha", PROMPTS[0]), first)
    assert same(await serving.likeliest("beta", PROMPTS[0]), beta)
    serving.current.switch("alpha", 1, serving.home.models / "adapters" / "alpha.gguf")
    assert same(await serving.likeliest("alpha", PROMPTS[0]), first)


async def test_running_engine_follows_a_switch_without_being_asked(serving: Stack) -> None:
    await serving.say("alpha", PROMPTS[0])
    before = await serving.attempt("alpha")
    serving.current.switch("alpha", 2, write_adapter(serving.home.models / "adapters" / "alpha-2.gguf", 9))
    engine = serving.supervisor.engine(await serving.supervisor.route("beta"))
    await until(lambda: engine.attempt is not None and engine.attempt.folder != before.folder and not engine.outdated)


async def test_client_that_leaves_a_stream_frees_the_slot(serving: Stack) -> None:
    body = {"model": "alpha", "prompt": "a", "max_tokens": 30000, "ignore_eos": True, "stream": True}
    async with serving.http.stream("POST", "/v1/completions", json=body) as answer:
        chunks = answer.aiter_raw()  # kept: a generator that is dropped closes the stream
        assert (await anext(chunks)).startswith(b"data: ")
        assert await busy(serving)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await busy(serving):  # noqa: ASYNC110, the engine tells it in no other way
            await asyncio.sleep(0.05)
    usage = (await serving.http.get("/api/deployments/alpha")).json()["usage"]
    assert (usage["requests"], usage["unfinished"]) == (1, 1)


async def busy(serving: Stack) -> bool:
    slots = await serving.client.http.get((await serving.attempt("alpha")).address + "/slots")
    return any(slot["is_processing"] for slot in slots.json())


async def test_engine_killed_in_mid_stream_ends_it_with_an_error(serving: Stack) -> None:
    body = {"model": "alpha", "prompt": "a", "max_tokens": 30000, "ignore_eos": True, "stream": True}
    received = b""
    async with serving.http.stream("POST", "/v1/completions", json=body) as answer:
        async for chunk in answer.aiter_raw():
            if not received:
                kill(serving.home)
            received += chunk
    last = received.rstrip().rpartition(b"\n\n")[2]
    assert "in the middle of the answer" in json.loads(last.removeprefix(b"data: "))["error"]["message"]
    assert await serving.say("alpha", PROMPTS[0])


async def test_stream_is_the_engines_bytes_and_is_counted(serving: Stack) -> None:
    answer = await serving.chat("alpha", "hi", stream=True, stream_options={"include_usage": True})
    assert answer.content.endswith(b"data: [DONE]\n\n")
    events = [json.loads(line.removeprefix("data: ")) for line in answer.text.split("\n\n") if line.startswith("data: {")]
    asked = events[-1]["usage"]
    await serving.chat("alpha", "hi", stream=True)
    usage = (await serving.http.get("/api/deployments/alpha")).json()["usage"]
    assert usage["requests"] == 2
    assert usage["prompt_tokens"] == 2 * asked["prompt_tokens"]
    assert usage["completion_tokens"] == 2 * asked["completion_tokens"]


async def test_rendered_is_what_the_model_sees(serving: Stack) -> None:
    serving.current.switch("alpha", 1, serving.home.models / "adapters" / "alpha.gguf", system="Be brief.")
    chat = {"messages": [{"role": "user", "content": "hi"}]}
    rendered = (await serving.http.post("/api/deployments/alpha:render", json=chat)).json()
    assert rendered["prompt"] == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
    )
    real = (await serving.chat("alpha", "hi")).json()["usage"]["prompt_tokens"]
    assert len(rendered["tokens"]) == real


async def test_the_engine_tells_its_own_numbers_once_it_runs(serving: Stack) -> None:
    assert set((await serving.http.get("/api/deployments/alpha/sampling")).json().values()) == {None}
    await serving.chat("alpha", "hi")
    told = (await serving.http.get("/api/deployments/alpha/sampling")).json()
    assert told == {"temperature": 0.8, "top_p": 0.95, "min_p": 0.05, "repeat_penalty": 1.0}


async def test_model_that_cannot_be_loaded_is_given_up_with_the_engines_words(serving: Stack) -> None:
    (serving.home.models / "gguf" / "tiny-f16.gguf").write_bytes(b"GGUF and then nothing")
    answer = await serving.chat("alpha", "hi")
    assert answer.status_code == 502
    message = answer.json()["error"]["message"]
    assert "tiny-f16.gguf" in message
    assert "log" in message
    shown = (await serving.http.get("/api/deployments/alpha")).json()
    assert shown["state"] == "failed"
    assert (serving.home.root / shown["log"]).is_file()


async def test_engines_own_refusals_are_passed_on(serving: Stack) -> None:
    answer = await serving.chat("alpha", "hi", temperature="hot")
    assert answer.status_code == 400
    assert "temperature" in answer.json()["error"]["message"]


async def test_stop_ends_every_process_and_the_next_request_starts_one(serving: Stack) -> None:
    await serving.say("alpha", "hi")
    stopped: httpx.Response = await serving.http.post("/api/deployments/alpha:stop")
    assert stopped.json()["state"] == "stopped"
    assert engines(serving.home) == []
    await serving.say("alpha", "hi")
