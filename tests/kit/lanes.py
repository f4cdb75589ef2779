"""Runs layers in two lanes. Each lane has a worker that takes its own layers in order, then what the others have left.

What a layer needs is made once, by the first worker that comes to it. A layer that fails stops none of the others.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kit.layer import Command, Layer

LANES = 2
Make = Callable[[Callable[[Command], int]], str | None]
"""Makes a need by commands that it runs into the need's log; returns why it can't be had, with the remedy."""


@dataclass(frozen=True)
class Outcome:
    """`result`: "passed", "FAILED: <command>" or "left out: <reason>"."""

    name: str
    result: str
    seconds: float
    log: Path
    layer: Layer | None = None
    """None for a need."""

    @property
    def passed(self) -> bool:
        return self.result == "passed"

    @property
    def failed(self) -> bool:
        return self.result.startswith("FAILED")


@dataclass
class Lanes:
    """One run. `told` hears of every beginning and end, from the workers' threads, one at a time."""

    layers: Sequence[Layer]
    needs: dict[str, Make]
    logs: Path
    told: Callable[[str, Outcome | None], None]
    cwd: Path
    outcomes: list[Outcome] = field(default_factory=list)
    running: dict[str, float] = field(default_factory=dict)
    """What runs now, and since when on the monotonic clock."""

    def __post_init__(self) -> None:
        self._waiting = list(self.layers)
        self._made: dict[str, str | None] = {}
        self._held: set[str] = set()
        self._changed = threading.Condition()

    def run(self) -> list[Outcome]:
        """Until every layer has an outcome."""
        workers = [threading.Thread(target=self._work, args=(lane,), daemon=True) for lane in range(LANES)]
        for worker in workers:
            worker.start()
        for worker in workers:
            while worker.is_alive():
                worker.join(0.5)  # lets an interrupt through
        return self.outcomes

    # ── a worker ──

    def _work(self, lane: int) -> None:
        while (task := self._next(lane)) is not None:
            outcome = self._make(task) if isinstance(task, str) else self._run(task)
            with self._changed:
                self.running.pop(outcome.name)
                self.outcomes.append(outcome)
                if isinstance(task, str):
                    self._made[task] = None if outcome.passed else outcome.result
                else:
                    self._held -= set(task.holds)
                self.told(outcome.name, outcome)
                self._changed.notify_all()

    def _next(self, lane: int) -> Layer | str | None:
        """A layer that can run now, or a need that must be made first. Waits for others; None when no layer is left."""
        with self._changed:
            while self._waiting:
                task = self._choose(lane)
                if task is not None:
                    name = task if isinstance(task, str) else task.name
                    self.running[name] = time.monotonic()
                    if isinstance(task, Layer):
                        self._waiting.remove(task)
                        self._held |= set(task.holds)
                    self.told(name, None)
                    return task
                self._changed.wait()
            return None

    def _choose(self, lane: int) -> Layer | str | None:
        for layer in sorted(self._waiting, key=lambda each: each.lane != lane):
            missing = [need for need in layer.needs if need not in self._made]
            for need in missing:
                if need not in self.running:
                    return need
            if not missing and not self._held.intersection(layer.holds):
                return layer
        return None

    # ── the work ──

    def _make(self, need: str) -> Outcome:
        log, begun = self._log(need), time.monotonic()
        try:
            why = self.needs[need](lambda command: self._into(log, command))
        except Exception as error:  # whatever it was: the layers that need it are told, the others go on
            with log.open("a") as file:
                file.write(f"{error!r}\n")
            why = f"{need} can't be made: {error}"
        return Outcome(need, f"left out: {why}" if why else "passed", time.monotonic() - begun, log)

    def _run(self, layer: Layer) -> Outcome:
        log, begun = self._log(layer.name), time.monotonic()
        if why := next((self._made[need] for need in layer.needs if self._made[need]), None):
            return Outcome(layer.name, why, 0.0, log, layer)
        result = "passed"
        for command in layer.commands:
            if self._into(log, command):
                words = " ".join(Path(word).name if number == 0 else word for number, word in enumerate(command))
                result = f"FAILED: {words}"
                break
        return Outcome(layer.name, result, time.monotonic() - begun, log, layer)

    def _log(self, name: str) -> Path:
        log = self.logs / f"{name}.log"
        log.write_text("")
        return log

    def _into(self, log: Path, command: Command) -> int:
        with log.open("ab") as file:
            file.write(f"$ {' '.join(command)}\n".encode())
            file.flush()
            return subprocess.run(
                command, cwd=self.cwd, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, env=dict(os.environ)
            ).returncode


def closed(layers: Iterable[Layer], needs: dict[str, Make]) -> list[str]:
    """Names of needs that a layer has and nobody makes."""
    return sorted({need for layer in layers for need in layer.needs} - set(needs))
