"""The runs of a home: every folder under saves/ in which something was or is being trained, ours or made in LlamaBoard."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from tunesmith.domain.errors import NotFound
from tunesmith.domain.home import Home
from tunesmith.domain.run import Run, RunState
from tunesmith.runtimes.lately import Lately
from tunesmith.steps.render import Template
from tunesmith.training import metrics, outside
from tunesmith.training.again import Again, again
from tunesmith.training.columns import Columns, read_columns
from tunesmith.training.curves import Curve, Curves
from tunesmith.training.metrics import Stretch
from tunesmith.training.run_scan import DEEPEST, MARKS, RECORD, Found, RunScanner, checkpoints, names

SEEN_SECONDS = 1.0
"""How long the list of running trainings serves for views of the runs."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C is eight times faster, where PyYAML was built with it."""
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
    job: str | None = None
    evaluates: bool = False
    """LlamaBoard's evaluations lie beside its trainings and have the same files."""


class Runs:
    """Blocking: callers run it in a thread. All of it is read from disk, and remembered until its files change.

    `processes`: where trainings that were started by hand may be seen.
    """

    def __init__(self, home: Home, processes: outside.Processes = outside.native_processes) -> None:
        self._home, self._processes = home, processes
        self._trained_lately: Lately[set[Path] | None] = Lately(self._trained, SEEN_SECONDS, None)
        """For views: twenty of them ask for the processes no oftener than one."""
        self._scanner, self._curves = RunScanner(home.saves, self._describe), Curves()

    @property
    def reads(self) -> int:
        """How many folders were read so far, in all lists."""
        return self._scanner.reads

    def all(self) -> list[Run]:
        """Newest first. Runs that haven't changed are the same objects as in the list before."""
        trained = self._trained_lately()
        found = [_standing(each, trained) for each in self._scanner.scan() if not each.evaluates]
        return sorted(found, key=lambda run: run.modified_at, reverse=True)

    def holder(self) -> str | None:
        """Why the accelerator isn't free, when a training or evaluation that was started by hand uses it."""
        trained = self._trained()
        for each in self._scanner.scan():
            if not each.ours and each.state(trained) is RunState.RUNNING:
                return _said(each, self._home)
        return None

    def using(self, path: Path) -> list[Run]:
        """Trainings and evaluations beside us that go on now, in this folder or with this base or data set."""
        trained = self._trained()
        going_on = (each for each in self._scanner.scan() if not each.ours and each.state(trained) is RunState.RUNNING)
        return [each.run for each in going_on if any(_touch(path, other) for other in self._touched(each))]

    def trained_on(self, dataset: str) -> list[Run]:
        return [run for run in self.all() if dataset in run.datasets]

    def curves(self, names: Sequence[str], points: int) -> list[Curve]:
        """The loss of each in at most so many points; what is no run is left out."""
        found = []
        for name in dict.fromkeys(names):
            with contextlib.suppress(NotFound):
                found.append(self._curves.of(name, self._find(name)[0] / metrics.LOG, points))
        return found

    def folder(self, name: str) -> Path:
        """Where a run lies. `NotFound` when there is none of that name."""
        return self._find(name)[0]

    def _touched(self, found: Found) -> list[Path]:
        data = [self._home.data / f"{name}.jsonl" for name in found.run.datasets]
        return [found.path, *data, *([self._home.root / found.run.base] if found.run.base else [])]

    def get(self, name: str) -> Run:
        """By path under saves/ (`facts`, `Llama-3/lora/train_1`). `NotFound` otherwise."""
        found = self._describe(*self._find(name))
        if found.evaluates:
            raise _no_run(name, self._home)
        return _standing(found, self._trained_lately())

    def metrics(self, name: str, offset: int = 0) -> Stretch:
        """Points of a run from a byte offset of its `trainer_log.jsonl` on, with gradient norms where they are known."""
        path, inside = self._find(name)
        stretch = metrics.read_log(path / metrics.LOG, offset)
        return Stretch(metrics.with_norms(stretch.points, _norms(path, inside)), stretch.offset)

    def columns(self, name: str, offset: int = 0) -> Columns:
        """The same, as curves are drawn from it."""
        path, inside = self._find(name)
        return read_columns(path / metrics.LOG, _norms(path, inside), offset)

    def origin(self, name: str) -> Origin:
        """What a run was trained with."""
        return read_origin(self._find(name)[0])

    def config(self, name: str) -> dict[str, Any]:
        """The configuration as it was: ours, or LLaMA-Factory's own keys for a run made outside. Empty when nothing says."""
        path, _ = self._find(name)
        record = _json(path / RECORD).get("config")
        return record if isinstance(record, dict) else _yaml(path / outside.ARGS)

    def settings(self, name: str) -> tuple[dict[str, Any], str, Again]:
        """The configuration, its text, and what of it a new run can have."""
        config = self.config(name)
        text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True) if config else ""
        return config, text, again(config, self._home.root)

    def _find(self, name: str) -> tuple[Path, set[str]]:
        """Only names that a walk through saves/ finds are joined to a path."""
        parts = name.strip("/").split("/")
        if 0 < len(parts) <= DEEPEST and all(part and not part.startswith(".") and "\0" not in part for part in parts):
            path = self._home.saves.joinpath(*parts)
            inside = names(path)
            if not MARKS.isdisjoint(inside):
                return path, inside
        raise _no_run(name, self._home)

    def _trained(self) -> set[Path] | None:
        seen = self._processes()
        return None if seen is None else outside.being_trained(seen, self._home.root)

    def _describe(self, path: Path, inside: set[str]) -> Found:
        origin, ours = read_origin(path), RECORD in inside
        last, loss = metrics.read_end(path / metrics.LOG)
        name = path.relative_to(self._home.saves).as_posix()
        whole = "adapter_config.json" in inside and not inside.isdisjoint(_WEIGHTS)
        done = whole and (not ours or "tunesmith.json" in inside)
        newest = path / metrics.LOG if metrics.LOG in inside else path
        ended = not ours and outside.has_ended(path)
        points = () if ours or ended else tuple(metrics.read_tail(path / metrics.LOG))
        run = Run(
            name=name,
            path=self._home.relative(path),
            made_outside=origin.made_outside,
            job=origin.job,
            state=outside.state_of(path, [last] if last else [], None) if ended else None,
            base=self._relative(origin.base),
            template=origin.template,
            datasets=list(origin.datasets),
            adapter=f"saves/{name}" if done else None,
            checkpoints=[f"saves/{name}/{checkpoint}" for checkpoint in checkpoints(path, inside)],
            step=last.step if last else None,
            total_steps=last.total_steps if last else None,
            loss=loss,
            modified_at=_modified_at(newest),
        )
        return Found(run, path, os.path.realpath(path), ours, origin.evaluates, points)

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
        base, template = _text(config.get("base")), _text(config.get("template"))
        return Origin(base, template, _split(config.get("dataset")), made_outside=False, job=_text(record.get("job")))
    theirs = _yaml(folder / outside.ARGS)
    named = theirs.get("model_name_or_path") or _json(folder / "adapter_config.json").get("base_model_name_or_path")
    return Origin(
        _text(named),
        _text(theirs.get("template")) or _text(_yaml(folder / outside.BOARD).get("top.template")),
        _split(theirs.get("dataset")),
        made_outside=not record,
        evaluates=bool(theirs) and theirs.get("do_train") is not True and ("do_eval" in theirs or "do_predict" in theirs),
    )


def _norms(path: Path, inside: set[str]) -> dict[int, float]:
    """Gradient norms of a run, as far as its end or its newest checkpoint tells them."""
    state = path / metrics.STATE
    if metrics.STATE not in inside and (saved := checkpoints(path, inside)):
        state = path / saved[-1] / metrics.STATE
    return metrics.gradient_norms(state)


def _no_run(name: str, home: Home) -> NotFound:
    return NotFound(f"There is no run {name[:120]!r}", f"Looked in {home.saves}.", "GET /api/runs lists all of them.")


def matching(runs: Sequence[Run], text: str) -> list[Run]:
    """Those with `text` in name, base or data sets, without regard to case."""
    wanted = text.strip().casefold()
    return [run for run in runs if any(wanted in part.casefold() for part in (run.name, run.base or "", *run.datasets))]


def _touch(one: Path, other: Path) -> bool:
    return one == other or one in other.parents or other in one.parents


def _standing(found: Found, trained: set[Path] | None) -> Run:
    state = found.state(trained)
    return found.run if state is found.run.state else found.run.model_copy(update={"state": state})


def _said(found: Found, home: Home) -> str:
    who = "LlamaBoard" if (found.path / outside.BOARD).exists() else "LLaMA-Factory, started by hand,"
    return f"waiting: {who} {'evaluates in' if found.evaluates else 'trains'} {home.relative(found.path)}"


def _modified_at(path: Path) -> datetime:
    """1970 for what was deleted while we looked: the next list hasn't got it."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return datetime.fromtimestamp(0, UTC)


def read_template(folder: Path) -> Template | None:
    """The template that a run was trained with, and the settings that change what it renders; None when nothing says."""
    ours = _json(folder / RECORD).get("config")
    if isinstance(ours, dict):
        extra = ours.get("extra")
        return template_of({**(extra if isinstance(extra, dict) else {}), "template": ours.get("template")})
    board = _yaml(folder / outside.BOARD)
    theirs = {"template": board.get("top.template")} | _yaml(folder / outside.ARGS)
    return template_of(theirs) if _text(theirs["template"]) else None


def template_of(keys: Mapping[str, Any]) -> Template:
    """Out of LLaMA-Factory's keys."""
    thinking, system = keys.get("enable_thinking"), keys.get("default_system")
    return Template(
        str(keys["template"]),
        system=system if isinstance(system, str) else None,
        thinking=thinking is not False,
        mask_history=keys.get("mask_history") is True,
    )


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
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}
