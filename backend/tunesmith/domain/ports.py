"""The protocols through which nouns meet. Each is implemented in one noun and handed to others in `main`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tunesmith.domain.artifact import Artifact, Kind
from tunesmith.domain.dataset import Dataset
from tunesmith.domain.deletion import Deletion, Dependant
from tunesmith.domain.job import JobStatus
from tunesmith.domain.release import Release
from tunesmith.domain.step import Lane, Step, Toolbox


@dataclass(frozen=True)
class Draft:
    """A job that isn't written yet: its id and folder are known, so that steps can name files in it."""

    id: str
    folder: Path

    @property
    def inputs(self) -> Path:
        """Folder of the files (YAML, JSON) that steps of this job read."""
        return self.folder / "inputs"


class Jobs(Protocol):
    """Implemented by `jobs`."""

    def draft(self, kind: str) -> Draft: ...

    async def submit(
        self,
        draft: Draft,
        *,
        kind: str,
        title: str,
        lane: Lane,
        steps: Sequence[Step],
        request: Mapping[str, object],
        files: Mapping[str, str] = ...,
    ) -> JobStatus:
        """Write `inputs/` (`files`: name → text) and `job.json`, queue the job, return its status (pending)."""

    def status(self, job_id: str) -> JobStatus: ...

    def active(self) -> list[JobStatus]:
        """Jobs that are pending or running."""


InUse = Callable[[Path], list[Dependant]]
"""Who works with a file or folder now: jobs that aren't over, and trainings beside us. Blocking."""


class Catalogue(Protocol):
    """Implemented by `artifacts`."""

    async def list(self, kind: Kind | None = None) -> list[Artifact]: ...

    async def get(self, artifact_id: str) -> Artifact:
        """By id (path relative to home) or by unambiguous name; `NotFound` otherwise."""

    async def deletion(self, path: Path) -> Deletion:
        """What deleting an artifact, or the folder of a run, would do."""

    async def delete(self, path: Path) -> None:
        """`Conflict` while something blocks it."""

    async def sha256(self, path: Path) -> str:
        """Content hash of a file, or of a folder's sorted (path, sha256); cached by (inode, size, mtime)."""


class Datasets(Protocol):
    """Implemented by `datasets`."""

    async def get(self, name: str) -> Dataset: ...


class Releases(Protocol):
    """Implemented by `release`; read by `serving`. All of it is files; nothing is cached."""

    def names(self) -> list[str]: ...

    def current(self, name: str) -> Release | None: ...

    def all(self, name: str) -> list[Release]: ...


class Toolboxes(Protocol):
    """Implemented by `toolboxes`."""

    def ready(self, toolbox: Toolbox) -> bool: ...

    def install_steps(self, toolbox: Toolbox, draft: Draft) -> list[Step]:
        """The steps that make this toolbox complete; empty when it is."""
