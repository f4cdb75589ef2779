"""Where our toolbox scripts lie: beside the package in a checkout, inside it in an installed wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def scripts_folder() -> Path:
    """The folder that holds setup/, llamafactory/, llama_cpp/ and job.sh."""
    inside = PACKAGE / "_toolbox"
    return inside if inside.is_dir() else PACKAGE.parent / "toolbox"
