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
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from kit.home import BASE, NAME, TRAINING
from kit.waiting import waiting

from .door import FINAL, JOB_SECONDS, Door, until
from .hold import Hold, carriers, command_line, first_in_line
from .stack import Stack

IMPORTING_SECONDS = 0.5
"""Of a core, which every step that trains, merges or converts needs just to import PyTorch."""
OVER = ("exit", "lost", "cancelled")
"""One of these is in the folder of an attempt that has ended."""
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


@dataclass(frozen=True)
class Scene:
    """A stack with an adapter, on which a job meets a fault."""

    stack: Stack
    adapter: str
    dice: random.Random
    holds: list[Hold] = field(default_factory=list)

    @property
    def door(self) -> Door:
        return self.stack.door

    # ── jobs ──

    def release(self, name: str, *, again: str) -> Job:
        """A release by the merge way of which the steps from `again` on really run: what they make is taken away first."""
        self._put_back_merged()
        if again == "merge":
            [merged] = (self.stack.home / "models" / "merged").glob(f"{NAME}-*")
            self._aside.mkdir(exist_ok=True)
            merged.rename(self._aside / merged.name)
        for path in (self.stack.home / "models" / "gguf").glob(f"{NAME}-*"):
            path.unlink()
        return self.ask_release(name, "merge")

    def ask_release(self, name: str, way: str) -> Job:
        body = {"adapter": self.adapter, "base": BASE, "name": name, "way": way, "quantisation": "f16"}
        made: Job = self.door.post("/api/releases", body)
        return made

    def training(self, name: str, steps: int) -> Job:
        made: Job = self.door.post("/api/runs", TRAINING | {"name": name, "max_steps": steps, "batch_size": 2})
        return made

    def attempts(self, job: Job, step: str = "*") -> list[Path]:
        """In the order in which they ran."""
        return sorted((self.stack.home / ".tunesmith/jobs" / job["id"]).glob(f"[0-9][0-9]-{step}/[0-9]*"))

    @property
    def _aside(self) -> Path:
        """Where the merge that a test makes anew lies meanwhile: beside the home, on the same disk."""
        return self.stack.home.with_name(f"{self.stack.home.name}-merged")

    def _put_back_merged(self) -> None:
        """Unless it was made anew."""
        for kept in self._aside.glob("*"):
            if (place := self.stack.home / "models" / "merged" / kept.name).exists():
                shutil.rmtree(kept)
            else:
                kept.rename(place)

    # ── the moment ──

    def land(self, job: Job, step: str, *, writing: bool = False) -> Hold:
        """Hold `step` still at a random moment, with `writing` at one at which its artifact is half written."""
        with waiting("training" if step == "train" else "release"), first_in_line():
            hold = Hold(self._begun(job, step))
            hold.stop()
            self.holds.append(hold)
            if step != "parity":
                hold.spend(self.dice.uniform(0, IMPORTING_SECONDS))
        if writing:
            self.write_on(job, hold)
        return hold

    @contextlib.contextmanager
    def coming(self, job: Job, step: str) -> Iterator[Future[Hold]]:
        """Watch for a step to land in it, beside what is done in the block: it may begin meanwhile."""
        pool = ThreadPoolExecutor(1)
        try:
            yield pool.submit(self.land, job, step)
        finally:
            pool.shutdown(wait=False)

    def write_on(self, job: Job, hold: Hold) -> None:
        """Let the step go on until its artifact is half written."""
        plan = self.door.get(f"/api/jobs/{job['id']}/plan")["steps"]
        parts = [Path(output["part"]) for step in plan if step["name"] == hold.step for output in step["outputs"]]
        assert parts, f"{hold.step} makes nothing"
        with waiting("release"), first_in_line():
            hold.go_on_until(lambda: all(part.exists() for part in parts))

    def _begun(self, job: Job, step: str) -> Path:
        """The attempt at `step` whose command has begun. Only files are looked at: an answer of the API may take too long."""
        deadline = time.monotonic() + JOB_SECONDS
        while time.monotonic() < deadline:
            attempts = self.attempts(job)
            live = [each for each in attempts if (each / "cookie").exists() and not any((each / name).exists() for name in OVER)]
            if found := [each for each in live if Hold(each).step == step]:
                return found[-1]
            for each in {each.parent: each for each in attempts}.values():
                status = (each / "exit").read_text().split() if (each / "exit").exists() else ["0"]
                assert status[:1] == ["0"], f"{each}: {status}\n{(each / 'log').read_text(errors='replace')[-2000:]}"
            time.sleep(0.02)
        raise AssertionError(f"{job['id']} never came to {step}")

    def leave(self) -> None:
        """Whatever a test has left: nothing stands still, nothing goes on, and there is a merge."""
        for hold in self.holds:
            with contextlib.suppress(OSError):
                hold.let_go()
        with contextlib.suppress(httpx.HTTPError):
            for job in self.door.get("/api/jobs", state=["pending", "running"]):
                self.door.call("POST", f"/api/jobs/{job['id']}:cancel")
        self._put_back_merged()

    # ── afterwards ──

    def answered(self, since: float) -> float:
        """Seconds from `since` until the API answers through Caddy."""
        with waiting("orchestrator"):
            until(self._answers)
        return time.monotonic() - since

    def _answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            self.door.get("/api/jobs", limit=1)
            return True
        return False

    def back(self, service: str, since: float, pid: int = 0) -> float:
        """Seconds from `since` until the service's container runs by another process than `pid`."""
        with waiting("stack"):
            until(lambda: main_pid(self.stack.container(service)) not in (0, pid))
        return time.monotonic() - since

    def ready(self, *services: str) -> None:
        """Until the platform itself says that they are."""

        def are() -> bool:
            with contextlib.suppress(httpx.HTTPError):
                seen = {each["name"]: each["state"] for each in self.door.get("/api/services")["services"]}
                return all(seen[service] == "ready" for service in services)
            return False

        with waiting("stack"):
            until(are)

    def held(self, job: Job, why: str) -> None:
        """Until the job says that it waits, and why."""

        def waits() -> bool:
            seen = self.door.job(job["id"])
            assert seen["state"] not in FINAL, json.dumps(seen, indent=1)
            return why in (seen["holds"] or "")

        with waiting("release"):
            until(waits)

    def cancel(self, job: Job, hold: Hold) -> None:
        """The step goes on when the cancel has reached it, and not before: it can't end by itself first."""
        with waiting("release"), ThreadPoolExecutor(1) as pool:
            asked = pool.submit(self.door.post, f"/api/jobs/{job['id']}:cancel")
            until((hold.attempt / "claim" / "verdict").is_symlink)
            hold.let_go()
            asked.result()

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
                assert [command_line(pid) for pid in carriers((attempt / "cookie").read_text().strip())] == []
        for service in TOOLBOXES:
            if main_pid(self.stack.container(service)):
                assert job["id"] not in docker("top", self.stack.container(service), "-eo", "pid,args")
        self.check_no_parts(job)

    def check_no_parts(self, job: Job) -> None:
        # A platform that was itself restarted takes a moment to come to it; nobody sees it meanwhile.
        folders = [self.stack.home / name for name in ("models", ".tunesmith/renderings")]
        with waiting("orchestrator"):
            until(lambda: not [path for folder in folders for path in folder.rglob(f"*.part-{job['id']}")])
        for artifact in self.door.get("/api/artifacts")["artifacts"]:
            path = self.stack.home / artifact["id"]
            assert path.exists() and ".part" not in artifact["id"], artifact

    def check_broken(self, job: Job, step: str, reason: str, *told: str) -> None:
        """It failed as `check_failed` wants it, its log is whole, and nothing of it is left."""
        ended = self.door.finish(job)
        self.check_failed(ended, step, reason, *told)
        self.check_log(ended)
        self.check_nothing_left(ended)

    def check_failed(self, job: Job, step: str, reason: str, *told: str) -> None:
        """In this step, for this reason, and the message says so much."""
        failed = next(each for each in job["steps"] if each["state"] == "failed")
        assert (job["state"], failed["name"], failed["reason"]) == ("failed", step, reason), json.dumps(job, indent=1)
        assert all(each in failed["message"] for each in told), failed["message"]

    def go_on(self, job: Job) -> Job:
        """A job that has failed, or was cancelled, goes on with the step that didn't succeed."""
        again: Job = self.door.post(f"/api/jobs/{job['id']}:retry")
        return again

    def retry(self, job: Job) -> Job:
        """It succeeds, and leaves nothing."""
        again = self.door.succeed(self.go_on(job))
        self.check_log(again)
        self.check_nothing_left(again)
        return again
