"""The services natively: the orchestrator, those that answer HTTP on this machine, and the tools that are started here.

Asked on a beat, not by requests.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.errors import Conflict
from tunesmith.http import httpx, tls_for
from tunesmith.services.attempts_log import AttemptsLog
from tunesmith.services.known import NATIVE
from tunesmith.services.own_log import OwnLog
from tunesmith.services.process_load import ProcessLoad
from tunesmith.services.source import Action, Load, Seen, Sink
from tunesmith.services.tool_process import ToolProcess

BEAT_SECONDS = 5.0
ANSWER_SECONDS = 3.0


@dataclass(frozen=True)
class Probe:
    """How a service shows that it lives: `GET path` at `address` answers 200."""

    address: str
    path: str
    version_key: str = ""
    """Where its JSON answer holds the version."""


def probes(ollama: str, easy_dataset: str) -> dict[str, Probe]:
    return {
        "ollama": Probe(ollama, "/api/version", "version"),
        "easy-dataset": Probe(easy_dataset, "/api/projects"),
    }


class NativeSource:
    """Implements `ServiceSource`. The orchestrator's own log file is `log`. What has no probe and is no tool is absent."""

    def __init__(self, probes: Mapping[str, Probe], version: str, log: Path, tools: Sequence[ToolProcess] = ()) -> None:
        self._probes, self._version, self._started_at = probes, version, datetime.now(UTC)
        self._log, self._tools = OwnLog(log), {process.tool.name: process for process in tools}
        self._absent = {each.name: each.absent for each in NATIVE}

    async def watch(self, sink: Sink) -> None:
        sink.reached()
        for name in self._absent.keys() - self._tools.keys():
            sink.saw(name, Seen(ServingState.ABSENT, self._absent[name]))
        sink.saw("orchestrator", self._own())
        async with self._client() as client, asyncio.TaskGroup() as tasks:
            tasks.create_task(_measure(sink))
            for name in self._probes:
                tasks.create_task(self._ask_again_and_again(sink, name, client))
            for process in self._tools.values():
                tasks.create_task(_look_after(sink, process, client))

    async def act(self, name: str, action: Action) -> None:
        process = self._tools.get(name)
        if process is None:
            title, detail = f"{name} isn't ours to {action.value}", "Natively Tunesmith starts its own tools only."
            raise Conflict(title, detail, "Use what you started it with.")
        if action is not Action.START:
            await process.stop()
        if action is not Action.STOP:
            await process.start()

    def controls(self, name: str) -> bool:
        return name in self._tools

    def keeps_log(self, name: str) -> bool:
        return name in self._tools or name == "orchestrator"

    async def stop_tools(self) -> None:
        """End all that was started here."""
        await asyncio.gather(*(process.stop() for process in self._tools.values()))

    async def look(self, name: str) -> Seen:
        if name in self._tools:
            async with self._client() as client:
                return await self._tools[name].look(client)
        if name not in self._probes:
            return self._own() if name == "orchestrator" else Seen(ServingState.ABSENT, self._absent[name])
        async with self._client() as client:
            return await self._ask(name, client)

    def log(
        self, name: str, *, follow: bool, tail: int | None = None, since: str = "", timestamps: bool = True
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        if name in self._tools:
            log = AttemptsLog(self._tools[name].folder)
            return log.open(follow=follow, tail=tail, since=since, timestamps=timestamps)
        if name != "orchestrator":
            detail = "Natively Tunesmith didn't start it."
            raise Conflict(f"The log of {name} isn't known here", detail, "Look where you started it.")
        return self._log.open(follow=follow, tail=tail, since=since, timestamps=timestamps)

    def _client(self) -> httpx.AsyncClient:
        tls = tls_for(*(probe.address for probe in self._probes.values()))
        return httpx.AsyncClient(trust_env=False, verify=tls, timeout=ANSWER_SECONDS)

    def _own(self) -> Seen:
        return Seen(ServingState.READY, started_at=self._started_at, version=self._version, pid=os.getpid())

    async def _ask_again_and_again(self, sink: Sink, name: str, client: httpx.AsyncClient) -> None:
        first: Seen | None = None
        while True:
            found = await self._ask(name, client)
            # Its own start isn't told: it counts from when it first answered us.
            if found.started_at and first and first.started_at:
                found = Seen(found.state, started_at=first.started_at, version=found.version, address=found.address)
            first = found
            sink.saw(name, found)
            await asyncio.sleep(BEAT_SECONDS)

    async def _ask(self, name: str, client: httpx.AsyncClient) -> Seen:
        probe = self._probes[name]
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await client.get(probe.address + probe.path)
        except httpx.ConnectError:
            return Seen(ServingState.ABSENT, f"Nothing answers at {probe.address}. {self._absent[name]}", address=probe.address)
        except (httpx.HTTPError, TimeoutError):
            detail = f"{probe.path} didn't answer within {ANSWER_SECONDS:g} s; restart it if it stays so."
            return Seen(ServingState.FAILED, detail, address=probe.address)
        if answer.status_code != httpx.codes.OK:
            detail = f"{probe.path} answers {answer.status_code}: {answer.text.strip()[:200]}"
            return Seen(ServingState.FAILED, detail, address=probe.address)
        now = datetime.now(UTC)
        return Seen(ServingState.READY, started_at=now, version=_version(answer, probe), address=probe.address)


def _version(answer: httpx.Response, probe: Probe) -> str:
    try:
        found = answer.json() if probe.version_key else {}
    except ValueError:
        return ""
    return str(found.get(probe.version_key, "")) if isinstance(found, dict) else ""


async def _look_after(sink: Sink, process: ToolProcess, client: httpx.AsyncClient) -> None:
    load = ProcessLoad()
    while True:
        await process.keep()
        seen = await process.look(client)
        sink.saw(process.tool.name, seen)
        if seen.pid is not None:
            sink.measured(process.tool.name, await asyncio.to_thread(load.measure, seen.pid))
        await asyncio.sleep(BEAT_SECONDS)


async def _measure(sink: Sink) -> None:
    await asyncio.sleep(BEAT_SECONDS)
    import psutil  # only here: a start doesn't need it

    own = psutil.Process()
    own.cpu_percent()
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        sink.measured("orchestrator", Load(own.cpu_percent(), own.memory_info().rss))
