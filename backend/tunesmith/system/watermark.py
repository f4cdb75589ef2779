"""Whether there is disk enough to start a job."""

from __future__ import annotations

import shutil
from pathlib import Path

GIB = 2**30


def fullest_folder(home: Path) -> Path:
    """Which of home's folders has the least free disk; home itself where it has none of them.

    They may lie on several disks, and in a container each is mounted by itself: the folder above them is then the image's own.
    """
    folders = [folder for name in ("models", "saves", "data", ".tunesmith") if (folder := home / name).is_dir()]
    return min(folders, key=lambda folder: shutil.disk_usage(folder).free, default=home)


def free_bytes(home: Path) -> int:
    """What is free where something of `home` would be written, at its fullest disk. Raises OSError."""
    return shutil.disk_usage(fullest_folder(home)).free


def disk_obstacle(home: Path, reserve_gib: float) -> str | None:
    """Why no job may start on `home`'s disk now, or None when more than `reserve_gib` GiB are free."""
    try:
        fullest = fullest_folder(home)
        free = shutil.disk_usage(fullest).free
    except OSError as error:
        return f"The disk of {home} can't be read: {error.strerror}."
    if free >= reserve_gib * GIB:
        return None
    return (
        f"The disk of {fullest} has {free / GIB:.1f} GiB free, less than the reserve of {reserve_gib:g} GiB. "
        "Free some space (`tunesmith du`, `tunesmith clean`) or lower TUNESMITH_DISK_RESERVE_GIB."
    )
