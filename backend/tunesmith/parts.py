"""The parts of an orchestrator, put together: the one place where nouns meet."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

import psutil

from tunesmith.artifacts.catalogue import Catalogue
from tunesmith.artifacts.engine_limits import reasons_against_gguf_adapter
from tunesmith.artifacts.fit import reasons_against
from tunesmith.auth.core import Logins
from tunesmith.auth.policy import Policy, policy_from
from tunesmith.auth.token import load_token
from tunesmith.datasets.service import DatasetShelf
from tunesmith.demo.service import DemoDesk
from tunesmith.domain.artifact import Artifact
from tunesmith.domain.home import Home
from tunesmith.jobs.events import Events
from tunesmith.jobs.service import JobBook
from tunesmith.models.service import ModelImports
from tunesmith.release.facts import Facts, Origin
from tunesmith.release.service import ReleaseDesk
from tunesmith.release.store import ReleaseStore
from tunesmith.runtimes.native import NativeRuntime
from tunesmith.serving.client import EngineClient
from tunesmith.serving.openai import Door
from tunesmith.serving.service import Deployments
from tunesmith.serving.supervisor import Supervisor
from tunesmith.settings import Settings
from tunesmith.system.hardware import has_nvidia_gpu, memory_limit, usable_cores
from tunesmith.system.service import System
from tunesmith.system.watermark import disk_obstacle
from tunesmith.toolboxes.native import NativeToolboxes
from tunesmith.toolboxes.service import ToolboxService
from tunesmith.training.runs import Runs
from tunesmith.training.starting import TrainingDesk


@dataclass(frozen=True)
class Parts:
    """Everything that routes need. Nothing runs yet: `main` opens and closes it."""

    settings: Settings
    home: Home
    logins: Logins
    policy: Policy
    events: Events
    jobs: JobBook
    catalogue: Catalogue
    datasets: DatasetShelf
    runs: Runs
    training: TrainingDesk
    models: ModelImports
    releases: ReleaseDesk
    store: ReleaseStore
    toolboxes: ToolboxService
    supervisor: Supervisor
    engines: EngineClient
    door: Door
    deployments: Deployments
    system: System
    demo: DemoDesk


def assemble(settings: Settings) -> Parts:
    """All parts of the orchestrator of one home, which must be owned already."""
    home = settings.place
    toolboxes = NativeToolboxes(settings, has_nvidia_gpu)
    runtime = NativeRuntime(toolboxes, toolboxes.scripts)
    events = Events()
    jobs = JobBook(
        home.jobs,
        home.root,
        runtime,
        home.state,
        settings.light_jobs,
        tell=lambda record: events.publish("job", record),
        obstacle=lambda: disk_obstacle(home.root, settings.disk_reserve_gib),
    )
    catalogue, runs, store = Catalogue(home), Runs(home), ReleaseStore(home.served)
    datasets = DatasetShelf(home)
    engines = EngineClient()
    supervisor = Supervisor(home, runtime, store, engines)
    door = Door(supervisor, engines)
    facts = Facts(
        origin=lambda adapter: asyncio.to_thread(_origin, runs, adapter),
        misfits=lambda adapter, base: asyncio.to_thread(lambda: list(reasons_against(adapter, base))),
        limits=lambda adapter: asyncio.to_thread(lambda: list(reasons_against_gguf_adapter(adapter))),
        free_disk=lambda: psutil.disk_usage(str(home.root)).free - int(settings.disk_reserve_gib * 2**30),
        memory=lambda: min(psutil.virtual_memory().total, memory_limit() or 2**62),
    )
    corpus = toolboxes.scripts / "parity" / "corpus.json"
    return Parts(
        settings=settings,
        home=home,
        logins=Logins(load_token(home.token, settings.token), home.ours / "sessions.json"),
        policy=policy_from(settings),
        events=events,
        jobs=jobs,
        catalogue=catalogue,
        datasets=datasets,
        runs=runs,
        training=TrainingDesk(home, jobs, catalogue, datasets, toolboxes, runtime, corpus),
        models=ModelImports(home, settings, jobs, toolboxes, runtime),
        releases=ReleaseDesk(home, catalogue, jobs, toolboxes, runtime, store, facts, corpus, usable_cores()),
        store=store,
        toolboxes=ToolboxService(toolboxes, jobs),
        supervisor=supervisor,
        engines=engines,
        door=door,
        deployments=Deployments(door),
        system=System(settings, lambda: jobs.all(limit=10**6), toolboxes.reports, toolboxes.find),
        demo=DemoDesk(home, jobs, catalogue, toolboxes, runtime, corpus),
    )
