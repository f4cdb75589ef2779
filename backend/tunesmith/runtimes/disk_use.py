"""What files take on disk."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path


def disk_bytes(paths: Iterable[Path]) -> int:
    """Bytes on disk of files and folders together; a file with several names counts once. Blocks while it walks."""
    seen: set[tuple[int, int]] = set()
    total = 0
    for info in (info for path in paths for info in stats(path)):
        if (info.st_dev, info.st_ino) not in seen:
            seen.add((info.st_dev, info.st_ino))
            total += info.st_blocks * 512
    return total


def stats(path: Path) -> Iterator[os.stat_result]:
    """Of every file below `path`, links not followed; what vanishes meanwhile is left out."""
    if not path.is_dir() or path.is_symlink():
        with contextlib.suppress(OSError):
            yield os.lstat(path)
        return
    waiting = [str(path)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        yield entry.stat(follow_symlinks=False)
