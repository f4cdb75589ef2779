"""The lineage record beside an artifact: `tunesmith.json` in a folder, `FILE.tunesmith.json` beside a file."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from tunesmith.domain.artifact import Lineage

NAME = "tunesmith.json"


def sidecar_of(artifact: Path) -> Path:
    return artifact.with_name(f"{artifact.name}.{NAME}") if artifact.suffix == ".gguf" else artifact / NAME


def read_lineage(artifact: Path) -> tuple[Lineage | None, list[str]]:
    """The lineage and what is wrong with the record. (None, []): there is none, the artifact was made outside."""
    path = sidecar_of(artifact)
    try:
        return Lineage.model_validate_json(path.read_bytes()), []
    except FileNotFoundError:
        return None, []
    except (OSError, ValidationError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error.strerror
        return None, [f"{path.name} can't be read ({first}); what it was made from is unknown"]
