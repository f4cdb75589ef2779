"""Processes of this host. A pid alone names nobody: pids come back; with its boot and start time it does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True)
class Identity:
    """One process. `start_ticks` counts from the boot (field 22 of /proc/PID/stat), so no clock can change it."""

    boot_id: str
    pid: int
    start_ticks: int

    @classmethod
    def parse(cls, text: str) -> Identity | None:
        """From `BOOT_ID PID START_TICKS`, as the wrapper writes it; None when it isn't that."""
        match text.split():
            case [boot_id, pid, ticks] if pid.isdecimal() and ticks.isdecimal():
                return cls(boot_id, int(pid), int(ticks))
            case _:
                return None


def boot_id() -> str:
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def start_ticks(pid: int) -> int | None:
    """When process `pid` began, in ticks since the boot; None when it isn't there, or only as a zombie."""
    try:
        stat = (PROC / str(pid) / "stat").read_bytes()
    except OSError:
        return None
    # The second field is the program's name in brackets and may hold blanks, brackets and newlines.
    fields = stat.rpartition(b")")[2].split()
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def alive(identity: Identity) -> bool:
    """Whether that very process is running now."""
    return identity.boot_id == boot_id() and start_ticks(identity.pid) == identity.start_ticks
