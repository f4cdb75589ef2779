"""Base models that can be served as they are: those that were converted to GGUF."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from tunesmith.domain.artifact import Kind, Lineage
from tunesmith.domain.home import Home
from tunesmith.serving.instances import Base

BASES = PurePosixPath("models/base")


def bases(home: Home) -> list[Base]:
    """One GGUF for each base model that has any, by name: of full precision before quantised, then the newest.

    What counts is the sidecar's parent: the GGUF of a merged model is none of these.
    """
    found: dict[str, tuple[tuple[bool, int], Base]] = {}
    for model in (home.models / "gguf").glob("*.gguf"):
        name = _parent(model.with_name(f"{model.name}.tunesmith.json"))
        if name is None:
            continue
        try:
            status = model.stat()
        except FileNotFoundError:
            continue  # deleted just now
        rank = (model.stem.endswith("f16"), status.st_mtime_ns)
        base = Base(name, home.relative(model), f"{status.st_size}-{status.st_mtime_ns}")
        if name not in found or found[name][0] < rank:
            found[name] = (rank, base)
    return [found[name][1] for name in sorted(found)]


def _parent(sidecar: Path) -> str | None:
    """Name of the base model that the artifact beside this sidecar was converted from; None for anything else."""
    try:
        lineage = Lineage.model_validate_json(sidecar.read_bytes())
    except (OSError, ValidationError):
        return None  # incomplete or made elsewhere; the catalogue says so to the user
    parents = [PurePosixPath(parent) for parent in lineage.parents]
    return next((p.name for p in parents if p.parent == BASES), None) if lineage.kind is Kind.GGUF else None
