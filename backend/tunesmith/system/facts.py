"""What `system` needs to know of toolboxes. Whoever makes them hands it over in `main`."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class ToolboxFacts(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def presence(self) -> str:
        """ready, missing or half-made."""

    @property
    def path(self) -> str: ...

    @property
    def disk_bytes(self) -> int: ...

    @property
    def torch(self) -> str | None:
        """The build of PyTorch this machine asks for (cpu, cuda); None for a toolbox without PyTorch."""

    @property
    def torch_version(self) -> str | None:
        """The PyTorch that is installed, such as 2.13.0+cpu."""


def environment_python(path: str) -> Path:
    """The interpreter of a toolbox's environment."""
    return Path(path) / "bin" / "python"
