"""Whether an attempt that shows no life is lost. A late heartbeat proves nothing: the machine may be busy."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from tunesmith.domain.errors import PlaceMissing
from tunesmith.runtimes.docker import errors
from tunesmith.runtimes.docker.containers import Container
from tunesmith.runtimes.docker.engine import Engine
from tunesmith.runtimes.docker.record import Record, note_why_lost, read_record
from tunesmith.runtimes.wrapper import lost_argv

ASK_AGAIN_SECONDS = 2.0
LOOK_SECONDS = 15.0
"""The wrapper's look in its container: 2 s of grace and 5 s of killing, on a busy machine."""


class Evidence:
    """Asks the engine, and by exec the container itself. Blocks: in the engine's threads only."""

    def __init__(self, engine: Engine, wrapper: str, local_wrapper: Path) -> None:
        self._engine, self._wrapper, self._local_wrapper = engine, wrapper, local_wrapper
        self._asked: dict[Path, float] = {}

    def lost(self, attempt: Path) -> bool:
        """True: nothing of it lives, and its folder says so now. False: it lives, or that can't be known at this moment."""
        now = time.monotonic()
        if now - self._asked.get(attempt, -ASK_AGAIN_SECONDS) < ASK_AGAIN_SECONDS:
            return False
        self._asked[attempt] = now
        try:
            proven = self._look(attempt)
        except PlaceMissing:
            return False
        if proven:
            self._asked.pop(attempt, None)
        return proven

    def _look(self, attempt: Path) -> bool:
        record = read_record(attempt)
        container = life_of(self._engine, record) if record else None
        if record is None or container is None:
            if record:
                note_why_lost(attempt, how_it_ended(self._engine, record))
            return run_locally(self._local_wrapper, lost_argv("", attempt)[1:]) == 0
        if container.state == "paused":
            return False
        place = record.place
        look = self._engine.exec_create(place, lost_argv(self._wrapper, attempt))
        self._engine.exec_start(place, look)
        deadline = time.monotonic() + LOOK_SECONDS
        while time.monotonic() < deadline:
            state = self._engine.exec_state(look)
            if state is None or not state.running:
                return state is not None and state.exit_code == 0
            time.sleep(0.05)
        return False


def life_of(engine: Engine, record: Record) -> Container | None:
    """The container in the very life to which the attempt was sent; None when that life is over, and every process with it.

    `ContainerMissing` when it goes on under another name, where nothing can be asked of it.
    """
    try:
        container = engine.inspect(record.place)
    except errors.ContainerMissing:
        container = None
    if container is not None and container.id == record.id:
        return container if container.has_processes and record.is_life_of(container) else None
    for other in engine.list(record.project):
        if other.id == record.id and other.state in ("running", "paused"):
            raise errors.renamed(record.place.container, other.name, record.service)
    return None


def how_it_ended(engine: Engine, record: Record) -> str:
    """What became of a container whose life is over, and what to do about it."""
    name, make = record.place.container, f"`docker compose up -d {record.service}`, then retry the job."
    try:
        now = engine.inspect(record.place)
    except errors.ContainerMissing:
        return f"{name} was removed while the command ran in it. Make it again: {make}"
    if now.id != record.id:
        return f"{name} was removed while the command ran in it, and made anew. Retry the job."
    if not now.has_processes:
        memory = ", out of memory" if now.oom_killed else ""
        return f"{name} ended with status {now.exit_code} while the command ran in it{memory}. Start it: {make}"
    return f"{name} was restarted while the command ran in it. Retry the job."


def run_locally(wrapper: Path, argv: tuple[str, ...]) -> int:
    """The wrapper here, for a container in which nothing can be left: it writes down what is true."""
    done = subprocess.run(
        ("/bin/sh", str(wrapper), *argv),
        env={"PATH": "/usr/local/bin:/usr/bin:/bin"},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        check=False,
    )
    return done.returncode
