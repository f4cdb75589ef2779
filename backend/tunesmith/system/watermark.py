"""Whether there is disk enough to start a job."""

from __future__ import annotations

import shutil
from pathlib import Path

GIB = 2**30


def disk_obstacle(home: Path, reserve_gib: float) -> str | None:
    """Why no job may start on `home`'s disk now, or None when more than `reserve_gib` GiB are free."""
    try:
        free = shutil.disk_usage(home).free
    except OSError as error:
        return f"The disk of {home} can't be read: {error.strerror}."
    if free >= reserve_gib * GIB:
        return None
    return (
        f"The disk of {home} has {free / GIB:.1f} GiB free, less than the reserve of {reserve_gib:g} GiB. "
        "Free some space (`tunesmith du`, `tunesmith clean`) or lower TUNESMITH_DISK_RESERVE_GIB."
    )
