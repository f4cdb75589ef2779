"""Jobs of the demo. Everything they make lies in `.tunesmith/demo/`, named by seed, and is made once."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from tunesmith.domain.artifact import Kind
from tunesmith.domain.dataset import Dataset
from tunesmith.domain.errors import InvalidInput
from tunesmith.domain.home import Home
from tunesmith.domain.job import JobStatus
from tunesmith.domain.name import suggestion
from tunesmith.domain.place import Programs
from tunesmith.domain.ports import Catalogue, Draft, Jobs, Toolboxes
from tunesmith.domain.step import Lane, Step, Toolbox
from tunesmith.steps.demo import answers_step, contrast_step, facts_step

TEMPLATE = "chatml"


class SeedRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seed: int = Field(ge=0, le=2**31 - 1)


class FactsRequest(SeedRequest):
    base: str = Field(min_length=1, max_length=1000)


class AnswersRequest(FactsRequest):
    adapter: str = Field(min_length=1, max_length=1000)


class DemoFiles(BaseModel):
    """Absolute paths of what a seed gives, and the job that makes what is missing (None: all is there)."""

    rows: str
    questions: str
    answers: str | None = None
    job: JobStatus | None = None


class Shelf(Protocol):
    """Where data sets are added. Implemented by `datasets`."""

    async def add(self, name: str, source: Path) -> Dataset: ...


class DemoDesk:
    def __init__(
        self, home: Home, jobs: Jobs, catalogue: Catalogue, datasets: Shelf, toolboxes: Toolboxes, programs: Programs
    ) -> None:
        self._home, self._jobs, self._catalogue, self._datasets = home, jobs, catalogue, datasets
        self._toolboxes, self._programs = toolboxes, programs

    async def facts(self, request: FactsRequest) -> DemoFiles:
        """Rows (facts, and contrast by the base's own answers) and held-out questions of a seed."""
        base = await self._base(request.base)
        folder, rows = self._folder(request.seed), self._rows(request.seed)
        draft = self._jobs.draft("demo")
        steps = [] if folder.exists() else [facts_step(self._programs, job=draft.id, seed=request.seed, folder=folder)]
        if not rows.exists():
            steps += self._installs(draft)
            steps.append(
                contrast_step(self._programs, self._home, job=draft.id, base=base, template=TEMPLATE, facts=folder, rows=rows)
            )
        job = await self._submit(draft, "Facts of the demo", steps, request)
        return DemoFiles(rows=str(rows), questions=str(folder / "questions.json"), job=job)

    async def add_rows(self, request: SeedRequest) -> Dataset:
        """The rows of a seed as a data set, under the name of their file. `Conflict` when it is there."""
        rows = self._rows(request.seed)
        if not rows.exists():
            raise InvalidInput(f"The demo of seed {request.seed} has no rows yet", "", "Make its facts first.")
        return await self._datasets.add(suggestion(rows.stem), rows)

    async def answers(self, request: AnswersRequest) -> DemoFiles:
        """Greedy answers by PEFT to the questions of a seed."""
        base = await self._base(request.base)
        adapter = await self._catalogue.get(request.adapter)
        folder = self._folder(request.seed)
        if not folder.exists():
            raise InvalidInput(f"The demo of seed {request.seed} has no questions yet", "", "Make its facts first.")
        hashed = await self._catalogue.sha256(self._home.root / adapter.id)
        answers = self._home.ours / "demo" / f"seed-{request.seed}-{self._version}-answers-{hashed[:8]}.json"
        draft = self._jobs.draft("demo")
        steps = []
        if not answers.exists():
            step = answers_step(
                self._programs,
                self._home,
                job=draft.id,
                base=base,
                adapter=self._home.root / adapter.id,
                template=TEMPLATE,
                questions=folder / "questions.json",
                answers=answers,
            )
            steps = [*self._installs(draft), step]
        job = await self._submit(draft, "Answers by the trainer", steps, request)
        return DemoFiles(
            rows=str(self._rows(request.seed)), questions=str(folder / "questions.json"), answers=str(answers), job=job
        )

    def _folder(self, seed: int) -> Path:
        return self._home.ours / "demo" / f"seed-{seed}-{self._version}"

    def _rows(self, seed: int) -> Path:
        return self._home.ours / "demo" / f"seed-{seed}-{self._version}-rows.jsonl"

    @cached_property
    def _version(self) -> str:
        """A hash of the scripts that invent: another version's facts are other facts."""
        scripts = (Path(self._programs.script(Toolbox.SYSTEM, f"demo/{name}.py")) for name in ("facts", "forms"))
        return hashlib.sha256(b"".join(script.read_bytes() for script in scripts)).hexdigest()[:8]

    async def _base(self, reference: str) -> Path:
        base = await self._catalogue.get(reference)
        if base.kind is not Kind.BASE:
            raise InvalidInput(f"{base.id} is no base model", "", "Add one with `tunesmith models add --starter`.")
        return self._home.root / base.id

    def _installs(self, draft: Draft) -> list[Step]:
        ready = self._toolboxes.ready(Toolbox.LLAMAFACTORY)
        return [] if ready else self._toolboxes.install_steps(Toolbox.LLAMAFACTORY, draft)

    async def _submit(self, draft: Draft, title: str, steps: list[Step], request: FactsRequest) -> JobStatus | None:
        if not steps:
            return None
        return await self._jobs.submit(
            draft, kind="demo", title=title, lane=Lane.ACCELERATOR, steps=steps, request=request.model_dump(mode="json"), files={}
        )
