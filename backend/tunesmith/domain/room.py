"""Whether what a plan needs is there. The figures come from `system`; the sentences are the same for all plans."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tunesmith.domain.step import Estimate

GIB, MIB = 2**30, 2**20


@dataclass(frozen=True)
class Room:
    """`free_disk`: bytes that may be used where home lies. `memory`: bytes of memory of this machine or its cgroup.

    `is_writable`: whether a folder, or the nearest above it that exists, may be written.
    """

    free_disk: Callable[[], int]
    memory: Callable[[], int]
    is_writable: Callable[[Path], bool]

    def closed(self, folders: Iterable[Path]) -> list[tuple[str, str, str]]:
        """(title, detail, remedy) of each folder in which nothing can be made."""
        remedy = "Make it writable for the user that runs Tunesmith."
        return [
            (f"{folder} is read-only", "The result would be made there.", remedy)
            for folder in folders
            if not self.is_writable(folder)
        ]

    def against(self, estimate: Estimate) -> list[tuple[str, str, str]]:
        """(title, detail, remedy) of each reason why `estimate` doesn't fit; each holds the number that doesn't."""
        reasons = []
        disk, memory = estimate.disk_bytes or 0, estimate.memory_bytes or 0
        if disk > (free := self.free_disk()):
            remedy = "`tunesmith du` shows what takes room; `tunesmith clean` frees what isn't needed."
            detail = f"{_size(disk)} needed, {_size(free)} free above the reserve ({estimate.basis})."
            reasons.append(("The disk is too small", detail, remedy))
        if memory > (there := self.memory()):
            detail = f"{_size(memory)} needed, {_size(there)} there ({estimate.basis})."
            reasons.append(("The memory is too small", detail, "Take a smaller base, shorter rows or a smaller batch."))
        return reasons


def _size(amount: int) -> str:
    return f"{amount / GIB:.2f} GiB" if amount >= GIB / 10 else f"{amount / MIB:.1f} MiB"
