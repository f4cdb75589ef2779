"""Artifacts: what is trained, merged and converted, each with where it came from."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel


class Kind(StrEnum):
    BASE = "base"
    ADAPTER = "adapter"
    MERGED = "merged"
    GGUF = "gguf"
    GGUF_ADAPTER = "gguf-adapter"


class Lineage(BaseModel):
    """The sidecar `tunesmith.json` beside or inside an artifact. Paths are relative to home."""

    kind: Kind
    job: str
    step: str
    parents: list[str] = []
    """Paths, relative to home, of the artifacts this one was made from."""
    recipe: dict[str, object] = {}
    """What decided its content: template, training settings, quantisation, tool versions."""
    made_at: datetime


class Artifact(BaseModel):
    """One complete artifact as a scan found it. `id` is its path relative to home; sizes in bytes."""

    id: str
    kind: Kind
    name: str
    bytes: int
    modified_at: datetime
    lineage: Lineage | None = None
    """None: made outside of Tunesmith."""
    base: str | None = None
    """Adapters: what `adapter_config.json` names as base, or the lineage's base (relative to home)."""
    architecture: str | None = None
    rank: int | None = None
    quantisation: str | None = None
    parameters: int | None = None
    tensors: int | None = None
    run: str | None = None
    """The run (folder name under saves/) that an adapter or checkpoint belongs to."""
    checkpoint: int | None = None
    problems: list[str] = []
    """Why it can't be used, if so (truncated file, missing base, config that lies)."""
