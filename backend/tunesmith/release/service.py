"""Planning and starting releases."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path

import yaml

from tunesmith.domain.artifact import Artifact, Kind
from tunesmith.domain.errors import Conflict, InvalidInput, NotFound, PlaceMissing
from tunesmith.domain.home import Home
from tunesmith.domain.job import JobStatus
from tunesmith.domain.place import Programs
from tunesmith.domain.ports import Catalogue, Draft, Jobs, Toolboxes
from tunesmith.domain.release import Engine, Release, Way
from tunesmith.domain.step import Estimate, Lane, Step, Toolbox
from tunesmith.release.building import Build, release_steps, total
from tunesmith.release.facts import Facts
from tunesmith.release.files import Files
from tunesmith.release.ollama import adapter_limits, ollama_refusals
from tunesmith.release.options import Options, release_options
from tunesmith.release.quantisations import against_quantisation
from tunesmith.release.request import Plan, Refusal, ReleaseRequest
from tunesmith.release.store import ReleaseStore
from tunesmith.steps.merge import merge_config
from tunesmith.steps.ollama_create import CONTEXT
from tunesmith.steps.render import Template


@dataclass(frozen=True)
class Decided:
    """A request with everything filled in."""

    adapter: Artifact
    base: Artifact
    template: Template
    quantisation: str
    way: Way
    name: str
    engine: Engine
    refusals: list[Refusal]
    warnings: list[str]


class ReleaseDesk:
    """Takes release requests. Decisions are made before anything starts; the job then only runs commands."""

    def __init__(
        self,
        home: Home,
        catalogue: Catalogue,
        jobs: Jobs,
        toolboxes: Toolboxes,
        programs: Programs,
        store: ReleaseStore,
        facts: Facts,
        corpus: Path,
        threads: int,
        ollama: str = "",
    ) -> None:
        self._home, self._catalogue, self._jobs, self._toolboxes = home, catalogue, jobs, toolboxes
        self._programs, self._store, self._facts = programs, store, facts
        self._corpus, self._threads, self._ollama = corpus, threads, ollama
        self._accepting: set[str] = set()
        """Names whose release is being planned: no job of it is known yet."""

    async def plan(self, request: ReleaseRequest) -> Plan:
        plan, _ = await self._planned(request, self._jobs.draft("release"))
        return plan

    async def start(self, request: ReleaseRequest) -> JobStatus:
        """Queue the release, or raise the first reason against it."""
        self._only_one(request.name)
        self._accepting.add(request.name)
        try:
            return await self._start(request)
        finally:
            self._accepting.discard(request.name)

    async def _start(self, request: ReleaseRequest) -> JobStatus:
        draft = self._jobs.draft("release")
        plan, files = await self._planned(request, draft)
        for refusal in plan.refusals:
            raise refusal.error()
        return await self._jobs.submit(
            draft,
            kind="release",
            title=f"Release {request.name}",
            lane=Lane.ACCELERATOR,
            steps=plan.steps,
            request=request.model_dump(mode="json"),
            files=files,
        )

    def rollback(self, name: str, number: int | None) -> Release:
        """Switch `name` back to `number`, or to the release before the current one."""
        return self._store.switch(name, self._store.before(name) if number is None else number)

    def _only_one(self, name: str) -> None:
        if name in self._accepting:
            raise Conflict(f"A release of {name!r} is being made", "It was asked for just now.", "Wait for it.")
        for job in self._jobs.active():
            if job.kind == "release" and job.title == f"Release {name}":
                raise Conflict(
                    f"A release of {name!r} is being made",
                    f"It is job {job.id}.",
                    f"Wait for it, or end it with `tunesmith jobs cancel {job.id}`.",
                )

    async def _planned(self, request: ReleaseRequest, draft: Draft) -> tuple[Plan, dict[str, str]]:
        decided = await self._decide(request)
        if request.engine is Engine.OLLAMA:
            decided.refusals.extend(await ollama_refusals(request, self._programs, self._facts.on_ollama))
        build = await self._build(decided, draft)
        steps, refusals = self._steps(build, draft)
        estimate = total(steps)
        plan = Plan(
            way=decided.way,
            adapter=decided.adapter.id,
            base=decided.base.id,
            template=decided.template.name,
            quantisation=decided.quantisation,
            steps=steps,
            estimate=estimate,
            refusals=[*decided.refusals, *refusals, *self._without_room(steps, estimate)],
            warnings=decided.warnings,
        )
        return plan, self._inputs(request, decided, build)

    async def options(self, reference: str) -> Options:
        """What can be chosen for a release of this adapter."""
        adapter = await self._adapter(reference)
        origin = await self._facts.origin(adapter)
        base, limits = None, list[str]()
        with contextlib.suppress(NotFound, InvalidInput):  # then the form asks for it
            base = await self._base(origin.base or adapter.base, adapter)
        with contextlib.suppress(InvalidInput):  # a broken file; the plan says so
            limits = await self._facts.limits(self._path(adapter))
        return await release_options(adapter, base, origin, self._programs, self._facts, limits)

    async def _adapter(self, reference: str) -> Artifact:
        adapter = await self._catalogue.get(reference)
        if adapter.kind is not Kind.ADAPTER:
            raise InvalidInput(
                f"{adapter.id} is no adapter", f"It is a {adapter.kind.value}.", "`tunesmith models list` shows the adapters."
            )
        return adapter

    async def _decide(self, request: ReleaseRequest) -> Decided:
        adapter = await self._adapter(request.adapter)
        origin = await self._facts.origin(adapter)
        base = await self._base(request.base or origin.base or adapter.base, adapter)
        template = Template(self._facts.template(request.template)) if request.template else origin.template
        if template is None:
            raise InvalidInput(
                f"The template that {adapter.id} was trained with isn't known",
                "It was made outside of Tunesmith and its folder holds no training_args.yaml.",
                "Give it with --template (LLaMA-Factory's name of it, such as chatml, llama3 or qwen).",
            )
        refusals = await self._flaws(adapter, base)
        way, against, warnings = request.way or Way.ADAPTER, list[Refusal](), list[str]()
        if not refusals:  # broken files say nothing of whether they fit
            refusals = await self._misfits(adapter, base)
            way, against, warnings = await self._way(request, adapter, base)
        quantisation = request.quantisation.lower()
        refusals = [*refusals, *against, *against_quantisation(quantisation, self._programs)]
        return Decided(adapter, base, template, quantisation, way, request.name, request.engine, refusals, warnings)

    async def _flaws(self, adapter: Artifact, base: Artifact) -> list[Refusal]:
        found = [(adapter, flaw, "Copy it again, or train it again.") for flaw in await self._facts.flaws(adapter)]
        found += [(base, flaw, "Import it again.") for flaw in base.problems]
        return [Refusal(reason=f"{artifact.id} can't be used: {flaw}", remedy=remedy) for artifact, flaw, remedy in found]

    async def _misfits(self, adapter: Artifact, base: Artifact) -> list[Refusal]:
        return [
            Refusal(reason=f"{adapter.id} doesn't fit {base.id}: {misfit}", remedy="Give the base it was trained on with --base.")
            for misfit in await self._facts.misfits(self._path(adapter), self._path(base))
        ]

    async def _base(self, reference: str | None, adapter: Artifact) -> Artifact:
        if reference is None:
            for flaw in adapter.problems:
                raise InvalidInput(f"{adapter.id} can't be used", flaw, "Copy it again, or train it again.")
            raise InvalidInput(f"{adapter.id} names no base model", "", "Give it with --base.")
        try:
            base = await self._catalogue.get(self._known_as(reference))
        except NotFound as error:
            raise NotFound(
                f"The base model of {adapter.id} isn't here",
                f"Its record names {reference!r}.",
                "Add it with `tunesmith models add`, or name another with --base.",
            ) from error
        if base.kind is not Kind.BASE:
            raise InvalidInput(f"{base.id} is no base model", f"It is a {base.kind.value}.", "Give a folder of models/base.")
        return base

    def _known_as(self, reference: str) -> str:
        """An absolute path inside home as the id it has there; anything else as it is."""
        path = Path(reference)
        return self._home.relative(path) if path.is_relative_to(self._home.root) else reference

    async def _way(self, request: ReleaseRequest, adapter: Artifact, base: Artifact) -> tuple[Way, list[Refusal], list[str]]:
        if request.way is Way.MERGE:
            return Way.MERGE, [], []
        limits = await self._facts.limits(self._path(adapter))
        if request.engine is Engine.OLLAMA:
            limits = [*limits, *adapter_limits(base.architecture)]
        if not limits:
            return Way.ADAPTER, [], []
        if request.way is None:
            engine = "Ollama" if request.engine is Engine.OLLAMA else "llama.cpp"
            return Way.MERGE, [], [f"It is merged, since {engine} can't load it as an adapter: {reason}" for reason in limits]
        return Way.ADAPTER, [Refusal(reason=reason, remedy="Use --path merge.") for reason in limits], []

    async def _build(self, decided: Decided, draft: Draft) -> Build:
        adapter, base = self._path(decided.adapter), self._path(decided.base)
        files = Files(
            home=self._home,
            adapter_name=decided.adapter.name,
            adapter_hash=await self._catalogue.sha256(adapter),
            base_name=decided.base.name,
            base_hash=await self._catalogue.sha256(base),
            template=decided.template,
            corpus_hash=await self._catalogue.sha256(self._corpus),
        )
        return Build(
            programs=self._programs,
            home=self._home,
            job=draft.id,
            inputs=draft.inputs,
            files=files,
            adapter=adapter,
            base=base,
            parameters=decided.base.parameters or 0,
            base_bytes=decided.base.bytes,
            adapter_bytes=decided.adapter.bytes,
            quantisation=decided.quantisation,
            way=decided.way,
            threads=self._threads,
            exists=Path.exists,
            name=decided.name,
            engine=decided.engine,
            ollama=self._ollama,
        )

    def _steps(self, build: Build, draft: Draft) -> tuple[list[Step], list[Refusal]]:
        try:
            steps = release_steps(build)
        except PlaceMissing as error:
            return [], [Refusal(reason=error.title, remedy=error.remedy)]
        brought = (Toolbox.SYSTEM, Toolbox.OLLAMA)  # nothing that we install
        needed = dict.fromkeys(step.toolbox for step in steps if step.toolbox not in brought)
        installs = [
            step for box in needed if not self._toolboxes.ready(box) for step in self._toolboxes.install_steps(box, draft)
        ]
        return self._facts.timed([*installs, *steps]), []

    def _inputs(self, request: ReleaseRequest, decided: Decided, build: Build) -> dict[str, str]:
        pieces: list[tuple[str, str]] = [("model", str(build.model))]
        if build.adapter_gguf:
            pieces.append(("adapter", str(build.adapter_gguf)))
        record: dict[str, object] = {
            "home": str(self._home.root),
            "name": request.name,
            "way": decided.way.value,
            "engine": request.engine.value,
            "pieces": pieces,
            "adapter": decided.adapter.id,
            "base": decided.base.id,
            "template": decided.template.name,
            "system": request.system,
            "quantisation": decided.quantisation,
            "parity_report": str(build.report),
            "rendering": str(build.files.rendering),
            "job": build.job,
            "warnings": decided.warnings,
        }
        if decided.engine is Engine.OLLAMA:
            record["ollama"] = {
                "address": self._ollama,
                "tag": build.tag,
                "job": build.job,
                "model": str(build.model),
                "adapter": str(build.adapter_gguf) if build.adapter_gguf else None,
                "system": request.system,
                "context": CONTEXT,
            }
        merge = merge_config(build.base, build.adapter, decided.template.name)
        return {"release.json": json.dumps(record, indent=1), "merge.yaml": yaml.safe_dump(merge, sort_keys=False)}

    def _path(self, artifact: Artifact) -> Path:
        return self._home.root / artifact.id

    def _without_room(self, steps: list[Step], estimate: Estimate) -> list[Refusal]:
        folders = dict.fromkeys(Path(output.path).parent for step in steps for output in step.outputs) | {self._home.served: None}
        found = [(403, reason) for reason in self._facts.room.closed(folders)]
        found += [(507, reason) for reason in self._facts.room.against(estimate)]
        return [Refusal(reason=f"{title}: {detail}", remedy=remedy, status=status) for status, (title, detail, remedy) in found]
