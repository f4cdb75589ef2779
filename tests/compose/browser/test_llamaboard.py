"""A training started by hand in LlamaBoard's own page: listed with its curve, holding the accelerator, released, answering."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from kit.home import BASE, QUESTION
from kit.waiting import waiting

from ..door import JOB_SECONDS, until
from ..faults import docker, kill
from ..stack import Stack
from .conftest import host, log_in

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture
def stood_still() -> Iterator[list[int]]:
    """Processes that go on at the end, whatever becomes of the test."""
    pids: list[int] = []
    yield pids
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            kill(pid, signal.SIGCONT)


def test_what_is_trained_in_llamaboards_page_counts(stack: Stack, adapter: str, page: Page, stood_still: list[int]) -> None:
    """The training stands still until a job of ours has seen that it waits for it."""
    door = stack.door
    before = {run["name"] for run in door.get("/api/runs")["runs"]}
    page.goto(host(stack, "llamafactory"))
    log_in(page, stack)
    fill_in(page, str(stack.home / "models" / "base" / BASE), "doors")
    page.get_by_role("button", name="Start").first.click()
    with waiting("training"):
        until(lambda: bool(trainers(stack)), JOB_SECONDS)
    stood_still += trainers(stack)
    for pid in stood_still:
        kill(pid, signal.SIGSTOP)
    until(lambda: new_run(stack, before) is not None)
    waits = door.post("/api/releases", {"adapter": adapter, "name": "waits", "way": "adapter"})
    until(lambda: "LlamaBoard trains" in (door.job(waits["id"])["holds"] or ""))
    for pid in stood_still:
        kill(pid, signal.SIGCONT)
    with waiting("training"):
        until(lambda: (new_run(stack, before) or {}).get("state") == "finished", JOB_SECONDS)
    run = new_run(stack, before)
    assert run is not None and run["made_outside"] and (run["step"], run["total_steps"]) == (2, 2)
    assert [point["step"] for point in door.get(f"/api/runs/{run['name']}/metrics")["points"]][-1] == 2
    door.succeed(waits)
    job = door.post("/api/releases", {"adapter": run["adapter"], "name": "by-hand", "way": "adapter", "quantisation": "f16"})
    door.succeed(job)
    assert door.get("/api/releases/by-hand")["releases"][-1]["template"] == "chatml", "as it was chosen in the page"
    assert door.answer("by-hand", QUESTION)["usage"]["completion_tokens"] > 0


def trainers(stack: Stack) -> list[int]:
    """The processes of LlamaBoard's training, by this machine's pids."""
    lines = docker("top", stack.container("llamafactory"), "-eo", "pid,args").splitlines()[1:]
    return [int(line.split()[0]) for line in lines if " train " in line and "training_args.yaml" in line]


def new_run(stack: Stack, before: set[str]) -> dict[str, Any] | None:
    runs: list[dict[str, Any]] = stack.door.get("/api/runs")["runs"]
    return next((run for run in runs if run["name"] not in before), None)


def fill_in(page: Page, base: str, dataset: str) -> None:
    """The Train tab: two steps on four rows, without a GPU."""
    choose(page, "Model name", "Custom")
    page.get_by_label("Model path").fill(base)
    page.get_by_label("Model path").press("Tab")
    choose(page, "Chat template", "chatml")
    page.get_by_label("Epochs").first.fill("1.0")
    page.get_by_label("Max samples").first.fill("4")
    choose(page, "Compute type", "fp32")
    page.get_by_label("Dataset").first.click()
    page.get_by_role("option", name=dataset).first.click()
    page.get_by_label("Dataset").first.press("Escape")
    for label, value in (("Cutoff length", "64"), ("Batch size", "2"), ("Gradient accumulation", "1")):
        box = page.get_by_label(f"number input for {label}").first
        box.fill(value)
        box.press("Tab")


def choose(page: Page, label: str, option: str) -> None:
    box = page.get_by_label(label, exact=True).first
    box.click()
    box.fill(option)
    page.get_by_role("option", name=option, exact=True).first.click()
