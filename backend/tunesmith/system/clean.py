"""What nobody needs any more: found first, removed only when asked. Never a user's artifact, run or data set."""

from __future__ import annotations

import fcntl
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from pydantic import BaseModel

from tunesmith.domain.home import Home
from tunesmith.system.du import size

PART = re.compile(r"^\..+\.part-(?P<job>[a-z0-9][a-z0-9-]{3,60})$")
"""Unfinished output of a job; complete outputs never begin with a dot."""
TOOLBOX = re.compile(r"^[a-z][a-z-]*-[0-9a-f]{8}$")
MARKER = "complete.json"


class Leftover(BaseModel):
    path: str
    bytes: int
    reason: str


class Cleaning(BaseModel):
    """What can go, or has gone. `failed` holds what could not be removed, with the reason."""

    items: list[Leftover]
    bytes: int
    removed: bool
    failed: list[str] = []


def leftovers(
    home: Home, toolboxes: Path, wanted: AbstractSet[Path], ended: Sequence[str], busy: bool, keep_jobs: int
) -> list[Leftover]:
    """What can go. `ended`: ids of the jobs that are over, newest first; `busy`: whether any other job is under way.

    `toolboxes` is the folder of all environments, `wanted` those that this version uses.
    """
    found = [*parts(home, set(ended)), *old_jobs(home, ended, keep_jobs), *environments(toolboxes, wanted, busy)]
    return [Leftover(path=str(path), bytes=size(path), reason=reason) for path, reason in found]


def parts(home: Home, ended: AbstractSet[str]) -> Iterator[tuple[Path, str]]:
    """Unfinished outputs of jobs that are over, beside where the finished ones would be."""
    for folder in (home.saves, *(home.models / kind for kind in ("base", "merged", "gguf", "adapters")), home.data):
        for path in sorted(folder.glob(".*.part-*")):
            match = PART.match(path.name)
            if match and match["job"] in ended:
                yield path, f"unfinished output of the job {match['job']}, which is over"


def old_jobs(home: Home, ended: Sequence[str], keep: int) -> Iterator[tuple[Path, str]]:
    """Folders of ended jobs beyond the newest `keep`, but for those that a release refers to."""
    named = jobs_of_releases(home)
    for job in ended[keep:]:
        folder = home.jobs / job
        if job not in named and folder.is_dir():
            yield folder, f"folder of an old job; the newest {keep} are kept"


def jobs_of_releases(home: Home) -> set[str]:
    """Jobs whose folders hold what a release's record refers to (its parity report)."""
    named: set[str] = set()
    for path in home.served.glob("*/*.json"):
        try:
            record = json.loads(path.read_bytes())
        except (OSError, ValueError):
            continue
        if isinstance(record, dict):
            named |= {str(record.get("job")), *Path(str(record.get("parity"))).parts}
    return named


def environments(toolboxes: Path, wanted: AbstractSet[Path], busy: bool) -> Iterator[tuple[Path, str]]:
    """Half-made environments, and complete ones of earlier versions while no job can be using them."""
    for folder in sorted(toolboxes.glob("*-*")):
        if not (TOOLBOX.match(folder.name) and folder.is_dir()) or being_made(folder):
            continue
        if not (folder / MARKER).is_file():
            yield folder, "half-made toolbox"
        elif folder not in wanted and not busy:
            yield folder, "toolbox of an earlier version"


def being_made(folder: Path) -> bool:
    """Whether a process holds the lock under which setup/install.py makes this environment."""
    lock = folder.with_name(folder.name + ".lock")
    if not lock.is_file():
        return False
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def remove(found: Sequence[Leftover]) -> Cleaning:
    """Removes exactly these; goes on after what can't be removed, and says so."""
    gone, failed = [], []
    for item in found:
        path = Path(item.path)
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
            gone.append(item)
        except OSError as failure:
            failed.append(f"{item.path}: {failure.strerror or failure}")
    return Cleaning(items=gone, bytes=sum(item.bytes for item in gone), removed=True, failed=failed)
