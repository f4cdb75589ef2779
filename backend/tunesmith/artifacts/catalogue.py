"""The catalogue: every artifact of a home, by path or name, with its hash. Implements `domain.ports.Catalogue`."""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
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
from tunesmith.domain.errors import Conflict, InvalidInput, NotFound
from tunesmith.domain.home import Home

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

    def __init__(self, home: Home) -> None:
        self._home = home
        self._scanner = Scanner(home)
        self._hashes = Hashes(home.ours / "hashes.sqlite")

    async def list(self, kind: Kind | None = None) -> list[Artifact]:
        found = (await self.scan()).artifacts
        return [artifact for artifact in found if kind is None or artifact.kind is kind]

    async def scan(self) -> Scan:
        """All artifacts, and the folders that could not be read. An adapter whose base is gone says so in `problems`."""
        scan = await asyncio.to_thread(self._scanner.scan)
        ids = {artifact.id for artifact in scan.artifacts}
        return Scan([_with_base_checked(artifact, ids) for artifact in scan.artifacts], scan.unreadable)

    async def get(self, artifact_id: str) -> Artifact:
        """By id (path relative to home) or by unambiguous name. `NotFound`; `InvalidInput` when a name fits several."""
        found = await self.list()
        wanted = artifact_id.strip("/")
        for artifact in found:
            if artifact.id == wanted:
                return artifact
        named = [artifact for artifact in found if artifact.name == wanted]
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

    async def delete(self, artifact_id: str) -> None:
        """Delete an artifact and its sidecar. `Conflict` when something was made from it or a release needs it."""
        artifact = await self.get(artifact_id)
        found = await self.list()
        reasons = await asyncio.to_thread(dependants, self._home, artifact.id, found)
        if reasons:
            raise Conflict(f"{artifact.id} is in use", "; ".join(reasons[:5]) + ".", "Delete those first.")
        await asyncio.to_thread(_remove, self.path(artifact))

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


def _with_base_checked(artifact: Artifact, ids: set[str]) -> Artifact:
    base = artifact.base
    if artifact.kind is not Kind.ADAPTER or base is None or not base.startswith("models/") or base in ids:
        return artifact
    return artifact.model_copy(update={"problems": [*artifact.problems, f"its base {base} isn't there"]})


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
