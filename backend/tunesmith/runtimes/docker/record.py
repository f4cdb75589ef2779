"""What the orchestrator itself notes in an attempt's folder: where it was sent, and that it may never start."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tunesmith.runtimes.docker.containers import Container, Place
from tunesmith.runtimes.folder import WHY_LOST
from tunesmith.runtimes.wrapper import write_whole

FILE = "place.json"


@dataclass(frozen=True)
class Record:
    """`place.json`, written before the exec: one life of one container. A restart gives it another `started_at`."""

    project: str
    service: str
    id: str
    started_at: str

    @property
    def place(self) -> Place:
        return Place(self.project, self.service)

    def is_life_of(self, container: Container) -> bool:
        return (self.id, self.started_at) == (container.id, container.started_at)


def write_record(attempt: Path, container: Container) -> None:
    record = Record(container.project, container.service, container.id, container.started_at)
    write_whole(attempt / FILE, (json.dumps(asdict(record)) + "\n").encode())


def read_record(attempt: Path) -> Record | None:
    """None: nothing was sent to a container from here."""
    try:
        found = json.loads((attempt / FILE).read_bytes())
        return Record(found["project"], found["service"], found["id"], found["started_at"])
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None


def note_why_lost(attempt: Path, why: str) -> None:
    """Before it is called lost; the first one to know has seen most."""
    if not (attempt / WHY_LOST).exists():
        write_whole(attempt / WHY_LOST, f"{why}\n".encode())


def claim_as_cancelled(attempt: Path, grace_seconds: float) -> bool:
    """Claim an attempt that nobody has, so that it never starts; False when it is claimed. What `job.sh cancel` would write."""
    return _claim(attempt, {"cancelled": f"{grace_seconds:.2f}\n", "exit": "143\n"})


def claim_as_lost(attempt: Path) -> bool:
    """The same for a start of which nobody knows whether it comes: it is not to come later, unseen."""
    return _claim(attempt, {"lost": "the start\n"})


def _claim(attempt: Path, files: dict[str, str]) -> bool:
    """The files are made first: on a full disk nothing is claimed."""
    claim, made = attempt / "claim", []
    if claim.exists():
        return False
    for name, text in files.items():
        new = attempt / f".{name}.unclaimed"
        new.write_text(text, encoding="ascii")
        made.append((new, attempt / name))
    try:
        claim.mkdir()
    except FileExistsError:
        return False
    for new, final in made:
        new.replace(final)
    return True
