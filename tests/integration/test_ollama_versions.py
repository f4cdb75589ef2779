"""Two Ollamas can be had for tests: the stack's, with an engine of its own, and one of today, which runs a llama-server."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from .ollama_server import CURRENT, OLD, OllamaServer, image_of, ollama_container
from .tiny_gguf import write_adapter, write_model

pytestmark = pytest.mark.xdist_group("ollama-versions")
LENGTH = 8
TO_AN_ADAPTER = {OLD: (200, {"status": "success"}), CURRENT: (400, {"error": "LoRA adapters are no longer supported"})}
"""Status and body of the answer to a model with an adapter."""


@pytest.fixture(scope="module", params=[OLD, CURRENT])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def server(version: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OllamaServer]:
    with ollama_container(tmp_path_factory.mktemp("ollama"), image_of(version)) as started:
        yield started


@pytest.fixture(scope="module")
def model(server: OllamaServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    files = {"tiny.gguf": uploaded(server, write_model(tmp_path_factory.mktemp("model") / "tiny.gguf"))}
    server.ask("POST", "/api/create", json={"model": "tiny", "files": files, "stream": False})
    return "tiny"


def uploaded(server: OllamaServer, path: Path) -> str:
    """The digest under which the server has the file."""
    digest = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    server.ask("POST", f"/api/blobs/{digest}", content=path.read_bytes())
    return digest


def answer(server: OllamaServer, model: str) -> dict[str, Any]:
    """The likeliest letters: the model knows no other words, and none that would end its answer early."""
    options = {"temperature": 0, "seed": 1, "num_predict": LENGTH, "num_ctx": 512}
    body = {"model": model, "prompt": "abc", "raw": True, "stream": False, "options": options}
    told: dict[str, Any] = server.ask("POST", "/api/generate", json=body)
    return told


def test_it_says_its_own_version(server: OllamaServer, version: str) -> None:
    assert server.ask("GET", "/api/version") == {"version": version}


def test_it_runs_a_model_and_answers_as_long_each_time(server: OllamaServer, model: str) -> None:
    for told in (answer(server, model), answer(server, model)):
        assert told["eval_count"] == LENGTH
        assert len(told["response"]) == LENGTH and set(told["response"]) <= set(string.ascii_lowercase), told["response"]


def test_only_the_old_one_takes_an_adapter(server: OllamaServer, model: str, version: str, tmp_path: Path) -> None:
    adapters = {"adapter.gguf": uploaded(server, write_adapter(tmp_path / "adapter.gguf", seed=1))}
    body = {"model": "tuned", "from": model, "adapters": adapters, "stream": False}
    told = httpx.post(f"{server.address}/api/create", json=body, timeout=300, trust_env=False)
    assert (told.status_code, told.json()) == TO_AN_ADAPTER[version]
    assert ("tuned:latest" in server.models()) is (version == OLD)
    if version == OLD:
        assert answer(server, "tuned")["response"] != answer(server, model)["response"]
