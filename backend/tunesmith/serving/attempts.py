"""Attempt folders of engines: `.tunesmith/services/<instance>/<nnnn>/`, written here before the start, by the wrapper after it.

What is in them is enough for another orchestrator to take over a running engine: its port and what it was made of.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from tunesmith.domain.errors import NotFound
from tunesmith.domain.home import Home
from tunesmith.domain.place import Command, Life, Observation, Runtime, with_program
from tunesmith.domain.step import Toolbox
from tunesmith.serving.instances import Instance
from tunesmith.steps.environment import PATIENT
from tunesmith.steps.serve import serve_args

HOST = "127.0.0.1"
KEPT = 10
TAIL_BYTES = 8192


@dataclass(frozen=True)
class Shape:
    """How large an engine is. `ctx` tokens for one request, `parallel` requests at once; threads None: llama-server's choice."""

    ctx: int = 4096
    parallel: int = 2
    threads: int | None = None


class EngineSpec(BaseModel):
    """`spec.json`."""

    instance: str
    fingerprint: str
    argv: tuple[str, ...]
    host: str
    port: int
    started_at: datetime


@dataclass(frozen=True)
class Attempt:
    folder: Path
    spec: EngineSpec

    @property
    def address(self) -> str:
        return f"http://{self.spec.host}:{self.spec.port}"

    @property
    def log(self) -> Path:
        return self.folder / "log"


class Attempts:
    """Starts engines in a place and finds those that were started before.

    `key` shuts the engine's port to other programs of this machine: one request of theirs that names no adapter would
    leave a state in the prompt cache from which our next request, though it names all, continues (seen).
    """

    def __init__(self, home: Home, runtime: Runtime, shape: Shape, key: str = "") -> None:
        self._home, self._runtime, self.shape = home, runtime, shape
        self._env = PATIENT | ({"LLAMA_API_KEY": key} if key else {})

    async def start(self, instance: Instance) -> Attempt:
        """A new attempt on a free port; returns before the engine is ready. Raises PlaceMissing without its toolbox."""
        attempt = await asyncio.to_thread(self._write, instance)
        await self._runtime.start(attempt.folder, self._command(attempt))
        return attempt

    async def observe(self, attempt: Attempt) -> Observation:
        return await self._runtime.observe(attempt.folder)

    async def end(self, attempt: Attempt, grace_seconds: float = 5.0) -> Observation:
        """The engine's processes are gone when this returns, or named in the answer."""
        try:
            return await self._runtime.cancel(attempt.folder, self._command(attempt), grace_seconds)
        except NotFound:
            return Observation(Life.ABSENT)  # its folder was deleted under it

    async def running(self) -> list[Attempt]:
        """Every engine of this home that is alive now, the newest of an instance last."""
        attempts = await asyncio.to_thread(self._all)
        return [attempt for attempt in attempts if (await self.observe(attempt)).life is Life.RUNNING]

    def _command(self, attempt: Attempt) -> Command:
        return Command(Toolbox.LLAMA_CPP, attempt.spec.argv, cwd=self._home.root, env=self._env)

    def _write(self, instance: Instance) -> Attempt:
        service = self._home.services / instance.key
        service.mkdir(parents=True, exist_ok=True)
        _prune(service)
        port = free_port()
        spec = EngineSpec(
            instance=instance.key,
            fingerprint=instance.fingerprint,
            argv=self._argv(instance, port),
            host=HOST,
            port=port,
            started_at=datetime.now(UTC),
        )
        folder = service / f"{max((int(old.name) for old in _numbered(service)), default=0) + 1:04}"
        folder.mkdir()
        part = folder / ".spec.json"
        part.write_text(spec.model_dump_json(indent=1), encoding="utf-8")
        part.rename(folder / "spec.json")
        return Attempt(folder, spec)

    def _argv(self, instance: Instance, port: int) -> tuple[str, ...]:
        root = self._home.root
        args = serve_args(
            root / instance.model,
            [root / adapter for adapter in instance.adapters],
            root / instance.template if instance.template else None,
            ctx=self.shape.ctx,
            parallel=self.shape.parallel,
            threads=self.shape.threads,
            host=HOST,
            port=port,
            alias=instance.key,
        )
        return with_program(self._runtime, Toolbox.LLAMA_CPP, "llama-server", args)

    def _all(self) -> list[Attempt]:
        services = sorted(self._home.services.iterdir()) if self._home.services.is_dir() else []
        return [attempt for service in services for attempt in map(_read, _numbered(service)) if attempt is not None]


def free_port() -> int:
    """A loopback port that nobody listens on now. Another process may be faster: then the engine says so and ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def last_line(attempt: Attempt) -> str:
    """The last line with something in it of the engine's log."""
    try:
        with attempt.log.open("rb") as log:
            log.seek(max(0, os.fstat(log.fileno()).st_size - TAIL_BYTES))
            lines = log.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _numbered(service: Path) -> list[Path]:
    """Attempt folders, oldest first."""
    return sorted((f for f in service.iterdir() if f.name.isdigit()), key=lambda f: int(f.name)) if service.is_dir() else []


def _read(folder: Path) -> Attempt | None:
    """None: the orchestrator died before the spec was complete, so nothing was started there."""
    try:
        return Attempt(folder, EngineSpec.model_validate_json((folder / "spec.json").read_bytes()))
    except (OSError, ValidationError):
        return None


def _prune(service: Path) -> None:
    """Old logs are of no use to anyone; a folder without `exit` may belong to a living process and stays."""
    for folder in _numbered(service)[:-KEPT]:
        if (folder / "exit").exists():
            shutil.rmtree(folder, ignore_errors=True)
