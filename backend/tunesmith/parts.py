"""The parts of an orchestrator, put together: the one place where nouns meet."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tunesmith.artifacts.catalogue import Catalogue
from tunesmith.artifacts.engine_limits import reasons_against_gguf_adapter
from tunesmith.artifacts.fit import base_tensors, reasons_against
from tunesmith.auth.core import Logins
from tunesmith.auth.policy import Policy, policy_from
from tunesmith.auth.token import load_token
from tunesmith.datasets.easy_dataset.service import EasyDatasetDesk
from tunesmith.datasets.easy_dataset.service import desk as easy_dataset_desk
from tunesmith.datasets.service import DatasetShelf
from tunesmith.demo.service import DemoDesk
from tunesmith.domain.artifact import Artifact
from tunesmith.domain.deletion import Dependant
from tunesmith.domain.errors import NotFound
from tunesmith.domain.home import Home
from tunesmith.domain.job import JobStatus
from tunesmith.domain.ports import InUse
from tunesmith.domain.room import Room
from tunesmith.domain.step import Step, Toolbox
from tunesmith.domain.timing import with_times
from tunesmith.files.roots import Roots, roots_of
from tunesmith.jobs.events import Events
from tunesmith.jobs.lists import Lists
from tunesmith.jobs.service import JobBook
from tunesmith.models.service import ModelImports
from tunesmith.places import Place, place_of
from tunesmith.release.facts import Facts, Origin
from tunesmith.release.parity import ParityReports
from tunesmith.release.removal import Removal, Serving
from tunesmith.release.service import ReleaseDesk
from tunesmith.release.store import ReleaseStore
from tunesmith.services.board import Board
from tunesmith.services.engine_logs import EngineLogs
from tunesmith.services.links import Links
from tunesmith.services.service import ServicesDesk
from tunesmith.serving.attempts import Shape
from tunesmith.serving.bases import served_from_only
from tunesmith.serving.client import EngineClient, http_client
from tunesmith.serving.engine import Policy as EnginePolicy
from tunesmith.serving.ollama import OllamaServing
from tunesmith.serving.ollama_client import OllamaClient
from tunesmith.serving.openai import Door
from tunesmith.serving.service import Deployments
from tunesmith.serving.supervisor import Supervisor
from tunesmith.settings import Settings
from tunesmith.system.hardware import usable_cores
from tunesmith.system.load import MachineWatch
from tunesmith.system.service import System
from tunesmith.system.watermark import disk_obstacle, free_bytes
from tunesmith.toolboxes.docker_programs import SERVICES
from tunesmith.toolboxes.service import ToolboxDesk
from tunesmith.training.runs import Runs, read_origin, read_template
from tunesmith.training.starting import TrainingDesk
from tunesmith.training.template_names import TEMPLATE_NAMES
from tunesmith.training.templates import checked_template

Timed = Callable[[Sequence[Step]], list[Step]]


@dataclass(frozen=True)
class Parts:
    """Everything that routes need. Nothing runs yet: `main` opens and closes it."""

    settings: Settings
    home: Home
    token: str
    logins: Logins
    policy: Policy
    events: Events
    lists: Lists
    jobs: JobBook
    catalogue: Catalogue
    datasets: DatasetShelf
    easy_dataset: EasyDatasetDesk
    runs: Runs
    training: TrainingDesk
    models: ModelImports
    releases: ReleaseDesk
    store: ReleaseStore
    parity: ParityReports
    removal: Removal
    place: Place
    services: ServicesDesk
    engine_logs: EngineLogs
    toolboxes: ToolboxDesk
    supervisor: Supervisor
    engines: EngineClient
    ollama: OllamaServing
    door: Door
    deployments: Deployments
    system: System
    machine: MachineWatch
    roots: Roots
    demo: DemoDesk


def assemble(settings: Settings) -> Parts:
    """All parts of the orchestrator of one home, which must be owned already."""
    home = settings.place
    token = load_token(home.token, settings.token)
    place = place_of(settings)
    toolboxes, runtime = place.toolboxes, place.runtime
    # Jobs may begin with the installation of a toolbox: their commands are planned for where it will be.
    planned = toolboxes.planned
    corpus = toolboxes.scripts / "parity" / "corpus.json"
    room = _room(home, settings, place)
    events = Events()
    runs = Runs(home, place.trainings)
    jobs = JobBook(
        home.jobs,
        home.root,
        runtime,
        home.state,
        settings.light_jobs,
        tell=lambda record: _tell(record, events, lists),
        obstacle=lambda: disk_obstacle(home.root, settings.disk_reserve_gib),
        holder=runs.holder,
        look_seconds=settings.queue_look_seconds,
    )
    store = ReleaseStore(home.served)
    in_use = _in_use(jobs, runs)
    catalogue = Catalogue(home, in_use, lambda artifact: _stopped(home, store, artifact))
    datasets = DatasetShelf(home, in_use, runs.trained_on)
    key = load_token(home.ours / "engine-key")
    engines = EngineClient(http_client(key))

    def served() -> None:
        lists.poke("deployment")

    def timed(steps: Sequence[Step]) -> list[Step]:
        return with_times(steps, jobs.took(), usable_cores())

    policy = EnginePolicy(idle=settings.idle_unload_minutes * 60, frees_memory=place.frees_memory)
    supervisor = Supervisor(home, runtime, store, engines, policy, Shape(threads=usable_cores()), key, place.bind, served)
    ollama = OllamaServing(OllamaClient(http_client(address=settings.ollama), settings.ollama), store, _ended(jobs), served)
    door = Door(supervisor, engines, ollama=ollama)
    deployments = Deployments(door)
    lists = _lists(events, catalogue, datasets, runs, store, deployments, settings.lists_look_seconds)
    return Parts(
        settings=settings,
        home=home,
        token=token,
        logins=Logins(token, home.ours / "sessions.json"),
        policy=policy_from(settings),
        events=events,
        lists=lists,
        jobs=jobs,
        catalogue=catalogue,
        datasets=datasets,
        easy_dataset=easy_dataset_desk(datasets, settings),
        runs=runs,
        training=TrainingDesk(home, jobs, catalogue, datasets, toolboxes, planned, corpus, place.device, _shapes, room, timed),
        models=ModelImports(home, settings, jobs, toolboxes, planned, room, timed),
        releases=ReleaseDesk(
            home,
            catalogue,
            jobs,
            toolboxes,
            planned,
            store,
            _facts(home, catalogue, room, ollama, timed),
            corpus,
            usable_cores(),
            settings.ollama,
        ),
        store=store,
        parity=ParityReports(home),
        removal=Removal(home, store, catalogue, jobs, Serving(supervisor.settle, ollama.forget), in_use),
        place=place,
        engine_logs=EngineLogs(home.services, deployments.instance, known_secrets(token)),
        services=_services(settings, place, jobs, runs, events, token),
        toolboxes=place.desk(jobs),
        supervisor=supervisor,
        engines=engines,
        ollama=ollama,
        door=door,
        deployments=deployments,
        roots=roots_of(settings),
        machine=MachineWatch(home.root, tell=lambda machine: events.publish("machine", machine)),
        system=System(settings, jobs.all, toolboxes.reports, toolboxes.find),
        demo=DemoDesk(home, jobs, catalogue, datasets, toolboxes, planned),
    )


def _tell(record: JobStatus, events: Events, lists: Lists) -> None:
    events.publish("job", record)
    if record.state.final:
        lists.poke()


def _in_use(jobs: JobBook, runs: Runs) -> InUse:
    def in_use(path: Path) -> list[Dependant]:
        at_work = jobs.using(path)
        named = [Dependant(kind="job", name=job.id, why=f"{job.title} ({job.id}) works with it") for job in at_work]
        beside = [Dependant(kind="run", name=run.name, why=f"{run.path} is being trained with it") for run in runs.using(path)]
        return named + beside

    return in_use


def _stopped(home: Home, store: ReleaseStore, artifact: str) -> list[str]:
    """The bases that are served from this file alone, under a name that no release has taken."""
    return [name for name in served_from_only(home, artifact) if store.current_number(name) is None]


def _lists(
    events: Events,
    catalogue: Catalogue,
    datasets: DatasetShelf,
    runs: Runs,
    store: ReleaseStore,
    deployments: Deployments,
    every: float,
) -> Lists:
    return Lists(
        events,
        {
            "deployment": deployments.records,
            "release": lambda: asyncio.to_thread(store.standing),
            "dataset": datasets.list,
            "run": lambda: asyncio.to_thread(runs.all),
            "artifact": catalogue.list,
        },
        every,
    )


def _room(home: Home, settings: Settings, place: Place) -> Room:
    reserve = int(settings.disk_reserve_gib * 2**30)
    return Room(
        free_disk=lambda: max(0, free_bytes(home.root) - reserve),
        memory=lambda: min(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), place.memory_limit() or 2**62),
        is_writable=lambda folder: os.access(next(path for path in (folder, *folder.parents) if path.exists()), os.W_OK),
    )


def _ended(jobs: JobBook) -> Callable[[str], bool | None]:
    def ended(job: str) -> bool | None:
        try:
            return jobs.is_final(job)
        except NotFound:
            return None

    return ended


def _facts(home: Home, catalogue: Catalogue, room: Room, ollama: OllamaServing, timed: Timed) -> Facts:
    def origin(adapter: Artifact) -> Origin:
        folder = home.root / adapter.id
        run = folder if adapter.checkpoint is None else folder.parent
        return Origin(read_origin(run).base, read_template(run))

    return Facts(
        origin=lambda adapter: asyncio.to_thread(origin, adapter),
        template=checked_template,
        templates=TEMPLATE_NAMES,
        flaws=lambda adapter: catalogue.check(adapter.id),
        misfits=lambda adapter, base: asyncio.to_thread(reasons_against, adapter, base),
        limits=lambda adapter: asyncio.to_thread(reasons_against_gguf_adapter, adapter),
        room=room,
        timed=timed,
        on_ollama=ollama.reasons_against,
    )


def known_secrets(token: str) -> list[str]:
    """Values that no log and no view of one may show."""
    return [value for value in (token, os.environ.get("HF_TOKEN", "")) if value]


def _services(settings: Settings, place: Place, jobs: JobBook, runs: Runs, events: Events, token: str) -> ServicesDesk:
    domain = settings.domain if place.kind == "docker" else ""
    board = Board(place.kind, place.known, tell=lambda service: events.publish("service", service))
    links = Links(domain, settings.http_port, settings.https_port)

    def beside(service: str) -> str | None:
        held = runs.holder() if service == SERVICES[Toolbox.LLAMAFACTORY] else None
        return held.removeprefix("waiting: ") if held else None

    return ServicesDesk(place.source, board, links, place.busy(jobs), known_secrets(token), beside)


def _shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    return {name: tensor.shape for name, tensor in base_tensors(folder).items()}
