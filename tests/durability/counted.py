"""Jobs whose commands count their own runs, and what must be true of every one of them, whatever was killed when."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from orchestra import Ask

from tunesmith.domain.job import JobStatus, State
from tunesmith.domain.step import Lane, Output, Step, Toolbox

# $1 runs folder, $2 name of this run, $3 seconds, $4 lines, $5 file or folder or nothing, $6 where to write it,
# $7 what it waits for before it ends: a file, or the end of that file's folder (the test is over)
COUNT = r"""
read -r now _ </proc/uptime; echo "start $now" >>"$1/$2"
i=0; while [ $i -lt "$4" ]; do i=$((i + 1)); printf '%s line %s \377\r\n' "$2" $i; done
case $5 in
file) echo "weights of $2" >"$6" ;;
folder) mkdir "$6"; echo "weights of $2" >"$6/weights"; echo config >"$6/config" ;;
esac
sleep "$3"
while [ ! -e "$7" ] && [ -d "${7%/*}" ]; do sleep 0.05; done
printf '%s ends without a newline' "$2"
read -r now _ </proc/uptime; echo "stop $now" >>"$1/$2"
"""


def gates(home: Path) -> Path:
    """Where held steps look whether they may end: beside the home, whose disk may be full."""
    return home.with_name(f"gates of {home.name}")


@dataclass(frozen=True)
class Counted:
    """One job: a step for each entry of `makes` ("", "file" or "folder"), each lasting `seconds` of the same place.

    A step whose index is in `held` goes on after that until `let_go`, however slow the machine is.
    """

    home: Path
    id: str
    makes: tuple[str, ...] = ("", "file", "folder")
    seconds: tuple[float, ...] = (0.0, 0.0, 0.0)
    lane: Lane = Lane.LIGHT
    lines: int = 3
    held: frozenset[int] = frozenset()

    def ask(self) -> Ask:
        (self.home / "runs").mkdir(exist_ok=True, parents=True)
        if self.held:
            gates(self.home).mkdir(exist_ok=True)
        return Ask(self.id, self.lane, tuple(self._step(index) for index in range(len(self.makes))))

    def run_name(self, index: int) -> str:
        return f"{self.id}.{index}"

    def output(self, index: int) -> Output | None:
        name = self.run_name(index)
        match self.makes[index]:
            case "file":
                folder = self.home / "models" / "gguf"
            case "folder":
                folder = self.home / "models" / "merged"
            case _:
                return None
        sidecar = {"kind": self.makes[index], "job": self.id, "step": f"step-{index}"}
        return Output(part=str(folder / f".{name}.part-{self.id}"), path=str(folder / name), sidecar=sidecar)

    def _step(self, index: int) -> Step:
        output = self.output(index)
        words = (str(self.home / "runs"), self.run_name(index), f"{self.seconds[index]:.3f}", str(self.lines))
        gate = str(self._gate(index)) if index in self.held else ""
        return Step(
            name=f"step-{index}",
            toolbox=Toolbox.SYSTEM,
            argv=("sh", "-c", COUNT, "sh", *words, self.makes[index], output.part if output else "", gate),
            outputs=(output,) if output else (),
        )

    def _gate(self, index: int) -> Path:
        return gates(self.home) / self.run_name(index)

    def let_go(self, index: int) -> None:
        """The command of a held step ends."""
        self._gate(index).touch()

    def started(self, index: int) -> bool:
        return bool(self.runs(index))

    # ── what is there ──

    @property
    def folder(self) -> Path:
        return self.home / ".tunesmith" / "jobs" / self.id

    @property
    def accepted(self) -> bool:
        return (self.folder / "job.json").exists()

    def runs(self, index: int) -> list[str]:
        """What the command itself has noted: `start SECONDS` and `stop SECONDS` since the boot, for each of its runs."""
        path = self.home / "runs" / self.run_name(index)
        return path.read_text().splitlines() if path.exists() else []

    def interval(self, index: int) -> tuple[float, float]:
        start, stop = self.runs(index)
        return float(start.split()[1]), float(stop.split()[1])

    def log(self, index: int) -> bytes:
        name = self.run_name(index).encode()
        lines = b"".join(b"%s line %d \xff\r\n" % (name, number) for number in range(1, self.lines + 1))
        return lines + name + b" ends without a newline"

    def artifacts(self) -> set[Path]:
        """Every path that its outputs and their records take when all is published."""
        found: set[Path] = set()
        for index in range(len(self.makes)):
            if output := self.output(index):
                path = Path(output.path)
                within = {path / "weights", path / "config", path / "tunesmith.json"}
                found |= {path, *(within if self.makes[index] == "folder" else {path.with_name(f"{path.name}.tunesmith.json")})}
        return found

    # ── what must be true ──

    def check_visible(self) -> None:
        """At any moment: what has its name is complete, its lineage included."""
        for index, kind in enumerate(self.makes):
            output = self.output(index)
            if output is None or not (path := Path(output.path)).exists():
                continue
            record = path / "tunesmith.json" if kind == "folder" else path.with_name(f"{path.name}.tunesmith.json")
            weights = path / "weights" if kind == "folder" else path
            assert json.loads(record.read_text()) == output.sidecar, self.id
            assert weights.read_text() == f"weights of {self.run_name(index)}\n", self.id

    def check_succeeded(self, record: JobStatus) -> None:
        assert record.state is State.SUCCEEDED, self.story(record)
        for index in range(len(self.makes)):
            runs = self.runs(index)
            assert [line.split()[0] for line in runs] == ["start", "stop"], self.story(record)
            attempts = sorted(self.folder.glob(f"{index + 1:02d}-step-{index}/*"))
            assert [attempt.name for attempt in attempts] == ["1"], self.story(record)
            assert (attempts[0] / "log").read_bytes() == self.log(index), self.story(record)
        assert all(path.exists() for path in self.artifacts()), self.story(record)
        self.check_visible()

    def check_never_was(self) -> None:
        """A submission that nobody got an answer to."""
        assert not any(self.runs(index) for index in range(len(self.makes))), self.story(None)
        assert not any(path.exists() for path in self.artifacts()), self.story(None)

    def story(self, record: JobStatus | None) -> str:
        """Everything there is to know about it, for the message of a failed check."""
        tree = sorted(f"{path.relative_to(self.folder)}" for path in self.folder.rglob("*"))
        said = record.model_dump_json(indent=1) if record else "no record"
        runs = [self.runs(index) for index in range(len(self.makes))]
        return f"{self.id}\n{said}\nruns {runs}\n{tree}"


def check_models(home: Path, jobs: Iterable[Counted]) -> None:
    """`models/` holds the artifacts of these finished jobs and nothing else: no part, no half record."""
    there = {path for path in (home / "models").rglob("*") if path.parent != home / "models"}
    wanted = {path for job in jobs for path in job.artifacts()}
    assert there == wanted, (sorted(map(str, there - wanted)), sorted(map(str, wanted - there)))


def check_one_at_a_time(jobs: Iterable[Counted]) -> int:
    """No two steps of the accelerator lane at once; returns how many steps there were."""
    steps = [(*job.interval(i), job.run_name(i)) for job in jobs if job.lane is Lane.ACCELERATOR for i in range(len(job.makes))]
    steps.sort()
    for (_, stop, one), (start, _, other) in itertools.pairwise(steps):
        assert stop <= start, f"{one} ended at {stop}, {other} began at {start}"
    return len(steps)
