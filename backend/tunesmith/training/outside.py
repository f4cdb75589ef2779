"""Trainings that were started outside of Tunesmith, in LlamaBoard or by hand: how far they are, and whether they go on.

LlamaBoard 0.9.5 writes `llamaboard_config.yaml` and `training_args.yaml` and starts `llamafactory-cli train …/training_args.yaml`
within 0.1 s; `running_log.txt` follows when its imports are done, `trainer_log.jsonl` at the first logging step, and
`trainer_state.json` within 0.2 s of the last (seen). A run that was killed leaves no mark of its end. So its process is asked
for first; where processes can't be seen, how fresh its files are tells, within bounded time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePath

import psutil
import yaml

from tunesmith.domain.run import MetricPoint, RunState
from tunesmith.training import metrics

ARGS = "training_args.yaml"
BOARD = "llamaboard_config.yaml"
RUNNING_LOG = "running_log.txt"
STARTING_SECONDS = 5.0
"""Between LlamaBoard's files and the process that it starts."""
LOADING_SECONDS = 900.0
"""How long nothing may be written before the first logging step: loading and tokenising say little."""
QUIET_SECONDS = (120.0, 1800.0)
"""Least and most of what a training may be silent between two logging steps, when its process can't be seen."""
_WEIGHTS = ("adapter_model.safetensors", "adapter_model.bin")
_SLOWER = 4.0
"""Times the longest pause that it made before: an evaluation or a checkpoint comes between two steps."""


@dataclass(frozen=True)
class Seen:
    """One running process. `cwd` None: not known, then it counts as home (containers work there)."""

    argv: tuple[str, ...]
    cwd: Path | None = None


Processes = Callable[[], Sequence[Seen] | None]
"""The processes that may be trainings; None where they can't be seen. Blocking."""


def native_processes() -> Sequence[Seen]:
    """Those of this host."""
    found = []
    for process in psutil.process_iter():
        try:
            argv = process.cmdline()
            if "train" in argv:
                found.append(Seen(tuple(argv), _cwd(process)))
        except psutil.Error:
            continue  # it ended while we looked, or is nobody's business of ours
    return found


def in_container(command_lines: Iterable[str]) -> Sequence[Seen]:
    """Those of the training container, from the last column of the engine's `top`."""
    return [Seen(tuple(line.split())) for line in command_lines]


def _cwd(process: psutil.Process) -> Path | None:
    try:
        return Path(process.cwd())
    except psutil.AccessDenied:
        return None


def being_trained(processes: Iterable[Seen], home: Path) -> set[Path]:
    """The folders that `llamafactory-cli train` writes to now, as its configuration names them."""
    return {folder for seen in processes for folder in _outputs(seen, home)}


def _outputs(seen: Seen, home: Path) -> Iterable[Path]:
    if "train" not in seen.argv or not any("llamafactory" in PurePath(word).as_posix().lower() for word in seen.argv):
        return
    cwd = seen.cwd or home
    for word in seen.argv:
        if word.endswith((".yaml", ".yml", ".json")):
            config = cwd / word
            output = str(config.parent) if config.name == ARGS else _output_dir(config)
            if output:
                yield Path(os.path.realpath(cwd / output))


def _output_dir(config: Path) -> str | None:
    try:
        content = yaml.safe_load(config.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return None
    found = content.get("output_dir") if isinstance(content, dict) else None
    return found if isinstance(found, str) else None


def has_ended(folder: Path) -> bool:
    """Whether the last training of a folder came to its end and saved. Asks for times of files only."""
    started = _started(folder)
    if not started:
        return True  # an adapter that was copied here
    saved = max(_mtime(folder / name) for name in _WEIGHTS)
    return _mtime(folder / metrics.STATE) >= started or saved >= started


def state_of(folder: Path, points: Sequence[MetricPoint], trained: set[Path] | None, now: float | None = None) -> RunState:
    """How a run that was made outside stands. `trained`: what `being_trained` gave, None when processes can't be seen."""
    now = time.time() if now is None else now
    if trained and Path(os.path.realpath(folder)) in trained:
        return RunState.RUNNING
    if has_ended(folder):
        return RunState.STOPPED if points and points[-1].step < (points[-1].total_steps or 0) else RunState.FINISHED
    newest = max(_started(folder), *(_mtime(folder / name) for name in (RUNNING_LOG, BOARD)))
    known = trained is not None and (folder / BOARD).exists()
    # A clock that was set back makes files of the future; they count as fresh for no longer than others.
    return RunState.RUNNING if abs(now - newest) < (STARTING_SECONDS if known else _patience(points)) else RunState.FAILED


def _started(folder: Path) -> float:
    """When something was last known to train here; 0 when nothing says that it did."""
    return max(_mtime(folder / ARGS), _mtime(folder / metrics.LOG))


def _patience(points: Sequence[MetricPoint]) -> float:
    """How long a training that has come this far may write nothing, in seconds."""
    times = [point.elapsed_seconds for point in points if point.elapsed_seconds is not None]
    if not times:
        return LOADING_SECONDS
    # The tail of a long log begins somewhere: only between two of its points is a pause known.
    pauses = [after - before for before, after in pairwise(times)] or [times[0]]
    least, most = QUIET_SECONDS
    return min(most, max(least, _SLOWER * max(pauses)))


def _mtime(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
