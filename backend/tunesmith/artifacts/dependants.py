"""What would break if an artifact were deleted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tunesmith.domain.artifact import Artifact
from tunesmith.domain.deletion import Dependant
from tunesmith.domain.home import Home


def dependants(home: Home, artifact_id: str, artifacts: Iterable[Artifact]) -> list[Dependant]:
    """Each artifact made from this one, and each release that names it (or something in its folder)."""
    found = []
    for other in artifacts:
        if other.id != artifact_id and not _inside(other.id, artifact_id):
            parents = [*(other.lineage.parents if other.lineage else []), other.base or ""]
            if any(parent == artifact_id or _inside(parent, artifact_id) for parent in parents):
                found.append(Dependant(kind="artifact", name=other.id, why=f"{other.id} was made from it"))
    return found + _releases(home, artifact_id)


def _inside(path: str, folder: str) -> bool:
    return path.startswith(f"{folder}/")


def _releases(home: Home, artifact_id: str) -> list[Dependant]:
    found = []
    for record in sorted(home.served.glob("*/[0-9]*.json")):
        named = _named_in(record)
        if any(path == artifact_id or _inside(path, artifact_id) for path in named):
            name, number = record.parent.name, record.stem
            found.append(Dependant(kind="release", name=f"{name}/{number}", why=f"release {number} of {name} needs it"))
    return found


def _named_in(record: Path) -> list[str]:
    """Paths that a release record names; one that can't be read counts as naming nothing we could check."""
    try:
        content = json.loads(record.read_bytes())
    except (OSError, ValueError):
        return []
    if not isinstance(content, dict):
        return []
    pieces = content.get("pieces")
    paths = [piece.get("path") for piece in pieces if isinstance(piece, dict)] if isinstance(pieces, list) else []
    return [str(path) for path in (content.get("adapter"), content.get("base"), *paths) if path]
