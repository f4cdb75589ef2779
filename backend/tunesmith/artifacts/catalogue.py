"""The catalogue: every artifact of a home, by path or name, with its hash. Implements `domain.ports.Catalogue`."""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import BaseModel

from tunesmith.artifacts import adapter, describe, fit
from tunesmith.artifacts.dependants import dependants
from tunesmith.artifacts.engine_limits import reasons_against_gguf_adapter
from tunesmith.artifacts.hashes import Hashes
from tunesmith.artifacts.nan import first_not_finite
from tunesmith.artifacts.safetensors import BrokenFile, read_header
from tunesmith.artifacts.scan import Scan, Scanner
from tunesmith.artifacts.sidecar import sidecar_of
from tunesmith.domain.artifact import Artifact, Kind
from tunesmith.domain.deletion import Deletion
from tunesmith.domain.errors import InvalidInput, NotFound
from tunesmith.domain.home import Home
from tunesmith.domain.ports import InUse
from tunesmith.runtimes.disk_use import disk_bytes

Reasons = list[str]
"""Sentences, each a reason against something."""
LOOKED_AT = 512 << 20
"""Bytes of weights in which NaN is looked for: all of an adapter, the beginning of a model."""


class Lineage(BaseModel):
    """Where an artifact comes from and what came of it. `missing`: parents that are named but no longer there."""

    artifact: Artifact
    parents: list[Artifact] = []
    missing: list[str] = []
    children: list[Artifact] = []
    not_loadable: list[str] = []
    """Adapters: why llama.cpp can't load it as a GGUF adapter. Empty when it can."""


class Catalogue:
    """All of it is read from disk; what is remembered between scans is only what hasn't changed since."""

    def __init__(self, home: Home, in_use: InUse = lambda _: [], stops: Callable[[str], list[str]] = lambda _: []) -> None:
        """`in_use`: who works with a path now. `stops`: served names that need the artifact of this id. Both block."""
        self._home, self._in_use, self._stops = home, in_use, stops
        self._scanner = Scanner(home)
        self._lacking: dict[str, tuple[Artifact, Artifact]] = {}
        self._hashes = Hashes(home.ours / "hashes.sqlite")

    async def list(self, kind: Kind | None = None) -> list[Artifact]:
        found = (await self.scan()).artifacts
        return [artifact for artifact in found if kind is None or artifact.kind is kind]

    async def scan(self) -> Scan:
        """All artifacts, and the folders that could not be read. An adapter whose base is gone says so in `problems`."""
        scan = await asyncio.to_thread(self._scanner.scan)
        ids = {artifact.id for artifact in scan.artifacts}
        without_base = {artifact.id: self._without_base(artifact) for artifact in scan.artifacts if _lacks_base(artifact, ids)}
        self._lacking = without_base
        shown = [without_base[artifact.id][1] if artifact.id in without_base else artifact for artifact in scan.artifacts]
        return Scan(shown, scan.unreadable)

    def _without_base(self, artifact: Artifact) -> tuple[Artifact, Artifact]:
        """It, and itself with that problem: the same one as long as it is the same, so that nobody takes it for changed."""
        known = self._lacking.get(artifact.id)
        if known and known[0] is artifact:
            return known
        problems = [*artifact.problems, f"its base {artifact.base} isn't there"]
        return artifact, artifact.model_copy(update={"problems": problems})

    async def get(self, artifact_id: str) -> Artifact:
        """By id (path relative to home), a run's name (path under saves/), an unambiguous name, or the hub id of a base.

        `NotFound`; `InvalidInput` when a name fits several.
        """
        found = await self.list()
        wanted = artifact_id.strip("/")
        for artifact in found:
            if artifact.id == wanted or (artifact.run == wanted and "/" in wanted and artifact.checkpoint is None):
                return artifact
        named = [artifact for artifact in found if artifact.name == wanted or _comes_from(artifact, wanted)]
        if not named:
            raise NotFound(f"There is no artifact {_short(artifact_id)!r}", remedy="GET /api/artifacts lists all of them.")
        if len(named) > 1:
            paths = ", ".join(artifact.id for artifact in named[:5])
            raise InvalidInput(f"{wanted!r} is the name of {len(named)} artifacts", f"They are {paths}.", "Give the whole path.")
        return named[0]

    def path(self, artifact: Artifact) -> Path:
        """Where an artifact lies. Its id comes from a scan, so it may be joined; a base may be a link to elsewhere."""
        return self._home.root / artifact.id

    async def sha256(self, path: Path) -> str:
        return await asyncio.to_thread(self._hashes.sha256, path)

    async def lineage(self, artifact_id: str) -> Lineage:
        artifact, found = await self.get(artifact_id), await self.list()
        by_id = {one.id: one for one in found}
        named = list(artifact.lineage.parents) if artifact.lineage else []
        if artifact.base and artifact.base not in named:
            named.append(artifact.base)
        limits = await asyncio.to_thread(self._limits, artifact) if artifact.kind is Kind.ADAPTER else []
        return Lineage(
            artifact=artifact,
            parents=[by_id[parent] for parent in named if parent in by_id],
            missing=[parent for parent in named if parent not in by_id],
            children=[one for one in found if one.id != artifact.id and _made_from(one, artifact.id)],
            not_loadable=limits,
        )

    async def check(self, artifact_id: str, base_id: str | None = None) -> Reasons:
        """Everything that speaks against using an artifact, found by a close look (all headers, NaN, and the base if given)."""
        artifact = await self.get(artifact_id)
        base = await self.get(base_id) if base_id else None
        return await asyncio.to_thread(self._check, artifact, base)

    async def reasons_against_gguf_adapter(self, artifact_id: str) -> Reasons:
        """Why llama.cpp can't load this adapter as a GGUF adapter; empty when it can."""
        return await asyncio.to_thread(self._limits, await self.get(artifact_id))

    async def deletion(self, path: Path) -> Deletion:
        """What deleting an artifact, or the folder of a run, would do."""
        found = await self.list()
        return await asyncio.to_thread(self._deletion, path, found)

    async def delete(self, path: Path) -> None:
        """Delete it with its sidecar. `Conflict` when something was made from it, a release needs it, or it is in use now."""
        (await self.deletion(path)).check()
        await asyncio.to_thread(_remove, path)

    def _deletion(self, path: Path, found: Sequence[Artifact]) -> Deletion:
        what = self._home.relative(path)
        sidecar = sidecar_of(path)
        files = [path, *([sidecar] if sidecar.parent != path and sidecar.exists() else [])]
        return Deletion(
            what=what,
            bytes=disk_bytes(files),
            files=[self._home.relative(file) for file in files],
            stops=self._stops(what),
            dependants=[*dependants(self._home, what, found), *self._in_use(path)],
        )

    def _limits(self, artifact: Artifact) -> Reasons:
        try:
            return reasons_against_gguf_adapter(self.path(artifact))
        except BrokenFile as error:
            return [error.detail]

    def _check(self, artifact: Artifact, base: Artifact | None) -> Reasons:
        path = self.path(artifact)
        found = list(artifact.problems)
        try:
            if artifact.kind is Kind.ADAPTER:
                header = read_header(path / adapter.WEIGHTS)
                found += adapter.lies(adapter.read_config(path), header)
            files = _weight_files(artifact, path)
            broken = next((name for name in files if first_not_finite(path / name, LOOKED_AT)), None)
            if broken:
                found.append(f"{path / broken} holds NaN or infinity; the training that made it diverged")
            if artifact.kind is Kind.ADAPTER and base is not None:
                found += fit.reasons_against(path, self.path(base))
        except BrokenFile as error:
            found.append(error.detail)
        except OSError as error:
            found.append(f"{error.filename} can't be read ({error.strerror})")
        return list(dict.fromkeys(found))


def _weight_files(artifact: Artifact, path: Path) -> list[str]:
    if artifact.kind is Kind.ADAPTER:
        return [adapter.WEIGHTS]
    return describe.weight_files(path) if artifact.kind in (Kind.BASE, Kind.MERGED) else []


def _lacks_base(artifact: Artifact, ids: set[str]) -> bool:
    base = artifact.base
    return artifact.kind is Kind.ADAPTER and base is not None and base.startswith("models/") and base not in ids


def _comes_from(artifact: Artifact, repository: str) -> bool:
    """LlamaBoard names a base by its hub id; ours is the download of it."""
    source = artifact.lineage.recipe.get("source") if artifact.lineage else None
    return artifact.kind is Kind.BASE and isinstance(source, str) and source.startswith(f"hub {repository}@")


def _made_from(artifact: Artifact, parent: str) -> bool:
    return artifact.base == parent or (artifact.lineage is not None and parent in artifact.lineage.parents)


def _remove(path: Path) -> None:
    """Delete by a rename to a dot name first, so that no scan sees it half there."""
    gone = path.with_name(f".deleted-{uuid.uuid4().hex[:8]}")
    sidecar = sidecar_of(path)
    os.rename(path, gone)  # noqa: PTH104
    if sidecar.parent != path:
        sidecar.unlink(missing_ok=True)
    if gone.is_dir() and not gone.is_symlink():
        shutil.rmtree(gone)
    else:
        gone.unlink()


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:120]}…"
