"""The output of a step as an artifact: where it is written, where it appears, and its lineage."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tunesmith.domain.artifact import Kind, Lineage
from tunesmith.domain.home import Home
from tunesmith.domain.step import Output


def artifact_output(
    home: Home,
    path: Path,
    kind: Kind,
    *,
    job: str,
    step: str,
    parents: list[str],
    recipe: dict[str, object],
    in_place: bool = False,
) -> Output:
    """`path` as the output of `step` of `job`. `in_place` is for tools that must write where the artifact will be."""
    lineage = Lineage(kind=kind, job=job, step=step, parents=parents, recipe=recipe, made_at=datetime.now(UTC))
    part = path if in_place else path.with_name(f".{path.name}.part-{job}")
    return Output(part=str(part), path=str(path), sidecar={"path": home.relative(path), **lineage.model_dump(mode="json")})
