"""Deleting served names and releases: what goes, what stays because something else needs it, and what is in the way."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tunesmith.artifacts.catalogue import Catalogue
from tunesmith.domain.artifact import Kind, Lineage
from tunesmith.domain.deletion import Dependant
from tunesmith.domain.errors import Conflict, EngineFailed, NotFound
from tunesmith.domain.home import Home
from tunesmith.domain.job import JobStatus, State
from tunesmith.domain.release import Engine, Piece, Release, Way
from tunesmith.domain.step import Lane
from tunesmith.release.removal import Removal, Serving
from tunesmith.release.store import ReleaseStore

RECORD = Path(__file__).parents[3] / "backend" / "toolbox" / "release" / "record.py"


@dataclass
class Active:
    """The jobs that aren't over: all that is asked of jobs here."""

    jobs: list[JobStatus] = field(default_factory=list)

    def active(self) -> list[JobStatus]:
        return self.jobs


@dataclass
class Stand:
    """A home with releases, and what those who serve were asked to do."""

    home: Home
    jobs: Active = field(default_factory=Active)
    busy: dict[Path, Dependant] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    ollama_away: bool = False

    def __post_init__(self) -> None:
        self.store = ReleaseStore(self.home.served)

        async def settle() -> None:
            self.done.append(f"settled with {self.store.names()}")

        async def forget(releases: Sequence[Release], whole: bool) -> None:
            if self.ollama_away:
                raise EngineFailed("Ollama doesn't answer")
            self.done.append(f"forgot {[release.number for release in releases]} {'whole' if whole else 'alone'}")

        def in_use(path: Path) -> list[Dependant]:
            return [self.busy[path]] if path in self.busy else []

        serving, catalogue = Serving(settle, forget), Catalogue(self.home)
        self.removal = Removal(self.home, self.store, catalogue, self.jobs, serving, in_use)  # type: ignore[arg-type]

    def file(self, path: str, content: str = "x" * 5000) -> str:
        (self.home.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.home.root / path).write_text(content)
        return path

    def release(self, name: str, number: int, *, adapter: str = "", merged: str = "", template: str = "") -> None:
        """With its own report, on a shared base, or of a merged model."""
        pieces = [Piece(role="model", path=self.file(f"models/gguf/{merged or 'base-f16'}.gguf"), sha256="m", bytes=1)]
        if adapter:
            pieces.append(Piece(role="adapter", path=self.file(f"models/adapters/{adapter}.gguf"), sha256="a", bytes=1))
            self.file(f"models/adapters/{adapter}.gguf.tunesmith.json", "{}")
        if template:
            pieces.append(
                Piece(role="template", path=self.file(f"models/served/{name}/templates/{template}"), sha256="t", bytes=1)
            )
        release = Release(
            name=name,
            number=number,
            way=Way.MERGE if merged else Way.ADAPTER,
            engine=Engine.LLAMA_CPP,
            engine_build="b",
            pieces=pieces,
            adapter="saves/facts",
            base="models/base/tiny",
            template="chatml",
            quantisation="f16",
            parity=self.file(f"models/served/{name}/reports/job-{number}.json", "{}"),
            parity_verdict="equal",
            job=f"job-{number}",
            made_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        self.file(f"models/served/{name}/{number}.json", release.model_dump_json())
        self.file(f"models/served/{name}/current", f"{number}\n")

    def there(self) -> set[str]:
        return {
            self.home.relative(path) for path in self.home.models.rglob("*") if path.is_file() and not path.name.startswith(".")
        }


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(Home(tmp_path))


async def test_a_name_goes_with_what_was_made_for_it_alone(stand: Stand) -> None:
    stand.release("facts", 1, adapter="one")
    stand.release("facts", 2, adapter="shared", template="t.jinja")
    stand.release("other", 1, adapter="shared")
    found = await stand.removal.deletion("facts")
    assert (found.what, found.stops, found.possible) == ("facts", ["facts"], True)
    assert found.files == ["models/served/facts", "models/adapters/one.gguf", "models/adapters/one.gguf.tunesmith.json"]
    assert found.bytes > 5000
    await stand.removal.delete("facts")
    assert stand.done == ["forgot [1, 2] whole", "settled with ['other']"]
    assert stand.there() == {
        "models/gguf/base-f16.gguf", "models/adapters/shared.gguf", "models/adapters/shared.gguf.tunesmith.json",
        "models/served/other/1.json", "models/served/other/current", "models/served/other/reports/job-1.json",
    }  # fmt: skip
    with pytest.raises(NotFound):
        await stand.removal.delete("facts")


async def test_one_release_goes_and_its_number_is_never_given_again(stand: Stand) -> None:
    for number in (1, 2, 3):
        stand.release("facts", number, adapter=f"a{number}", template=f"{number}.jinja" if number != 2 else "1.jinja")
    stand.store.switch("facts", 1)
    with pytest.raises(Conflict, match="roll it back first"):
        await stand.removal.delete("facts", 1)
    await stand.removal.delete("facts", 3)
    found = await stand.removal.deletion("facts", 2)
    assert (found.stops, "models/served/facts/templates/1.jinja" in found.files) == ([], False), "release 1 has it too"
    await stand.removal.delete("facts", 2)
    assert [release.number for release in stand.store.all("facts")] == [1]
    left = {path for path in stand.there() if "facts" in path and "adapters" not in path}
    assert left == {
        "models/served/facts/1.json", "models/served/facts/current", "models/served/facts/last",
        "models/served/facts/reports/job-1.json", "models/served/facts/templates/1.jinja",
    }  # fmt: skip
    script = f"import sys; sys.path.insert(0, {str(RECORD.parent)!r}); import record; from pathlib import Path; "
    asked = f"print(record.next_number(Path({str(stand.home.served / 'facts')!r})))"
    done = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", script + asked], capture_output=True, text=True)
    assert done.stdout.strip() == "4", done.stderr


async def test_a_merged_file_goes_unless_something_was_made_from_it(stand: Stand) -> None:
    stand.release("facts", 1, merged="facts-f16")
    child = "models/gguf/facts-q8_0.gguf"
    stand.file(child)
    lineage = Lineage(kind=Kind.GGUF, job="j", step="s", parents=["models/gguf/facts-f16.gguf"], made_at=datetime.now(UTC))
    stand.file(f"{child}.tunesmith.json", lineage.model_dump_json())
    assert (await stand.removal.deletion("facts")).files == ["models/served/facts"]
    (stand.home.root / child).unlink()
    assert "models/gguf/facts-f16.gguf" in (await stand.removal.deletion("facts")).files


async def test_a_record_is_no_reason_to_remove_anything_else(stand: Stand) -> None:
    stand.release("facts", 1, adapter="../../saves/precious")
    stand.release("evil", 1, adapter="x")
    record = stand.home.served / "evil" / "1.json"
    text = await asyncio.to_thread(record.read_text)
    await asyncio.to_thread(record.write_text, text.replace("models/adapters/x.gguf", "models/served/facts/1.json"))
    assert (await stand.removal.deletion("facts")).files == ["models/served/facts"]
    assert (await stand.removal.deletion("evil")).files == ["models/served/evil"]


async def test_what_is_in_the_way_is_told_and_nothing_is_touched(stand: Stand) -> None:
    stand.release("facts", 1, adapter="one")
    before = stand.there()
    now = datetime.now(UTC)
    job = JobStatus(
        id="job-9", kind="release", title="Release facts", lane=Lane.LIGHT, state=State.RUNNING, created_at=now, steps=[]
    )
    stand.jobs.jobs.append(job)
    with pytest.raises(Conflict, match="job-9 makes a release of it"):
        await stand.removal.delete("facts")
    stand.jobs.jobs.clear()
    stand.busy[stand.home.models / "adapters" / "one.gguf"] = Dependant(kind="job", name="job-8", why="job-8 works with it")
    with pytest.raises(Conflict, match="job-8 works with it"):
        await stand.removal.delete("facts")
    stand.busy.clear()
    stand.ollama_away = True
    with pytest.raises(EngineFailed):
        await stand.removal.delete("facts")
    assert (stand.there(), stand.done) == (before, [])
