"""The parts of an orchestrator, put together: the one place where nouns meet."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tunesmith.artifacts.catalogue import Catalogue
from tunesmith.artifacts.engine_limits import reasons_against_gguf_adapter
from tunesmith.artifacts.fit import base_tensors, reasons_against
from tunesmith.auth.core import Logins
from tunesmith.auth.policy import Policy, policy_from
from tunesmith.auth.token import load_token
from tunesmith.datasets.service import DatasetShelf
from tunesmith.demo.service import DemoDesk
from tunesmith.domain.artifact import Artifact
from tunesmith.domain.home import Home
from tunesmith.domain.room import Room
from tunesmith.domain.step import Toolbox
from tunesmith.jobs.events import Events
from tunesmith.jobs.service import JobBook
from tunesmith.models.service import ModelImports
from tunesmith.release.facts import Facts, Origin
from tunesmith.release.service import ReleaseDesk
from tunesmith.release.store import ReleaseStore
from tunesmith.runtimes.native import NativeRuntime
from tunesmith.serving.attempts import Shape
from tunesmith.serving.client import EngineClient, http_client
from tunesmith.serving.engine import Policy as EnginePolicy
from tunesmith.serving.openai import Door
from tunesmith.serving.service import Deployments
from tunesmith.serving.supervisor import Supervisor
from tunesmith.settings import Settings
from tunesmith.system.hardware import has_nvidia_gpu, memory_limit, usable_cores
from tunesmith.system.service import System
from tunesmith.system.watermark import disk_obstacle
from tunesmith.toolboxes.native import NativeToolboxes
from tunesmith.toolboxes.service import ToolboxService
from tunesmith.training.llamafactory import Device
from tunesmith.training.runs import Runs, read_origin, read_template
from tunesmith.training.starting import TrainingDesk
from tunesmith.training.templates import checked_template


@dataclass(frozen=True)
class Parts:
    """Everything that routes need. Nothing runs yet: `main` opens and closes it."""

    settings: Settings
    home: Home
    token: str
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
    token = load_token(home.token, settings.token)
    toolboxes = NativeToolboxes(settings, has_nvidia_gpu)
    runtime = NativeRuntime(toolboxes, toolboxes.scripts)
    # Jobs may begin with the installation of a toolbox: their commands are planned for where it will be.
    planned = toolboxes.planned
    corpus = toolboxes.scripts / "parity" / "corpus.json"
    room = _room(home, settings)
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
    catalogue, datasets, store = Catalogue(home), DatasetShelf(home), ReleaseStore(home.served)
    key = load_token(home.ours / "engine-key")
    engines = EngineClient(http_client(key))
    policy = EnginePolicy(idle=settings.idle_unload_minutes * 60, frees_memory=has_nvidia_gpu())
    supervisor = Supervisor(home, runtime, store, engines, policy, Shape(threads=usable_cores()), key)
    door = Door(supervisor, engines)
    return Parts(
        settings=settings,
        home=home,
        token=token,
        logins=Logins(token, home.ours / "sessions.json"),
        policy=policy_from(settings),
        events=events,
        jobs=jobs,
        catalogue=catalogue,
        datasets=datasets,
        runs=Runs(home),
        training=TrainingDesk(home, jobs, catalogue, datasets, toolboxes, planned, corpus, _device(toolboxes), _shapes, room),
        models=ModelImports(home, settings, jobs, toolboxes, planned, room),
        releases=ReleaseDesk(
            home, catalogue, jobs, toolboxes, planned, store, _facts(home, catalogue, room), corpus, usable_cores()
        ),
        store=store,
        toolboxes=ToolboxService(toolboxes, jobs),
        supervisor=supervisor,
        engines=engines,
        door=door,
        deployments=Deployments(door),
        system=System(settings, lambda: jobs.all(limit=10**6), toolboxes.reports, toolboxes.find),
        demo=DemoDesk(home, jobs, catalogue, toolboxes, planned),
    )


def _room(home: Home, settings: Settings) -> Room:
    reserve = int(settings.disk_reserve_gib * 2**30)
    return Room(
        free_disk=lambda: max(0, shutil.disk_usage(home.root).free - reserve),
        memory=lambda: min(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), memory_limit() or 2**62),
        is_writable=lambda folder: os.access(next(path for path in (folder, *folder.parents) if path.exists()), os.W_OK),
    )


def _facts(home: Home, catalogue: Catalogue, room: Room) -> Facts:
    def origin(adapter: Artifact) -> Origin:
        folder = home.root / adapter.id
        run = folder if adapter.checkpoint is None else folder.parent
        return Origin(read_origin(run).base, read_template(run))

    return Facts(
        origin=lambda adapter: asyncio.to_thread(origin, adapter),
        template=checked_template,
        flaws=lambda adapter: catalogue.check(adapter.id),
        misfits=lambda adapter, base: asyncio.to_thread(reasons_against, adapter, base),
        limits=lambda adapter: asyncio.to_thread(reasons_against_gguf_adapter, adapter),
        room=room,
    )


def _device(toolboxes: NativeToolboxes) -> Callable[[], Device]:
    """CUDA when there is a GPU and the training toolbox's PyTorch isn't a CPU build."""

    def device() -> Device:
        made = toolboxes.report(Toolbox.LLAMAFACTORY).made
        cpu_build = made is not None and made.torch_wanted == "cpu"
        # Every GPU that PyTorch 2.13 supports computes in bfloat16.
        return Device("cuda", bf16=True) if has_nvidia_gpu() and not cpu_build else Device("cpu")

    return device


def _shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    return {name: tensor.shape for name, tensor in base_tensors(folder).items()}
