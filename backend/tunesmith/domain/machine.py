"""The machine under all of it: how busy it is, and how full."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel


class Accelerator(BaseModel):
    """One GPU as its driver tells it."""

    index: int
    name: str
    utilisation_percent: float | None = None
    memory_used_bytes: int | None = None
    memory_bytes: int | None = None


class Machine(BaseModel):
    """This machine as it was last measured. What isn't known is None, never 0."""

    measured_at: datetime
    cores: int
    """Those that we may use."""
    cpu_percent: float | None = None
    """100: all of the machine's cores are busy."""
    memory_used_bytes: int | None = None
    """Without what could be given back at once."""
    memory_bytes: int | None = None
    """All there is, or the limit of what may be used here."""
    disk_free_bytes: int | None = None
    """On the disk under home; of several, on the fullest."""
    disk_bytes: int | None = None
    accelerators: list[Accelerator] = []


class AcceleratorHistory(BaseModel):
    index: int
    utilisation_percent: list[float | None]
    memory_used_bytes: list[int | None]


class MachineHistory(BaseModel):
    """The last ten minutes, oldest first, one value for each `every_seconds`; None where nothing was measured."""

    every_seconds: float
    cpu_percent: list[float | None]
    memory_used_bytes: list[int | None]
    disk_free_bytes: list[int | None]
    accelerators: list[AcceleratorHistory] = []
