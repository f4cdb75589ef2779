"""Deleting says before what depends on it, and takes nothing that a job works with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tunesmith.domain.job import JobPlan
from tunesmith.domain.step import Lane, Step, Toolbox

from .application import ROWS, Application, running
from .tiny_folders import write_adapter, write_base, write_releases

WAITING = "261121-101010-train-abcde"


def write_waiting_job(home: Path) -> None:
    """A job of an earlier life that can't start: its disk counts as too small."""
    step = Step(name="train", toolbox=Toolbox.SYSTEM, argv=("true",), inputs=("models/base/used", "data/used.jsonl"))
    plan = JobPlan(
        id=WAITING, kind="train", title="Train x", lane=Lane.LIGHT, created_at=datetime.now(UTC), home=str(home), steps=(step,)
    )
    folder = home / ".tunesmith" / "jobs" / WAITING
    folder.mkdir(parents=True)
    (folder / "job.json").write_text(plan.model_dump_json())


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    home = tmp_path_factory.mktemp("busy") / "home"
    write_waiting_job(home)
    with running(home, disk_reserve_gib=1e6) as started:
        write_base(home / "models/base/used")
        write_base(home / "models/base/free")
        for name in ("used", "free"):
            added = started.ask("POST", "/api/datasets", files={"file": ("rows.jsonl", ROWS)}, data={"name": name})
            assert added.status_code == 201, added.text
        yield started


@pytest.mark.parametrize(
    ("told", "delete"),
    [
        ("/api/artifacts/dependants?id=models/base/{}", "/api/artifacts/models/base/{}"),
        ("/api/datasets/{}/dependants", "/api/datasets/{}"),
    ],
)
def test_what_a_waiting_job_takes_stays(busy: Application, told: str, delete: str) -> None:
    found = busy.ask("GET", told.format("used")).raise_for_status().json()
    assert [(each["kind"], each["name"], each["blocks"]) for each in found["dependants"]] == [("job", WAITING, True)]
    refused = busy.ask("DELETE", delete.format("used"))
    assert refused.status_code == 409 and WAITING in refused.json()["detail"]
    assert busy.ask("GET", told.format("free")).json()["possible"]
    assert busy.ask("DELETE", delete.format("free")).status_code == 204
    assert busy.ask("GET", told.format("free")).status_code == 404


def test_a_run_goes_whole_and_only_when_nothing_came_of_it(busy: Application) -> None:
    folder = write_adapter(busy.home / "saves/a/b/run", base="models/base/used")
    (folder / "checkpoint-1").mkdir()
    write_releases(busy.home, "served", 1)
    record = busy.home / "models/served/served/1.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"adapter": "saves/a/b/run"}))
    told = busy.ask("GET", "/api/runs/a/b/run/dependants").raise_for_status().json()
    assert (told["what"], told["possible"]) == ("saves/a/b/run", False) and told["bytes"] > 0
    assert [each["name"] for each in told["dependants"]] == ["served/1"]
    assert busy.ask("DELETE", "/api/runs/a/b/run").status_code == 409
    assert busy.ask("GET", "/api/releases/served/dependants").json()["stops"] == ["served"]
    assert busy.ask("DELETE", "/api/releases/served/1").status_code == 409, "it is current"
    assert busy.ask("DELETE", "/api/releases/served").status_code == 204
    assert busy.ask("GET", "/api/releases/served").status_code == 404
    assert busy.ask("DELETE", "/api/runs/a/b/run").status_code == 204
    assert not folder.exists()
    assert busy.ask("DELETE", "/api/runs/a/b/run").status_code == 404
