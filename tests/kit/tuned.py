"""Makes the tuned home: the product imports the starter, trains, merges and releases, once for all layers and runs.

    tuned.folder() → where it lies; made when it isn't there. `PYTHONPATH=tests python -m kit.tuned` prints it.

Its name holds a hash of all that makes it: the product's code, the toolboxes' locks, the settings and this file.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from filelock import FileLock

from kit.cores import on_core
from kit.home import ADAPTER, BASE, MADE_AT, NAME, ROWS, TRAINING
from tunesmith.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
MAKERS = (
    "backend/**/*.py",
    "backend/**/*.json",
    "backend/**/*.sh",
    "backend/**/*.txt",
    "backend/**/*.toml",
    "uv.lock",
    "tests/kit/home.py",
    "tests/kit/tuned.py",
)
STARTER_MAKERS = (
    "backend/toolbox/llamafactory/*.txt",
    "backend/toolbox/llamafactory/starter*.py",
    "backend/toolbox/llamafactory/*.json",
)
TOKEN = "a-token-for-the-tuned-home"
FILES = "files"
"""Beside the home, what it holds."""
PATIENCE_SECONDS = 900.0
PASSING = (
    "state.sqlite*",
    "services",
    "lock",
    "server.json",
    "sessions.json",
    "logs",
    "hashes.sqlite*",
    "engine-key",
    "welcomed",
)
"""What in `.tunesmith` is of one orchestrator's life."""
KEPT_BEFORE = 2
"""So many homes of other code stay in the cache: whoever goes back and forth between two commits makes none anew."""


def key(patterns: tuple[str, ...]) -> str:
    """A hash of these files' names and contents."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}):
        digest.update(f"{path.relative_to(ROOT)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


def place() -> Path:
    """The folder in the cache that holds the tuned home of this code."""
    return Settings().cache / "tests" / f"tuned-{key(MAKERS)}"


def folder() -> Path:
    """The tuned home, made when it isn't there. Its toolboxes are installed. Raises where a step of the product fails."""
    made = place()
    cache = made.parent
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(cache / "tuned.lock"):
        if not made.exists() or (made / FILES).read_text() != _files(made / "home"):
            shutil.rmtree(made, ignore_errors=True)
            _make(made, cache / f"starter-{key(STARTER_MAKERS)}")
            _forget(cache, made)
    os.utime(made)
    return made / "home"


def _make(place: Path, starter: Path) -> None:
    part = place.with_name(f"{place.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    home = part / "home"
    base = home / "models" / "base" / BASE
    if starter.exists():
        shutil.copytree(starter, base, copy_function=os.link)
    with _orchestrator(home, part / "output") as ours:
        if not base.exists():
            imported = ours.post("/api/models", {"source": "starter", "name": BASE})
            ours.finish(imported)
            shutil.rmtree(home / ".tunesmith" / "jobs" / imported["id"])  # as where the base was there already
            shutil.copytree(base, starter.with_name(f"{starter.name}.part"), copy_function=os.link)
            starter.with_name(f"{starter.name}.part").rename(starter)
        ours.upload()
        ours.finish(ours.post("/api/runs", TRAINING))
        ours.merge()
        ours.finish(ours.post("/api/releases", {"adapter": ADAPTER, "name": NAME, "way": "adapter"}))
    for pattern in PASSING:
        for path in (home / ".tunesmith").glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for lock in home.rglob("*.lock"):  # one that is linked into many homes would be the lock of all of them
        lock.unlink()
    (part / MADE_AT).write_text(str(home))
    (part / FILES).write_text(_files(home))
    part.rename(place)


def _files(home: Path) -> str:
    """Every file with its size and time of change: a test that wrote into one by a link of its own shows here."""
    stats = {path.relative_to(home): path.lstat() for path in sorted(home.rglob("*")) if not path.is_dir()}
    return "".join(f"{path} {stat.st_size} {stat.st_mtime_ns}\n" for path, stat in stats.items())


def _forget(cache: Path, place: Path) -> None:
    """Older ones: each takes a gigabyte."""
    for prefix in ("tuned-", "starter-"):
        others = [path for path in cache.glob(f"{prefix}*") if path.is_dir() and path != place]
        for path in sorted(others, key=lambda each: each.stat().st_mtime, reverse=True)[KEPT_BEFORE:]:
            shutil.rmtree(path)


@dataclass(frozen=True)
class Orchestrator:
    """The product, by its API."""

    client: httpx.Client
    home: Path

    def post(self, path: str, body: object) -> dict[str, Any]:
        answer = self.client.post(path, json=body)
        if not answer.is_success:
            raise RuntimeError(f"POST {path}: {answer.text}")
        made: dict[str, Any] = answer.json()
        return made

    def job(self, job: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"/api/jobs/{job['id']}").raise_for_status().json()
        return found

    def finish(self, job: dict[str, Any]) -> None:
        ended = self._until(job, lambda now: now["state"] not in ("pending", "running"))
        if ended["state"] != "succeeded":
            raise RuntimeError(f"{job['title']}: {ended['state']}\n{self._log(job)}")

    def _log(self, job: dict[str, Any]) -> str:
        return self.client.get(f"/api/jobs/{job['id']}/log").text[-3000:]

    def upload(self) -> None:
        rows = "".join(f'{{"prompt": "{prompt}", "completion": "{answer}"}}\n' for prompt, answer in ROWS)
        file = {"file": (f"{NAME}.jsonl", rows.encode())}
        self.client.post("/api/datasets", data={"name": NAME}, files=file).raise_for_status()

    def merge(self) -> None:
        """By a release that is cancelled once its merge is there: what is complete stays. The job's folder goes."""
        job = self.post("/api/releases", {"adapter": ADAPTER, "name": "merged", "way": "merge"})
        self._until(job, lambda now: now["steps"][0]["state"] == "succeeded" or now["state"] == "failed")
        self.post(f"/api/jobs/{job['id']}:cancel", {})
        if self.job(job)["steps"][0]["state"] != "succeeded":
            raise RuntimeError(self._log(job))
        shutil.rmtree(self.home / ".tunesmith" / "jobs" / job["id"])

    def _until(self, job: dict[str, Any], true: Any) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not true(now := self.job(job)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{job['title']}: not within {PATIENCE_SECONDS:.0f} s")
            time.sleep(0.2)
        return now


@contextlib.contextmanager
def _orchestrator(home: Path, output: Path) -> Iterator[Orchestrator]:
    """Natively, with the user's own toolboxes."""
    home.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUNESMITH_", "PYTHONPATH"))}
    ours = {"HOME": home, "PORT": port, "TOKEN": TOKEN, "CACHE": Settings().cache, "DISK_RESERVE_GIB": 0}
    environment = kept | {"HF_HUB_OFFLINE": "1"} | {f"TUNESMITH_{name}": str(value) for name, value in ours.items()}
    with output.open("wb") as said:
        words = on_core(0, [sys.executable, "-m", "tunesmith.main"])
        process = subprocess.Popen(words, cwd=output.parent, env=environment, stdout=said, stderr=said, start_new_session=True)
    login = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=login, trust_env=False, timeout=120) as client:
        try:
            _await_health(client, process, output)
            yield Orchestrator(client, home)
        finally:
            with contextlib.suppress(httpx.HTTPError):
                client.post("/api/system:shutdown", json={"force": True})
            _end(process)


def _await_health(client: httpx.Client, process: subprocess.Popen[bytes], output: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if client.get("/api/health").is_success:
                return
        time.sleep(0.1)
    raise RuntimeError(f"the orchestrator doesn't answer\n{output.read_text(errors='replace')}")


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()


if __name__ == "__main__":
    print(folder())
