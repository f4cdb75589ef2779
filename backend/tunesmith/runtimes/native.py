"""Commands as processes of this host, under the wrapper and a subreaper. They outlive the orchestrator."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tunesmith.domain.place import Command, Life, Observation, Programs
from tunesmith.domain.step import Toolbox
from tunesmith.runtimes import refusals
from tunesmith.runtimes.environment import base_environment
from tunesmith.runtimes.folder import Attempt, read_attempt
from tunesmith.runtimes.process import alive
from tunesmith.runtimes.wrapper import NO_FOLDER, cancel_argv, run_argv, write_sidecars

_POLL_SECONDS = 0.02


class NativeRuntime:
    """Implements `domain.place.Runtime` on Linux.

    `programs` knows where the toolboxes' programs and scripts are; `scripts` is the folder of `job.sh` and `subreaper.py`.
    """

    def __init__(
        self,
        programs: Programs,
        scripts: Path,
        *,
        shell: tuple[str, ...] = ("/bin/sh",),
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._programs = programs
        self._job_sh = str(scripts / "job.sh")
        self._subreaper = str(scripts / "subreaper.py")
        self._shell = shell
        self._environ = os.environ if environ is None else environ

    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        return self._programs.program(toolbox, name)

    def script(self, toolbox: Toolbox, relative: str) -> str:
        return self._programs.script(toolbox, relative)

    async def start(self, attempt: Path, command: Command) -> None:
        """Returns when the attempt is claimed. Raises `PlaceMissing`, `NotFound` (no such folder) and `NotEnough` (disk full)."""
        await asyncio.to_thread(self._start, attempt, command)

    async def observe(self, attempt: Path) -> Observation:
        return await asyncio.to_thread(_observe, attempt)

    async def cancel(self, attempt: Path, command: Command, grace_seconds: float) -> Observation:
        """May be asked again, also after a cancel that was itself interrupted."""
        argv = (*self._shell, *cancel_argv(self._job_sh, attempt, grace_seconds))
        process = await asyncio.to_thread(self._spawn_cancel, argv)
        # Polled, not awaited in a thread: a long grace would hold one of few, and a closing event loop kills its own children.
        while process.poll() is None:  # noqa: ASYNC110
            await asyncio.sleep(_POLL_SECONDS)
        if process.returncode == NO_FOLDER:
            raise refusals.no_folder(attempt)
        return await self.observe(attempt)

    def _spawn_cancel(self, argv: tuple[str, ...]) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                argv,
                env=base_environment(self._environ),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise refusals.unreachable(f"{argv[0]}: {error.strerror}") from error

    def _start(self, attempt: Path, command: Command) -> None:
        if not attempt.is_dir():
            raise refusals.no_folder(attempt)
        if (attempt / "claim").exists():
            return
        if not command.cwd.is_dir():
            raise refusals.no_cwd(command.cwd)
        try:
            write_sidecars(attempt, command)
            said = self._spawn(attempt, command)
        except OSError as error:
            raise refusals.start_error(attempt, error) from error
        if not (attempt / "claim").exists():
            raise refusals.refused_start(attempt, said)

    def _spawn(self, attempt: Path, command: Command) -> str:
        """What the subreaper or the wrapper had to say before the claim; "" when it went well."""
        wrapper = (*self._shell, *run_argv(self._job_sh, attempt, command, reaped=True))
        done = subprocess.run(
            (sys.executable, "-I", "-S", self._subreaper, "--", *wrapper),
            cwd=command.cwd,
            env=base_environment(self._environ) | dict(command.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            check=False,
        )
        return done.stderr.decode(errors="replace").strip()


def _observe(attempt: Path) -> Observation:
    seen = read_attempt(attempt)
    life = _life(seen)
    if life is Life.LOST:
        # It may have ended between two of our looks.
        seen = read_attempt(attempt)
        life = _life(seen)
    return seen.observation(life)


def _life(seen: Attempt) -> Life:
    if seen.exited and seen.cancelling and not seen.cancelled and seen.canceller and alive(seen.canceller):
        return Life.RUNNING  # its processes are still being counted
    if seen.exited:
        return Life.EXITED if seen.exit else Life.LOST
    if not seen.claimed:
        return Life.ABSENT
    if seen.started is None:
        return Life.RUNNING if seen.fresh else Life.LOST
    # With its wrapper killed a job is lost when the subreaper has ended the rest of it; a new attempt must not meet that.
    return Life.RUNNING if alive(seen.started) or (seen.reaper and alive(seen.reaper)) else Life.LOST
