"""What the wrapper (`toolbox/job.sh`) has left in an attempt's folder. Only read here; the same for every runtime."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from tunesmith.domain.place import Life, Observation
from tunesmith.runtimes.process import Identity, boot_id

FRESH_SECONDS = 10.0
"""A wrapper beats every 2 s; one that hasn't for this long is gone."""
WHY_LOST = "why-lost"
"""File in which a place says what became of it under the command."""


@dataclass(frozen=True)
class Exit:
    """`exit`: the status, 0-255; `disk_full` when the wrapper found no room on the disk right after the command."""

    status: int
    disk_full: bool = False


@dataclass(frozen=True)
class Attempt:
    """The folder at one moment."""

    claimed: bool
    exited: bool
    exit: Exit | None
    """None with `exited`: the file is garbled (a power cut)."""
    started: Identity | None
    """The wrapper."""
    reaper: Identity | None
    """The subreaper before it; it goes when the last process of the job has gone."""
    canceller: Identity | None
    beat_age: float
    """Seconds since the last sign of life: the heartbeat or, before the first one, the claim. Infinite without either."""
    cancelling: bool
    cancelled: bool
    processes_left: tuple[int, ...]
    lost: bool = False
    """Looked for in its place, after it had shown no life: nothing of it was left."""
    why_lost: str = ""

    @property
    def fresh(self) -> bool:
        return self.beat_age < FRESH_SECONDS

    def observation(self, life: Life) -> Observation:
        return Observation(
            life=life,
            exit_code=self.exit.status if self.exit and life is Life.EXITED else None,
            disk_full=bool(self.exit and self.exit.disk_full),
            cancelled=self.cancelled,
            cancelling=self.cancelling,
            processes_left=self.processes_left,
            why_lost=self.why_lost if life is Life.LOST else "",
        )


def read_attempt(folder: Path) -> Attempt:
    """Raises OSError only when the folder is there and can't be read."""
    # `exit` is read last: seen without it and dead is then really dead.
    cancelled = (folder / "cancelled").exists()
    cancelling = _text(folder / "cancelling")
    lost = (folder / "lost").exists()
    reaper, started = _text(folder / "reaper") or "", _text(folder / "started") or ""
    age = _beat_age(folder)
    ended = _text(folder / "exit")
    return Attempt(
        claimed=(folder / "claim").is_dir(),
        exited=ended is not None,
        exit=parse_exit(ended) if ended is not None else None,
        started=Identity.parse(started),
        reaper=Identity.parse(reaper),
        canceller=Identity.parse(cancelling.partition(" ")[2]) if cancelling else None,
        beat_age=age,
        cancelling=cancelling is not None,
        cancelled=cancelled,
        processes_left=tuple(int(pid) for pid in (_text(folder / "processes_left") or "").split() if pid.isdecimal()),
        lost=lost,
        why_lost=(_text(folder / WHY_LOST) or "") if lost else "",
    )


def parse_exit(text: str) -> Exit | None:
    """From `STATUS [disk-full]`, padded; None when it is garbled."""
    match text.split():
        case [status, *rest] if status.isascii() and status.isdecimal() and int(status) < 256 and rest in ([], ["disk-full"]):
            return Exit(int(status), bool(rest))
        case _:
            return None


def _beat_age(folder: Path) -> float:
    match (_text(folder / "heartbeat") or "").split():
        case [boot, uptime] if boot == boot_id():
            # Seconds since the boot on both sides: the wall clock may jump.
            return time.clock_gettime(time.CLOCK_BOOTTIME) - float(uptime)
        case [_, _]:
            return float("inf")
        case _:
            try:
                return abs(time.time() - (folder / "claim").stat().st_mtime)
            except FileNotFoundError:
                return float("inf")


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return None
