"""Toolboxes that are containers of the stack: Compose brings them, complete. Implements `domain.ports.Toolboxes`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from tunesmith.domain.errors import Conflict, NotFound, PlaceMissing
from tunesmith.domain.job import JobStatus
from tunesmith.domain.ports import Draft
from tunesmith.domain.step import Step, Toolbox
from tunesmith.toolboxes import docker_programs
from tunesmith.toolboxes.docker_programs import SCRIPTS, SERVICES, TITLES
from tunesmith.toolboxes.location import scripts_folder
from tunesmith.toolboxes.native import Presence, ToolboxReport


@dataclass(frozen=True)
class DockerToolboxes:
    """`running` asks the engine which services of the project run now; `PlaceMissing` when it can't be asked."""

    project: str
    running: Callable[[], Collection[str]]
    scripts: Path = field(default_factory=scripts_folder)
    """Our own copy of what every container has at SCRIPTS."""

    def ready(self, toolbox: Toolbox) -> bool:
        """Nothing has to be installed first. A container that is missing or stopped is told by the start of a step."""
        return toolbox in SERVICES

    def install_steps(self, toolbox: Toolbox, draft: Draft | None = None, rebuild: bool = False) -> list[Step]:
        return []

    @property
    def planned(self) -> DockerToolboxes:
        """An image has its programs, or hasn't: there is nothing to plan for."""
        return self

    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        return docker_programs.words(toolbox, name)

    def script(self, toolbox: Toolbox, relative: str) -> str:
        """Its path in the containers."""
        path = (self.scripts / relative).resolve()
        if not path.is_relative_to(self.scripts.resolve()) or not path.is_file():
            raise NotFound(f"There is no toolbox script {relative!r}", f"Looked in {self.scripts}.")
        return f"{SCRIPTS}/{path.relative_to(self.scripts.resolve())}"

    def find(self, name: str) -> str | None:
        """Where a llama.cpp program is in its image."""
        found = docker_programs.TABLE.get((Toolbox.LLAMA_CPP, name))
        return found[0] if found else None

    def reports(self) -> list[ToolboxReport]:
        try:
            running = self.running()
        except PlaceMissing:
            running = ()
        return [self._report(toolbox, running) for toolbox in TITLES]

    def report(self, toolbox: Toolbox) -> ToolboxReport:
        return next(found for found in self.reports() if found.name is toolbox)

    def _report(self, toolbox: Toolbox, running: Collection[str]) -> ToolboxReport:
        service = SERVICES[toolbox]
        return ToolboxReport(
            name=toolbox,
            title=TITLES[toolbox],
            presence=Presence.READY if service in running else Presence.MISSING,
            path=f"{self.project}-{service}-1",
            download_bytes=0,
            disk_bytes=0,
        )


class DockerToolboxService:
    """What users ask of toolboxes, where these are containers."""

    def __init__(self, toolboxes: DockerToolboxes) -> None:
        self._toolboxes = toolboxes

    async def reports(self) -> list[ToolboxReport]:
        return await asyncio.to_thread(self._toolboxes.reports)

    async def install(self, toolbox: Toolbox, rebuild: bool = False, quantize: bool = False) -> JobStatus:
        service = SERVICES[toolbox]
        raise Conflict(
            f"The toolbox {toolbox.value} isn't installed by Tunesmith here",
            f"The container {service} brings it, llama-quantize too.",
            f"Start it: `docker compose up -d {service}`. A newer one: `docker compose pull {service}` first.",
        )
