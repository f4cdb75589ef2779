"""Finds the folders under saves/ in which something was or is being trained, and reads again only what has changed."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tunesmith.domain.run import MetricPoint, Run, RunState
from tunesmith.runtimes.memo import Memo
from tunesmith.training import metrics, outside

RECORD = ".tunesmith-run.json"
DEEPEST = 3
"""LlamaBoard saves to saves/<model>/<method>/<run>."""
MARKS = {RECORD, metrics.LOG, "adapter_config.json", outside.ARGS, outside.BOARD}
_CHECKPOINT = re.compile(r"checkpoint-(\d{1,12})")
_REWRITTEN = (metrics.LOG, outside.ARGS)
"""Files that change while the folder's own time doesn't."""


@dataclass(frozen=True, slots=True)
class Found:
    """One run's folder as it was read. `run` has the state that nothing but a change of its files can end, if it has one."""

    run: Run
    path: Path
    real: str
    """Where it lies, links followed: as a process's working folder is told."""
    ours: bool
    evaluates: bool
    """LlamaBoard's evaluations lie beside its trainings and have the same files."""
    points: tuple[MetricPoint, ...]
    """The last few, of a training that may go on."""

    def state(self, trained: set[Path] | None) -> RunState | None:
        """`trained`: the folders that processes write to now; None where these can't be seen."""
        if self.ours or (self.run.state is not None and not (trained and Path(self.real) in trained)):
            return self.run.state
        return outside.state_of(self.path, self.points, trained)


@dataclass(frozen=True, slots=True)
class _Folder:
    below: tuple[str, ...] = ()
    found: Found | None = None


class RunScanner:
    """`read` describes the folder of a run, given the names in it. Safe to call from several threads."""

    def __init__(self, saves: Path, read: Callable[[Path, set[str]], Found]) -> None:
        self._saves, self._read_run = saves, read
        self._folders: Memo[_Folder] = Memo()
        self._lock = threading.Lock()

    @property
    def reads(self) -> int:
        """How many folders were read so far, in all scans."""
        return self._folders.reads

    def scan(self) -> list[Found]:
        """Every run's folder, evaluations too, in no particular order."""
        with self._lock:
            result: list[Found] = []
            self._folders.begin()
            waiting = [(str(self._saves), 0)]
            while waiting:
                path, depth = waiting.pop()
                entry = self._folders.known(path)
                folder = entry.value if entry else self._new(path, depth)
                if folder.found:
                    result.append(folder.found)
                waiting += [(below, depth + 1) for below in folder.below]
            self._folders.end()
            return result

    def _new(self, path: str, depth: int) -> _Folder:
        inside = names(Path(path))
        is_run = depth > 0 and not MARKS.isdisjoint(inside)

        def files() -> tuple[str, ...]:
            if not is_run:
                return (path,)
            rewritten = [f"{path}/{name}" for name in _REWRITTEN if name in inside]
            return (path, *rewritten, *(f"{path}/{name}" for name in inside if _CHECKPOINT.fullmatch(name)))

        def read() -> _Folder:
            if is_run:
                return _Folder(found=self._read_run(Path(path), inside))
            return _Folder(_folders_in(path) if depth < DEEPEST else ())

        return self._folders.recall(path, files, read)


def names(path: Path) -> set[str]:
    """Names in a folder; none when it isn't one, or can't be read."""
    try:
        return set(os.listdir(path))  # noqa: PTH208 — names are all that is wanted
    except OSError:
        return set()


def checkpoints(path: Path, inside: set[str]) -> list[str]:
    """Complete ones (the trainer writes trainer_state.json last), oldest first. `inside`: the names in `path`."""
    found = [(int(match[1]), name) for name in inside if (match := _CHECKPOINT.fullmatch(name))]
    return [name for _, name in sorted(found) if (path / name / metrics.STATE).is_file()]


def _folders_in(path: str) -> tuple[str, ...]:
    try:
        with os.scandir(path) as entries:
            return tuple(entry.path for entry in entries if not entry.name.startswith(".") and entry.is_dir())
    except OSError:
        return ()
