# ruff: noqa: ASYNC110, ASYNC240
"""What only a container can do to a command: vanish, stop, start again, be another's."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

import docker
import pytest
from containers import SOCKET, Box
from places import PythonOnly
from trial import PATIENCE_SECONDS, Trial

from tunesmith.domain.errors import PlaceMissing
from tunesmith.domain.place import Life
from tunesmith.runtimes.docker import starting
from tunesmith.runtimes.docker.containers import Container, Place
from tunesmith.runtimes.docker.engine import Engine
from tunesmith.runtimes.docker.errors import ContainerMissing, ContainerStopped


class Looking(Engine):
    """Counts how often it was asked for a container."""

    looks = 0

    def inspect(self, place: Place) -> Container:
        self.looks += 1
        return super().inspect(place)

    async def has_found_nothing(self) -> None:
        """The second look comes when the first was in vain."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.looks < 2:
                await asyncio.sleep(0.01)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A start waits for what is being restarted however slow this machine is."""
    monkeypatch.setattr(starting, "RESTART_SECONDS", PATIENCE_SECONDS)


async def refused(inside: Trial, kind: type[PlaceMissing]) -> PlaceMissing:
    """A start here is refused, and leaves an attempt that can be started later."""
    attempt = inside.attempt()
    with pytest.raises(kind) as caught:
        await inside.runtime.start(attempt, inside.shell("exit 0"))
    assert (await inside.runtime.observe(attempt)).life is Life.ABSENT
    return caught.value


async def test_no_container(inside: Trial, absent: Box) -> None:
    error = await refused(inside, ContainerMissing)
    assert error.remedy == f"Make it: `docker compose up -d {absent.service}`."


async def test_stopped_and_started_again(inside: Trial, box: Box, engine: docker.APIClient) -> None:
    engine.stop(box.place.container, timeout=0)
    error = await refused(inside, ContainerStopped)
    assert error.title.endswith("is stopped") and "exited" in error.detail
    engine.start(box.place.container)
    assert (await inside.run(inside.shell("exit 3")))[1].exit_code == 3


@pytest.mark.usefixtures("patient")
async def test_stopped_but_the_engine_is_about_to_start_it(inside: Trial, box: Box, engine: docker.APIClient) -> None:
    """As after the engine's own restart, when we are there again before our toolboxes."""
    name, looking = box.place.container, Looking(SOCKET)
    inside.runtime = box.runtime(PythonOnly(), engine=looking)
    engine.update_container(name, restart_policy={"Name": "unless-stopped"})
    engine.stop(name, timeout=0)
    running = asyncio.create_task(inside.run(inside.shell("exit 3")))
    await looking.has_found_nothing()
    assert not running.done()
    engine.start(name)
    assert (await running)[1].exit_code == 3
    engine.update_container(name, restart_policy={"Name": "no"})


@pytest.mark.usefixtures("patient")
async def test_an_engine_that_comes_back(inside: Trial, box: Box) -> None:
    """Its gate is restarted just as a step begins."""
    folder = Path(tempfile.mkdtemp(prefix="engine-"))  # short: a socket's path has 107 bytes
    looking = Looking(f"unix://{folder}/docker.sock")
    attempt = inside.attempt()
    coming = asyncio.create_task(box.runtime(PythonOnly(), engine=looking).start(attempt, inside.shell("exit 3")))
    await looking.has_found_nothing()
    assert not coming.done()
    (folder / "docker.sock").symlink_to(SOCKET.removeprefix("unix://"))
    await coming
    assert (await inside.ended(attempt)).exit_code == 3
    shutil.rmtree(folder)


async def test_paused(inside: Trial, box: Box, engine: docker.APIClient) -> None:
    attempt = await inside.running()
    engine.pause(box.place.container)
    assert "unpause" in (await refused(inside, ContainerStopped)).remedy
    inside.make_late(attempt)
    assert (await inside.runtime.observe(attempt)).life is Life.RUNNING
    with pytest.raises(ContainerStopped):
        await inside.runtime.cancel(attempt, inside.shell("exit 0"), 1)
    engine.unpause(box.place.container)
    assert (await inside.runtime.cancel(attempt, inside.shell("exit 0"), 1)).cancelled


async def test_renamed(inside: Trial, box: Box, engine: docker.APIClient) -> None:
    attempt, name = await inside.running(), box.place.container
    engine.rename(name, f"{name}-old")
    error = await refused(inside, ContainerMissing)
    assert error.remedy == f"Name it back: `docker rename {name}-old {name}`."
    with pytest.raises(ContainerMissing, match="renamed"):
        await inside.runtime.cancel(attempt, inside.shell("exit 0"), 1)
    engine.rename(f"{name}-old", name)
    assert (await inside.runtime.cancel(attempt, inside.shell("exit 0"), 1)).cancelled


@pytest.mark.parametrize("labels", [{}, {"com.docker.compose.project": "other", "com.docker.compose.service": "tool"}])
async def test_a_container_of_another_project_has_the_name(
    inside: Trial, absent: Box, engine: docker.APIClient, labels: dict[str, str]
) -> None:
    absent.make(engine, labels=labels)
    try:
        error = await refused(inside, ContainerMissing)
        assert "belongs to" in error.detail and labels.get("com.docker.compose.project", "no Compose project") in error.detail
    finally:
        engine.remove_container(absent.place.container, force=True)


async def test_a_container_without_our_scripts(inside: Trial, box: Box) -> None:
    blind = box.runtime(PythonOnly(), wrapper="/opt/elsewhere/job.sh")
    attempt = inside.attempt()
    with pytest.raises(ContainerMissing, match="can't run commands"):
        await blind.start(attempt, inside.shell("exit 0"))
    assert (await inside.run(inside.shell("exit 0"), attempt))[1].exit_code == 0


async def test_a_container_that_does_not_see_the_home(inside: Trial, box: Box) -> None:
    with contextlib.ExitStack() as stack:
        hidden = Path(f"/var/tmp/contract-{uuid.uuid4()}")
        hidden.mkdir()
        stack.callback(subprocess.run, ["rm", "-r", str(hidden)], check=True)
        with pytest.raises(ContainerMissing, match="doesn't see the home"):
            await inside.runtime.start(hidden, inside.shell("exit 0"))
        assert (await inside.runtime.observe(hidden)).life is Life.ABSENT
