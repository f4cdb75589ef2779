"""A step's command, held still by signals from the host: a fault lands in the middle of it, however fast or slow the machine is.

A command needs at least half a second of a core (each imports PyTorch or loads a model) and we some milliseconds to see that it
has begun. From then on it runs only as far as we let it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

LOOK_SECONDS = 0.002
PATIENCE_SECONDS = 600.0
TICKS = os.sysconf("SC_CLK_TCK")


def carriers(cookie: str) -> list[int]:
    """Every process of this machine, in whichever container, that carries a job's cookie; as the kernel shows them to root."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"JOB_ID={cookie}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
    return found


def command_line(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


@contextlib.contextmanager
def first_in_line() -> Iterator[None]:
    """We are woken at once, whatever else runs; without the right to that (root's), as ever."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    with contextlib.suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, -20)
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, before)


@dataclass(frozen=True)
class Hold:
    """The command of one attempt that has begun. Its wrapper isn't touched, and beats on."""

    attempt: Path

    @property
    def step(self) -> str:
        return self.attempt.parent.name[3:]

    def stop(self) -> None:
        """Returns when every process of it stands still."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._stands():
            self._check_in_time(deadline)

    def go_on_until(self, true: Callable[[], bool]) -> None:
        """Let it run until then, and hold it again."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        self.let_go()
        while not true():
            self._check_in_time(deadline)
        self.stop()

    def spend(self, seconds: float) -> None:
        """Let it run for so many seconds of a core, and hold it again."""
        enough = self._spent() + seconds
        self.go_on_until(lambda: self._spent() >= enough)

    def let_go(self) -> None:
        for pid in self.pids():
            _send(pid, signal.SIGCONT)

    def pids(self) -> list[int]:
        return carriers((self.attempt / "cookie").read_text().strip())

    def _spent(self) -> float:
        return sum(_cpu_seconds(pid) for pid in self.pids())

    def _stands(self) -> bool:
        """After a signal to all of its processes: there are some, and each has heard it."""
        pids = self.pids()
        for pid in pids:
            _send(pid, signal.SIGSTOP)
        stopped = {pid for pid in pids if _state(pid) == "T"}
        stand = stopped | {pid for pid in pids if _starts_one_of(stopped, pid)}
        return bool(stand) and stand == set(pids) >= set(self.pids())

    def _check_in_time(self, deadline: float) -> None:
        assert not (self.attempt / "exit").exists(), f"{self.attempt} is over:\n{(self.attempt / 'log').read_text()[-2000:]}"
        assert time.monotonic() < deadline, f"{self.attempt} never got there"
        time.sleep(LOOK_SECONDS)


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _fields(pid: int) -> list[str]:
    """Those of `stat` behind the name: state, parent, …; none when the process is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []


def _state(pid: int) -> str:
    return "".join(_fields(pid)[:1])


def _starts_one_of(stopped: set[int], pid: int) -> bool:
    """A parent sleeps past every signal (`vfork`) until its child is another program; one that is held before that never is."""
    return _state(pid) == "D" and any(_fields(child)[1:2] == [str(pid)] for child in stopped)


def _cpu_seconds(pid: int) -> float:
    """Its own, and that of children which it has seen end."""
    return sum(map(int, _fields(pid)[11:15])) / TICKS
