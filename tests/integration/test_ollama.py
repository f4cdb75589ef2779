"""Releases on a real Ollama: proven, served through /v1, mended, blocked, rolled back, killed while it loads."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kit.home import ADAPTER, ANSWER, QUESTION, copy_tuned
from kit.waiting import waiting

from .llama_cpp_pieces import TOOLBOX, run
from .ollama_server import OllamaServer, ollama_server
from .server import Server, serving

pytestmark = [pytest.mark.timeout(1800), pytest.mark.xdist_group("ollama", seconds=150)]
SERVED = "colours"
"""The tuned home has a release of its own on llama.cpp."""
SYSTEM = 'You know every "door".\n\tSay its "colour"'
"""With what a Modelfile could stumble over."""
# Answers to a row that was trained are compared as words: each of its tokens is far likelier than any other.


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ollama")


@pytest.fixture(scope="module")
def ollama(shared: Path) -> Iterator[OllamaServer]:
    with ollama_server(shared) as server:
        yield server


@pytest.fixture(scope="module")
def server(shared: Path, ollama: OllamaServer) -> Iterator[Server]:
    copy_tuned(shared / "home")
    with serving(shared / "home", ollama.folder, ollama=ollama.address) as started:
        yield started


def release(server: Server, name: str, **more: Any) -> dict[str, Any]:
    server.succeed(server.post("/api/releases", {"adapter": ADAPTER, "name": name, "engine": "ollama", **more}))
    made: dict[str, Any] = server.get(f"/api/releases/{name}")["releases"][-1]
    return made


@pytest.fixture(scope="module")
def released(server: Server) -> dict[str, Any]:
    """By the adapter way, without a system prompt of its own."""
    return release(server, SERVED, way="adapter")


def test_what_ollama_serves_is_what_was_trained(server: Server, ollama: OllamaServer, released: dict[str, Any]) -> None:
    assert released["parity_verdict"] == "equal"
    report = json.loads((server.home / released["parity"]).read_text())
    assert report["engine"] == {"name": "Ollama", "build": ollama.ask("GET", "/api/version")["version"]}
    assert all(chat["equal"] for chat in report["rounds"][-1]["chats"])
    assert all(call["equal"] for call in report["rounds"][-1]["prompt_length_calls"])
    assert ANSWER in server.ask(SERVED, QUESTION)
    rendered = server.post(f"/api/deployments/{SERVED}:render", {"messages": [{"role": "user", "content": "Hi"}]})
    assert rendered["prompt"] == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"


def test_the_release_has_its_number_and_the_bare_name_is_a_copy(ollama: OllamaServer, released: dict[str, Any]) -> None:
    digest = released["model_digest"]
    assert ollama.models() == {f"{SERVED}:r1": digest, f"{SERVED}:latest": digest}, "the job's own name is gone"


def test_the_kept_modelfile_makes_the_very_same_model(server: Server, ollama: OllamaServer, released: dict[str, Any]) -> None:
    [kept] = [server.home / piece["path"] for piece in released["pieces"] if piece["role"] == "modelfile"]
    command = [ollama.folder / "ollama", "create", "again", "-f", kept]
    done = subprocess.run(command, env=host(ollama), cwd=server.home, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert ollama.models()["again:latest"] == released["model_digest"]
    ollama.ask("DELETE", "/api/delete", json={"model": "again"})


def test_a_stream_passes_whole_and_is_counted(server: Server, released: dict[str, Any]) -> None:
    before = server.get(f"/api/deployments/{SERVED}")["usage"]
    body = {"model": SERVED, "messages": [{"role": "user", "content": QUESTION}], "temperature": 0, "stream": True}
    answer = server.call("POST", "/v1/chat/completions", json={**body, "max_tokens": 24}).text
    events = [line.removeprefix("data: ") for line in answer.split("\n\n") if line]
    assert events[-1] == "[DONE]"
    told = [json.loads(event) for event in events[:-1]]
    assert ANSWER in "".join(event["choices"][0]["delta"].get("content", "") for event in told), "each event has a choice"
    after = server.get(f"/api/deployments/{SERVED}")["usage"]
    assert after["completion_tokens"] > before["completion_tokens"]
    assert (after["requests"], after["unfinished"]) == (before["requests"] + 1, before["unfinished"])


def test_the_merged_way_with_a_system_prompt_and_back(server: Server, ollama: OllamaServer, released: dict[str, Any]) -> None:
    second = release(server, SERVED, way="merge", quantisation="q8_0", system=SYSTEM)
    assert (second["number"], second["parity_verdict"]) == (2, "equal")
    assert json.loads((server.home / second["parity"]).read_text())["system_prompt"]["equal"]
    assert ANSWER in server.ask(SERVED, QUESTION)
    assert ollama.models()[f"{SERVED}:latest"] == second["model_digest"]
    server.post(f"/api/releases/{SERVED}:rollback", {})
    server.until(lambda: ollama.models()[f"{SERVED}:latest"] == released["model_digest"])
    assert server.get(f"/api/deployments/{SERVED}")["instance"] == f"{SERVED}:r1"


def test_a_model_made_by_hand_is_listed_and_answers(server: Server, ollama: OllamaServer, released: dict[str, Any]) -> None:
    ollama.ask("POST", "/api/create", json={"model": "mine", "from": f"{SERVED}:r1", "system": "Mine.", "stream": False})
    server.until(lambda: "mine" in {one["name"] for one in server.get("/api/deployments")})
    assert server.get("/api/deployments/mine")["made_outside"]
    assert server.ask("mine", QUESTION)
    refused = server.call("POST", "/api/releases", json={"adapter": ADAPTER, "name": "mine", "engine": "ollama"})
    assert (refused.status_code, "mine:latest" in refused.json()["title"]) == (503, True), refused.text


@pytest.mark.parametrize(("broken", "status", "verdict"), [(1, 0, "mended"), (2, 1, "blocked")])
def test_a_wrong_template_is_mended_by_the_next_or_blocked(
    server: Server, ollama: OllamaServer, released: dict[str, Any], tmp_path: Path, broken: int, status: int, verdict: str
) -> None:
    [rendering] = [path.parent for path in (server.home / ".tunesmith/renderings").glob("*/rendering.json")]
    shutil.copytree(rendering, tmp_path / "rendering")
    for path in sorted((tmp_path / "rendering/ollama").iterdir())[:broken]:
        path.write_text(path.read_text().replace("<|im_start|>assistant\n", "<|im_start|>assistant: "))
    pieces = {piece["role"]: str(server.home / piece["path"]) for piece in released["pieces"]}
    request = {"tag": "trial:job", "job": "job", "system": None, "context": 4096, "model": pieces["model"]}
    (tmp_path / "release.json").write_text(json.dumps({"ollama": {**request, "adapter": pieces["adapter"]}}))
    argv = json.dumps([os.environ["TUNESMITH_TEST_LLAMA_CPP"] + "/bin/python", str(TOOLBOX / "llama_cpp/server.py"), "-t", "1"])
    done = run(
        *(TOOLBOX / "parity/check_ollama.py", "--server-argv", argv, "--ollama", ollama.address),
        *("--request", tmp_path / "release.json", "--rendering", tmp_path / "rendering", "--report", tmp_path / "report.json"),
    )
    assert done.returncode == status, done.stderr
    assert json.loads((tmp_path / "report.json").read_text())["verdict"] == verdict
    if verdict == "blocked":
        assert "chat “plain” at token" in done.stderr.splitlines()[-1]
        assert "assistant: " in done.stderr.splitlines()[-1], "the difference as text"
    assert ("trial:job" in ollama.models()) is (verdict == "mended")
    ollama.ask("DELETE", "/api/delete", json={"model": "trial:job"}) if verdict == "mended" else None


def test_ollama_killed_while_it_loads_fails_the_job_and_a_retry_makes_it(
    server: Server, ollama: OllamaServer, released: dict[str, Any]
) -> None:
    if ollama.container is None:
        pytest.skip("this Ollama isn't ours to kill")
    # A file that Ollama hasn't got yet: it takes a moment to copy.
    job = server.post("/api/releases", {"adapter": ADAPTER, "name": "killed", "engine": "ollama", "way": "merge"})
    with waiting("release"):
        server.until(lambda: server.log(job, "load") or server.ended(job, "load"))
    ollama.kill()
    failed = server.finish(job)
    assert failed["state"] == "failed"
    assert server.call("GET", "/api/releases/killed").status_code == 404
    assert server.get("/api/health")["status"]
    server.until(lambda: standing(server) == "failed")
    ollama.start()
    server.until(lambda: standing(server) != "failed")  # the orchestrator has looked at it, and takes away what the job left
    server.until(lambda: not [name for name in ollama.models() if name.startswith("killed")])
    server.post(f"/api/jobs/{job['id']}:retry")
    server.succeed(job)
    assert ANSWER in server.ask("killed", QUESTION)


def standing(server: Server) -> str:
    """The state of what is served, as the orchestrator's last look at Ollama showed it."""
    return str(server.get(f"/api/deployments/{SERVED}")["state"])


def host(ollama: OllamaServer) -> dict[str, str]:
    return {**os.environ, "OLLAMA_HOST": ollama.address}
