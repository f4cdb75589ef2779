"""What users give wrongly is refused with one clear error that names it and what to do, and nothing on the disk has changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .application import ROWS, TOKEN, Application
from .refusals import on_disk, refused, says

RELEASE: dict[str, object] = {"adapter": "good", "name": "served"}

# ── names ──

BAD_NAMES = ["../../x", "a b", "x" * 300, "", ".", "..", "a/b", "/etc/passwd", "a\0b", "-rf", "Ä", "a\nb", "con:", "$(id)", "~"]
NAMED = {
    "/api/releases": lambda name: {"adapter": "good", "name": name},
    "/api/releases:plan": lambda name: {"adapter": "good", "name": name},
    "/api/runs": lambda name: {"base": "tiny", "dataset": ["rows"], "name": name},
    "/api/models": lambda name: {"source": "folder", "reference": "/", "name": name},
}


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_name_that_cannot_be_one(stocked: Application, name: str) -> None:
    for path, body in NAMED.items():
        says(refused(stocked, path, body(name)), "name")
    before = on_disk(stocked.home)
    added = stocked.ask("POST", "/api/datasets", files={"file": ("r.jsonl", ROWS)}, data={"name": name})
    assert added.status_code == 422 and added.json()["remedy"], added.text
    assert on_disk(stocked.home) == before


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_reference_that_leads_elsewhere_is_not_there(stocked: Application, name: str) -> None:
    bodies = [
        ("/api/releases", RELEASE | {"adapter": name}),
        ("/api/releases", RELEASE | {"base": name}),
        ("/api/releases", RELEASE | {"template": name}),
        ("/api/runs", {"base": name, "dataset": ["rows"]}),
        ("/api/runs", {"base": "tiny", "dataset": [name]}),
        ("/api/runs", {"base": "tiny", "dataset": ["rows"], "template": name or "?"}),
        ("/api/models", {"source": "folder", "reference": name}),
        ("/api/models", {"source": "hub", "reference": name.replace("a/b", "a/b/c")}),
    ]
    for path, body in bodies:
        before = on_disk(stocked.home)
        answer = stocked.post(path, body)
        assert answer.status_code in (404, 422) and answer.json()["title"], (body, answer.text)
        assert on_disk(stocked.home) == before


@pytest.mark.parametrize("name", ["..%2f..%2fx", "%2e%2e", "%00", "a%20b", "x" * 300, "%ff", "%F0%9F%92%A9", "..%5c..%5cx"])
def test_an_address_with_such_a_name_finds_nothing(stocked: Application, name: str) -> None:
    before = on_disk(stocked.home)
    asked = [(method, f"/api/{noun}/{name}") for noun in ("datasets", "artifacts") for method in ("GET", "DELETE")]
    asked += [("GET", f"/api/{noun}/{name}") for noun in ("runs", "releases", "deployments", "jobs")]
    asked += [("POST", f"/api/jobs/{name}:{verb}") for verb in ("cancel", "retry")]
    asked += [("POST", f"/api/deployments/{name}:{verb}") for verb in ("start", "stop")]
    asked += [("GET", f"/api/jobs/{name}/{part}") for part in ("log", "plan", "script", "log/stream")]
    for method, path in asked:
        answer = stocked.ask(method, path)
        assert answer.status_code in (404, 422), (method, path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert on_disk(stocked.home) == before


# ── data sets ──

BROKEN = b"""{"prompt": "Where?", "completion": "Here."}
{"prompt": "Where?"}
not json at all
{"prompt": "When?", "completion": ""}
[1, 2]
{"prompt": "Caf\xe9?", "completion": "Yes."}
{"messages": [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}]}
{"prompt": "Who?", "completion": "They."}
"""


def test_every_broken_line_is_listed_with_its_reason(stocked: Application) -> None:
    before = on_disk(stocked.home)
    answer = stocked.ask("POST", "/api/datasets", files={"file": ("broken.jsonl", BROKEN)}, data={"name": "broken"})
    assert answer.status_code == 422
    problem = answer.json()
    assert "6 lines of broken.jsonl" in problem["title"]
    lines = problem["detail"].splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"line {number}" for number in range(2, 8)]
    assert all(len(line.partition(": ")[2]) > 8 for line in lines), lines
    assert "skip_bad" in problem["remedy"]
    assert on_disk(stocked.home) == before


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\0\0\0\0", b"[", b"{}", b"PK\x03\x04", b"\xff\xfe{\0}\0"])
def test_a_file_without_any_row(stocked: Application, content: bytes) -> None:
    before = on_disk(stocked.home)
    answer = stocked.ask("POST", "/api/datasets", files={"file": ("odd.jsonl", content)}, data={"name": "odd"})
    assert answer.status_code == 422 and "odd.jsonl" in answer.json()["title"], answer.text
    assert on_disk(stocked.home) == before


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xfe", b'{"rows": 7}', b'{"x": {"file_name": "../../../etc/passwd"}}'])
def test_a_broken_registry_is_named_and_left_as_it_is(stocked: Application, content: bytes) -> None:
    """LLaMA-Factory's own file, which people edit by hand."""
    file = stocked.home / "data/dataset_info.json"
    whole = file.read_bytes()
    file.write_bytes(content)
    try:
        listed = stocked.client.get("/api/datasets")
        assert listed.status_code in (200, 422), listed.text
        if listed.status_code == 422:
            says(listed.json(), str(file), "by hand")
            added = stocked.ask("POST", "/api/datasets", files={"file": ("rows.jsonl", ROWS)}, data={"name": "more"})
            assert added.status_code == 422 and file.read_bytes() == content
            assert not (file.parent / "more.jsonl").exists(), "rows without an entry are lost to everybody"
        shown = stocked.client.get("/api/datasets/x/rows")
        assert "root:" not in shown.text and shown.status_code in (404, 422), shown.text
    finally:
        file.write_bytes(whole)


# ── configurations ──


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lerning_rate": 1e-4}, ("lerning_rate", "`learning_rate`")),
        ({"lora_rank": 8}, ("lora_rank", "`rank`")),
        ({"rank": "eight"}, ("`rank`", "'eight'", "whole number")),
        ({"rank": True}, ("`rank`", "no numbers")),
        ({"epochs": -1}, ("`epochs`",)),
        ({"epochs": 10**400}, ("`epochs`",)),
        ({"max_steps": 10**30}, ("`max_steps`",)),
        ({"dataset": []}, ("`dataset`",)),
        ({"dataset": 7}, ("`dataset`", "a list")),
        ({"extra": [1]}, ("`extra`",)),
        ({"finetuning": "lorra"}, ("`finetuning`", "'lora'")),
        ({"template": "chatmll"}, ("'chatmll'", "'chatml'")),
        ({"quantization_bit": 4}, ("quantization_bit",)),
    ],
)
def test_a_wrong_setting_of_a_training_is_named(stocked: Application, change: dict[str, object], words: tuple[str, ...]) -> None:
    says(refused(stocked, "/api/runs", {"base": "tiny", "dataset": ["rows"]} | change), *words)


def test_a_wrong_line_of_a_yaml_is_named(stocked: Application, tmp_path: Path) -> None:
    file = tmp_path / "train.yaml"
    file.write_text("base: tiny\ndataset: rows\n\nlerning_rate: 1e-4\n")
    environment = dict(os.environ) | {"TUNESMITH_HOME": str(stocked.home), "TUNESMITH_TOKEN": TOKEN}
    command = [str(Path(sys.executable).with_name("tunesmith")), "train", str(file), "--plan"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=180, check=False)
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0
    assert "train.yaml, line 4" in said and "lerning_rate" in said and "learning_rate" in said, said
    assert "Traceback" not in said


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b'{"adapter": NaN}', b"\xff\xff", b"[" * 100_000])
def test_a_body_that_is_no_object(stocked: Application, body: bytes) -> None:
    for path in ("/api/releases", "/api/runs", "/api/models", "/api/demo/facts"):
        answer = stocked.ask("POST", path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


def test_the_config_is_planned_as_it_is_written(stocked: Application) -> None:
    """What the refusals above stand against: the same request without its slip."""
    plan = stocked.post("/api/runs:plan", {"base": "tiny", "dataset": ["rows"], "rank": 8})
    assert plan.status_code == 200 and plan.json()["refusals"] == [], plan.text
    assert json.dumps("install-llamafactory") in plan.text


def test_all_of_that_left_the_application_well(stocked: Application) -> None:
    lines = (stocked.home / ".tunesmith/logs/audit.jsonl").read_text().splitlines()
    assert lines and [line for line in lines if json.loads(line)["status"] == 500] == []
    assert stocked.client.get("/api/artifacts").json()["unreadable"] == []
