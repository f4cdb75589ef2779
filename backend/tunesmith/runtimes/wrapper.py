"""How the wrapper is called. Its words are the same in every place: `sh job.sh run FOLDER … -- ARGV…`."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from tunesmith.domain.errors import InvalidInput
from tunesmith.domain.place import Command
from tunesmith.domain.step import Output

NO_FOLDER = 66
"""The wrapper's status when the attempt's folder isn't there."""


def run_argv(job_sh: str, attempt: Path, command: Command, *, reaped: bool = False) -> tuple[str, ...]:
    """The wrapper's argv that runs `command` in `attempt`. Its sidecars must have been written there (`write_sidecars`)."""
    flags = ("--reaped",) if reaped else ()
    return (job_sh, "run", str(attempt), *flags, *_publish(attempt, command), "--", *command.argv)


def run_file_argv(job_sh: str, attempt: Path, command: Command) -> tuple[str, ...]:
    """The same, short whatever the command is: its argv must have been written too (`write_argv`)."""
    return (job_sh, "run", str(attempt), "--argv", *_publish(attempt, command))


def _publish(attempt: Path, command: Command) -> list[str]:
    publish: list[str] = []
    for number, output in enumerate(command.outputs):
        _check(output)
        publish += ["--publish", output.part, output.path, str(sidecar_file(attempt, number))]
    return publish


def cancel_argv(job_sh: str, attempt: Path, grace_seconds: float) -> tuple[str, ...]:
    return (job_sh, "cancel", str(attempt), f"{max(0.0, grace_seconds):.2f}")


def lost_argv(job_sh: str, attempt: Path) -> tuple[str, ...]:
    return (job_sh, "lost", str(attempt))


def sidecar_file(attempt: Path, number: int) -> Path:
    return attempt / f"sidecar-{number}.json"


def write_sidecars(attempt: Path, command: Command) -> None:
    """Puts each output's lineage record where the wrapper takes it from; the same bytes for every attempt of a step."""
    for number, output in enumerate(command.outputs):
        text = json.dumps(output.sidecar, ensure_ascii=False, indent=2) + "\n"
        write_whole(sidecar_file(attempt, number), text.encode())


def write_argv(attempt: Path, argv: Sequence[str]) -> None:
    """`argv`, as the wrapper reads it: "=" begins a word, "+" a further line of it. Exact for every word that a system takes."""
    words = (os.fsencode(word).replace(b"\n", b"\n+") for word in argv)
    write_whole(attempt / "argv", b"".join(b"=" + word + b"\n" for word in words))


def write_whole(path: Path, content: bytes) -> None:
    """`path` is as before, or complete; also when several write the same at once."""
    new = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}")
    new.write_bytes(content)
    new.replace(path)


def _check(output: Output) -> None:
    for path in (output.part, output.path):
        if not path.startswith("/") or path.rstrip("/") != path or "\0" in path:
            raise InvalidInput("An output needs an absolute path", f"Got {path!r}.")
