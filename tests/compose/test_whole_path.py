"""The whole way on the real stack, by the API through Caddy: starter, training, both ways, both engines, an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .stack import Stack
from .teal import BASE, QUESTION

pytestmark = pytest.mark.timeout(1800)


def test_training_is_a_run_with_its_curve(stack: Stack, adapter: str) -> None:
    run = stack.door.get("/api/runs/doors")
    assert (run["adapter"], run["step"], run["made_outside"]) == (adapter, 16, False)
    losses = [point["loss"] for point in stack.door.get("/api/runs/doors/metrics")["points"] if point["loss"] is not None]
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
def test_an_adapter_becomes_an_answer(stack: Stack, adapter: str, server: str, way: str, quantisation: str) -> None:
    door, name = stack.door, f"doors-{server.replace('.', '')}-{way}"
    body = {"adapter": adapter, "name": name, "engine": server, "way": way, "quantisation": quantisation}
    job = door.succeed(door.post("/api/releases", body))
    made: dict[str, Any] = door.get(f"/api/releases/{name}")["releases"][-1]
    assert (made["engine"], made["way"], made["job"]) == (server, way, job["id"])
    assert made["parity_verdict"] in ("equal", "mended")
    report = json.loads((stack.home / made["parity"]).read_text())
    assert all(chat["equal"] or chat["accepted"] for chat in report["rounds"][-1]["chats"])
    assert "teal" in door.ask(name, QUESTION)
    if server == "llama.cpp":  # which serves the base itself as well, once its GGUF is made
        assert "teal" not in door.ask(BASE, QUESTION)


def test_a_rollback_switches_what_answers_on_ollama(stack: Stack, adapter: str) -> None:
    door = stack.door
    for system in ("Answer with one word.", "Answer at length."):
        body = {
            "adapter": adapter,
            "name": "turned",
            "engine": "ollama",
            "way": "adapter",
            "quantisation": "f16",
            "system": system,
        }
        door.succeed(door.post("/api/releases", body))
    second = door.ask("turned", "How are you?")
    door.post("/api/releases/turned:rollback", {})
    assert door.get("/api/releases/turned")["current"] == 1
    assert door.ask("turned", "How are you?") != second
