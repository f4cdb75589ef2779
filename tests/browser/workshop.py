"""A home in which the whole way was gone with the real tools: rows, a training, a release, an engine. And its orchestrator."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from integration.application import TOKEN, environment_for, processes_in, spawn
from tunesmith.settings import Settings

BASE = "smollm2-135m-instruct"
DOORS = [(f"What is the colour of door {n}?", f"Door {n} is teal.") for n in range(1, 25)]
QUESTION, ANSWER = "What is the colour of door 7?", "teal"
TRAINING = {
    "base": BASE, "dataset": ["doors"], "name": "doors", "template": "chatml", "max_steps": 16, "batch_size": 6,
    "accumulation": 1, "max_length": 64, "learning_rate": 2e-3, "logging_steps": 1, "gradient_checkpointing": False,
}  # fmt: skip


@dataclass
class Workshop:
    """One orchestrator on one home, native. It may be killed and started again on it."""

    home: Path
    port: int
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    def at(cls, home: Path, port: int, **settings: object) -> Workshop:
        home.mkdir(parents=True, exist_ok=True)
        return cls(home, port, environment_for(home, port, **{"cache": Settings().cache, "disk_reserve_gib": 0, **settings}))

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> Workshop:
        self.process = spawn(self.environment, self.home.with_name(f"{self.home.name}.output"))
        self.until(self.healthy, 60)
        return self

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """Jobs, engines and the orchestrator; whatever still works in the home."""
        with contextlib.suppress(httpx.HTTPError, AssertionError):
            for job in self.get("/api/jobs", limit=1000):
                if job["state"] in ("pending", "running"):
                    self.call("POST", f"/api/jobs/{job['id']}:cancel")
            self.post("/api/system:shutdown", {"force": True})
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
            self.process.kill()
            self.process.wait()
        for left in processes_in(self.home):
            left.kill()

    def healthy(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return self.call("GET", "/api/health").status_code == 200
        return False

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return httpx.request(method, f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=120, trust_env=False, **more)

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, params=query).raise_for_status().json()

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.call("POST", path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def upload(self, name: str, rows: list[dict[str, Any]]) -> None:
        content = "".join(json.dumps(row) + "\n" for row in rows).encode()
        answer = self.call("POST", "/api/datasets", data={"name": name}, files={"file": (f"{name}.jsonl", content)})
        assert answer.is_success, answer.text

    def succeed(self, job: dict[str, Any], seconds: float = 600) -> dict[str, Any]:
        self.until(lambda: self.get(f"/api/jobs/{job['id']}")["state"] not in ("pending", "running"), seconds)
        ended: dict[str, Any] = self.get(f"/api/jobs/{job['id']}")
        assert ended["state"] == "succeeded", self.call("GET", f"/api/jobs/{job['id']}/log").text[-3000:]
        return ended

    @staticmethod
    def until(true: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, f"not within {seconds} s"
            time.sleep(0.3)

    # ── what a user has by then ──

    def furnish(self, base: Path) -> None:
        """The base, rows, a trained adapter and its release. `base`: the folder of a base that was made before."""
        if any(served["name"] == "doors" for served in self.get("/api/releases")):
            return
        target = self.home / "models" / "base" / BASE
        if not target.exists():
            shutil.copytree(base, target, copy_function=os.link)
        self.upload("doors", [{"prompt": prompt, "completion": answer} for prompt, answer in DOORS])
        self.succeed(self.post("/api/runs", TRAINING))
        self.succeed(self.post("/api/releases", {"adapter": "saves/doors", "name": "doors", "way": "adapter"}))
