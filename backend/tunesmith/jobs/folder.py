"""The job folder: where a job's plan, inputs and attempts lie, and the few files the orchestrator writes there.

.tunesmith/jobs/<job>/job.json · inputs/<file> · <nn>-<step>/<attempt>/{spec.json, …the wrapper's files…}
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from tunesmith.domain.errors import InvalidInput, NotEnough, NotFound, Refused
from tunesmith.domain.job import JobPlan
from tunesmith.domain.step import Step

UNREACHABLE = "unreachable"
"""File in an attempt that was never started: why its place could not be reached."""

ROOM_BYTES = 16 * 2**20
"""The queue's database writes only with as much left. It can't be put right while we live when it fails half-way."""


def write_whole(path: Path, text: str) -> None:
    """Write `text` so that `path` is either absent, as before, or complete."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def lack_of_room(folder: Path) -> str | None:
    """Why nothing should be noted on this disk now; None when there is room, or no such folder."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return None
    if disk.f_bavail * disk.f_frsize >= ROOM_BYTES:
        return None
    return f"The disk of {folder} has less than {ROOM_BYTES >> 20} MiB free; what waits goes on when there is more."


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Says as ours what the system says of a folder that can't be written: `NotEnough` or `Refused`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NotEnough("The disk is full", f"Nothing can be written in {folder}.", "Make room, then try again.") from error
        raise Refused(f"{folder} can't be written", f"{error.strerror or error}.", "Make it writable for this user.") from error


def write_job(folder: Path, plan: JobPlan, files: Mapping[str, str]) -> None:
    """Write the inputs, then `job.json`: its existence means that the job was accepted. `NotEnough` on a full disk."""
    if reason := lack_of_room(folder.parent):
        raise NotEnough("The disk is full", reason, "Make room, then try again.")
    for name in files:
        if Path(name).name != name:
            raise InvalidInput(f"{name!r} can't be the name of a job's input file")
    with _writing(folder):
        inputs = folder / "inputs"
        inputs.mkdir(parents=True)
        try:
            for name, text in files.items():
                write_whole(inputs / name, text)
            write_whole(folder / "job.json", plan.model_dump_json(indent=1))
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise


def read_job(folder: Path) -> JobPlan:
    """The plan of a job, or NotFound when there is none that can be read."""
    try:
        return JobPlan.model_validate_json((folder / "job.json").read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(f"There is no job {folder.name!r}", "", "`tunesmith jobs list` shows the jobs.") from error
    except ValidationError as error:
        raise InvalidInput(f"{folder / 'job.json'} can't be read", str(error).splitlines()[0], "Delete the folder.") from error


def step_folder(job: Path, index: int, step: Step) -> Path:
    return job / f"{index + 1:02d}-{step.name}"


def attempt_folder(job: Path, index: int, step: Step, attempt: int) -> Path:
    return step_folder(job, index, step) / str(attempt)


def latest_attempt(folder: Path) -> int:
    """Number of the newest attempt in a step's folder; 0 when there is none."""
    try:
        return max((int(entry.name) for entry in os.scandir(folder) if entry.name.isdigit()), default=0)
    except FileNotFoundError:
        return 0


def prepare_attempt(folder: Path, step: Step, home: str) -> None:
    """Make an attempt's folder with its `spec.json`. Environment values that are secrets stay references."""
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "spec.json").exists():
            spec = {"step": step.model_dump(mode="json"), "cwd": home, "prepared_at": datetime.now(UTC).isoformat()}
            write_whole(folder / "spec.json", json.dumps(spec, indent=1))


def modified_at(path: Path) -> datetime | None:
    """When a file or folder was last written, or None without it."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (FileNotFoundError, NotADirectoryError):
        return None


def tail(path: Path, size: int = 4096) -> bytes:
    """The last `size` bytes of a file; empty without one."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - size))
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return b""


def last_line(text: bytes) -> str:
    """The last line with something on it; of a line redrawn by carriage returns, its last drawing."""
    lines = text.decode("utf-8", "replace").replace("\r", "\n").split("\n")
    return next((line.strip()[:500] for line in reversed(lines) if line.strip()), "")
