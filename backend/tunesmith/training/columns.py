"""The metrics of a run as columns, from which curves are drawn: a third of the bytes of a list of points, and less work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json

from tunesmith.training.metrics import MOST, finite, seconds_of

Column = list[float | None]


class Columns(BaseModel):
    """One entry a line of `trainer_log.jsonl`, in its order; None where a line lacks it. A training that went on from a
    checkpoint writes steps again: what comes later counts."""

    step: list[int] = []
    epoch: Column = []
    elapsed_seconds: Column = []
    loss: Column = []
    eval_loss: Column = []
    lr: Column = []
    grad_norm: Column = []
    """Known up to the newest checkpoint."""
    tokens_per_second: Column = []
    total_steps: int | None = None
    start: int = 0
    """The byte from which these were read; 0, whatever was asked for, when the log was begun anew."""
    offset: int = 0
    """Give it back as `offset` for what comes after these."""


def read_columns(log: Path, norms: dict[int, float], offset: int = 0) -> Columns:
    """The whole lines from byte `offset` on, as `metrics.read_log` counts them."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            start = offset if 0 <= offset <= size else 0
            file.seek(start)
            content = file.read(MOST)
    except FileNotFoundError:
        return Columns()
    whole = content.rfind(b"\n") + 1
    columns = Columns(start=start, offset=start + whole)
    for line in content[:whole].split(b"\n"):
        if line:
            _add(columns, _entry(line), norms)
    return columns


def _entry(line: bytes) -> dict[str, Any]:
    """Empty for what isn't a point (garbage of a crash)."""
    try:
        entry = from_json(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) and isinstance(entry.get("current_steps"), int) else {}


def _add(columns: Columns, entry: dict[str, Any], norms: dict[int, float]) -> None:
    if not entry:
        return
    step, loss, total = entry["current_steps"], finite(entry.get("loss")), entry.get("total_steps")
    columns.step.append(step)
    columns.epoch.append(finite(entry.get("epoch")))
    columns.elapsed_seconds.append(seconds_of(entry.get("elapsed_time")))
    columns.loss.append(loss)
    columns.eval_loss.append(finite(entry.get("eval_loss")))
    columns.lr.append(finite(entry.get("lr")))
    columns.grad_norm.append(None if loss is None else norms.get(step))
    columns.tokens_per_second.append(finite(entry.get("throughput")))
    columns.total_steps = total if isinstance(total, int) else columns.total_steps
