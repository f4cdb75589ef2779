"""Commands: what each asks of the API, and what it prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Cli
from .fake_api import Answer, FakeApi, job, sse, step

DATASET = {"name": "facts", "path": "data/facts.jsonl", "format": "messages", "rows": 60, "bytes": 9000, "sha256": "0" * 64}
BASE = {"id": "models/base/smol", "kind": "base", "name": "smol", "bytes": 1, "modified_at": "2026-11-21T10:00:00Z"}
DONE = job("succeeded", step("train", "succeeded"))
ESTIMATE = {"disk_bytes": 2**30, "seconds": 90, "basis": "measured"}
STEP = {"name": "train", "toolbox": "llamafactory", "argv": ["llamafactory-cli", "train", "a b.yaml"], "env": {"X": "1 2"}}


def test_a_problem_is_three_lines_and_no_traceback(cli: Cli, api: FakeApi) -> None:
    wrong = {"title": "There is no job 'x'", "detail": "It was looked for.", "remedy": "List them.", "status": 404}
    api.on("GET /api/jobs/x", Answer(wrong, 404, "application/problem+json"))
    ended = cli("jobs", "show", "x")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.splitlines() == ["error: There is no job 'x'", "It was looked for.", "List them."]


def test_an_unexpected_error_is_one_line_and_its_traceback_is_in_the_log(cli: Cli, api: FakeApi) -> None:
    api.on("GET /api/jobs", Answer({"not": "a list"}))
    ended = cli("jobs", "list")
    assert ended.status == 1
    assert ended.err.startswith("error: unexpected ValidationError")
    assert ended.err.count("\n") == 1
    assert "Traceback" in (cli.home / ".tunesmith" / "logs" / "cli.log").read_text()


def test_a_wrong_setting_in_the_environment_is_named(cli: Cli, api: FakeApi) -> None:
    ended = cli("jobs", "list", TUNESMITH_PROT="1")
    assert ended.status == 1
    assert "TUNESMITH_PORT" in ended.err


def test_lists_are_tab_separated_for_scripts_and_json_when_asked(cli: Cli, api: FakeApi) -> None:
    api.on("GET /api/jobs", Answer([DONE]))
    plain = cli("jobs", "list", "--state", "succeeded", "--kind", "train")
    assert plain.out.split("\t")[:3] == ["261121-101010-train-abcde", "succeeded", "Train facts"]
    assert api.last("GET /api/jobs").query == {"state": ["succeeded"], "kind": ["train"], "limit": ["20"]}
    assert json.loads(cli("jobs", "list", "--json").out)[0]["state"] == "succeeded"


@pytest.mark.parametrize("given", [[], ["--starter", "--hub", "a/b"]])
def test_a_model_comes_from_exactly_one_source(cli: Cli, given: list[str]) -> None:
    ended = cli("models", "add", *given)
    assert ended.status == 2
    assert "--starter" in ended.err


def test_rows_are_taken_in_then_trained_on_the_only_base(cli: Cli, api: FakeApi, tmp_path: Path) -> None:
    rows = tmp_path / "My Facts.jsonl"
    rows.write_text('{"prompt": "a", "completion": "b"}\n')
    api.on("GET /api/artifacts", Answer({"artifacts": [BASE]}))
    api.on("POST /api/datasets", Answer(DATASET, 201))
    api.on("POST /api/runs", Answer(DONE, 202))
    api.on(f"GET /api/jobs/{DONE['id']}", Answer(DONE))
    ended = cli("train", str(rows), "--name", "facts-1", "--set", "learning_rate=1e-4", "--set", "rank=16")
    assert ended.status == 0, ended.err
    form = api.last("POST /api/datasets").body.decode()
    assert "my-facts" in form
    assert '{"prompt": "a", "completion": "b"}' in form
    body = api.last("POST /api/runs").json
    assert body == {"base": "smol", "dataset": "facts", "name": "facts-1", "learning_rate": 1e-4, "rank": 16}


def test_rows_that_were_taken_in_before_are_used_again(cli: Cli, api: FakeApi, tmp_path: Path) -> None:
    rows = tmp_path / "facts.jsonl"
    rows.write_text("{}\n")
    taken = Answer({"title": "taken", "status": 409}, 409)
    api.on("POST /api/datasets", taken, Answer({**DATASET, "name": "facts-ca3d163b"}, 201))
    api.on("GET /api/datasets/facts", Answer(DATASET))
    api.on("POST /api/runs", Answer(DONE, 202))
    assert cli("train", str(rows), "--base", "smol", "--detach").status == 0
    assert api.last("POST /api/runs").json["dataset"] == "facts-ca3d163b"
    assert "facts-ca3d163b" in api.last("POST /api/datasets").body.decode()


def test_without_a_base_the_way_to_one_is_named_before_anything_is_uploaded(cli: Cli, api: FakeApi, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("{}\n")
    api.on("GET /api/artifacts", Answer({"artifacts": []}))
    ended = cli("train", str(tmp_path / "rows.jsonl"))
    assert ended.status == 1
    assert "tunesmith models add --starter" in ended.err
    assert not any(asked.method == "POST" for asked in api.asked)


def test_a_yaml_is_sent_as_settings_and_options_come_first(cli: Cli, api: FakeApi, tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text("base: smol\ndataset: facts\nrank: 8\n")
    api.on("POST /api/runs:plan", Answer({"steps": [STEP], "estimate": ESTIMATE}))
    ended = cli("train", str(tmp_path / "run.yaml"), "--set", "rank=32", "--plan")
    assert ended.status == 0, ended.err
    assert api.last("POST /api/runs:plan").json == {"base": "smol", "dataset": "facts", "rank": 32}
    assert "X='1 2' llamafactory-cli train 'a b.yaml'" in ended.out
    assert "disk 1.0 GiB, time 1 min 30 s (measured)" in ended.out


def test_a_yaml_that_is_none_is_refused_with_its_name(cli: Cli, api: FakeApi, tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text("a: [1\n")
    ended = cli("train", str(tmp_path / "run.yaml"))
    assert ended.status == 1
    assert "run.yaml is no valid YAML" in ended.err


def test_a_wrong_key_in_a_yaml_is_told_with_its_line(cli: Cli, api: FakeApi, tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text("base: smol\ndataset: facts\nrnak: 8\n")
    ended = cli("train", str(tmp_path / "run.yaml"))
    assert ended.status == 1
    assert "line 3" in ended.err
    assert "`rank`" in ended.err


def test_a_release_that_is_refused_prints_the_reasons_and_fails(cli: Cli, api: FakeApi) -> None:
    plan = {"way": "adapter", "adapter": "a", "base": "smol", "template": "chatml", "quantisation": "f16", "steps": [STEP]}
    refusals = [{"reason": "DoRA can't be loaded as an adapter.", "remedy": "Take --path merge."}]
    api.on("POST /api/releases:plan", Answer({**plan, "estimate": ESTIMATE, "refusals": refusals, "warnings": []}))
    ended = cli("release", "a", "--name", "facts", "--path", "adapter", "--quant", "f16", "--plan")
    assert ended.status == 1
    assert "refused: DoRA can't be loaded as an adapter. Take --path merge." in ended.err
    asked = api.last("POST /api/releases:plan").json
    assert asked == {"adapter": "a", "name": "facts", "way": "adapter", "quantisation": "f16"}


def test_an_installed_toolbox_is_left_as_it_is(cli: Cli, api: FakeApi) -> None:
    api.on("POST /api/toolboxes/tensorboard:install", Answer({"title": "It is installed", "status": 409}, 409))
    ended = cli("toolbox", "install", "tensorboard")
    assert (ended.status, ended.err) == (0, "tensorboard: installed already\n")


def test_the_doctor_fails_when_there_is_an_error(cli: Cli, api: FakeApi) -> None:
    finding = {"id": "gpu", "level": "error", "title": "A GPU IS THERE", "detail": "why", "remedy": "what to do"}
    api.on("GET /api/system/doctor", Answer({"level": "error", "findings": [finding]}))
    ended = cli("doctor")
    assert ended.status == 1
    assert [line.strip() for line in ended.out.splitlines()] == [
        "✘ A GPU IS THERE",
        "why",
        "what to do",
        "0 of 1 checks are well",
    ]


def test_clean_lists_first_and_removes_only_with_yes(cli: Cli, api: FakeApi) -> None:
    found = {"items": [{"path": "/x", "bytes": 2**20, "reason": "old"}], "bytes": 2**20}
    api.on("GET /api/system/clean", Answer({**found, "removed": False}))
    api.on("POST /api/system:clean", Answer({**found, "removed": True}))
    assert "tunesmith clean --yes" in cli("clean").err
    assert {asked.method for asked in api.asked} == {"GET"}
    assert "removed" in cli("clean", "--yes").err


def test_an_answer_is_streamed_and_enters_the_history(cli: Cli, api: FakeApi) -> None:
    def said(*words: str) -> Answer:
        chunks = [("message", {"choices": [{"delta": {"content": word}}]}) for word in words]
        return Answer(sse(*chunks, ("message", "[DONE]")), kind="text/event-stream")

    api.on("POST /v1/chat/completions", said("Lon", "don."), said("Yes."))
    ended = cli("chat", "facts", "--system", "Be brief.", "--temperature", "0", stdin="Where?\nSure?\n")
    assert (ended.status, ended.out) == (0, "London.\nYes.\n")
    body = api.last("POST /v1/chat/completions").json
    assert [message["content"] for message in body["messages"]] == ["Be brief.", "Where?", "London.", "Sure?"]
    assert (body["model"], body["temperature"], body["stream"]) == ("facts", 0, True)


def test_an_engine_that_fails_in_the_middle_of_an_answer_is_an_error(cli: Cli, api: FakeApi) -> None:
    broken = sse(("message", {"choices": [{"delta": {"content": "Lon"}}]}), ("message", {"error": {"message": "out of memory"}}))
    api.on("POST /v1/chat/completions", Answer(broken, kind="text/event-stream"))
    ended = cli("chat", "facts", "Where?")
    assert (ended.status, ended.out) == (1, "Lon\n")
    assert "out of memory" in ended.err


def test_an_unknown_model_is_said_in_the_words_of_the_server(cli: Cli, api: FakeApi) -> None:
    api.on("POST /v1/chat/completions", Answer({"error": {"message": "No model is served as 'x'"}}, 404))
    assert "No model is served as 'x'" in cli("chat", "x", "Hello").err


def test_a_rollback_says_what_is_current_now(cli: Cli, api: FakeApi) -> None:
    release = {"name": "facts", "number": 1, "way": "adapter", "engine": "llama.cpp", "engine_build": "b1", "pieces": []}
    more = {"adapter": "saves/a", "base": "smol", "template": "chatml", "quantisation": "f16", "parity": "p", "job": "j"}
    api.on(
        "POST /api/releases/facts:rollback",
        Answer({**release, **more, "parity_verdict": "equal", "made_at": "2026-11-21T10:00:00Z"}),
    )
    ended = cli("rollback", "facts", "--to", "1")
    assert ended.out.startswith("facts is release 1 again (saves/a")
    assert api.last("POST /api/releases/facts:rollback").json == {"to": 1}
