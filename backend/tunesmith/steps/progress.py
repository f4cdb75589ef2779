"""How far a step is, read from what its tool really prints. Where a tool prints nothing, nothing is shown."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tunesmith.domain.job import Progress
from tunesmith.domain.step import Step

TAIL_BYTES = 8192

TQDM = re.compile(
    r"(?P<percent>\d{1,3})%\|[^|]*\|\s*(?P<done>[\d.]+)(?P<unit>[kMGT]?)B?/(?P<total>[\d.]+)(?P<unit2>[kMGT]?)B?\s*"
    r"\[(?:[\d:]+)<(?P<left>[\d:?]+)"
)
BRACKETS = re.compile(r"\[\s*(?P<done>\d+)\s*/\s*(?P<total>\d+)\s*\]")
COPYING = re.compile(r"copying file sha256:(?P<file>[0-9a-f]{8})\S* (?P<percent>\d{1,3})%")
STEP_OF = re.compile(r"^step (?P<done>\d+) of (?P<total>\d+): (?P<note>.+)$", re.MULTILINE)
SCALE = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}


def read_progress(step: Step, log: Path) -> Progress | None:
    """The latest progress of a step, or None when its tool has printed none."""
    if step.progress is None:
        return None
    source = Path(step.watch) if step.watch else log
    return PARSERS[step.progress](_tail(source))


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def last_match(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(reversed(list(pattern.finditer(text))), None)


def trainer_log(text: str) -> Progress | None:
    """LLaMA-Factory's `trainer_log.jsonl`: its last whole line."""
    for line in reversed(text.split("\n")[:-1]):
        try:
            record = json.loads(line)
            done, total = record["current_steps"], record["total_steps"]
        except (ValueError, KeyError, TypeError):
            continue
        loss = record.get("loss")
        note = f"loss {loss:.4g}" if isinstance(loss, int | float) else ""
        return Progress(done=done, total=total, unit="steps", note=note, eta_seconds=clock(record.get("remaining_time", "")))
    return None


def tqdm(text: str) -> Progress | None:
    """A tqdm bar: `12%|█▏ | 3/25 [00:04<00:31, 1.4s/it]`, also in bytes (`1.2G/2.0G`)."""
    last = last_match(TQDM, text)
    if last is None:
        return None
    done = float(last["done"]) * SCALE[last["unit"]]
    total = float(last["total"]) * SCALE[last["unit2"]]
    return Progress(done=done, total=total, unit="bytes" if last["unit2"] else "", eta_seconds=clock(last["left"]))


def brackets(text: str, unit: str = "tensors") -> Progress | None:
    """llama-quantize: `[  42/ 200]`; ninja counts the files that it compiles in the same way."""
    found = BRACKETS.findall(text)
    return Progress(done=float(found[-1][0]), total=float(found[-1][1]), unit=unit) if found else None


def copying(text: str) -> Progress | None:
    """`ollama create`: `copying file sha256:344b… 41%`, drawn over and over; the file that it draws last."""
    last = last_match(COPYING, text)
    return Progress(done=float(last["percent"]), total=100, unit="%", note=f"file {last['file']}…") if last else None


def step_of(text: str) -> Progress | None:
    """Our own toolbox scripts: `step 2 of 5: installing PyTorch`."""
    last = last_match(STEP_OF, text)
    if last is None:
        return None
    return Progress(done=float(last["done"]) - 1, total=float(last["total"]), unit="parts", note=last["note"][:120])


def clock(text: str) -> float | None:
    """Seconds of `[d day(s), ]h:mm:ss` or `mm:ss`; None for anything else (tqdm prints `?` until it knows)."""
    days = re.match(r"(\d+) days?, ", text)
    parts = text[days.end() :].split(":") if days else text.split(":")
    if not all(part.isdigit() for part in parts):
        return None
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return float(seconds + (int(days[1]) * 86400 if days else 0))


PARSERS: dict[str, Callable[[str], Progress | None]] = {
    "trainer-log": trainer_log,
    "tqdm": tqdm,
    "brackets": brackets,
    "ninja": partial(brackets, unit="files"),
    "copying": copying,
    "step-of": step_of,
}
