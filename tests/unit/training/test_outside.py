"""Trainings started outside: told by their processes where these are seen, by their files where not, never for ever."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tunesmith.domain.home import Home
from tunesmith.domain.run import MetricPoint, RunState
from tunesmith.steps.render import Template
from tunesmith.training import outside
from tunesmith.training.outside import Seen, being_trained, in_container, state_of
from tunesmith.training.runs import Runs, read_template

NOW = 2e9
NAME = "saves/Custom/lora/train_2026-01-01"
BOARD = ("llamaboard_config.yaml", "training_args.yaml")
ARGS = "model_name_or_path: models/base/tiny\ntemplate: chatml\ndo_train: true\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path.resolve() / "home")


def run(home: Home, **ages: float) -> Path:
    """A run folder whose files are so many seconds old; two underscores stand for the dot of a name."""
    folder = home.root / NAME
    folder.mkdir(parents=True, exist_ok=True)
    for name, age in ages.items():
        path = folder / name.replace("__", ".")
        path.write_text(ARGS if path.suffix == ".yaml" else "")
        os.utime(path, (NOW - age, NOW - age))
    return folder


def points(*seconds: float, total: int = 10) -> list[MetricPoint]:
    return [MetricPoint(step=step, total_steps=total, elapsed_seconds=at) for step, at in enumerate(seconds, 1)]


def started(age: float) -> dict[str, float]:
    return {"llamaboard_config__yaml": age, "training_args__yaml": age}


SEEN, UNSEEN, GONE = "seen", "unseen", "gone"


@pytest.mark.parametrize(
    ("ages", "log", "process", "state"),
    [
        # its process is there: it runs, however old its files
        (started(9999), [], SEEN, "running"),
        (started(9999) | {"trainer_state__json": 1}, [60.0], SEEN, "running"),
        # processes are seen, and its own isn't: it has ended, however fresh its files
        (started(30) | {"running_log__txt": 6}, [], GONE, "failed"),
        (started(30) | {"trainer_log__jsonl": 6}, [5.0], GONE, "failed"),
        (started(2), [], GONE, "running"),
        # processes can't be seen: files tell
        (started(800), [], UNSEEN, "running"),
        (started(1000), [], UNSEEN, "failed"),
        (started(9999) | {"running_log__txt": 800}, [], UNSEEN, "running"),
        (started(9999) | {"trainer_log__jsonl": 100}, [10.0, 20.0], UNSEEN, "running"),
        (started(9999) | {"trainer_log__jsonl": 130}, [10.0, 20.0], UNSEEN, "failed"),
        (started(9999) | {"trainer_log__jsonl": 1000}, [300.0, 600.0], UNSEEN, "running"),
        (started(9999) | {"trainer_log__jsonl": 1300}, [300.0, 600.0], UNSEEN, "failed"),
        (started(9999) | {"trainer_log__jsonl": 1900}, [9000.0, 18000.0], UNSEEN, "failed"),
        (started(99999) | {"trainer_log__jsonl": 130}, [90000.0, 90010.0], UNSEEN, "failed"),
        # the clock was set back
        (started(-400), [], UNSEEN, "running"),
        (started(-4000), [], UNSEEN, "failed"),
        # it came to its end
        (started(100) | {"trainer_log__jsonl": 9, "trainer_state__json": 8}, [1.0] * 10, UNSEEN, "finished"),
        (started(100) | {"trainer_log__jsonl": 9, "trainer_state__json": 8}, [1.0] * 4, UNSEEN, "stopped"),
        # and was begun again in the same folder
        (started(20) | {"trainer_log__jsonl": 99, "trainer_state__json": 98}, [1.0] * 10, UNSEEN, "running"),
        ({"trainer_log__jsonl": 9, "trainer_state__json": 98}, [1.0], UNSEEN, "running"),
        # copied here: an adapter with the papers of its training
        ({"adapter_config__json": 9}, [], GONE, "finished"),
        (started(9) | {"trainer_log__jsonl": 9, "adapter_model__safetensors": 9}, [1.0] * 10, GONE, "finished"),
        # by hand, not by LlamaBoard: another place may train it
        ({"training_args__yaml": 60}, [], GONE, "running"),
    ],
)
def test_states(home: Home, ages: dict[str, float], log: list[float], process: str, state: str) -> None:
    folder = run(home, **ages)
    trained = {SEEN: {folder}, GONE: set[Path](), UNSEEN: None}[process]
    assert state_of(folder, points(*log), trained, NOW) == RunState(state)


def test_a_training_is_known_by_its_command(home: Home) -> None:
    folder = run(home, **started(0))
    (home.root / "mine.yaml").write_text("output_dir: saves/mine\n")
    (home.root / "odd.yaml").write_text("[")
    board = ("python", "/opt/x/bin/llamafactory-cli", "train", f"{NAME}/training_args.yaml")
    torchrun = (
        "python",
        "-m",
        "torch.distributed.run",
        "/x/llamafactory/launcher.py",
        "train",
        str(folder / "training_args.yaml"),
    )
    assert being_trained([Seen(board, home.root)], Path("/")) == {folder}
    assert being_trained([Seen(board)], home.root) == {folder}
    assert being_trained([Seen(torchrun)], Path("/")) == {folder}
    assert being_trained([Seen(("llamafactory-cli", "train", "mine.yaml"), home.root)], Path("/")) == {home.root / "saves/mine"}
    for other in (("llamafactory-cli", "webui"), ("vim", "train", "mine.yaml"), ("llamafactory-cli", "train", "odd.yaml")):
        assert being_trained([Seen(other, home.root)], home.root) == set()
    assert being_trained(in_container(["sleep 9", " ".join(board)]), home.root) == {folder}


def test_the_process_of_a_training_is_found_among_those_of_this_host(home: Home) -> None:
    folder = run(home, **started(0))
    program = home.root / "llamafactory-cli"
    program.write_text("import time; time.sleep(1000)")
    argv = [sys.executable, str(program), "train", f"{NAME}/training_args.yaml"]
    process = subprocess.Popen(argv, cwd=home.root)
    try:
        deadline = time.monotonic() + 60
        while Runs(home).get(NAME.removeprefix("saves/")).state is not RunState.RUNNING:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert folder in being_trained(outside.native_processes(), home.root)
        assert Runs(home).holder() == f"waiting: LlamaBoard trains {NAME}"
    finally:
        process.kill()
        process.wait()
    os.utime(folder / "training_args.yaml", (1e9, 1e9))
    os.utime(folder / "llamaboard_config.yaml", (1e9, 1e9))
    assert Runs(home).holder() is None
    assert Runs(home).get(NAME.removeprefix("saves/")).state is RunState.FAILED


def test_who_holds_the_accelerator_is_said_and_what_has_ended_holds_nothing(home: Home) -> None:
    runs = Runs(home, lambda: None)
    assert runs.holder() is None
    folder = run(home, **started(0))
    for name in BOARD:
        os.utime(folder / name)
    assert runs.holder() == f"waiting: LlamaBoard trains {NAME}"
    (folder / "training_args.yaml").write_text("do_predict: true\n")
    assert runs.holder() == f"waiting: LlamaBoard evaluates in {NAME}"
    assert runs.all() == []
    (folder / "llamaboard_config.yaml").unlink()
    (folder / "training_args.yaml").write_text(ARGS)
    assert runs.holder() == f"waiting: LLaMA-Factory, started by hand, trains {NAME}"
    (folder / "trainer_state.json").write_text("{}")
    assert runs.holder() is None
    [found] = runs.all()
    assert (found.state, found.job, found.made_outside) == (RunState.FINISHED, None, True)


def test_a_run_of_ours_holds_nothing_and_names_its_job(home: Home) -> None:
    folder = home.saves / "ours"
    folder.mkdir(parents=True)
    (folder / ".tunesmith-run.json").write_text('{"job": "job-1", "config": {"base": "b"}}')
    (folder / "trainer_log.jsonl").write_text('{"current_steps": 1, "total_steps": 9}\n')
    assert Runs(home, lambda: None).holder() is None
    [found] = Runs(home, lambda: None).all()
    assert (found.job, found.state, found.made_outside) == ("job-1", None, False)


def test_llamaboards_own_file_tells_the_template_when_the_other_is_gone(home: Home) -> None:
    folder = home.root / NAME
    folder.mkdir(parents=True)
    (folder / "llamaboard_config.yaml").write_text("top.template: llama3\ntop.model_name: Custom\n")
    [found] = Runs(home, lambda: None).all()
    assert (found.template, found.base, found.state) == ("llama3", None, RunState.FINISHED)
    assert read_template(folder) == Template("llama3")


def test_many_views_ask_for_the_processes_as_often_as_one(home: Home) -> None:
    asked = []

    def processes() -> list[Seen]:
        asked.append(time.monotonic())
        return []

    run(home, **started(0))
    runs = Runs(home, processes)
    for _ in range(50):
        runs.all()
    assert all(after - before >= 1.0 for before, after in pairwise(asked))
    before = len(asked)
    runs.holder()
    assert len(asked) == before + 1, "a job is started on what is true now"
