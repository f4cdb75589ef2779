"""What the two places contribute to an orchestrator: commands as processes of this host, or in the stack's containers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from tunesmith import __version__
from tunesmith.domain.errors import PlaceMissing
from tunesmith.domain.job import JobStatus, State
from tunesmith.domain.place import Programs, Runtime
from tunesmith.domain.ports import Toolboxes
from tunesmith.domain.step import Toolbox
from tunesmith.jobs.service import JobBook
from tunesmith.runtimes.lately import Lately
from tunesmith.runtimes.native import NativeRuntime
from tunesmith.services.known import NATIVE, STACK, Known
from tunesmith.services.native_source import NativeSource, probes
from tunesmith.services.source import ServiceSource
from tunesmith.services.tool import TOOLS
from tunesmith.services.tool_process import ToolProcess
from tunesmith.serving.attempts import Bind
from tunesmith.settings import Settings
from tunesmith.system.hardware import has_nvidia_gpu, memory_limit
from tunesmith.toolboxes.docker import DockerToolboxes, DockerToolboxService
from tunesmith.toolboxes.docker_programs import SERVICES
from tunesmith.toolboxes.native import NativeToolboxes, ToolboxReport
from tunesmith.toolboxes.service import ToolboxDesk, ToolboxService
from tunesmith.training.llamafactory import Device
from tunesmith.training.outside import Seen, in_container, native_processes

ENGINE_PORTS = range(9100, 9200)
"""Ports of the llama-cpp container on which released models are served, inside the stack's network only."""

LIST_SECONDS = 2.0
"""Doctor and the list of toolboxes ask the engine no oftener than this."""


class Boxes(Toolboxes, Programs, Protocol):
    """The toolboxes of a place, as planning, doctor and setup use them."""

    @property
    def scripts(self) -> Path: ...

    @property
    def planned(self) -> Programs:
        """Where programs will be once `install_steps` have run."""

    def reports(self) -> list[ToolboxReport]: ...

    def find(self, name: str) -> str | None: ...


async def _nothing() -> None:
    return None


@dataclass(frozen=True)
class Place:
    """Everything above it is the same in both."""

    kind: Literal["docker", "native"]
    runtime: Runtime
    toolboxes: Boxes
    desk: Callable[[JobBook], ToolboxDesk]
    source: ServiceSource
    known: Sequence[Known]
    bind: Bind
    device: Callable[[], Device]
    """What trainings run on."""
    frees_memory: bool
    """Engines and trainings share one GPU's memory."""
    memory_limit: Callable[[], int | None]
    """Bytes that commands may use, where that is less than the machine has."""
    container: Callable[[Toolbox], str | None]
    """The container of a toolbox; None natively."""
    trainings: Callable[[], Sequence[Seen] | None]
    """The processes that may be trainings of somebody else; None where they can't be seen. Blocking."""
    close: Callable[[], None] = lambda: None
    stop_tools: Callable[[], Awaitable[None]] = _nothing
    """End the tools that were started from here; the stack's are Compose's."""

    def busy(self, jobs: JobBook) -> Callable[[str], list[JobStatus]]:
        """The jobs that run a step in a service now."""

        def busy(service: str) -> list[JobStatus]:
            return [job for job in jobs.active() if service in self._at_work(job, jobs)]

        return busy

    def _at_work(self, job: JobStatus, jobs: JobBook) -> Collection[str]:
        steps = zip(job.steps, jobs.plan(job.id).steps, strict=True)
        return {SERVICES[step.toolbox] for status, step in steps if status.state is State.RUNNING}


def place_of(settings: Settings) -> Place:
    return _docker(settings) if settings.runtime == "docker" else _native(settings)


def _native(settings: Settings) -> Place:
    toolboxes = NativeToolboxes(settings, has_nvidia_gpu)

    def device() -> Device:
        """CUDA when there is a GPU and the training toolbox's PyTorch isn't a CPU build."""
        made = toolboxes.report(Toolbox.LLAMAFACTORY).made
        cpu_build = made is not None and made.torch_wanted == "cpu"
        return _cuda() if has_nvidia_gpu() and not cpu_build else Device("cpu")

    home, runtime = settings.place, NativeRuntime(toolboxes, toolboxes.scripts)
    source = NativeSource(
        probes(settings.ollama, settings.easy_dataset),
        __version__,
        home.ours / "logs" / "orchestrator.log",
        [ToolProcess(tool, home, runtime, toolboxes.ready, offline=settings.offline) for tool in TOOLS],
    )
    return Place(
        kind="native",
        runtime=runtime,
        toolboxes=toolboxes,
        desk=lambda jobs: ToolboxService(toolboxes, jobs),
        source=source,
        known=NATIVE,
        bind=Bind(),
        device=device,
        frees_memory=has_nvidia_gpu(),
        memory_limit=memory_limit,
        container=lambda _: None,
        trainings=native_processes,
        stop_tools=source.stop_tools,
    )


def _docker(settings: Settings) -> Place:
    # Here: docker-py takes a while to import, and native mode does without.
    from tunesmith.runtimes.docker.containers import Place as Containers
    from tunesmith.runtimes.docker.engine import Engine
    from tunesmith.runtimes.docker.errors import ContainerMissing, ContainerStopped
    from tunesmith.runtimes.docker.runtime import DockerRuntime
    from tunesmith.runtimes.docker.streams import EngineStreams
    from tunesmith.services.docker_source import DockerSource

    engine, project = Engine(settings.gate), settings.project

    def running() -> set[str]:
        return {found.service for found in engine.list(project) if found.state == "running"}

    def containers(toolbox: Toolbox) -> Containers:
        return Containers(project, SERVICES[toolbox])

    def trainings() -> Sequence[Seen] | None:
        try:
            return in_container(row[-1] for row in engine.top(containers(Toolbox.LLAMAFACTORY)))
        except (ContainerMissing, ContainerStopped):
            return []
        except PlaceMissing:
            return None

    toolboxes = DockerToolboxes(project, Lately[set[str]](running, LIST_SECONDS, set()))
    gpu = settings.torch_backend == "cuda"
    return Place(
        kind="docker",
        runtime=DockerRuntime(toolboxes, toolboxes.scripts, engine, containers),
        toolboxes=toolboxes,
        desk=lambda _: DockerToolboxService(toolboxes),
        source=DockerSource(engine, EngineStreams(settings.gate), project),
        known=STACK,
        bind=Bind("0.0.0.0", SERVICES[Toolbox.LLAMA_CPP], ENGINE_PORTS),
        # The GPU is in other containers than ours; compose/gpu.yml says that it is.
        device=lambda: _cuda() if gpu else Device("cpu"),
        frees_memory=gpu,
        # Our own container's limit isn't that of the toolboxes.
        memory_limit=lambda: None,
        container=lambda toolbox: containers(toolbox).container,
        trainings=trainings,
        close=engine.close,
    )


def _cuda() -> Device:
    # Every GPU that PyTorch 2.13 supports computes in bfloat16.
    return Device("cuda", bf16=True)
