"""Changes of a folder tree, counted as they happen (inotify(7)): what somebody outside can see of a program at work."""

from __future__ import annotations

import ctypes
import os
import select
import struct
from pathlib import Path

IN_MODIFY, IN_MOVED_FROM, IN_MOVED_TO, IN_CREATE, IN_DELETE = 0x2, 0x40, 0x80, 0x100, 0x200
IN_ISDIR, IN_IGNORED = 0x40000000, 0x8000
CHANGE = IN_MODIFY | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE
EVENT = struct.Struct("iIII")
_libc = ctypes.CDLL(None, use_errno=True)


class Changes:
    """Watches `folder` and all below it. What a new folder already holds when it is seen counts as changes too."""

    def __init__(self, folder: Path) -> None:
        self._fd = _libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        self._folders: dict[int, Path] = {}
        self._watch(folder)

    def __enter__(self) -> Changes:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def _watch(self, folder: Path) -> int:
        watch = _libc.inotify_add_watch(self._fd, os.fsencode(folder), CHANGE)
        if watch < 0:
            # Gone again already.
            return 0
        self._folders[watch] = folder
        try:
            entries = list(os.scandir(folder))
        except FileNotFoundError:
            # Renamed since: its new name comes as a change of its own.
            return 0
        found = 0
        for entry in entries:
            found += 1 + (self._watch(Path(entry.path)) if entry.is_dir(follow_symlinks=False) else 0)
        return found

    def fileno(self) -> int:
        return self._fd

    def next(self, seconds: float) -> list[str]:
        """The changes that have come, a path for each; none after `seconds`. What a race shows twice counts twice."""
        if not select.select([self._fd], [], [], seconds)[0]:
            return []
        data, at, names = os.read(self._fd, 1 << 16), 0, []
        while at < len(data):
            watch, mask, _, length = EVENT.unpack_from(data, at)
            name = data[at + EVENT.size : at + EVENT.size + length].rstrip(b"\0").decode()
            at += EVENT.size + length
            if mask & IN_IGNORED or watch not in self._folders:
                continue
            path = self._folders[watch] / name
            names.append(str(path))
            if mask & IN_ISDIR and mask & (IN_CREATE | IN_MOVED_TO) and path.is_dir():
                names += [str(path)] * self._watch(path)
        return names
