"""What users ask of the system: what it is, what ails it, where its bytes are, what can go."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tunesmith.domain.job import JobStatus
from tunesmith.settings import Settings
from tunesmith.system.checks import Find
from tunesmith.system.clean import Cleaning, leftovers, remove
from tunesmith.system.doctor import Diagnosis, examine
from tunesmith.system.du import DiskUse, disk_use
from tunesmith.system.facts import ToolboxFacts
from tunesmith.system.hardware import hardware
from tunesmith.system.metrics import metrics
from tunesmith.system.report import SystemReport, settings_report, versions


class System:
    """`jobs` gives every job, newest first; `toolboxes` the state of every toolbox; `find` looks a program up."""

    def __init__(
        self,
        settings: Settings,
        jobs: Callable[[], Awaitable[Sequence[JobStatus]]],
        toolboxes: Callable[[], Sequence[ToolboxFacts]],
        find: Find = shutil.which,
    ) -> None:
        self._settings, self._jobs, self._toolboxes, self._find = settings, jobs, toolboxes, find
        self._cache = settings.cache.expanduser().absolute()
        self._started_at = datetime.now(UTC)

    async def report(self) -> SystemReport:
        machine = await asyncio.to_thread(hardware, self._settings.place.root, self._cache)
        return SystemReport(
            hardware=machine,
            versions=versions(),
            settings=await asyncio.to_thread(settings_report, self._settings),
            pid=os.getpid(),
            started_at=self._started_at,
        )

    async def doctor(self) -> Diagnosis:
        return await asyncio.to_thread(lambda: examine(self._settings, self._toolboxes(), self._find))

    async def disk_use(self) -> DiskUse:
        return await asyncio.to_thread(disk_use, self._settings.place, self._cache)

    async def clean(self, really: bool) -> Cleaning:
        """What can go; with `really` it is gone."""
        jobs = await self._jobs()
        ended = [job.id for job in jobs if job.state.final]
        busy = len(ended) < len(jobs)

        def act() -> Cleaning:
            wanted = {Path(toolbox.path) for toolbox in self._toolboxes()}
            home, keep = self._settings.place, self._settings.keep_jobs
            found = leftovers(home, self._cache / "toolboxes", wanted, ended, busy, keep)
            if really:
                return remove(found)
            return Cleaning(items=found, bytes=sum(item.bytes for item in found), removed=False)

        return await asyncio.to_thread(act)

    async def metrics(self) -> str:
        jobs = await self._jobs()
        machine = await asyncio.to_thread(hardware, self._settings.place.root, self._cache)
        return metrics(machine, jobs)
