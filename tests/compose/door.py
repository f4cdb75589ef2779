"""What a user's script does with the stack: everything through Caddy, by the API, with the token."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from kit.waiting import waiting

FINAL = ("succeeded", "failed", "cancelled")
JOB_SECONDS = 1200.0
"""Of patience: a job on a machine that does other things too."""
PATIENCE_SECONDS = 240.0
WAITS = {"train": "training", "import": "toolbox"}


@dataclass(frozen=True)
class Door:
    """`url` is Caddy's plain HTTP address on loopback."""

    url: str
    token: str

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} | more.pop("headers", {})
        return httpx.request(method, self.url + path, headers=headers, timeout=600, trust_env=False, **more)

    def healthy(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return self.call("GET", "/api/health").status_code == httpx.codes.OK
        return False

    def get(self, path: str, **query: Any) -> Any:
        return self.call("GET", path, params=query).raise_for_status().json()

    def post(self, path: str, body: Any = None) -> Any:
        answer = self.call("POST", path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def job(self, job_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/api/jobs/{job_id}")
        return found

    def log(self, job_id: str) -> bytes:
        """Every byte of it, as the API delivers it."""
        return self.call("GET", f"/api/jobs/{job_id}/log").raise_for_status().content

    def finish(self, job: dict[str, Any], every: float = 0.2) -> dict[str, Any]:
        """The job's record once it has ended, asked for `every` seconds; the platform may be away for a while meanwhile."""

        def ended() -> bool:
            with contextlib.suppress(httpx.HTTPError):
                return self.job(job["id"])["state"] in FINAL
            return False

        with waiting(WAITS.get(job["kind"], "release")):
            until(ended, JOB_SECONDS, every)
        return self.job(job["id"])

    def succeed(self, job: dict[str, Any], every: float = 0.2) -> dict[str, Any]:
        ended = self.finish(job, every)
        assert ended["state"] == "succeeded", f"{ended}\n{self.log(job['id'])[-3000:].decode(errors='replace')}"
        return ended

    def upload(self, name: str, rows: bytes) -> None:
        added = self.call("POST", "/api/datasets", data={"name": name}, files={"file": (f"{name}.jsonl", rows)})
        assert added.is_success, added.text

    def answer(self, model: str, question: str) -> dict[str, Any]:
        """With the likeliest token each time."""
        body = {"model": model, "messages": [{"role": "user", "content": question}], "temperature": 0, "max_tokens": 24}
        with waiting("engine"):
            made: dict[str, Any] = self.post("/v1/chat/completions", body)
        return made

    def ask(self, model: str, question: str) -> str:
        content: str = self.answer(model, question)["choices"][0]["message"]["content"]
        return content

    def tool(self, tool: str, path: str) -> Any:
        """From a tool's own API, at its own host."""
        host = self.url.removeprefix("http://")
        return self.call("GET", path, headers={"Host": f"{tool}.{host}"}).raise_for_status().json()


def until(true: Callable[[], bool], seconds: float = PATIENCE_SECONDS, every: float = 0.1) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(every)
