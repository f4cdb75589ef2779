"""Where the bytes are."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel

from tunesmith.domain.home import Home
from tunesmith.runtimes.disk_use import disk_bytes, stats


class Usage(BaseModel):
    """One folder or file. Bytes on disk; of a file with several names once."""

    path: str
    bytes: int
    files: int


class Part(Usage):
    """One part of a home or of the cache, and its entries, largest first."""

    part: str
    entries: list[Usage] = []
    alone: int
    """Bytes of its entries, each measured alone: more than `bytes` where they share files by hard links."""


class DiskUse(BaseModel):
    parts: list[Part]
    bytes: int
    """Less than the sum of the parts where those share files."""


class _Tally:
    """Bytes of the files that were counted; one with several names counts once."""

    def __init__(self) -> None:
        self.bytes = 0
        self._seen: set[tuple[int, int]] = set()

    def count(self, info: os.stat_result) -> None:
        if info.st_nlink > 1:
            if (info.st_dev, info.st_ino) in self._seen:
                return
            self._seen.add((info.st_dev, info.st_ino))
        self.bytes += info.st_blocks * 512


def disk_use(home: Home, cache: Path, entries: int = 20) -> DiskUse:
    """Sizes by part. Blocks while it walks; `entries` is how many of each part are named."""
    folders = {
        "saves": home.saves,
        **{f"models/{kind}": home.models / kind for kind in ("base", "merged", "gguf", "adapters", "served")},
        "data": home.data,
        "jobs": home.jobs,
        "toolboxes": cache / "toolboxes",
    }
    held = {(name, folder): _children(folder) for name, folder in folders.items() if folder.is_dir()}
    held["other state", home.ours] = [path for path in _children(home.ours) if path != home.jobs]
    held["other cache", cache] = [path for path in _children(cache) if path != cache / "toolboxes"]
    whole = _Tally()
    parts = [_part(name, folder, paths, whole, entries) for (name, folder), paths in held.items()]
    return DiskUse(parts=parts, bytes=whole.bytes)


def _part(name: str, folder: Path, paths: list[Path], whole: _Tally, entries: int) -> Part:
    together = _Tally()
    usages = [_usage(path, together, whole) for path in paths]
    return Part(
        part=name,
        path=str(folder),
        bytes=together.bytes,
        files=sum(usage.files for usage in usages),
        entries=sorted(usages, key=lambda usage: usage.bytes, reverse=True)[:entries],
        alone=sum(usage.bytes for usage in usages),
    )


def _children(folder: Path) -> list[Path]:
    try:
        return [Path(entry.path) for entry in os.scandir(folder)]
    except OSError:
        return []


def _usage(path: Path, *more: _Tally) -> Usage:
    """One entry, measured alone; it is counted in `more` too."""
    alone, files = _Tally(), 0
    for info in stats(path):
        files += 1
        for tally in (alone, *more):
            tally.count(info)
    return Usage(path=str(path), bytes=alone.bytes, files=files)


def size(path: Path) -> int:
    """Bytes on disk of a file or folder."""
    return disk_bytes([path])
