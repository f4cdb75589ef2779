"""The whole way on the real stack, by the API through Caddy: starter, both ways, both engines, an answer.

A training is proven by tests/compose/browser/test_way.py.
"""

from __future__ import annotations

import functools
import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from kit.home import ANSWER, BASE, NAME, QUESTION

from .door import Door, until
from .stack import Stack

pytestmark = pytest.mark.timeout(3600)
STARTER = "starter-again"
Releases = Callable[[str, str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def imported(stack: Stack) -> dict[str, Any]:
    """An import of the starter, which goes on beside the releases."""
    made: dict[str, Any] = stack.door.post("/api/models", {"source": "starter", "name": STARTER})
    return made


@pytest.fixture(scope="module")
def released(stack: Stack, adapter: str, imported: dict[str, Any]) -> Releases:
    """Released by an engine and a way; once however often it is asked for.

    What was trained is rendered anew, by the stack's own LLaMA-Factory. GGUF files that are there are used again: test_faults.py
    merges and converts, tests/compose/browser/test_way.py converts an adapter.
    """
    for rendering in (stack.home / ".tunesmith" / "renderings").iterdir():
        shutil.rmtree(rendering)

    @functools.cache
    def once(server: str, way: str, quantisation: str) -> dict[str, Any]:
        name = "doors-ollama" if server == "ollama" else f"doors-llamacpp-{way}"
        return release(stack.door, adapter, name, server, way, quantisation)

    return once


def release(door: Door, adapter: str, name: str, server: str, way: str, quantisation: str) -> dict[str, Any]:
    body = {"adapter": adapter, "name": name, "engine": server, "way": way, "quantisation": quantisation}
    job = door.succeed(door.post("/api/releases", body))
    made: dict[str, Any] = door.get(f"/api/releases/{name}")["releases"][-1]
    assert (made["engine"], made["way"], made["job"]) == (server, way, job["id"])
    return made


def test_a_training_that_lies_in_home_is_a_run_with_its_curve(stack: Stack, adapter: str) -> None:
    run = stack.door.get(f"/api/runs/{NAME}")
    assert (run["adapter"], run["step"], run["made_outside"]) == (adapter, 16, False)
    losses = [point["loss"] for point in stack.door.get(f"/api/runs/{NAME}/metrics")["points"] if point["loss"] is not None]
    assert losses[-1] < losses[0] / 3


@pytest.mark.parametrize(
    ("server", "way", "quantisation"),
    [
        ("ollama", "merge", "q8_0"),
        ("ollama", "adapter", "f16"),
        ("llama.cpp", "adapter", "f16"),
        ("llama.cpp", "merge", "q4_k_m"),
    ],
)
def test_an_adapter_becomes_an_answer(stack: Stack, released: Releases, server: str, way: str, quantisation: str) -> None:
    door, made = stack.door, released(server, way, quantisation)
    assert made["parity_verdict"] in ("equal", "mended")
    report = json.loads((stack.home / made["parity"]).read_text())
    assert all(chat["equal"] or chat["accepted"] for chat in report["rounds"][-1]["chats"])
    tuned = door.ask(made["name"], QUESTION)
    # Learnt to a loss of 3e-4 a token: each has more than 0.99 of the probability, which no engine and no rounding turns over.
    assert ANSWER in tuned
    if server == "llama.cpp":  # which serves the base itself as well, once its GGUF is made
        assert door.ask(BASE, QUESTION) != tuned


def test_a_rollback_switches_what_answers_on_ollama(stack: Stack, released: Releases) -> None:
    """From the adapter way back to the merge that had the name before."""
    door, first, second = stack.door, released("ollama", "merge", "q8_0"), released("ollama", "adapter", "f16")
    name = first["name"]
    assert answering(door, name) == second["model_digest"] != first["model_digest"]
    door.post(f"/api/releases/{name}:rollback", {})
    assert door.get(f"/api/releases/{name}")["current"] == first["number"]
    until(lambda: answering(door, name) == first["model_digest"])
    assert door.get(f"/api/deployments/{name}")["instance"] == f"{name}:r{first['number']}"
    assert ANSWER in door.ask(name, QUESTION)


def answering(door: Door, name: str) -> str:
    """The digest of what Ollama itself has under the bare name."""
    return next(str(model["digest"]) for model in door.tool("ollama", "/api/tags")["models"] if model["name"] == f"{name}:latest")


def test_the_starter_is_made_in_its_container(stack: Stack, imported: dict[str, Any]) -> None:
    stack.door.succeed(imported)
    bases = {each["id"]: each for each in stack.door.get("/api/artifacts", kind="base")["artifacts"]}
    made, native = bases[f"models/base/{STARTER}"], bases[f"models/base/{BASE}"]
    assert (made["problems"], made["parameters"]) == ([], native["parameters"])
