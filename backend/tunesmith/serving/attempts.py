"""Attempt folders of engines: `.tunesmith/services/<instance>/<nnnn>/`, written here before the start, by the wrapper after it.

What is in them is enough for another orchestrator to take over a running engine: its port and what it was made of.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from tunesmith.domain.errors import EngineFailed, NotFound
from tunesmith.domain.home import Home
from tunesmith.domain.place import Command, Life, Observation, Runtime, with_program
from tunesmith.domain.step import Toolbox
from tunesmith.runtimes.endless import LOOPBACK, free_port, new_attempt, numbered
from tunesmith.serving.instances import Instance
from tunesmith.steps.environment import PATIENT
from tunesmith.steps.serve import serve_args


@dataclass(frozen=True)
class Shape:
    """How large an engine is. `ctx` tokens for one request, `parallel` requests at once; threads None: llama-server's choice."""

    ctx: int = 4096
    parallel: int = 2
    threads: int | None = None


@dataclass(frozen=True)
class Bind:
    """How engines of a place are reached: the address they listen on, the name we call them by, and their ports.

    Without `ports` any free one of this host is taken; in a container, whose ports we can't probe, they are shared out.
    """

    listen: str = LOOPBACK
    connect: str = LOOPBACK
    ports: range | None = None


class EngineSpec(BaseModel):
    """`spec.json`. `host` is the name by which we call it."""

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

    def __init__(self, home: Home, runtime: Runtime, shape: Shape, key: str = "", bind: Bind | None = None) -> None:
        self._home, self._runtime, self.shape, self._bind = home, runtime, shape, bind or Bind()
        self._env = PATIENT | ({"LLAMA_API_KEY": key} if key else {})
        self._starting = asyncio.Lock()

    async def start(self, instance: Instance) -> Attempt:
        """A new attempt on a free port; returns before the engine is ready. Raises PlaceMissing without its toolbox."""
        async with self._starting:  # until it is seen to run, its port isn't seen to be taken
            attempt = await asyncio.to_thread(self._write, instance, await self._free_port())
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
        return [each for each in attempts if self._is_ours(each.spec) and (await self.observe(each)).life is Life.RUNNING]

    def _is_ours(self, spec: EngineSpec) -> bool:
        """Tools can write where specs lie: our key and users' prompts go to no other address than an engine's."""
        return spec.host == self._bind.connect and (self._bind.ports is None or spec.port in self._bind.ports)

    def _command(self, attempt: Attempt) -> Command:
        return Command(Toolbox.LLAMA_CPP, attempt.spec.argv, cwd=self._home.root, env=self._env)

    async def _free_port(self) -> int:
        if self._bind.ports is None:
            return free_port()
        taken = {attempt.spec.port for attempt in await self.running()}
        left = next((port for port in self._bind.ports if port not in taken), None)
        if left is None:
            ports = f"{self._bind.ports[0]} to {self._bind.ports[-1]}"
            raise EngineFailed("No port is left for another engine", f"All of {ports} are in use.", "Stop a deployment first.")
        return left

    def _write(self, instance: Instance, port: int) -> Attempt:
        folder = new_attempt(self._home.services / instance.key)
        spec = EngineSpec(
            instance=instance.key,
            fingerprint=instance.fingerprint,
            argv=self._argv(instance, port),
            host=self._bind.connect,
            port=port,
            started_at=datetime.now(UTC),
        )
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
            host=self._bind.listen,
            port=port,
            alias=instance.key,
        )
        return with_program(self._runtime, Toolbox.LLAMA_CPP, "llama-server", args)

    def _all(self) -> list[Attempt]:
        services = sorted(self._home.services.iterdir()) if self._home.services.is_dir() else []
        return [attempt for service in services for attempt in map(_read, numbered(service)) if attempt is not None]


def _read(folder: Path) -> Attempt | None:
    """None: the orchestrator died before the spec was complete, so nothing was started there."""
    try:
        return Attempt(folder, EngineSpec.model_validate_json((folder / "spec.json").read_bytes()))
    except (OSError, ValidationError):
        return None
