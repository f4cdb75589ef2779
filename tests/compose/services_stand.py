"""A small Compose project whose containers do nothing but what a test asks for, and a proxy before the engine."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from kit.waiting import waiting
from tunesmith.domain.job import JobStatus
from tunesmith.domain.service import Service
from tunesmith.runtimes.docker.engine import Engine
from tunesmith.runtimes.docker.streams import EngineStreams
from tunesmith.services.board import Board
from tunesmith.services.docker_source import DockerSource
from tunesmith.services.known import STACK
from tunesmith.services.links import Links
from tunesmith.services.service import ServicesDesk

SOCKET = "/var/run/docker.sock"
REQUEST = re.compile(rb"(?:GET|POST|HEAD|DELETE) (/\S*) HTTP/1\.[01]\r\n")
PATIENCE_SECONDS = 240.0
COMPOSE = """
services:
  ollama: &idle
    image: tunesmith/base:trixie
    init: true
    stop_grace_period: 1s
    command: sleep infinity
    logging: {driver: local}
    mem_limit: 64m
  llamafactory:
    <<: *idle
    healthcheck:
      test: ["CMD-SHELL", "test ! -e /sick || { echo no models; exit 1; }"]
      interval: 1s
      retries: 1
"""


@dataclass(frozen=True)
class Project:
    name: str
    file: Path

    def compose(self, *words: str) -> None:
        argv = ["docker", "compose", "--project-name", self.name, "--file", str(self.file), *words]
        with waiting("stack"):
            subprocess.run(argv, check=True, capture_output=True, text=True, timeout=600)

    def mend(self) -> None:
        """Start what doesn't run, and wait where something isn't healthy."""
        listed = self.docker(
            "ps", "--filter", f"label=com.docker.compose.project={self.name}", "--format", "{{.Names}}: {{.Status}}"
        )
        ollama, llamafactory = (f"{self.container(service)}: Up " in listed for service in ("ollama", "llamafactory"))
        if not (ollama and llamafactory and "(healthy)" in listed):
            self.compose("up", "--detach", "--wait")

    def container(self, service: str) -> str:
        return f"{self.name}-{service}-1"

    def docker(self, *words: str, given: str | None = None) -> str:
        argv = ["docker", *words]
        return subprocess.run(argv, input=given, check=True, capture_output=True, text=True, timeout=600).stdout

    async def print(self, service: str, text: str) -> None:
        """As if the service had printed it."""
        words = ("exec", "-i", self.container(service), "sh", "-c", "cat > /proc/1/fd/1")
        await asyncio.to_thread(self.docker, *words, given=text)


class Proxy:
    """A socket before the engine's that can be taken away with all its connections. `asked`: the targets of all requests."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="engine-"))  # short: a socket's path has 107 bytes
        self.path = self._folder / "docker.sock"
        self.asked: list[str] = []
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def address(self) -> str:
        return f"unix://{self.path}"

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._pass_on, self.path)

    async def close(self) -> None:
        if self._server:
            self._server.close()
        self.path.unlink(missing_ok=True)
        for writer in tuple(self._open):
            writer.transport.abort()

    async def remove(self) -> None:
        await self.close()
        shutil.rmtree(self._folder)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        engine_reader, engine_writer = await asyncio.open_unix_connection(SOCKET)
        both = {writer, engine_writer}
        self._open |= both
        ways = [
            asyncio.create_task(self._copy(reader, engine_writer, note=True)),
            asyncio.create_task(self._copy(engine_reader, writer, note=False)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for each in both:
            each.transport.abort()
        self._open -= both

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note: bool) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                self.asked += [target.decode() for target in REQUEST.findall(data)] if note else []
                writer.write(data)
                await writer.drain()


@dataclass
class Stand:
    """The services' desk on a project, through a proxy. `busy`: the jobs that run in every service."""

    project: Project
    proxy: Proxy
    board: Board
    desk: ServicesDesk
    busy: list[JobStatus] = field(default_factory=list)
    told: list[Service] = field(default_factory=list)

    def service(self, name: str) -> Service:
        return self.board.service(name)

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not true():  # noqa: ASYNC110 — a board tells nobody who waits
                await asyncio.sleep(0.05)


@asynccontextmanager
async def standing(project: Project) -> AsyncIterator[Stand]:
    """From its start, with all looked at once, to its end."""
    proxy = Proxy()
    await proxy.open()
    engine, busy, told = Engine(proxy.address), list[JobStatus](), list[Service]()
    board = Board("docker", STACK, told.append)
    source = DockerSource(engine, EngineStreams(proxy.address), project.name)

    desk = ServicesDesk(source, board, Links("localhost", 3000, 3443), lambda _: busy)
    stand = Stand(project, proxy, board, desk, busy, told)
    await desk.start()
    try:
        await stand.until(lambda: board.source.reachable)
        yield stand
    finally:
        await desk.close()
        engine.close()
        await proxy.remove()


def new_project(folder: Path) -> Project:
    file = folder / "compose.yml"
    file.write_text(COMPOSE)
    return Project(f"tunesmith-test-services-{os.getpid()}", file)
