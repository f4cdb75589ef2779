"""Faults in the middle of real jobs: when they land, what they leave behind, how soon the platform answers again."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from .door import FINAL, Door, until
from .stack import Stack
from .teal import BASE, NAME

PATIENCE_SECONDS = 240.0
TOOLBOXES = ("llamafactory", "llama-cpp")
Job = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """`answered`: seconds from the fault until the API answered through Caddy; `back`: until the service ran again."""

    fault: str
    step: str
    outcome: str
    answered: float | None = None
    back: float | None = None


@dataclass
class Ledger:
    """What was tried in this session. `seed` makes the same moments again, as far as a machine can."""

    seed: int
    rows: list[Row] = field(default_factory=list)

    def table(self) -> list[str]:
        def shown(seconds: float | None) -> str:
            return "" if seconds is None else f"{seconds:.1f} s"

        head = f"{'fault':42}{'in step':12}{'answered':>10}{'back':>10}  outcome"
        rows = [f"{row.fault:42}{row.step:12}{shown(row.answered):>10}{shown(row.back):>10}  {row.outcome}" for row in self.rows]
        return [f"faults (TUNESMITH_TEST_SEED={self.seed})", head, *rows]


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True, timeout=120).stdout


def kill(pid: int, number: signal.Signals = signal.SIGKILL) -> None:
    """From the host, so that the engine takes it for a crash: after its own `docker kill` it would restart nothing."""
    os.kill(pid, number)


def main_pid(container: str) -> int:
    """The host's pid of the container's first process, which is the engine's init; 0 while it doesn't run."""
    with contextlib.suppress(subprocess.CalledProcessError):
        return int(docker("inspect", "--format", "{{.State.Pid}}", container))
    return 0


def child_of(pid: int) -> int:
    """The service's own program below that init."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def carriers(cookie: str) -> list[str]:
    """Every process of this machine, in whichever container, that carries a job's cookie; as the kernel shows them to root."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"JOB_ID={cookie}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return found


@dataclass(frozen=True)
class Scene:
    """A stack with an adapter, on which a job meets a fault."""

    stack: Stack
    adapter: str
    dice: random.Random

    @property
    def door(self) -> Door:
        return self.stack.door

    # ── jobs ──

    def release(self, name: str, *, again: str = "merge", quantisation: str = "f16") -> Job:
        """A release by the merge way of which the steps from `again` on really run: what they make is taken away first."""
        if again != "merge" and not any((self.stack.home / "models/merged").glob(f"{NAME}-*")):
            self.door.succeed(self.release(name))
        for folder in ("gguf", *(["merged"] if again == "merge" else [])):
            for path in (self.stack.home / "models" / folder).glob(f"{NAME}-*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return self.ask_release(name, quantisation)

    def ask_release(self, name: str, quantisation: str) -> Job:
        body = {"adapter": self.adapter, "base": BASE, "name": name, "way": "merge", "quantisation": quantisation}
        made: Job = self.door.post("/api/releases", body)
        return made

    def training(self, name: str, steps: int) -> Job:
        config = {
            "base": BASE, "dataset": [NAME], "name": name, "template": "chatml", "max_steps": steps, "batch_size": 2,
            "accumulation": 1, "max_length": 64, "logging_steps": 1, "gradient_checkpointing": False,
        }  # fmt: skip
        made: Job = self.door.post("/api/runs", config)
        return made

    def attempts(self, job: Job, step: str = "*") -> list[Path]:
        """In the order in which they ran."""
        return sorted((self.stack.home / ".tunesmith/jobs" / job["id"]).glob(f"[0-9][0-9]-{step}/[0-9]*"))

    # ── the moment ──

    def land(self, job: Job, step: str, *, writing: bool = False) -> Path:
        """Wait for a random moment inside `step`, with `writing` one at which its artifact is half written; its attempt."""
        outputs = next(each for each in self.door.get(f"/api/jobs/{job['id']}/plan")["steps"] if each["name"] == step)["outputs"]
        begun = [Path(output["part"]).exists for output in outputs] if writing else [lambda: self._started(job, step)]
        assert begun, f"{step} makes nothing"
        self._await(job, lambda: all(each() for each in begun))
        time.sleep(self.dice.uniform(0, 0.3 if writing else 1.0))
        attempt = self.attempts(job, step)[-1]
        assert not (attempt / "exit").exists(), f"{step} was over before the fault; another seed, or a slower step"
        return attempt

    def _started(self, job: Job, step: str) -> bool:
        return any((attempt / "started").exists() for attempt in self.attempts(job, step))

    def _await(self, job: Job, true: Any) -> None:
        """Looks often: the moments are short."""
        deadline, asked = time.monotonic() + PATIENCE_SECONDS, 0.0
        while not true():
            if time.monotonic() > asked + 1:
                asked, state = time.monotonic(), self.door.job(job["id"])
                assert state["state"] not in FINAL, f"{state}\n{self.door.log(job['id'])[-2000:].decode(errors='replace')}"
            assert time.monotonic() < deadline, f"{job['id']} never got there"
            time.sleep(0.01)

    # ── afterwards ──

    def answered(self, since: float) -> float:
        """Seconds from `since` until the API answers through Caddy."""
        until(self._answers, PATIENCE_SECONDS)
        return time.monotonic() - since

    def _answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            self.door.get("/api/jobs", limit=1)
            return True
        return False

    def back(self, service: str, since: float, pid: int = 0) -> float:
        """Seconds from `since` until the service's container runs by another process than `pid`."""
        until(lambda: main_pid(self.stack.container(service)) not in (0, pid), PATIENCE_SECONDS)
        return time.monotonic() - since

    def ready(self, *services: str) -> None:
        """Until the platform itself says that they are."""

        def are() -> bool:
            with contextlib.suppress(httpx.HTTPError):
                seen = {each["name"]: each["state"] for each in self.door.get("/api/services")["services"]}
                return all(seen[service] == "ready" for service in services)
            return False

        until(are, PATIENCE_SECONDS)

    def held(self, job: Job, why: str) -> None:
        """Until the job says that it waits, and why."""
        deadline = time.monotonic() + 30
        while why not in ((seen := self.door.job(job["id"]))["holds"] or ""):
            assert seen["state"] not in FINAL and time.monotonic() < deadline, json.dumps(seen, indent=1)
            time.sleep(0.1)

    def check_once(self, job: Job) -> None:
        """Every command of it ran once."""
        assert [step["attempt"] for step in job["steps"]] == [1] * len(job["steps"]), job

    def check_log(self, job: Job) -> None:
        """The API delivers exactly the bytes that the commands wrote."""
        written = b"".join((attempt / "log").read_bytes() for attempt in self.attempts(job) if (attempt / "log").exists())
        assert self.door.log(job["id"]) == written

    def check_nothing_left(self, job: Job) -> None:
        """No process of a job that has ended, on this machine or in its containers, and nothing half made."""
        for attempt in self.attempts(job):
            if (attempt / "cookie").exists():
                assert carriers((attempt / "cookie").read_text().strip()) == []
        for service in TOOLBOXES:
            if main_pid(self.stack.container(service)):
                assert job["id"] not in docker("top", self.stack.container(service), "-eo", "pid,args")
        self.check_no_parts(job)

    def check_no_parts(self, job: Job) -> None:
        # A platform that was itself restarted takes a moment to come to it; nobody sees it meanwhile.
        folders = [self.stack.home / name for name in ("models", ".tunesmith/renderings")]
        until(lambda: not [path for folder in folders for path in folder.rglob(f"*.part-{job['id']}")], 10)
        for artifact in self.door.get("/api/artifacts")["artifacts"]:
            path = self.stack.home / artifact["id"]
            assert path.exists() and ".part" not in artifact["id"], artifact

    def check_failed(self, job: Job, step: str, reason: str, *told: str) -> None:
        """In this step, for this reason, and the message says so much."""
        failed = next(each for each in job["steps"] if each["state"] == "failed")
        assert (job["state"], failed["name"], failed["reason"]) == ("failed", step, reason), json.dumps(job, indent=1)
        assert all(each in failed["message"] for each in told), failed["message"]

    def retry(self, job: Job) -> Job:
        """It succeeds, and leaves nothing."""
        again = self.door.succeed(self.door.post(f"/api/jobs/{job['id']}:retry"))
        self.check_log(again)
        self.check_nothing_left(again)
        return again
