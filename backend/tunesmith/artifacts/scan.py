"""Finds the artifacts of a home. Ten thousand run folders take about a second, and a twentieth of that when nothing changed."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tunesmith.artifacts import adapter, describe
from tunesmith.artifacts.sidecar import NAME as SIDECAR
from tunesmith.artifacts.sidecar import sidecar_of
from tunesmith.domain.artifact import Artifact, Kind
from tunesmith.domain.home import Home
from tunesmith.runtimes.memo import Memo

DEEPEST = 3
"""LlamaBoard saves to saves/<model>/<method>/<run>."""
RUN_MARK = ".tunesmith-run.json"
_CHECKPOINT = re.compile(r"checkpoint-(\d{1,12})")
_RUN_FILES = {adapter.CONFIG, RUN_MARK, "trainer_log.jsonl"}
_WEIGHTS = (adapter.WEIGHTS, "adapter_model.bin")


@dataclass
class Scan:
    artifacts: list[Artifact] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    """Folders that could not be read, with the reason."""


@dataclass(frozen=True)
class Folder:
    """What is worth remembering of a folder under saves/: the folders to look into, and its own adapter."""

    below: tuple[tuple[str, int | None], ...] = ()
    """Their paths, with the number of those that are checkpoints."""
    found: Artifact | None = None
    unreadable: str | None = None


class Scanner:
    """Scans a home, and remembers what it read (see `memo` for how long). Safe to call from several threads."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._folders: Memo[Folder] = Memo()
        self._models: Memo[Artifact | None] = Memo()
        self._lock = threading.Lock()

    @property
    def reads(self) -> int:
        """How many folders and files were read so far, in all scans."""
        return self._folders.reads + self._models.reads

    def scan(self) -> Scan:
        """Everything that is complete, in a stable order: saves/ first, then models/, each by path."""
        with self._lock:
            result = Scan()
            self._folders.begin()
            self._models.begin()
            self._walk(str(self._home.saves), 0, None, result)
            for name, kind in (("base", Kind.BASE), ("merged", Kind.MERGED)):
                self._model_folders(self._home.models / name, kind, result)
            for name, kind in (("gguf", Kind.GGUF), ("adapters", Kind.GGUF_ADAPTER)):
                self._gguf_files(self._home.models / name, kind, result)
            self._folders.end()
            self._models.end()
            return result

    def _walk(self, path: str, depth: int, checkpoint: int | None, result: Scan) -> None:
        entry = self._folders.known(path)
        folder = entry.value if entry else self._new_folder(path, depth, checkpoint)
        if folder.found:
            result.artifacts.append(folder.found)
        if folder.unreadable:
            result.unreadable.append(folder.unreadable)
        for below, number in folder.below:
            self._walk(below, depth + 1, number, result)

    def _new_folder(self, path: str, depth: int, checkpoint: int | None) -> Folder:
        def files() -> tuple[str, ...]:
            return (path,) if depth == 0 else (path, f"{path}/{adapter.WEIGHTS}", f"{path}/{adapter.CONFIG}")

        return self._folders.recall(path, files, lambda: self._read(path, depth, checkpoint))

    def _read(self, path: str, depth: int, checkpoint: int | None) -> Folder:
        try:
            names, folders = _entries(path)
        except FileNotFoundError:
            return Folder()
        except OSError as error:
            return Folder(unreadable=f"{path} can't be read ({error.strerror})")
        found = self._adapter(Path(path), names, checkpoint) if depth else None
        if checkpoint is not None:
            return Folder(found=found)
        is_run = depth > 0 and not _RUN_FILES.isdisjoint(names)
        wanted = sorted(((name, _number(name)) for name in folders), key=_natural)
        below = [(f"{path}/{name}", number) for name, number in wanted if number is not None or (depth < DEEPEST and not is_run)]
        return Folder(tuple(below), found)

    def _adapter(self, path: Path, names: set[str], checkpoint: int | None) -> Artifact | None:
        """The adapter in this folder when it is complete.

        A run of ours trains in place: it is complete when the job's wrapper has put the sidecar there. A checkpoint is complete
        when it has its trainer_state.json, which the trainer writes after everything else.
        """
        if adapter.CONFIG not in names or names.isdisjoint(_WEIGHTS):
            return None
        in_progress = "trainer_state.json" not in names if checkpoint is not None else RUN_MARK in names and SIDECAR not in names
        if in_progress:
            return None
        run = path.parent if checkpoint is not None else path
        return describe.describe_adapter(self._home, path, str(run)[len(str(self._home.saves)) + 1 :], checkpoint)

    def _model_folders(self, parent: Path, kind: Kind, result: Scan) -> None:
        for name in _listed(parent, result, folders=True):
            path = parent / name

            def files(path: Path = path) -> tuple[str, ...]:
                weights = [str(file) for file in sorted(path.glob("*.safetensors"))]
                return (str(path), *weights, str(path / describe.INDEX), str(path / "config.json"), str(sidecar_of(path)))

            def read(path: Path = path) -> Artifact | None:
                return describe.describe_model(self._home, path, kind) if (path / "config.json").is_file() else None

            found = self._models.recall(str(path), files, read)
            if found:
                result.artifacts.append(found)

    def _gguf_files(self, parent: Path, kind: Kind, result: Scan) -> None:
        for name in _listed(parent, result, folders=False):
            path = parent / name

            def files(path: Path = path) -> tuple[str, ...]:
                return str(path), str(sidecar_of(path))

            def read(path: Path = path) -> Artifact | None:
                return describe.describe_gguf(self._home, path, kind)

            found = self._models.recall(str(path), files, read)
            if found:
                result.artifacts.append(found)


def _hidden(name: str) -> bool:
    """Dot names are half-made or being deleted; `.part` is what downloads in progress are called."""
    return name.startswith(".") or ".part" in name


def _entries(path: str) -> tuple[set[str], list[str]]:
    """Names of the files in a folder (dot names too, for the marks), and of the folders that may be looked into."""
    files, folders = set(), []
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir():
                if not _hidden(entry.name):
                    folders.append(entry.name)
            else:
                files.add(entry.name)
    return files, folders


def _listed(parent: Path, result: Scan, *, folders: bool) -> Iterator[str]:
    try:
        files, below = _entries(str(parent))
    except FileNotFoundError:
        return
    except OSError as error:
        result.unreadable.append(f"{parent} can't be read ({error.strerror})")
        return
    yield from sorted(below if folders else (name for name in files if name.endswith(".gguf") and not _hidden(name)))


def _number(name: str) -> int | None:
    found = _CHECKPOINT.fullmatch(name)
    return int(found[1]) if found else None


def _natural(folder: tuple[str, int | None]) -> tuple[str, int]:
    """checkpoint-9 before checkpoint-10."""
    name, number = folder
    return (name, 0) if number is None else ("checkpoint-", number)
