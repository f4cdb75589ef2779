"""Reads the metrics that LLaMA-Factory itself writes: `trainer_log.jsonl` as it grows, and `trainer_state.json`."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path

from tunesmith.domain.run import MetricPoint

LOG = "trainer_log.jsonl"
STATE = "trainer_state.json"
MOST = 16 << 20
"""Bytes that one reading takes at most; the next goes on from there."""
TAIL = 8 << 10
"""Bytes at a log's end in which its last few points are looked for."""
_CLOCK = re.compile(r"(?:(\d+) days?, )?(\d+):(\d{2}):(\d{2})")


@dataclass(frozen=True)
class Stretch:
    """Points from one byte offset up to `offset`, from which the next reading goes on."""

    points: list[MetricPoint]
    offset: int


def read_log(path: Path, offset: int = 0) -> Stretch:
    """The whole lines from byte `offset` on. A last line without its end is left for the next reading.

    An offset behind the end (the file was begun anew) starts again from 0. No file: no points yet.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            start = offset if 0 <= offset <= size else 0
            file.seek(start)
            content = file.read(MOST)
    except FileNotFoundError:
        return Stretch([], 0)
    whole = content.rfind(b"\n") + 1
    points = (_point(line) for line in content[:whole].split(b"\n"))
    return Stretch([point for point in points if point is not None], start + whole)


def read_tail(path: Path) -> list[MetricPoint]:
    """The last few points."""
    return [point for line in _last_lines(path) if (point := _point(line)) is not None]


def read_end(path: Path) -> tuple[MetricPoint | None, float | None]:
    """The last point, and the last loss among the last few: an evaluation has none."""
    last: MetricPoint | None = None
    for line in reversed(_last_lines(path)):
        point = _point(line)
        last = last or point
        if point is not None and point.loss is not None:
            return last, point.loss
    return last, None


def _last_lines(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as file:
            end = file.seek(0, 2)
            file.seek(max(0, end - TAIL))
            content = file.read(TAIL)
    except OSError:
        return []
    return content.split(b"\n")[0 if end <= TAIL else 1 : -1]


def gradient_norms(state: Path) -> dict[int, float]:
    """Step → gradient norm, from the `log_history` of a `trainer_state.json`; empty when there is none, or it is half written."""
    try:
        history = json.loads(state.read_bytes())["log_history"]
        entries = [(entry.get("step"), finite(entry.get("grad_norm"))) for entry in history]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {step: norm for step, norm in entries if isinstance(step, int) and norm is not None}


def with_norms(points: list[MetricPoint], norms: dict[int, float]) -> list[MetricPoint]:
    return [
        point.model_copy(update={"grad_norm": norms.get(point.step)}) if point.loss is not None else point for point in points
    ]


def _point(line: bytes) -> MetricPoint | None:
    """A line as a point; None for what isn't one (blank, garbage of a crash)."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    step = entry.get("current_steps") if isinstance(entry, dict) else None
    if not isinstance(step, int):
        return None
    total = entry.get("total_steps")
    return MetricPoint(
        step=step,
        total_steps=total if isinstance(total, int) else None,
        loss=finite(entry.get("loss")),
        eval_loss=finite(entry.get("eval_loss")),
        lr=finite(entry.get("lr")),
        epoch=finite(entry.get("epoch")),
        elapsed_seconds=seconds_of(entry.get("elapsed_time")),
        remaining_seconds=seconds_of(entry.get("remaining_time")),
        tokens_per_second=finite(entry.get("throughput")),
    )


def finite(value: object) -> float | None:
    """NaN and infinity are no values that a chart or JSON can hold."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else None


def seconds_of(value: object) -> float | None:
    """Python's timedelta as text: `0:01:02`, `1 day, 2:03:04`."""
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
