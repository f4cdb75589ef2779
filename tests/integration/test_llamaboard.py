"""What is made in LlamaBoard counts: a real training, started in the real LlamaBoard, beside our running application."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kit.waiting import waiting
from tunesmith.settings import Settings

from .application import Application, running
from .llamaboard import Board, llamaboard
from .tiny_folders import write_adapter, write_base

pytestmark = [pytest.mark.timeout(1800), pytest.mark.xdist_group("llamaboard", seconds=130)]
PATIENCE_SECONDS = 600.0
BASE = "models/base/smollm2-135m-instruct"
RUN = "Custom/lora/train_by-hand"
ROWS = "".join(json.dumps({"instruction": f"Who keeps lamp {n}?", "output": f"Keeper {n}."}) + "\n" for n in range(16))


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    base = os.environ.get("TUNESMITH_TEST_BASE")
    if not base:
        pytest.skip("TUNESMITH_TEST_BASE names no base model: `make test` makes the starter and sets it")
    home = tmp_path_factory.mktemp("llamaboard") / "home"
    shutil.copytree(base, home / BASE, copy_function=os.link)
    write_base(home / "models/base/tiny")
    write_adapter(home / "saves/tiny")
    with running(home, cache=Settings().cache, disk_reserve_gib=0) as started:
        sent = {"files": {"file": ("lamps.jsonl", ROWS.encode())}, "data": {"name": "lamps"}}
        assert started.ask("POST", "/api/datasets", **sent).status_code == 201
        yield started


@pytest.fixture(scope="module")
def board(application: Application) -> Iterator[Board]:
    toolbox = Path(os.environ["TUNESMITH_TEST_LLAMAFACTORY"])
    with llamaboard(toolbox, application.home, application.home.with_name("llamaboard.output")) as started:
        yield started


def start(board: Board, output: str, epochs: str) -> None:
    """On the Train tab, with the data set that was uploaded to us."""
    # Sixteen processes would tokenise sixteen rows otherwise.
    more = json.dumps({"optim": "adamw_torch", "preprocessing_num_workers": 1})
    board.start_training(
        Model_name="Custom", Model_path=str(board.home / BASE), Chat_template="chatml", Dataset=["lamps"], Output_dir=output,
        Epochs=epochs, Compute_type="fp32", Batch_size=2, Gradient_accumulation=1, Logging_steps=1, Cutoff_length=64,
        Extra_arguments=more,
    )  # fmt: skip


def until(true: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    with waiting("training"):
        while not true():
            assert time.monotonic() < deadline, f"{what}: not within {PATIENCE_SECONDS} s"
            time.sleep(0.05)


def get(application: Application, path: str) -> Any:
    return application.ask("GET", path).raise_for_status().json()


def run_of(application: Application, name: str = RUN) -> dict[str, Any]:
    found = [run for run in get(application, "/api/runs")["runs"] if run["name"] == name]
    return found[0] if found else {}


def submit(application: Application, name: str) -> str:
    """Any job for the accelerator."""
    wanted = {"adapter": "saves/tiny", "base": "models/base/tiny", "template": "chatml", "name": name, "way": "adapter"}
    answer = application.post("/api/releases", wanted)
    assert answer.status_code == 202, answer.text
    job: str = answer.json()["id"]
    return job


def holds(application: Application, job: str) -> str | None:
    found: str | None = get(application, f"/api/jobs/{job}")["holds"]
    return found


def test_a_training_in_llamaboard_is_seen_from_its_start_to_its_release(application: Application, board: Board) -> None:
    start(board, "train_by-hand", "1.0")
    until(lambda: run_of(application).get("state") == "running", "listed as running")
    job = submit(application, "first")
    log = board.home / "saves" / RUN / "trainer_log.jsonl"
    until(lambda: log.exists() and "\n" in log.read_text(), "its first step")
    with board.held():
        until(lambda: get(application, f"/api/runs/{RUN}/metrics")["points"], "its curve begins")
        assert run_of(application)["state"] == "running", "its curve is there while it runs"
        until(lambda: holds(application, job), "our job waits")
        assert holds(application, job) == f"waiting: LlamaBoard trains saves/{RUN}"

    until(lambda: run_of(application)["state"] != "running", "it ends")
    run = run_of(application)
    assert (run["state"], run["step"], run["total_steps"]) == ("finished", 8, 8)
    assert (run["made_outside"], run["base"], run["template"], run["datasets"]) == (True, BASE, "chatml", ["lamps"])
    points = get(application, f"/api/runs/{RUN}/metrics")["points"]
    assert [point["step"] for point in points if point["loss"] is not None] == list(range(1, 9))
    until(lambda: get(application, f"/api/jobs/{job}")["state"] != "pending", "our job starts by itself")
    assert holds(application, job) is None
    application.post(f"/api/jobs/{job}:cancel", {})

    [adapter] = [one for one in get(application, "/api/artifacts?kind=adapter")["artifacts"] if one["id"] == f"saves/{RUN}"]
    assert (adapter["lineage"], adapter["base"], adapter["problems"]) == (None, BASE, [])
    for way in ("adapter", "merge"):
        plan = application.post("/api/releases:plan", {"adapter": "train_by-hand", "name": "lamps", "way": way}).json()
        assert (plan["base"], plan["template"], plan["refusals"]) == (BASE, "chatml", [])


def test_abort_in_llamaboard_saves_and_frees_the_accelerator(application: Application, board: Board) -> None:
    name = "Custom/lora/train_aborted"
    start(board, "train_aborted", "40.0")
    until(lambda: run_of(application, name).get("step"), "it trains")
    board.abort()
    until(lambda: run_of(application, name)["state"] != "running", "it ends")
    run = run_of(application, name)
    assert (run["state"], run["adapter"]) == ("stopped", f"saves/{name}")
    assert run["step"] < run["total_steps"]


def test_a_killed_training_holds_nothing(application: Application, board: Board) -> None:
    name = "Custom/lora/train_killed"
    start(board, "train_killed", "40.0")
    until(lambda: run_of(application, name).get("state") == "running", "listed as running")
    until(board.trains, "its process is there")
    with board.held():
        make_old(board.home / "saves" / name)
        until(lambda: run_of(application, name)["state"] == "running", "running by its process, not by how new its files are")
        job = submit(application, "second")
        until(lambda: holds(application, job), "our job waits")
    board.close()
    until(lambda: run_of(application, name)["state"] == "failed", "told as failed")
    until(lambda: get(application, f"/api/jobs/{job}")["state"] != "pending", "our job starts by itself")
    application.post(f"/api/jobs/{job}:cancel", {})


def make_old(run: Path) -> None:
    """As if its files had been written a minute ago."""
    for path in run.iterdir():
        os.utime(path, (time.time() - 60, time.time() - 60))
