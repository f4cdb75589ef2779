"""Installing toolboxes as jobs."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Protocol

from tunesmith.domain.errors import Conflict, InvalidInput, NotEnough
from tunesmith.domain.job import JobStatus
from tunesmith.domain.ports import Jobs
from tunesmith.domain.step import Lane, Step, Toolbox
from tunesmith.toolboxes.native import NativeToolboxes, Presence, ToolboxReport

KIND = "toolbox"


class ToolboxDesk(Protocol):
    """What users ask of toolboxes, wherever commands run."""

    async def reports(self) -> list[ToolboxReport]: ...

    async def install(self, toolbox: Toolbox, rebuild: bool = False, quantize: bool = False) -> JobStatus: ...


class ToolboxService:
    """What users ask of toolboxes, where these are environments of this host."""

    def __init__(self, toolboxes: NativeToolboxes, jobs: Jobs) -> None:
        self._toolboxes, self._jobs = toolboxes, jobs

    async def reports(self) -> list[ToolboxReport]:
        return await asyncio.to_thread(self._toolboxes.reports)

    async def install(self, toolbox: Toolbox, rebuild: bool = False, quantize: bool = False) -> JobStatus:
        """A job that makes this toolbox complete. `Conflict` when it is (without `rebuild`), `NotEnough` without the disk.

        `quantize`: also compile llama-quantize into it (llama-cpp only).
        """
        if quantize and toolbox is not Toolbox.LLAMA_CPP:
            raise InvalidInput("llama-quantize belongs to llama-cpp", f"Not to {toolbox.value}.", "Install llama-cpp with it.")
        draft = self._jobs.draft(KIND)
        steps = await asyncio.to_thread(self._toolboxes.install_steps, toolbox, draft, rebuild)
        if quantize:
            steps += await asyncio.to_thread(self._toolboxes.quantize_steps)
        if not steps:
            raise Conflict(
                f"The toolbox {toolbox.value} is installed",
                f"It is complete in {self._toolboxes.folder(toolbox)}.",
                f"`tunesmith toolbox install --rebuild {toolbox.value}` makes it anew.",
            )
        if rebuild:
            self._refuse_while_used(toolbox)
        self._check_disk(steps)
        title = f"Install {toolbox.value}"
        request = {"toolbox": toolbox.value, "rebuild": rebuild, "quantize": quantize}
        return await self._jobs.submit(draft, kind=KIND, title=title, lane=Lane.LIGHT, steps=steps, request=request)

    def _refuse_while_used(self, toolbox: Toolbox) -> None:
        busy = [job.id for job in self._jobs.active()]
        if busy and self._toolboxes.presence(toolbox) is not Presence.MISSING:
            raise Conflict(
                f"The toolbox {toolbox.value} can't be rebuilt now",
                f"Jobs are under way that may use it: {', '.join(busy)}.",
                "Wait for them, or cancel them with `tunesmith jobs cancel ID`.",
            )

    def _check_disk(self, steps: list[Step]) -> None:
        needed = sum(step.estimate.disk_bytes or 0 for step in steps)
        where = _existing(self._toolboxes.root)
        free = shutil.disk_usage(where).free
        if free < needed:
            raise NotEnough(
                "The disk is too small for this toolbox",
                f"It needs about {needed / 2**30:.1f} GiB; {where} has {free / 2**30:.1f} GiB free.",
                "Free some space (`tunesmith du`, `tunesmith clean`), or set TUNESMITH_CACHE to another disk.",
            )


def _existing(folder: Path) -> Path:
    """The nearest folder above that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())
