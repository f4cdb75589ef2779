"""What a toolbox is made of: `<scripts>/setup/<name>.toml`, read here for its key and its cost.

The script that makes the environment (setup/install.py) reads the same file for what it has to do.
"""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tunesmith.domain.step import Toolbox

Torch = Literal["cpu", "cuda"]


class Cost(BaseModel):
    """Measured on Linux x86-64. Bytes and seconds; the time is without the download."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    download_bytes: int
    disk_bytes: int
    seconds: float


class Definition(BaseModel):
    """Paths are relative to the scripts folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    requirements: str
    torch: str | None = None
    torch_build: Torch | None = None
    """The build this toolbox always wants; None: what the machine's GPU and the settings say."""
    no_deps: str | None = None
    remove: tuple[str, ...] = ()
    checks: tuple[tuple[str, ...], ...]
    estimate: dict[Torch, Cost]

    def key(self, scripts: Path, own: Path) -> str:
        """8 hex digits that change whenever what would be installed changes."""
        locks = [scripts / name for name in (self.torch, self.requirements, self.no_deps) if name]
        content = b"\0".join(path.read_bytes() for path in [own, *locks])
        return hashlib.sha256(content).hexdigest()[:8]


def definition_file(scripts: Path, toolbox: Toolbox) -> Path:
    return scripts / "setup" / f"{toolbox.value}.toml"


def defined(scripts: Path) -> list[Toolbox]:
    """The toolboxes that have a definition: those we can make."""
    return [toolbox for toolbox in Toolbox if definition_file(scripts, toolbox).is_file()]


def read_definition(scripts: Path, toolbox: Toolbox) -> Definition:
    return Definition.model_validate(tomllib.loads(definition_file(scripts, toolbox).read_text(encoding="utf-8")))
