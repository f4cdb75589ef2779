"""Installing as a job: what is refused before it, and what the job is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tunesmith.domain.errors import Conflict, InvalidInput, NotEnough
from tunesmith.domain.job import JobStatus, State
from tunesmith.domain.ports import Draft
from tunesmith.domain.step import Lane, Step, Toolbox
from tunesmith.toolboxes.native import NativeToolboxes
from tunesmith.toolboxes.service import ToolboxService


class Queue:
    """Takes jobs down instead of running them."""

    def __init__(self, *active: str) -> None:
        self._active, self.steps = active, list[Step]()

    def draft(self, kind: str) -> Draft:
        return Draft(f"j-{kind}", Path("/nowhere"))

    async def submit(
        self,
        draft: Draft,
        *,
        kind: str,
        title: str,
        lane: Lane,
        steps: Sequence[Step],
        request: Mapping[str, object],
        files: Mapping[str, str] | None = None,
    ) -> JobStatus:
        self.steps = list(steps)
        return record(draft.id, kind, title, lane)

    def status(self, job_id: str) -> JobStatus:
        return record(job_id)

    def active(self) -> list[JobStatus]:
        return [record(name) for name in self._active]


def record(name: str, kind: str = "train", title: str = "t", lane: Lane = Lane.LIGHT) -> JobStatus:
    return JobStatus(id=name, kind=kind, title=title, lane=lane, state=State.PENDING, created_at=datetime.now(UTC), steps=[])


def completed(toolboxes: NativeToolboxes) -> None:
    folder = toolboxes.folder(Toolbox.TENSORBOARD)
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").touch()
    (folder / "complete.json").write_text("{}")


async def test_an_installation_is_one_light_job(toolboxes: NativeToolboxes) -> None:
    queue = Queue()
    job = await ToolboxService(toolboxes, queue).install(Toolbox.TENSORBOARD)
    assert (job.kind, job.lane, job.title) == ("toolbox", Lane.LIGHT, "Install tensorboard")
    assert [step.name for step in queue.steps] == ["install-tensorboard"]


async def test_what_is_installed_is_left_alone(toolboxes: NativeToolboxes) -> None:
    completed(toolboxes)
    with pytest.raises(Conflict, match="is installed"):
        await ToolboxService(toolboxes, Queue()).install(Toolbox.TENSORBOARD)


async def test_a_rebuild_waits_for_jobs_that_may_use_it(toolboxes: NativeToolboxes) -> None:
    completed(toolboxes)
    with pytest.raises(Conflict) as caught:
        await ToolboxService(toolboxes, Queue("j-busy")).install(Toolbox.TENSORBOARD, rebuild=True)
    assert "j-busy" in caught.value.detail
    queue = Queue()
    await ToolboxService(toolboxes, queue).install(Toolbox.TENSORBOARD, rebuild=True)
    assert queue.steps[0].argv[-1] == "--rebuild"


async def test_a_disk_that_is_too_small_is_said_before_anything_starts(toolboxes: NativeToolboxes, scripts: Path) -> None:
    definition = scripts / "setup" / "tensorboard.toml"
    definition.write_text(definition.read_text().replace("disk_bytes = 2000", f"disk_bytes = {10**18}"))
    queue = Queue()
    with pytest.raises(NotEnough) as caught:
        await ToolboxService(toolboxes, queue).install(Toolbox.TENSORBOARD)
    assert "931322574.6 GiB" in caught.value.detail
    assert queue.steps == []


async def test_llama_quantize_belongs_to_one_toolbox(toolboxes: NativeToolboxes) -> None:
    with pytest.raises(InvalidInput):
        await ToolboxService(toolboxes, Queue()).install(Toolbox.TENSORBOARD, quantize=True)
