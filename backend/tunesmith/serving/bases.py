"""Base models that can be served as they are: those that were converted to GGUF."""

from __future__ import annotations

from collections.abc import Iterator
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
    best: dict[str, tuple[tuple[bool, int], Base]] = {}
    for rank, base in _converted(home):
        if base.name not in best or best[base.name][0] < rank:
            best[base.name] = (rank, base)
    return [best[name][1] for name in sorted(best)]


def served_from_only(home: Home, model: str) -> list[str]:
    """Names of the bases of which this file (relative to home) is the one GGUF that there is."""
    models: dict[str, set[str]] = {}
    for _, base in _converted(home):
        models.setdefault(base.name, set()).add(base.model)
    return sorted(name for name, found in models.items() if found == {model})


def _converted(home: Home) -> Iterator[tuple[tuple[bool, int], Base]]:
    """Every GGUF of a base; the highest rank is served."""
    for model in (home.models / "gguf").glob("*.gguf"):
        name = _parent(model.with_name(f"{model.name}.tunesmith.json"))
        if name is None:
            continue
        try:
            status = model.stat()
        except FileNotFoundError:
            continue  # deleted just now
        stamp = f"{status.st_size}-{status.st_mtime_ns}"
        yield (model.stem.endswith("f16"), status.st_mtime_ns), Base(name, home.relative(model), stamp)


def _parent(sidecar: Path) -> str | None:
    """Name of the base model that the artifact beside this sidecar was converted from; None for anything else."""
    try:
        lineage = Lineage.model_validate_json(sidecar.read_bytes())
    except (OSError, ValidationError):
        return None  # incomplete or made elsewhere; the catalogue says so to the user
    parents = [PurePosixPath(parent) for parent in lineage.parents]
    return next((p.name for p in parents if p.parent == BASES), None) if lineage.kind is Kind.GGUF else None
