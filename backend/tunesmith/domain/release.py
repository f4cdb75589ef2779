"""Releases: numbered, immutable records of what a served name is made of."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel

from tunesmith.domain.name import Name


class Way(StrEnum):
    """How an adapter becomes something an engine can load."""

    ADAPTER = "adapter"
    """GGUF adapter on the shared base: seconds and megabytes."""
    MERGE = "merge"
    """Merged model, converted and quantised: works for every adapter."""


class Engine(StrEnum):
    LLAMA_CPP = "llama.cpp"
    OLLAMA = "ollama"


class Piece(BaseModel):
    """One file of a release. `path` relative to home."""

    role: Literal["model", "adapter", "template", "modelfile"]
    path: str
    sha256: str
    bytes: int


class Release(BaseModel):
    """`models/served/<name>/<number>.json`."""

    name: Name
    number: int
    way: Way
    engine: Engine
    engine_build: str
    pieces: list[Piece]
    adapter: str
    """Id of the trained adapter it came from."""
    base: str
    template: str
    """Name of the template that training used."""
    system: str | None = None
    quantisation: str
    parity: str
    """Path, relative to home, of the parity report."""
    parity_verdict: Literal["equal", "mended"]
    job: str
    made_at: datetime
    warnings: list[str] = []
    model_digest: str | None = None
    """On Ollama: the digest of the model `tag`, as Ollama lists it. A copy has the same, anything else another one."""

    @property
    def tag(self) -> str:
        """The release's model on Ollama."""
        return f"{self.name}:r{self.number}"


class StandingRelease(Release):
    """A release, and whether its name stands for it now."""

    current: bool
