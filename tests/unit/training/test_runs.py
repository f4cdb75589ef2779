"""Runs and metrics as they lie on disk: ours, LlamaBoard's, half written ones."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.domain.errors import NotFound, TunesmithError
from tunesmith.domain.home import Home
from tunesmith.domain.run import RunState
from tunesmith.steps.render import Template
from tunesmith.training.metrics import gradient_norms, read_log, read_tail
from tunesmith.training.outside import Seen
from tunesmith.training.routes import routes
from tunesmith.training.runs import RunRecord, Runs, read_template


def line(step: int, **fields: object) -> str:
    entry = {"current_steps": step, "total_steps": 10, "epoch": 0.1 * step, "percentage": 10.0 * step, "elapsed_time": "0:00:09"}
    return json.dumps(entry | fields) + "\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.saves.mkdir()
    return home


def ours(home: Home, name: str = "facts") -> Path:
    folder = home.saves / name
    folder.mkdir(parents=True)
    config = {"base": "models/base/tiny", "template": "chatml", "dataset": ["facts", "contrast"]}
    (folder / ".tunesmith-run.json").write_text(RunRecord(job="train-1", config=config).model_dump_json())
    return folder


def test_reads_only_what_is_new_and_waits_for_the_end_of_a_line(tmp_path: Path) -> None:
    log = tmp_path / "trainer_log.jsonl"
    assert read_log(log).points == []
    log.write_text(line(1, loss=-1.5e-7, lr=2e-4) + line(2)[:-9])
    first = read_log(log)
    assert [(point.step, point.loss, point.lr, point.total_steps) for point in first.points] == [(1, -1.5e-7, 2e-4, 10)]
    log.write_text(line(1, loss=-1.5e-7, lr=2e-4) + line(2, eval_loss=0.5))
    second = read_log(log, first.offset)
    assert [(point.step, point.loss, point.eval_loss) for point in second.points] == [(2, None, 0.5)]
    assert read_log(log, second.offset).points == []
    log.write_text(line(1))
    assert [point.step for point in read_log(log, second.offset).points] == [1]


def test_times_of_more_than_a_day_are_read(tmp_path: Path) -> None:
    log = tmp_path / "trainer_log.jsonl"
    log.write_text(line(1, elapsed_time="1:02:03", remaining_time="2 days, 0:00:01", throughput=12.5))
    point = read_log(log).points[0]
    assert (point.elapsed_seconds, point.remaining_seconds, point.tokens_per_second) == (3723.0, 172801.0, 12.5)


def test_a_loss_that_is_no_number_is_none(tmp_path: Path) -> None:
    log = tmp_path / "trainer_log.jsonl"
    log.write_text(line(1, loss=float("nan"), lr=True))
    assert (read_log(log).points[0].loss, read_log(log).points[0].lr) == (None, None)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([line(1), line(2, loss=0.5), "\n", "{", "[]\n", '{"current_steps": "x"}\n', "\x00\udcff"])),
    st.data(),
)
def test_pieces_give_the_points_of_the_whole_whatever_stands_between(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str], data: st.DataObject
) -> None:
    content = "".join(parts).encode("utf-8", "surrogateescape")
    log = tmp_path_factory.mktemp("log") / "trainer_log.jsonl"
    cut = data.draw(st.integers(0, len(content)))
    log.write_bytes(content[:cut])
    first = read_log(log)
    log.write_bytes(content)
    assert first.points + read_log(log, first.offset).points == read_log(log).points


def test_the_tail_is_the_end_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "trainer_log.jsonl"
    log.write_text("".join(line(step, loss=1 / (step + 1)) for step in range(1000)))
    whole = read_log(log).points
    tail = read_tail(log)
    assert 0 < len(tail) < len(whole)
    assert tail == whole[-len(tail) :]


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"log_history": 3}', '{"log_history": [1]}'])
def test_a_half_written_state_has_no_norms(tmp_path: Path, content: str) -> None:
    (tmp_path / "trainer_state.json").write_text(content)
    assert gradient_norms(tmp_path / "trainer_state.json") == {}


def test_a_run_of_ours_in_progress_is_known_from_the_first_second(home: Home) -> None:
    folder = ours(home)
    run = Runs(home).get("facts")
    assert (run.base, run.template, run.datasets, run.made_outside) == (
        "models/base/tiny",
        "chatml",
        ["facts", "contrast"],
        False,
    )
    assert (run.step, run.adapter) == (None, None)
    (folder / "trainer_log.jsonl").write_text(line(4, loss=0.5) + line(5, eval_loss=0.4))
    for number in (10, 5):
        (folder / f"checkpoint-{number}").mkdir()
        (folder / f"checkpoint-{number}" / "trainer_state.json").write_text("{}")
    (folder / "checkpoint-15").mkdir()
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (folder / name).write_text("{}")
    run = Runs(home).get("facts")
    assert (run.step, run.total_steps, run.loss, run.adapter) == (5, 10, 0.5, None)
    assert run.checkpoints == ["saves/facts/checkpoint-5", "saves/facts/checkpoint-10"]
    (folder / "tunesmith.json").write_text("{}")
    assert Runs(home).get("facts").adapter == "saves/facts"


def test_a_run_of_llamaboard_is_found_where_it_saves(home: Home) -> None:
    folder = home.saves / "Llama-3-8B" / "lora" / "train_2026-01-01"
    folder.mkdir(parents=True)
    args = f"model_name_or_path: {home.root}/models/base/tiny\ntemplate: llama3\ndataset: a,b\n"
    (folder / "training_args.yaml").write_text(args)
    (folder / "trainer_log.jsonl").write_text(line(1, loss=2.0))
    [run] = Runs(home).all()
    assert run.name == "Llama-3-8B/lora/train_2026-01-01"
    assert (run.base, run.template, run.datasets, run.made_outside) == ("models/base/tiny", "llama3", ["a", "b"], True)
    assert Runs(home).config(run.name)["template"] == "llama3"


def test_an_adapter_alone_still_tells_its_base(home: Home) -> None:
    folder = home.saves / "given"
    folder.mkdir()
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "Qwen/Qwen2.5-0.5B"}')
    assert Runs(home).origin("given").base == "Qwen/Qwen2.5-0.5B"


def test_lists_the_newest_first_and_leaves_out_what_is_no_run(home: Home) -> None:
    for age, name in enumerate(("new", "old")):
        folder = ours(home, name)
        (folder / "trainer_log.jsonl").write_text(line(1))
        os.utime(folder / "trainer_log.jsonl", (1e9 - age, 1e9 - age))
    (home.saves / "empty").mkdir()
    (home.saves / "README.md").write_text("")
    ours(home, ".deleted-1")
    assert [run.name for run in Runs(home).all()] == ["new", "old"]


def test_norms_come_from_the_newest_checkpoint_until_the_end(home: Home) -> None:
    folder = ours(home)
    (folder / "trainer_log.jsonl").write_text(line(1, loss=2.0) + line(2, loss=1.0))
    (folder / "checkpoint-1").mkdir()
    (folder / "checkpoint-1" / "trainer_state.json").write_text('{"log_history": [{"step": 1, "grad_norm": 0.7}]}')
    assert [point.grad_norm for point in Runs(home).metrics("facts").points] == [0.7, None]
    (folder / "trainer_state.json").write_text('{"log_history": [{"step": 1, "grad_norm": 0.7}, {"step": 2, "grad_norm": 0.6}]}')
    assert [point.grad_norm for point in Runs(home).metrics("facts").points] == [0.7, 0.6]


def test_columns_say_what_the_points_say(home: Home) -> None:
    folder = ours(home)
    log = line(1, loss=2.0, lr=1e-4, throughput=9.5) + "garbage\n\n[1]\n" + line(2, eval_loss=1.5) + line(3, loss=float("nan"))
    (folder / "trainer_log.jsonl").write_text(log + line(4)[:-5])
    (folder / "trainer_state.json").write_text('{"log_history": [{"step": 1, "grad_norm": 0.7}]}')
    points, columns = Runs(home).metrics("facts"), Runs(home).columns("facts")
    assert (columns.offset, columns.total_steps) == (points.offset, 10)
    for name in ("step", "epoch", "elapsed_seconds", "loss", "eval_loss", "lr", "grad_norm", "tokens_per_second"):
        assert getattr(columns, name) == [getattr(point, name) for point in points.points], name
    assert (columns.step, columns.loss, columns.grad_norm) == ([1, 2, 3], [2.0, None, None], [0.7, None, None])


def test_columns_go_on_from_an_offset_and_begin_anew_with_the_log(home: Home) -> None:
    folder = ours(home)
    log = folder / "trainer_log.jsonl"
    assert Runs(home).columns("facts").step == []
    log.write_text(line(1) + line(2))
    first = Runs(home).columns("facts")
    log.write_text(line(1) + line(2) + line(3))
    after = Runs(home).columns("facts", first.offset)
    assert (after.start, after.step) == (first.offset, [3])
    log.write_text(line(1))
    anew = Runs(home).columns("facts", after.offset)
    assert (anew.start, anew.step) == (0, [1])


def test_what_hasnt_changed_is_not_read_again(home: Home) -> None:
    for name in ("one", "two"):
        folder = ours(home, name)
        (folder / "trainer_log.jsonl").write_text(line(1, loss=2.0))
        (folder / "checkpoint-1").mkdir()
        age(folder)
    runs = Runs(home)
    before, reads = runs.all(), runs.reads
    assert [again is run for again, run in zip(runs.all(), before, strict=True)] == [True, True]
    assert runs.reads == reads
    with (home.saves / "one/trainer_log.jsonl").open("a") as log:
        log.write(line(2, loss=1.0))
    (home.saves / "two/checkpoint-1/trainer_state.json").write_text("{}")
    now = {run.name: run for run in runs.all()}
    assert (now["one"].step, now["one"].loss, now["two"].checkpoints) == (2, 1.0, ["saves/two/checkpoint-1"])
    assert runs.reads == reads + 2


def age(folder: Path) -> None:
    """As if it had been there for a while: what was written just now is read again."""
    for path in (*folder.rglob("*"), folder, folder.parent):
        os.utime(path, (1e9, 1e9 + 0.5))


def test_a_finished_run_that_is_trained_again_counts_as_running(home: Home) -> None:
    folder = home.saves / "again"
    folder.mkdir()
    (folder / "training_args.yaml").write_text("do_train: true\n")
    (folder / "trainer_log.jsonl").write_text(line(10))
    (folder / "trainer_state.json").write_text("{}")
    age(folder)
    processes: list[Seen] = []
    runs = Runs(home, lambda: processes)
    assert runs.all()[0].state is RunState.FINISHED and runs.holder() is None
    processes.append(Seen(("llamafactory-cli", "train", str(folder / "training_args.yaml"))))
    assert runs.holder() == "waiting: LLaMA-Factory, started by hand, trains saves/again"


@pytest.mark.parametrize("name", ["nobody", "", "..", "../saves", "/etc", "facts/../../x", "a/b/c/d", ".", "x\0y", "x" * 5000])
def test_names_that_are_no_run_are_not_found(home: Home, name: str) -> None:
    ours(home)
    (home.root / "trainer_log.jsonl").write_text(line(1))
    with pytest.raises(NotFound):
        Runs(home).get(name)


@pytest.fixture
async def client(home: Home) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(routes(Runs(home)))

    @app.exception_handler(TunesmithError)
    async def problem(_: Request, error: TunesmithError) -> Response:
        return JSONResponse({"title": error.title}, status_code=error.status)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def test_over_http_with_slashes_in_the_name(home: Home, client: httpx.AsyncClient) -> None:
    folder = ours(home, "a/b/metrics")
    (folder / "trainer_log.jsonl").write_text(line(1, loss=2.0))
    assert (await client.get("/api/runs")).json()["runs"][0]["name"] == "a/b/metrics"
    answer = (await client.get("/api/runs/a/b/metrics/metrics")).json()
    assert (answer["points"][0]["loss"], answer["offset"]) == (2.0, len(line(1, loss=2.0)))
    assert (await client.get("/api/runs/a/b/metrics/columns")).json()["loss"] == [2.0]
    config = (await client.get("/api/runs/a/b/metrics/config")).json()
    assert config["config"]["template"] == "chatml"
    assert "template: chatml\n" in config["text"]
    assert config["again"]["config"]["dataset"] == ["facts", "contrast"]
    assert (await client.get("/api/runs/nobody")).status_code == 404
    assert (await client.get("/api/runs/a/b/metrics/metrics", params={"offset": -1})).status_code == 422


def test_a_template_is_told_with_the_settings_that_change_what_it_renders(home: Home) -> None:
    ours, theirs = home.saves / "ours", home.saves / "theirs"
    for folder in (ours, theirs):
        folder.mkdir(parents=True)
    config = {"template": "qwen3", "extra": {"enable_thinking": False, "default_system": "Be brief."}}
    (ours / ".tunesmith-run.json").write_text(json.dumps({"job": "j", "config": config}))
    (theirs / "training_args.yaml").write_text("template: llama3\nmask_history: true\n")
    assert read_template(ours) == Template("qwen3", system="Be brief.", thinking=False)
    assert read_template(theirs) == Template("llama3", mask_history=True)
    assert read_template(home.saves) is None


def test_who_trains_with_a_folder_a_base_or_rows_now(home: Home) -> None:
    folder = home.saves / "beside"
    folder.mkdir()
    (folder / "training_args.yaml").write_text("model_name_or_path: models/base/tiny\ndataset: facts\ndo_train: true\n")
    runs = Runs(home, lambda: [Seen(("llamafactory-cli", "train", str(folder / "training_args.yaml")))])
    ours(home)
    for used in (folder, folder / "checkpoint-1", home.models / "base" / "tiny", home.data / "facts.jsonl"):
        assert [run.name for run in runs.using(used)] == ["beside"]
    for free in (home.saves / "facts", home.models / "base" / "tin", home.data / "other.jsonl"):
        assert runs.using(free) == []
    assert sorted(run.name for run in runs.trained_on("facts")) == ["beside", "facts"]
    assert runs.folder("beside") == folder
    with pytest.raises(NotFound):
        runs.folder("nobody")
