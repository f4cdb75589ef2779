"""Base models that can be served as they are: those that were converted to GGUF."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from tunesmith.domain.artifact import Kind, Lineage
from tunesmith.domain.home import Home
from tunesmith.serving.instances import Base

BASES = PurePosixPath("models/base")
SUFFIX = "-f16.gguf"


def bases(home: Home) -> list[Base]:
    """Every complete `models/gguf/<base>-f16.gguf` whose sidecar names a base model as its parent, by name."""
    found = {}
    for model in sorted((home.models / "gguf").glob(f"*{SUFFIX}")):
        name = _parent(model.with_name(f"{model.name}.tunesmith.json"))
        if name is not None:
            status = model.stat()
            found[name] = Base(name, home.relative(model), f"{status.st_size}-{status.st_mtime_ns}")
    return list(found.values())


def _parent(sidecar: Path) -> str | None:
    """Name of the base model that the artifact beside this sidecar was converted from; None for anything else."""
    try:
        lineage = Lineage.model_validate_json(sidecar.read_bytes())
    except (OSError, ValidationError):
        return None  # incomplete or made elsewhere; the catalogue says so to the user
    parents = [PurePosixPath(parent) for parent in lineage.parents]
    return next((p.name for p in parents if p.parent == BASES), None) if lineage.kind is Kind.GGUF else None
