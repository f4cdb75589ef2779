"""The demo, step by step over the API. What is complete from an earlier demo is used again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import typer

from tunesmith.cli.client import Client, Problem
from tunesmith.cli.demo_report import Answers, Served, ask_all, farewell, report
from tunesmith.cli.follow import follow
from tunesmith.cli.rows import ensure_dataset
from tunesmith.cli.show import say
from tunesmith.cli.words import span
from tunesmith.demo.recipe import RECIPE
from tunesmith.demo.service import DemoFiles
from tunesmith.domain.job import JobStatus
from tunesmith.release.routes import Served as ServedName

BASE = "smollm2-135m-instruct"
PARTS = 8


@dataclass
class Demo:
    """One run of the demo. `download_seconds` is time spent on installing toolboxes, which is mostly downloading."""

    client: Client
    seed: int
    began: float = field(default_factory=time.monotonic)
    download_seconds: float = 0.0
    part: int = 0

    @property
    def run(self) -> str:
        return f"demo-{self.seed}"

    @property
    def adapter(self) -> str:
        return f"saves/{self.run}"

    def title(self, text: str) -> None:
        self.part += 1
        say(f"\n[{self.part}/{PARTS}] {text}   ({span(time.monotonic() - self.began)} since the start)")

    def finish(self, job: JobStatus | None) -> None:
        """Follow a job to its end; the demo ends with it when it failed."""
        if job is not None and (status := follow(self.client, job.id)):
            raise typer.Exit(status)

    def exists(self, look: Callable[[], object]) -> bool:
        try:
            look()
        except Problem as problem:
            if problem.status == 404:
                return False
            raise
        return True


def run(client: Client, seed: int) -> int:
    demo = Demo(client, seed)
    _toolboxes(demo)
    _base(demo)
    files = _facts(demo)
    _train(demo, Path(files.rows))
    _release(demo, "adapter", "demo", "Release the adapter beside its base, and check token by token that it is what was trained")
    _release(demo, "merge", "demo-merged", "Release it a second time: merged, converted, checked")
    reference = _answers(demo)
    return _ask(demo, Path(files.questions), reference)


def _toolboxes(demo: Demo) -> None:
    demo.title("Toolboxes: LLaMA-Factory trains, llama.cpp serves (a download; made once)")
    began = time.monotonic()
    for name in ("llamafactory", "llama-cpp"):
        try:
            demo.finish(demo.client.post(f"/api/toolboxes/{name}:install", JobStatus))
        except Problem as problem:
            if problem.status != 409:
                raise
            say(f"{name}: installed")
    demo.download_seconds += time.monotonic() - began


def _base(demo: Demo) -> None:
    demo.title("The base model: SmolLM2-135M-Instruct, dequantised from a package's Q4_1 file")
    if demo.exists(lambda: demo.client.send("GET", f"/api/artifacts/models/base/{BASE}")):
        say(f"models/base/{BASE}: there")
        return
    demo.finish(demo.client.post("/api/models", JobStatus, {"source": "starter", "name": BASE}))


def _facts(demo: Demo) -> DemoFiles:
    demo.title(f"Facts that no model knows, invented from seed {demo.seed}, and contrast rows answered by the base itself")
    files = demo.client.post("/api/demo/facts", DemoFiles, {"seed": demo.seed, "base": f"models/base/{BASE}"})
    demo.finish(files.job)
    rows = Path(files.rows).read_text(encoding="utf-8").splitlines()
    say(f"{len(rows)} rows, such as {rows[0]}")
    return files


def _train(demo: Demo, rows: Path) -> None:
    demo.title("Train by LLaMA-Factory (LoRA)")
    if demo.exists(lambda: demo.client.send("GET", f"/api/artifacts/{demo.adapter}")):
        say(f"{demo.adapter}: trained")
        return
    dataset = ensure_dataset(demo.client, rows, skip_bad=False)
    body = {"base": f"models/base/{BASE}", "name": demo.run, "dataset": [dataset.name], **RECIPE}
    demo.finish(demo.client.post("/api/runs", JobStatus, body))


def _release(demo: Demo, way: str, name: str, title: str) -> None:
    demo.title(title)
    try:
        served = demo.client.get(f"/api/releases/{name}", ServedName)
    except Problem as problem:
        if problem.status != 404:
            raise
    else:
        made = next((r for r in reversed(served.releases) if r.adapter == demo.adapter and r.way == way), None)
        if made and served.current != made.number:
            demo.client.send("POST", f"/api/releases/{name}:rollback", json={"to": made.number})
        if made:
            say(f"{name}: release {made.number}, parity {made.parity_verdict}")
            return
    body = {"adapter": demo.adapter, "name": name, "way": way, "quantisation": "f16"}
    demo.finish(demo.client.post("/api/releases", JobStatus, body))


def _answers(demo: Demo) -> Path:
    demo.title("The same questions to the trainer itself (PEFT), as the reference")
    body = {"seed": demo.seed, "base": f"models/base/{BASE}", "adapter": demo.adapter}
    files = demo.client.post("/api/demo/answers", DemoFiles, body)
    demo.finish(files.job)
    assert files.answers is not None, "the demo's answers have a place"
    return Path(files.answers)


def _ask(demo: Demo, questions: Path, reference: Path) -> int:
    demo.title("Ask base and tuned model questions in words that weren't trained")
    served = Served(base=BASE, adapter="demo", merged="demo-merged")
    answers: Answers = ask_all(demo.client, served, questions, reference)
    seconds = time.monotonic() - demo.began
    passed = report(answers, questions, demo.seed, seconds=seconds, download_seconds=demo.download_seconds)
    farewell(demo.client, served)
    return 0 if passed else 1
