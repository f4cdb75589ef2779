"""One orchestrator on one home, native: started, killed and asked by its API."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from integration.application import TOKEN, environment_for, processes_in, spawn
from kit.waiting import waiting
from tunesmith.settings import Settings

PATIENCE_SECONDS = 120.0
"""What isn't true by then never will be."""


def until(true: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


@dataclass
class Workshop:
    """May be killed and started again on its home."""

    home: Path
    port: int
    environment: dict[str, str]
    client: httpx.Client
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    def at(cls, home: Path, port: int, **settings: object) -> Workshop:
        home.mkdir(parents=True, exist_ok=True)
        environment = environment_for(home, port, **{"cache": Settings().cache, "disk_reserve_gib": 0, **settings})
        login = {"Authorization": f"Bearer {TOKEN}"}
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=login, timeout=120, trust_env=False)
        return cls(home, port, environment, client)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> Workshop:
        self.process = spawn(self.environment, self.home.with_name(f"{self.home.name}.output"))
        with waiting("orchestrator"):
            until(self.healthy)
        return self

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        """Jobs, engines and the orchestrator; whatever still works in the home."""
        with contextlib.suppress(httpx.HTTPError, AssertionError):
            for job in self.get("/api/jobs", limit=1000, state=["pending", "running"]):
                self.call("POST", f"/api/jobs/{job['id']}:cancel")
            self.post("/api/system:shutdown", {"force": True})
        self.client.close()
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
            self.process.kill()
            self.process.wait()
        for left in processes_in(self.home):
            left.kill()

    def healthy(self) -> bool:
        assert self.process is not None and self.process.poll() is None, "the orchestrator has ended"
        with contextlib.suppress(httpx.TransportError):
            return self.call("GET", "/api/health").status_code == 200
        return False

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.client.request(method, path, **more)

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, params=query).raise_for_status().json()

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.call("POST", path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def succeed(self, job: dict[str, Any], seconds: float = 600) -> dict[str, Any]:
        with waiting("training" if job["kind"] == "train" else "release"):
            until(lambda: self.get(f"/api/jobs/{job['id']}")["state"] not in ("pending", "running"), seconds)
        ended: dict[str, Any] = self.get(f"/api/jobs/{job['id']}")
        assert ended["state"] == "succeeded", self.call("GET", f"/api/jobs/{job['id']}/log").text[-3000:]
        return ended
