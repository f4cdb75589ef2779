"""GPU memory by process, as NVIDIA's driver tells it to a machine, or to a container that was given a GPU."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import suppress

QUERY = ("nvidia-smi", "--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits")
SECONDS = 10.0
"""A driver that hangs must not hang us."""
MIB = 2**20


def there() -> bool:
    return shutil.which(QUERY[0]) is not None


async def memory_by_pid() -> dict[int, int] | None:
    """Bytes by process id of the host; None when the driver doesn't say."""
    try:
        asked = await asyncio.create_subprocess_exec(
            *QUERY, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(SECONDS):
            text, _ = await asked.communicate()
    except TimeoutError:
        with suppress(ProcessLookupError):
            asked.kill()
        return None
    return None if asked.returncode else parse(text.decode("utf-8", "replace"))


def parse(text: str) -> dict[int, int]:
    """The lines of QUERY's answer: `pid, MiB`. A process on two GPUs has two; `[N/A]` is left out."""
    found: dict[int, int] = {}
    for line in text.splitlines():
        pid, _, used = (part.strip() for part in line.partition(","))
        if pid.isdecimal() and used.isdecimal():
            found[int(pid)] = found.get(int(pid), 0) + int(used) * MIB
    return found


def used_by(pids: set[int], by_pid: dict[int, int]) -> int | None:
    """What these processes use together; None when the driver names none of them (it may not see their ids)."""
    own = [used for pid, used in by_pid.items() if pid in pids]
    return sum(own) if own else None
