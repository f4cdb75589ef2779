"""The runs of a home: every folder under saves/ in which something was or is being trained, ours or made in LlamaBoard."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from tunesmith.domain.errors import NotFound
from tunesmith.domain.home import Home
from tunesmith.domain.run import Run
from tunesmith.steps.render import Template
from tunesmith.training import metrics
from tunesmith.training.metrics import Stretch

RECORD = ".tunesmith-run.json"
DEEPEST = 3
"""LlamaBoard saves to saves/<model>/<method>/<run>."""
_CHECKPOINT = re.compile(r"checkpoint-(\d{1,12})")
_MARKS = {RECORD, metrics.LOG, "adapter_config.json", "training_args.yaml"}
_WEIGHTS = {"adapter_model.safetensors", "adapter_model.bin"}


class RunRecord(BaseModel):
    """`.tunesmith-run.json`: written into a run's folder before its training starts."""

    job: str
    config: dict[str, Any]
    """The configuration in force: `TrainingConfig` with its template filled in."""


@dataclass(frozen=True)
class Origin:
    """What a run was trained with, from our record, else from LLaMA-Factory's own. None where neither says."""

    base: str | None = None
    template: str | None = None
    datasets: tuple[str, ...] = ()
    made_outside: bool = True


class Runs:
    """Blocking: callers run it in a thread. Nothing is kept; all of it is read from disk."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def all(self) -> list[Run]:
        """Newest first."""
        found = [self._describe(path, names) for path, names in _run_folders(self._home.saves)]
        return sorted(found, key=lambda run: run.modified_at, reverse=True)

    def get(self, name: str) -> Run:
        """By path under saves/ (`facts`, `Llama-3/lora/train_1`). `NotFound` otherwise."""
        path, names = self._find(name)
        return self._describe(path, names)

    def metrics(self, name: str, offset: int = 0) -> Stretch:
        """Points of a run from a byte offset of its `trainer_log.jsonl` on, with gradient norms where they are known."""
        path, names = self._find(name)
        stretch = metrics.read_log(path / metrics.LOG, offset)
        state = path / metrics.STATE
        if metrics.STATE not in names:
            checkpoints = _checkpoints(path)
            state = path / checkpoints[-1] / metrics.STATE if checkpoints else state
        return Stretch(metrics.with_norms(stretch.points, metrics.gradient_norms(state)), stretch.offset)

    def origin(self, name: str) -> Origin:
        """What a run was trained with."""
        return read_origin(self._find(name)[0])

    def config(self, name: str) -> dict[str, Any]:
        """The configuration as it was: ours, or LLaMA-Factory's own keys for a run made outside. Empty when nothing says."""
        path, _ = self._find(name)
        record = _json(path / RECORD).get("config")
        return record if isinstance(record, dict) else _yaml(path / "training_args.yaml")

    def _find(self, name: str) -> tuple[Path, set[str]]:
        """Only names that a walk through saves/ finds are joined to a path."""
        parts = name.strip("/").split("/")
        if 0 < len(parts) <= DEEPEST and all(part and not part.startswith(".") and "\0" not in part for part in parts):
            path = self._home.saves.joinpath(*parts)
            names = _names(path)
            if not _MARKS.isdisjoint(names):
                return path, names
        raise NotFound(f"There is no run {name[:120]!r}", f"Looked in {self._home.saves}.", "GET /api/runs lists all of them.")

    def _describe(self, path: Path, names: set[str]) -> Run:
        origin, points = read_origin(path), metrics.read_tail(path / metrics.LOG)
        losses = [point.loss for point in points if point.loss is not None]
        name = path.relative_to(self._home.saves).as_posix()
        whole = "adapter_config.json" in names and not names.isdisjoint(_WEIGHTS)
        done = whole and (RECORD not in names or "tunesmith.json" in names)
        newest = path / metrics.LOG if metrics.LOG in names else path
        return Run(
            name=name,
            path=self._home.relative(path),
            made_outside=origin.made_outside,
            base=self._relative(origin.base),
            template=origin.template,
            datasets=list(origin.datasets),
            adapter=f"saves/{name}" if done else None,
            checkpoints=[f"saves/{name}/{checkpoint}" for checkpoint in _checkpoints(path)],
            step=points[-1].step if points else None,
            total_steps=points[-1].total_steps if points else None,
            loss=losses[-1] if losses else None,
            modified_at=datetime.fromtimestamp(newest.stat().st_mtime, UTC),
        )

    def _relative(self, base: str | None) -> str | None:
        if base and base.startswith("/"):
            inside = os.path.relpath(base, self._home.root)
            return base if inside.startswith("..") else inside
        return base


def read_origin(folder: Path) -> Origin:
    """What a run's folder says that it was trained with."""
    record = _json(folder / RECORD)
    config = record.get("config")
    if isinstance(config, dict):
        return Origin(_text(config.get("base")), _text(config.get("template")), _split(config.get("dataset")), made_outside=False)
    theirs = _yaml(folder / "training_args.yaml")
    base = theirs.get("model_name_or_path") or _json(folder / "adapter_config.json").get("base_model_name_or_path")
    return Origin(_text(base), _text(theirs.get("template")), _split(theirs.get("dataset")), made_outside=not record)


def read_template(folder: Path) -> Template | None:
    """The template that a run was trained with, and the settings that change what it renders; None when nothing says."""
    ours = _json(folder / RECORD).get("config")
    if isinstance(ours, dict):
        extra = ours.get("extra")
        return template_of({**(extra if isinstance(extra, dict) else {}), "template": ours.get("template")})
    theirs = _yaml(folder / "training_args.yaml")
    return template_of(theirs) if _text(theirs.get("template")) else None


def template_of(keys: Mapping[str, Any]) -> Template:
    """Out of LLaMA-Factory's keys."""
    thinking, system = keys.get("enable_thinking"), keys.get("default_system")
    return Template(
        str(keys["template"]),
        system=system if isinstance(system, str) else None,
        thinking=thinking is not False,
        mask_history=keys.get("mask_history") is True,
    )


def _run_folders(saves: Path) -> Iterator[tuple[Path, set[str]]]:
    below = [(saves, 0)]
    while below:
        path, depth = below.pop()
        names = _names(path)
        if depth and not _MARKS.isdisjoint(names):
            yield path, names
        elif depth < DEEPEST:
            below += [(path / name, depth + 1) for name in names if not name.startswith(".") and (path / name).is_dir()]


def _names(path: Path) -> set[str]:
    """Names in a folder; none when it isn't one, or can't be read."""
    try:
        return set(os.listdir(path))  # noqa: PTH208 — names are all that is wanted
    except OSError:
        return set()


def _checkpoints(path: Path) -> list[str]:
    """Complete ones (the trainer writes trainer_state.json last), oldest first."""
    found = [(int(match[1]), name) for name in _names(path) if (match := _CHECKPOINT.fullmatch(name))]
    return [name for _, name in sorted(found) if (path / name / metrics.STATE).is_file()]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _split(value: object) -> tuple[str, ...]:
    """LLaMA-Factory writes several data sets as `a,b`."""
    if isinstance(value, str):
        value = value.split(",")
    return tuple(str(part).strip() for part in value) if isinstance(value, list) else ()


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}
