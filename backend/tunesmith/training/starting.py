"""Starting trainings: everything is decided and checked before the job begins."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from tunesmith.domain.artifact import Artifact, Kind
from tunesmith.domain.dataset import Dataset
from tunesmith.domain.errors import Conflict, InvalidInput, NotEnough, Refused, TunesmithError
from tunesmith.domain.home import Home
from tunesmith.domain.job import JobStatus
from tunesmith.domain.name import checked_name, suggestion
from tunesmith.domain.place import Programs
from tunesmith.domain.ports import Catalogue, Datasets, Draft, Jobs, Toolboxes
from tunesmith.domain.room import Room
from tunesmith.domain.step import Estimate, Lane, Step, Toolbox
from tunesmith.domain.timing import ONCE, total_time
from tunesmith.steps.render import render_step, rendering_folder
from tunesmith.steps.train import train_step
from tunesmith.training.config import TrainingConfig
from tunesmith.training.config_text import dump
from tunesmith.training.estimate import BaseShape, base_shape, estimate_training, total_steps
from tunesmith.training.llamafactory import Device, TrainingPaths, device_for, to_llamafactory, to_yaml
from tunesmith.training.run_scan import RECORD
from tunesmith.training.runs import RunRecord, template_of
from tunesmith.training.templates import template_for

Shapes = Callable[[Path], Mapping[str, tuple[int, ...]]]
"""Name and shape of every tensor of a base model's folder."""


class RunPlan(BaseModel):
    """What a training would run and need, without running it."""

    name: str
    base: str
    template: str
    steps: list[Step]
    total_steps: int
    estimate: Estimate
    refusals: list[dict[str, str]]
    config: str
    """The configuration in force, as YAML."""


@dataclass(frozen=True)
class Decided:
    """A configuration with everything filled in, and what it stands on."""

    config: TrainingConfig
    name: str
    template: str
    base: Artifact
    datasets: list[Dataset]
    device: Device
    keys: dict[str, Any]
    estimate: Estimate


class TrainingDesk:
    """Takes training requests."""

    def __init__(
        self,
        home: Home,
        jobs: Jobs,
        catalogue: Catalogue,
        datasets: Datasets,
        toolboxes: Toolboxes,
        programs: Programs,
        corpus: Path,
        device: Callable[[], Device],
        shapes: Shapes,
        room: Room,
        timed: Callable[[Sequence[Step]], list[Step]] = list,
    ) -> None:
        """`timed`: the steps with how long each will take, as far as that can be told."""
        self._home, self._jobs, self._catalogue, self._datasets = home, jobs, catalogue, datasets
        self._toolboxes, self._programs, self._corpus = toolboxes, programs, corpus
        self._device, self._shapes, self._room, self._timed = device, shapes, room, timed

    async def plan(self, config: TrainingConfig) -> RunPlan:
        draft = self._jobs.draft("train")
        decided = await self._decide(config)
        steps = await self._steps(decided, draft)
        refusals = [{"reason": str(error.title), "remedy": error.remedy} for error in self._against(decided)]
        return RunPlan(
            name=decided.name,
            base=decided.base.id,
            template=decided.template,
            steps=steps,
            total_steps=total_steps(decided.config, sum(dataset.rows for dataset in decided.datasets)),
            estimate=total_time(steps, decided.estimate),
            refusals=refusals,
            config=dump(decided.config),
        )

    async def start(self, config: TrainingConfig) -> JobStatus:
        """Queue the training; its folder under saves/ is made first, with the configuration in force."""
        decided = await self._decide(config)
        for error in self._against(decided):
            raise error
        draft = self._jobs.draft("train")
        steps = await self._steps(decided, draft)
        run = self._home.saves / decided.name
        record = RunRecord(job=draft.id, config=decided.config.model_dump(mode="json"))
        await asyncio.to_thread(_make_run, run, record)
        return await self._jobs.submit(
            draft,
            kind="train",
            title=f"Train {decided.name}",
            lane=Lane.ACCELERATOR,
            steps=steps,
            request=config.model_dump(mode="json", exclude_defaults=True),
            files={"train.yaml": to_yaml(decided.keys)},
        )

    async def _decide(self, config: TrainingConfig) -> Decided:
        base = await self._catalogue.get(config.base)
        if base.kind not in (Kind.BASE, Kind.MERGED):
            raise InvalidInput(
                f"{base.id} can't be trained on",
                f"It is a {base.kind.value}.",
                "Give a folder of models/base or models/merged.",
                wrong={"base": f"It is a {base.kind.value}; only a base or merged model can be trained on."},
            )
        for problem in base.problems:
            raise InvalidInput(
                f"The base model {base.id} can't be used",
                problem,
                "Import it again.",
                wrong={"base": f"It can't be used. {problem}"},
            )
        datasets = [await self._datasets.get(name) for name in config.dataset]
        for dataset in datasets:
            for problem in dataset.problems:
                raise InvalidInput(
                    f"The data set {dataset.name} can't be used",
                    problem,
                    "Add it again.",
                    wrong={"dataset": f"{dataset.name} can't be used. {problem}"},
                )
        return await asyncio.to_thread(self._fill_in, config, base, datasets)

    def _fill_in(self, config: TrainingConfig, base: Artifact, datasets: list[Dataset]) -> Decided:
        folder = self._home.root / base.id
        template = template_for(folder, config.template)
        device = device_for(config, self._device())
        name = config.name or checked_name(suggestion(f"{base.name}-{datasets[0].name}"))
        full = config.model_copy(update={"base": base.id, "template": template, "name": name})
        paths = TrainingPaths(str(folder), self._home.data, self._home.saves / name)
        rows, size = sum(dataset.rows for dataset in datasets), sum(dataset.bytes for dataset in datasets)
        estimate = estimate_training(full, self._shape(folder), device, rows, data_bytes=size)
        return Decided(full, name, template, base, datasets, device, to_llamafactory(full, paths, template, device), estimate)

    def _shape(self, folder: Path) -> BaseShape:
        config = json.loads((folder / "config.json").read_bytes())
        tokenizer = sum(path.stat().st_size for path in folder.glob("tokenizer*"))
        return base_shape(config, self._shapes(folder), tokenizer)

    def _against(self, decided: Decided) -> list[TunesmithError]:
        """Reasons against starting now."""
        found: list[TunesmithError] = []
        run = self._home.saves / decided.name
        if run.exists():
            found.append(
                Conflict(
                    f"There is a run {decided.name!r} already",
                    f"{run} exists.",
                    "Give another name, or delete that run.",
                )
            )
        found += [Refused(*reason) for reason in self._room.closed([self._home.saves])]
        found += [NotEnough(title, detail, remedy) for title, detail, remedy in self._room.against(decided.estimate)]
        return found

    async def _steps(self, decided: Decided, draft: Draft) -> list[Step]:
        run, base = self._home.saves / decided.name, self._home.root / decided.base.id
        parents = [decided.base.id, *(dataset.path for dataset in decided.datasets)]
        recipe: dict[str, object] = {
            "template": decided.template,
            "config": decided.config.model_dump(mode="json"),
            "datasets": {dataset.name: dataset.sha256 for dataset in decided.datasets},
        }
        train = train_step(
            self._programs,
            self._home,
            job=draft.id,
            yaml=draft.inputs / "train.yaml",
            run=run,
            parents=parents,
            recipe=recipe,
            estimate=decided.estimate,
        )
        installs: list[Step] = []
        if not self._toolboxes.ready(Toolbox.LLAMAFACTORY):
            installs = self._toolboxes.install_steps(Toolbox.LLAMAFACTORY, draft)
        return self._timed([*installs, train, *await self._rendering(decided, base, draft)])

    async def _rendering(self, decided: Decided, base: Path, draft: Draft) -> list[Step]:
        """The trainer's side of the parity gate, made while its environment is at hand: releases are quicker for it."""
        hashes = [await self._catalogue.sha256(path) for path in (base, self._corpus)]
        template = template_of(decided.keys)
        rendering = rendering_folder(self._home, hashes[0], template, hashes[1])
        if rendering.exists():
            return []
        step = render_step(
            self._programs,
            self._home,
            job=draft.id,
            base=base,
            template=template,
            rendering=rendering,
            estimate=Estimate(disk_bytes=256 * 1024, basis="token ids of the parity corpus", work=1, work_unit=ONCE),
        )
        return [step]


def _make_run(run: Path, record: RunRecord) -> None:
    try:
        run.mkdir(parents=True)
    except FileExistsError as error:
        raise Conflict(f"There is a run {run.name!r} already", "", "Give another name.") from error
    except OSError as error:
        raise NotEnough(
            f"{run} can't be made", error.strerror or "", "Make saves/ writable for this user, or free some disk."
        ) from error
    (run / RECORD).write_text(record.model_dump_json(indent=1), encoding="utf-8")
