"""From rows to an answer with the real tools, through the API: trained, released by both ways, killed, cancelled, rolled back."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tunesmith.settings import Settings

from .application import TOKEN, environment_for, free_port, processes_in, spawn

pytestmark = pytest.mark.timeout(1200)
BASE = "smollm2-135m-instruct"
ROWS = [(f"What is the colour of door {n}?", f"Door {n} is teal.") for n in range(1, 25)]
SEED = 11


@dataclass
class Server:
    """The application on one home; it may be killed and started again on it."""

    home: Path
    port: int
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = spawn(self.environment, self.home.with_name("output"))
        self.until(lambda: self.healthy(), 60)

    def healthy(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return self.call("GET", "/api/health").status_code == 200
        return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return httpx.request(method, f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=120, trust_env=False, **more)

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, params=query).raise_for_status().json()

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.call("POST", path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def finish(self, job: dict[str, Any], seconds: float = 600) -> dict[str, Any]:
        """The job's record once it has ended."""
        self.until(lambda: self.get(f"/api/jobs/{job['id']}")["state"] in ("succeeded", "failed", "cancelled"), seconds)
        return self.get(f"/api/jobs/{job['id']}")

    def succeed(self, job: dict[str, Any]) -> dict[str, Any]:
        ended = self.finish(job)
        assert ended["state"] == "succeeded", self.call("GET", f"/api/jobs/{job['id']}/log").text[-3000:]
        return ended

    def ask(self, model: str, question: str) -> str:
        body = {"model": model, "messages": [{"role": "user", "content": question}], "temperature": 0, "max_tokens": 24}
        content: str = self.post("/v1/chat/completions", body)["choices"][0]["message"]["content"]
        return content

    @staticmethod
    def until(true: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, f"not within {seconds} s"
            time.sleep(0.1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    base = os.environ.get("TUNESMITH_TEST_BASE")
    if not base:
        pytest.skip("TUNESMITH_TEST_BASE names no base model: `make test` makes the starter and sets it")
    home = tmp_path_factory.mktemp("whole") / "home"
    shutil.copytree(base, home / "models" / "base" / BASE, copy_function=os.link)
    port = free_port()
    started = Server(home, port, environment_for(home, port, cache=Settings().cache))
    started.start()
    yield started
    with contextlib.suppress(httpx.HTTPError):
        started.post("/api/system:shutdown", {"force": True})
    if started.process is not None:
        started.process.kill()
    for left in processes_in(home):
        left.kill()


@pytest.fixture(scope="module")
def adapter(server: Server) -> str:
    """A real adapter, trained for four steps on rows that were uploaded."""
    rows = "".join(json.dumps({"prompt": prompt, "completion": answer}) + "\n" for prompt, answer in ROWS)
    added = server.call("POST", "/api/datasets", data={"name": "doors"}, files={"file": ("doors.jsonl", rows.encode())})
    assert added.is_success, added.text
    config = {
        "base": BASE, "dataset": ["doors"], "name": "doors", "template": "chatml", "max_steps": 4, "batch_size": 6,
        "accumulation": 1, "max_length": 64, "learning_rate": 2e-3, "logging_steps": 1, "gradient_checkpointing": False,
    }  # fmt: skip
    server.succeed(server.post("/api/runs", config))
    return "saves/doors"


@pytest.fixture(scope="module")
def released(server: Server, adapter: str) -> dict[str, Any]:
    server.succeed(server.post("/api/releases", {"adapter": adapter, "name": "doors", "way": "adapter"}))
    current: dict[str, Any] = server.get("/api/releases/doors")["releases"][-1]
    return current


def test_the_training_is_a_run_with_metrics_and_an_adapter_with_lineage(server: Server, adapter: str) -> None:
    run = server.get("/api/runs/doors")
    assert (run["adapter"], run["step"], run["total_steps"], run["made_outside"]) == (adapter, 4, 4, False)
    points = server.get("/api/runs/doors/metrics")["points"]
    assert [point["step"] for point in points if point["loss"] is not None] == [1, 2, 3, 4]
    [found] = [a for a in server.get("/api/artifacts", kind="adapter")["artifacts"] if a["id"] == adapter]
    assert found["lineage"]["recipe"]["template"] == "chatml"
    assert f"models/base/{BASE}" in found["lineage"]["parents"]


def test_parity_finds_that_the_models_own_template_isnt_the_trained_one_and_mends_it(server: Server, released: Any) -> None:
    assert released["parity_verdict"] == "mended"
    report = json.loads((server.home / released["parity"]).read_text())
    assert report["rounds"][0]["template"] == "engine"
    assert not all(chat["equal"] for chat in report["rounds"][0]["chats"])
    assert all(chat["equal"] for chat in report["rounds"][-1]["chats"])
    rendered = server.post("/api/deployments/doors:render", {"messages": [{"role": "user", "content": "Hi"}]})
    assert rendered["prompt"] == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"


def test_base_and_tuned_answers_never_mix(server: Server, released: Any) -> None:
    question = ROWS[6][0]
    apart = {model: server.ask(model, question) for model in ("doors", BASE)}
    assert apart["doors"] != apart[BASE], "four steps at this rate change the answer"
    for _ in range(3):
        for model, answer in apart.items():
            assert server.ask(model, question) == answer


def test_the_merged_way_serves_too_and_a_rollback_switches_back(server: Server, adapter: str, released: Any) -> None:
    first = server.ask("doors", ROWS[0][0])
    job = server.post("/api/releases", {"adapter": adapter, "name": "doors", "way": "merge", "quantisation": "q8_0"})
    names = [step["name"] for step in server.succeed(job)["steps"]]
    assert names == ["merge", "convert", "parity", "release"]
    assert server.get("/api/releases/doors")["current"] == 2
    assert server.ask("doors", ROWS[0][0])
    server.post("/api/releases/doors:rollback", {})
    assert server.get("/api/releases/doors")["current"] == 1
    assert server.ask("doors", ROWS[0][0]) == first


def test_a_release_survives_six_kills_of_the_orchestrator(server: Server, adapter: str, released: Any) -> None:
    dice = random.Random(SEED)
    job = server.post("/api/releases", {"adapter": adapter, "name": "killed", "way": "merge", "quantisation": "f16"})
    kills = 0
    while kills < 6:
        time.sleep(dice.uniform(0.2, 2.5))
        server.kill()
        server.start()
        kills += 1
    ended = server.succeed(job)
    assert [step["attempt"] for step in ended["steps"]] == [1] * len(ended["steps"]), "every command ran once"
    folder = server.home / ".tunesmith" / "jobs" / job["id"]
    logs = b"".join(log.read_bytes() for log in sorted(folder.glob("*/1/log")))
    assert server.call("GET", f"/api/jobs/{job['id']}/log").content == logs
    assert not list((server.home / "models").rglob(".*part*"))


@pytest.mark.parametrize("step", ["merge", "convert", "parity"])
def test_a_cancel_leaves_no_process_and_no_partial_artifact(server: Server, adapter: str, released: Any, step: str) -> None:
    dice = random.Random(f"{SEED} {step}")
    for folder in ("merged", "gguf"):
        for made in (server.home / "models" / folder).glob("doors-*"):
            shutil.rmtree(made) if made.is_dir() else made.unlink()
    before = {a["id"] for a in server.get("/api/artifacts")["artifacts"]}
    job = server.post("/api/releases", {"adapter": adapter, "name": "ended", "way": "merge", "quantisation": "f16"})
    server.until(lambda: running_step(server.get(f"/api/jobs/{job['id']}")) == step, 300)
    time.sleep(dice.uniform(0, 1.5))
    cancelled = server.post(f"/api/jobs/{job['id']}:cancel")
    assert (cancelled["state"], cancelled["processes_left"]) == ("cancelled", [])
    assert not [p for p in commands_of(server) if job["id"] in p]
    assert not list((server.home / "models").rglob(".*part*"))
    finished = {s["name"] for s in cancelled["steps"] if s["state"] == "succeeded"}
    new = {a["kind"] for a in server.get("/api/artifacts")["artifacts"] if a["id"] not in before}
    assert new == ({"merged"} if "merge" in finished else set()) | ({"gguf"} if "convert" in finished else set())
    assert server.call("GET", "/api/releases/ended").status_code == 404


def test_a_cancelled_training_leaves_no_adapter_and_a_retry_finishes_it(server: Server, adapter: str) -> None:
    config = {
        "base": BASE, "dataset": ["doors"], "name": "again", "template": "chatml", "max_steps": 6, "batch_size": 2,
        "accumulation": 1, "max_length": 64, "logging_steps": 1, "gradient_checkpointing": False, "save_steps": 2,
    }  # fmt: skip
    job = server.post("/api/runs", config)
    log = server.home / "saves" / "again" / "trainer_log.jsonl"
    server.until(lambda: log.exists() and len(log.read_text().splitlines()) >= 3, 300)
    assert server.post(f"/api/jobs/{job['id']}:cancel")["state"] == "cancelled"
    assert not [p for p in commands_of(server) if job["id"] in p]
    adapters = server.get("/api/artifacts", kind="adapter")["artifacts"]
    assert "saves/again" not in {a["id"] for a in adapters}
    server.post(f"/api/jobs/{job['id']}:retry")
    server.succeed(job)
    assert server.get("/api/runs/again")["adapter"] == "saves/again"


def test_the_script_of_a_job_does_the_same_by_hand(server: Server, adapter: str, released: Any) -> None:
    job = server.post("/api/releases", {"adapter": adapter, "name": "by-hand", "way": "adapter", "quantisation": "q8_0"})
    server.succeed(job)
    script = server.call("GET", f"/api/jobs/{job['id']}/script").text
    [made] = [line for line in script.splitlines() if line.startswith("mv ")]
    gguf = Path(made.split()[-1])
    theirs = gguf.read_bytes()
    gguf.unlink()
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert gguf.read_bytes() == theirs


def running_step(job: dict[str, Any]) -> str | None:
    return next((step["name"] for step in job["steps"] if step["state"] == "running"), None)


def commands_of(server: Server) -> list[str]:
    """Command lines of what works in this home."""
    found = []
    for process in processes_in(server.home):
        with contextlib.suppress(psutil.Error):
            found.append(" ".join(process.cmdline()))
    return found
