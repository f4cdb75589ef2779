# ruff: noqa: ASYNC110, ASYNC240
"""One attempt after the other in one place, and a look at all processes that doesn't trust the code under test."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tunesmith.domain.place import Command, Life, Observation, Runtime
from tunesmith.domain.step import Output, Toolbox
from tunesmith.runtimes.process import boot_id

PATIENCE_SECONDS = 120.0
"""Longer means that it hangs, on a machine however busy."""
GRACE_SECONDS = 60.0
"""For what ends when it is asked to, however long that takes."""


@dataclass
class Trial:
    runtime: Runtime
    folder: Path
    """Scratch space; its name holds a blank."""
    mark: str = field(default_factory=lambda: f"mark-{uuid.uuid4()}")
    """In the environment of every command; programs that clear theirs take it as an argument."""

    def attempt(self, parent: Path | None = None) -> Path:
        path = (parent or self.folder) / f"attempt {uuid.uuid4()}"
        path.mkdir(parents=True)
        (path / "spec.json").write_text("{}")
        return path

    def command(
        self, *argv: str, env: dict[str, str] | None = None, cwd: Path | None = None, outputs: tuple[Output, ...] = ()
    ) -> Command:
        return Command(Toolbox.SYSTEM, argv, cwd or self.folder, {"MARK": self.mark, **(env or {})}, outputs)

    def python(self, code: str, *args: str, **rest: object) -> Command:
        return self.command(sys.executable, "-I", "-S", "-c", code, *args, **rest)  # type: ignore[arg-type]

    def shell(self, script: str, *args: str, **rest: object) -> Command:
        return self.command("/bin/sh", "-c", script, "sh", *args, **rest)  # type: ignore[arg-type]

    async def ended(self, attempt: Path) -> Observation:
        return await self.until(attempt, lambda seen: seen.life not in (Life.RUNNING, Life.ABSENT))

    async def until(self, attempt: Path, wanted: Callable[[Observation], bool]) -> Observation:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not wanted(seen := await self.runtime.observe(attempt)):
                await asyncio.sleep(0.02)
        return seen

    async def run(self, command: Command, attempt: Path | None = None) -> tuple[Path, Observation]:
        attempt = attempt or self.attempt()
        await self.runtime.start(attempt, command)
        return attempt, await self.ended(attempt)

    async def running(self, script: str = "", outputs: tuple[Output, ...] = ()) -> Path:
        """An attempt that has done `script` and goes on until it is ended."""
        attempt = self.attempt()
        await self.runtime.start(attempt, self.shell(script + "echo ready; sleep 1000", outputs=outputs))
        await self.file(attempt / "log")
        return attempt

    async def running_until(self, gate: Path, script: str = "", then: str = "", outputs: tuple[Output, ...] = ()) -> Path:
        """The same; here it ends when `gate` is there, and does `then` before that."""
        attempt = self.attempt()
        held = 'echo ready; while [ ! -e "$1" ]; do sleep 0.05; done; '
        await self.runtime.start(attempt, self.shell(script + held + then, str(gate), outputs=outputs))
        await self.file(attempt / "log")
        return attempt

    async def file(self, path: Path) -> str:
        """The text of `path` once it is there and whole (ends with a newline)."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (path.exists() and path.read_text().endswith("\n")):
                await asyncio.sleep(0.01)
        return path.read_text()

    def processes(self) -> dict[int, str]:
        """Every live process of this trial's commands: pid and command line. Wrapper and subreaper don't belong to them."""
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal():
                continue
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                marked = self.mark in line or self.mark.encode() in (entry / "environ").read_bytes()
            except (OSError, ValueError):
                continue
            if marked and line and not ("subreaper.py --" in line or "job.sh run" in line):
                found[int(entry.name)] = line
        return found

    def wrapper(self, attempt: Path) -> int:
        """This host's pid of the wrapper that runs `attempt`; `ProcessLookupError` when there is none."""
        parents = _wrappers(attempt)
        for pid, parent in parents.items():
            if parent not in parents:
                return pid
        raise ProcessLookupError(f"no wrapper runs {attempt}")

    async def stop_heart(self, attempt: Path) -> int:
        """The pid of the wrapper's child that beats; from now on it stands still."""
        wrapper = self.wrapper(attempt)
        heart = next(pid for pid, parent in _wrappers(attempt).items() if parent == wrapper)
        os.kill(heart, signal.SIGSTOP)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while _stat(heart)[0] != "T":
                await asyncio.sleep(0.01)
        return heart

    async def kill_wrapper(self, attempt: Path) -> None:
        """Kill it, and let it be long ago: what it had started beats for 2 s more, which is waited for."""
        os.kill(self.wrapper(attempt), signal.SIGKILL)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while _wrappers(attempt):
                await asyncio.sleep(0.02)
        self.make_late(attempt)

    def make_late(self, attempt: Path) -> None:
        """As if the wrapper hadn't beaten for a minute. Nothing may beat any more."""
        then = time.clock_gettime(time.CLOCK_BOOTTIME) - 60
        (attempt / "heartbeat").write_text(f"{boot_id()} {then:.2f}\n")

    async def nothing_left(self, attempt: Path | None = None) -> None:
        """Waits for the last of them, the wrapper's own few ms of tidying included; for every wrapper of `attempt` too."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.processes() or (attempt and _wrappers(attempt)):
                await asyncio.sleep(0.02)


def _wrappers(attempt: Path) -> dict[int, int]:
    """The wrapper and its forks, each with its parent. A container's processes are this host's too, under other pids."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (entry / "cmdline").read_bytes()
            if f"job.sh\0run\0{attempt}\0".encode() in line and b"subreaper.py" not in line:
                parents[int(entry.name)] = int(_stat(int(entry.name))[1])
    return parents


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name: state, parent, ..."""
    return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
