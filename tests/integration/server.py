"""An orchestrator on a home with the real tools, which a test may kill and start again on it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from kit.waiting import waiting
from tunesmith.settings import Settings

from .application import START_SECONDS, TOKEN, environment_for, free_port, processes_in, spawn

PATIENCE_SECONDS = 900.0
"""For what a tool does; a job that takes longer hangs."""
LOOK_SECONDS = 0.02
KINDS = {"train": "training", "release": "release"}
"""Kind of a job → what is waited for, in the report."""


@dataclass
class Server:
    home: Path
    port: int
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = spawn(self.environment, self.home.with_name("output"))
        with waiting("orchestrator"):
            self.until(self.healthy, START_SECONDS)

    def healthy(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return self.call("GET", "/api/health").status_code == 200
        return False

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """The orchestrator, and whatever still works in the home."""
        with contextlib.suppress(httpx.HTTPError, AssertionError):
            self.post("/api/system:shutdown", {"force": True})
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(START_SECONDS)
            self.kill()
        for left in processes_in(self.home):
            left.kill()

    # ── its API ──

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return httpx.request(method, f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=300, trust_env=False, **more)

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, params=query).raise_for_status().json()

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.call("POST", path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def finish(self, job: dict[str, Any]) -> dict[str, Any]:
        """The job's record once it has ended."""
        with waiting(KINDS.get(job["kind"], "toolbox")):
            self.until(lambda: self.get(f"/api/jobs/{job['id']}")["state"] in ("succeeded", "failed", "cancelled"))
        return self.get(f"/api/jobs/{job['id']}")

    def succeed(self, job: dict[str, Any]) -> dict[str, Any]:
        ended = self.finish(job)
        assert ended["state"] == "succeeded", self.call("GET", f"/api/jobs/{job['id']}/log").text[-3000:]
        return ended

    def chat(self, model: str, question: str, **more: Any) -> dict[str, Any]:
        """The only choice of a greedy answer."""
        body = {"model": model, "messages": [{"role": "user", "content": question}], "temperature": 0, "max_tokens": 24, **more}
        with waiting("engine"):
            [choice] = self.post("/v1/chat/completions", body)["choices"]
        return dict(choice)

    def ask(self, model: str, question: str) -> str:
        return str(self.chat(model, question)["message"]["content"])

    def likeliest(self, model: str, question: str) -> dict[str, float]:
        """The likeliest first tokens of an answer with their log-probabilities in nats (`serving.canary.same` compares them)."""
        choice = self.chat(model, question, max_tokens=1, logprobs=True, top_logprobs=5)
        [place] = choice["logprobs"]["content"]
        return {each["token"]: each["logprob"] for each in place["top_logprobs"]}

    # ── what a job has done so far, by files that stay: a state that was reached isn't missed by looking late ──

    def folder(self, job: dict[str, Any]) -> Path:
        return self.home / ".tunesmith" / "jobs" / str(job["id"])

    def began(self, job: dict[str, Any], step: str) -> bool:
        return any(self.folder(job).glob(f"*-{step}/1/claim"))

    def log(self, job: dict[str, Any], step: str) -> str:
        """What the step has printed."""
        return "".join(log.read_text(errors="replace") for log in self.folder(job).glob(f"*-{step}/1/log"))

    def ended(self, job: dict[str, Any], step: str) -> bool:
        return any(self.folder(job).glob(f"*-{step}/1/exit"))

    @staticmethod
    def until(true: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, f"not within {seconds} s"
            time.sleep(LOOK_SECONDS)


@contextlib.contextmanager
def serving(home: Path, folder: Path | None = None, **settings: object) -> Iterator[Server]:
    """One on `home` that answers, with the user's own toolboxes. `folder`: with programs for its PATH."""
    port = free_port()
    environment = environment_for(home, port, cache=Settings().cache, disk_reserve_gib=0, **settings)
    path = f"{folder}:{os.environ['PATH']}" if folder else os.environ["PATH"]
    started = Server(home, port, environment | {"PATH": path})
    try:
        started.start()
        yield started
    finally:
        started.end()
