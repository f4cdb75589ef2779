"""A place is where a command runs: `native` (a process on this host) or `docker` (exec in a toolbox container)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from tunesmith.domain.step import Output, Toolbox


@dataclass(frozen=True)
class Command:
    """What to run: the argv exactly as the program shall get it, its folder and its environment (secrets resolved)."""

    toolbox: Toolbox
    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)
    outputs: tuple[Output, ...] = ()


class Life(StrEnum):
    """What the attempt folder and the process table say together."""

    ABSENT = "absent"
    """Nobody has claimed the folder: it can be started."""
    RUNNING = "running"
    EXITED = "exited"
    """`exit` is there; nothing more will be written."""
    LOST = "lost"
    """Claimed, no exit, no process and a stale heartbeat."""


@dataclass(frozen=True)
class Observation:
    life: Life
    exit_code: int | None = None
    """0-255; 128+n for signal n. Only when EXITED."""
    disk_full: bool = False
    """Right after the command failed there was no room on the disk (its log may be unable to say so)."""
    cancelled: bool = False
    """A cancel was carried out and no process is left."""
    cancelling: bool = False
    processes_left: tuple[int, ...] = ()
    why_lost: str = ""
    """What became of its place and what to do, when LOST and the place can tell."""

    @property
    def going_on(self) -> bool:
        """Something of it may still live: it runs, or its cancel has not come to "no process is left" yet."""
        return self.life is Life.RUNNING or (self.life is Life.EXITED and self.cancelling and not self.cancelled)


class Runtime(Protocol):
    """One place. Every implementation passes tests/contract unchanged. `attempt` is the attempt's folder.

    Raises `PlaceMissing` when the place itself can't be reached, which is another error than a failed command.
    """

    async def start(self, attempt: Path, command: Command) -> None:
        """Start `command` unless this attempt was started before: asking twice runs it once. Returns at once."""

    async def observe(self, attempt: Path) -> Observation:
        """What is true of this attempt now."""

    async def cancel(self, attempt: Path, command: Command, grace_seconds: float) -> Observation:
        """TERM to all of its processes, KILL after the grace, look again; returns when none is left or names those that are.

        An attempt that was never started is claimed, so that no later start can run it.
        """

    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        """The first words of an argv for `name` (`llamafactory-cli`, `convert_hf_to_gguf`, `python`, …) in this place."""

    def script(self, toolbox: Toolbox, relative: str) -> str:
        """The path of one of our toolbox scripts as that toolbox sees it."""


class Programs(Protocol):
    """The part of a runtime that a step builder needs."""

    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]: ...

    def script(self, toolbox: Toolbox, relative: str) -> str: ...


def with_program(programs: Programs, toolbox: Toolbox, name: str, args: Sequence[str]) -> tuple[str, ...]:
    """The whole argv of `name` with `args` in this place."""
    return (*programs.program(toolbox, name), *args)
