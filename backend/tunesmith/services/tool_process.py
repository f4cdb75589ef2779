"""A tool that serves as a process of this host, under the wrapper: it outlives the orchestrator, and the next one finds it.

`.tunesmith/services/tools/<name>/<nnnn>/`: an attempt each start; `spec.json` is written here before it, the rest by the wrapper.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.errors import Conflict, EngineFailed, PlaceMissing
from tunesmith.domain.home import Home
from tunesmith.domain.place import Command, Life, Observation, Runtime
from tunesmith.domain.step import Toolbox
from tunesmith.http import httpx, tls_for
from tunesmith.runtimes.endless import LOOPBACK, free_port, last_line, new_attempt, numbered
from tunesmith.runtimes.folder import read_attempt
from tunesmith.services.source import Seen
from tunesmith.services.tool import Tool

START_SECONDS = 120.0
"""On a cold disk and a busy machine LlamaBoard's imports take a minute."""
POLL_SECONDS = 0.3
GRACE_SECONDS = 5.0
QUICK_SECONDS = 60.0
TRIES = 3
"""Starts in a row that ended by themselves within `QUICK_SECONDS`, after which it is given up until somebody starts it."""


class ToolSpec(BaseModel):
    """`spec.json`. The command's environment isn't in it: a cancel needs none."""

    toolbox: Toolbox
    argv: tuple[str, ...]
    port: int
    started_at: datetime

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"


@dataclass(frozen=True)
class Attempt:
    folder: Path
    spec: ToolSpec


class ToolProcess:
    """`ready`: whether a toolbox is installed; blocking. `offline`: no look-up on a model hub."""

    def __init__(
        self, tool: Tool, home: Home, runtime: Runtime, ready: Callable[[Toolbox], bool], *, offline: bool = False
    ) -> None:
        self.tool, self._home, self._runtime, self._ready, self._offline = tool, home, runtime, ready, offline
        self.folder = home.services / "tools" / tool.name
        self._acting = asyncio.Lock()
        self._quick_ends = 0

    async def start(self) -> None:
        """Returns when it answers. `Conflict` when it runs, `PlaceMissing` without a toolbox, `EngineFailed` when it ends."""
        async with self._acting:
            self._quick_ends = 0
            attempt = await asyncio.to_thread(self._newest)
            if attempt and (await self._runtime.observe(attempt.folder)).life is Life.RUNNING:
                raise Conflict(f"{self.tool.title} runs already", f"It is at {attempt.spec.address}.", "Open its page.")
            attempt = await self._start()
        await self._until_ready(attempt)

    async def stop(self) -> None:
        """Returns when no process of it is left. Nothing happens when there is none."""
        async with self._acting:
            attempt = await asyncio.to_thread(self._newest)
            if attempt and (await self._runtime.observe(attempt.folder)).life is Life.RUNNING:
                command = Command(attempt.spec.toolbox, attempt.spec.argv, cwd=self._home.root)
                seen = await self._runtime.cancel(attempt.folder, command, GRACE_SECONDS)
                if seen.processes_left:
                    left = ", ".join(map(str, seen.processes_left))
                    raise EngineFailed(f"{self.tool.title} hasn't ended", f"Processes are left: {left}.", "End them by hand.")

    async def look(self, client: httpx.AsyncClient) -> Seen:
        attempt = await asyncio.to_thread(self._newest)
        observed = await self._runtime.observe(attempt.folder) if attempt else Observation(Life.ABSENT)
        if attempt is None or observed.life is not Life.RUNNING:
            return await asyncio.to_thread(self._without_process, attempt, observed)
        spec = attempt.spec
        seen = Seen(ServingState.READY, started_at=spec.started_at, address=spec.address, pid=_pid(attempt))
        if await self._answers(client, spec):
            return seen
        late = (datetime.now(UTC) - spec.started_at).total_seconds() > START_SECONDS
        state = ServingState.FAILED if late else ServingState.STARTING
        detail = f"{spec.address}{self.tool.health} doesn't answer; restart it if it stays so." if late else ""
        return Seen(state, detail, started_at=spec.started_at, address=spec.address, pid=seen.pid)

    async def keep(self) -> None:
        """Start it again when it ended by itself, but not for ever."""
        async with self._acting:
            attempt = await asyncio.to_thread(self._newest)
            if attempt is None or not _died(await self._runtime.observe(attempt.folder)):
                return
            ended = await asyncio.to_thread(_modified, attempt.folder / "exit")
            quick = ended - attempt.spec.started_at.timestamp() < QUICK_SECONDS
            self._quick_ends = self._quick_ends + 1 if quick else 1
            toolbox = await asyncio.to_thread(self._toolbox)
            if toolbox and self._quick_ends < TRIES:
                await self._start()

    def _without_process(self, attempt: Attempt | None, observed: Observation) -> Seen:
        if not self._toolbox():
            install = f"tunesmith toolbox install {self.tool.toolboxes[0].value}"
            return Seen(ServingState.ABSENT, f"Its toolbox isn't installed: `{install}` brings it.")
        if attempt and _died(observed):
            said = last_line(attempt.folder / "log")
            return Seen(
                ServingState.FAILED, f"It ended with status {observed.exit_code}: {said}" if said else "It ended by itself."
            )
        return Seen(ServingState.STOPPED)

    async def _start(self) -> Attempt:
        attempt, command = await asyncio.to_thread(self._prepare)
        await self._runtime.start(attempt.folder, command)
        return attempt

    def _prepare(self) -> tuple[Attempt, Command]:
        toolbox = self._toolbox()
        if toolbox is None:
            name = self.tool.toolboxes[0].value
            raise PlaceMissing(
                f"{self.tool.title} isn't installed", f"It is in the toolbox {name}.", f"Run `tunesmith toolbox install {name}`."
            )
        port = free_port(self.tool.port)
        command = self.tool.command(self._home, self._runtime, toolbox, port, os.environ.get("PATH", ""), self._offline)
        folder = new_attempt(self.folder)
        spec = ToolSpec(toolbox=toolbox, argv=command.argv, port=port, started_at=datetime.now(UTC))
        part = folder / ".spec.json"
        part.write_text(spec.model_dump_json(indent=1), encoding="utf-8")
        part.rename(folder / "spec.json")
        return Attempt(folder, spec), command

    async def _until_ready(self, attempt: Attempt) -> None:
        deadline = time.monotonic() + START_SECONDS
        async with client() as http:
            while not await self._answers(http, attempt.spec):
                seen = await self._runtime.observe(attempt.folder)
                if seen.life is not Life.RUNNING:
                    said = await asyncio.to_thread(last_line, attempt.folder / "log")
                    raise EngineFailed(f"{self.tool.title} ended while it started", said, "Its log has the rest.")
                if time.monotonic() > deadline:
                    return  # it goes on starting; the list of services tells how it is
                await asyncio.sleep(POLL_SECONDS)

    async def _answers(self, http: httpx.AsyncClient, spec: ToolSpec) -> bool:
        try:
            return (await http.get(spec.address + self.tool.health)).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def _toolbox(self) -> Toolbox | None:
        return next((toolbox for toolbox in self.tool.toolboxes if self._ready(toolbox)), None)

    def _newest(self) -> Attempt | None:
        for folder in reversed(numbered(self.folder)):
            try:
                return Attempt(folder, ToolSpec.model_validate_json((folder / "spec.json").read_bytes()))
            except (OSError, ValidationError):
                continue  # the orchestrator died before the spec was complete, so nothing was started there
        return None


def client() -> httpx.AsyncClient:
    """For tools, which answer on plain ports of this machine."""
    return httpx.AsyncClient(trust_env=False, verify=tls_for(), timeout=3.0)


def _died(seen: Observation) -> bool:
    """It ended, and nobody asked it to."""
    return seen.life is Life.EXITED and not (seen.cancelled or seen.cancelling)


def _pid(attempt: Attempt) -> int | None:
    started = read_attempt(attempt.folder).started
    return started.pid if started else None


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
