"""How the wrapper is called. Its words are the same in every place: `sh job.sh run FOLDER … -- ARGV…`."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tunesmith.domain.errors import InvalidInput
from tunesmith.domain.place import Command
from tunesmith.domain.step import Output

NO_FOLDER = 66
"""The wrapper's status when the attempt's folder isn't there."""


def run_argv(job_sh: str, attempt: Path, command: Command, *, reaped: bool = False) -> tuple[str, ...]:
    """The wrapper's argv that runs `command` in `attempt`. Its sidecars must have been written there (`write_sidecars`)."""
    publish: list[str] = []
    for number, output in enumerate(command.outputs):
        _check(output)
        publish += ["--publish", output.part, output.path, str(sidecar_file(attempt, number))]
    return (job_sh, "run", str(attempt), *(("--reaped",) if reaped else ()), *publish, "--", *command.argv)


def cancel_argv(job_sh: str, attempt: Path, grace_seconds: float) -> tuple[str, ...]:
    return (job_sh, "cancel", str(attempt), f"{max(0.0, grace_seconds):.2f}")


def sidecar_file(attempt: Path, number: int) -> Path:
    return attempt / f"sidecar-{number}.json"


def write_sidecars(attempt: Path, command: Command) -> None:
    """Puts each output's lineage record where the wrapper takes it from; the same bytes for every attempt of a step."""
    for number, output in enumerate(command.outputs):
        path = sidecar_file(attempt, number)
        new = path.with_name(f".{path.name}.{os.getpid()}")
        new.write_text(json.dumps(output.sidecar, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        new.replace(path)


def _check(output: Output) -> None:
    for path in (output.part, output.path):
        if not path.startswith("/") or path.rstrip("/") != path or "\0" in path:
            raise InvalidInput("An output needs an absolute path", f"Got {path!r}.")
