"""Where the bytes are."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel

from tunesmith.domain.home import Home
from tunesmith.runtimes.disk_use import disk_bytes, stats


class Usage(BaseModel):
    """One folder or file. Bytes on disk; a file with several names is counted once in a part."""

    path: str
    bytes: int
    files: int


class Part(Usage):
    """One part of a home or of the cache, and its entries, largest first."""

    part: str
    entries: list[Usage] = []


class DiskUse(BaseModel):
    parts: list[Part]
    bytes: int


def disk_use(home: Home, cache: Path, entries: int = 20) -> DiskUse:
    """Sizes by part. Blocks while it walks; `entries` is how many of each part are named."""
    folders = {
        "saves": home.saves,
        **{f"models/{kind}": home.models / kind for kind in ("base", "merged", "gguf", "adapters", "served")},
        "data": home.data,
        "jobs": home.jobs,
        "toolboxes": cache / "toolboxes",
    }
    parts = [_part(name, folder, entries) for name, folder in folders.items() if folder.is_dir()]
    others = [path for path in _children(home.ours) if path != home.jobs]
    parts.append(_sum_up("other state", home.ours, [_usage(path, set()) for path in others], entries))
    others = [path for path in _children(cache) if path != cache / "toolboxes"]
    parts.append(_sum_up("other cache", cache, [_usage(path, set()) for path in others], entries))
    return DiskUse(parts=parts, bytes=sum(part.bytes for part in parts))


def _part(name: str, folder: Path, entries: int) -> Part:
    seen: set[tuple[int, int]] = set()
    return _sum_up(name, folder, [_usage(path, seen) for path in _children(folder)], entries)


def _sum_up(name: str, folder: Path, usages: list[Usage], entries: int) -> Part:
    largest = sorted(usages, key=lambda usage: usage.bytes, reverse=True)[:entries]
    total = sum(usage.bytes for usage in usages)
    return Part(part=name, path=str(folder), bytes=total, files=sum(usage.files for usage in usages), entries=largest)


def _children(folder: Path) -> list[Path]:
    try:
        return [Path(entry.path) for entry in os.scandir(folder)]
    except OSError:
        return []


def _usage(path: Path, seen: set[tuple[int, int]]) -> Usage:
    size = files = 0
    for info in stats(path):
        files += 1
        if (info.st_dev, info.st_ino) not in seen:
            size += info.st_blocks * 512
            if info.st_nlink > 1:
                seen.add((info.st_dev, info.st_ino))
    return Usage(path=str(path), bytes=size, files=files)


def size(path: Path) -> int:
    """Bytes on disk of a file or folder."""
    return disk_bytes([path])
