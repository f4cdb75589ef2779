"""Deleting a served name, or one release of it: what would go is found first, and told."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import shutil
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tunesmith.domain.artifact import Artifact
from tunesmith.domain.deletion import Deletion, Dependant
from tunesmith.domain.errors import NotFound
from tunesmith.domain.home import Home
from tunesmith.domain.ports import Catalogue, InUse, Jobs
from tunesmith.domain.release import Release, Way
from tunesmith.release.store import LAST, ReleaseStore
from tunesmith.runtimes.disk_use import disk_bytes


@dataclass(frozen=True)
class Serving:
    """What those who serve have to do. `forget`: take releases away from Ollama, with the plain name when all of it goes."""

    settle: Callable[[], Awaitable[None]]
    """End the engines that no current release needs any more, once they answer nothing."""
    forget: Callable[[Sequence[Release], bool], Awaitable[None]]


class Removal:
    """`in_use`: who works with a file now."""

    def __init__(
        self, home: Home, store: ReleaseStore, catalogue: Catalogue, jobs: Jobs, serving: Serving, in_use: InUse = lambda _: []
    ) -> None:
        self._home, self._store, self._catalogue, self._jobs = home, store, catalogue, jobs
        self._serving, self._in_use = serving, in_use

    async def deletion(self, name: str, number: int | None = None) -> Deletion:
        """What deleting a served name (or only its release `number`) would do. `NotFound` when there is nothing of it."""
        artifacts = await self._catalogue.list()
        return await asyncio.to_thread(self._deletion, name, number, artifacts)

    async def delete(self, name: str, number: int | None = None) -> None:
        """Ollama first, then the record, then the engine, then the files: killed on the way, asking again ends it."""
        deletion = await self.deletion(name, number)
        deletion.check()
        gone = await asyncio.to_thread(self._chosen, name, number)
        await self._serving.forget(gone, number is None)
        await asyncio.to_thread(self._unlist, name, number)
        await self._serving.settle()
        await asyncio.to_thread(self._remove, deletion.files)

    def _chosen(self, name: str, number: int | None) -> list[Release]:
        if number is not None:
            return [self._store.get(name, number)]
        found = self._store.all(name)
        if not found:
            raise NotFound(f"Nothing is released as {name!r}", "", "GET /api/releases lists what there is.")
        return list(found)

    def _deletion(self, name: str, number: int | None, artifacts: Sequence[Artifact]) -> Deletion:
        gone, current = self._chosen(name, number), self._store.current_number(name)
        pieces = self._unshared(gone, artifacts)
        files = [*self._own_files(gone, whole=number is None), *pieces]
        return Deletion(
            what=name if number is None else f"{name}@{number}",
            bytes=disk_bytes(files),
            files=[self._home.relative(file) for file in files],
            stops=[name] if number is None and current is not None else [],
            dependants=[
                *self._current(name, number, current),
                *self._being_released(name),
                *(user for piece in pieces for user in self._in_use(piece)),
            ],
        )

    def _current(self, name: str, number: int | None, current: int | None) -> list[Dependant]:
        if number is None or number != current:
            return []
        why = f"{name} stands for release {number} now: roll it back first, or delete the whole name"
        return [Dependant(kind="release", name=f"{name}/{number}", why=why)]

    def _being_released(self, name: str) -> list[Dependant]:
        return [
            Dependant(kind="job", name=job.id, why=f"job {job.id} makes a release of it")
            for job in self._jobs.active()
            if job.kind == "release" and job.title == f"Release {name}"
        ]

    def _unshared(self, gone: Sequence[Release], artifacts: Sequence[Artifact]) -> list[Path]:
        """Adapters and merged models that were made to be served by these releases, and that nothing else needs.

        A base's own file stays: the base is served from it, and the next release is quick for it.
        """
        going = {(release.name, release.number) for release in gone}
        others = {
            piece.path
            for name in self._store.with_records()
            for release in self._store.all(name)
            if (release.name, release.number) not in going
            for piece in release.pieces
        }
        parents = {parent for artifact in artifacts if artifact.lineage for parent in artifact.lineage.parents}
        roles = {(Way.ADAPTER, "adapter"), (Way.MERGE, "model")}
        paths = {piece.path for release in gone for piece in release.pieces if (release.way, piece.role) in roles}
        found = [self._artifact(path) for path in sorted(paths - others - parents)]
        sidecars = [file.with_name(f"{file.name}.tunesmith.json") for file in found if file]
        return [*(file for file in found if file), *(sidecar for sidecar in sidecars if sidecar.exists())]

    def _artifact(self, path: str) -> Path | None:
        """Only what lies where releases put such files: a record is no reason to remove anything else."""
        file = self._home.root / path
        folders = (self._home.models / "gguf", self._home.models / "adapters")
        return file if file.parent in folders and ".." not in path and file.is_file() else None

    def _own_files(self, gone: Sequence[Release], whole: bool) -> list[Path]:
        folder = self._home.served / gone[0].name
        if whole:
            return [folder]
        [release] = gone
        kept = [self._home.root / piece.path for piece in release.pieces if piece.role in ("template", "modelfile")]
        kept.append(self._home.root / release.parity)
        named_elsewhere = {
            path
            for other in self._store.all(release.name)
            if other.number != release.number
            for path in (other.parity, *(piece.path for piece in other.pieces))
        }
        mine = [
            file
            for file in kept
            if file.is_file() and file.is_relative_to(folder) and self._home.relative(file) not in named_elsewhere
        ]
        return [folder / f"{release.number}.json", *mine]

    def _unlist(self, name: str, number: int | None) -> None:
        """From here on it isn't served, whatever becomes of the files."""
        folder = self._home.served / name
        with _alone(folder):
            if number is None:
                (folder / "current").unlink(missing_ok=True)
            else:
                self._store.get(name, number)
                # Its number is never given again: `name@number` may be written down somewhere.
                part = folder / f".{LAST}"
                part.write_text(f"{max(self._store.last_number(name), *(each.number for each in self._store.all(name)))}\n")
                part.replace(folder / LAST)
                (folder / f"{number}.json").unlink()

    def _remove(self, files: Sequence[str]) -> None:
        for path in (self._home.root / name for name in files):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The lock under which release/record.py writes: no release of this name is being numbered meanwhile."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
