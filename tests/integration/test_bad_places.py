"""Disks that are too small, full or read-only, and folders that go away: told with file and remedy, without a hang."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from .application import ROWS, Application, environment_for, free_port, running
from .application import refused as refused_start
from .refusals import on_disk, refused, says
from .tiny_folders import write_adapter, write_base, write_releases

PATIENCE_SECONDS = 120.0


@contextmanager
def mounted(*options: str, at: Path) -> Iterator[None]:
    """Something mounted at a folder; the test is skipped where this user may not mount."""
    done = subprocess.run(["mount", *options, str(at)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"a mount is needed, and this user may not make one: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Read-only also for root, whom permission bits don't bind."""
    with mounted("--bind", str(folder), at=folder):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        yield


def finished(application: Application, job: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        record: dict[str, Any] = application.client.get(f"/api/jobs/{job}").json()
        if record["state"] not in ("pending", "running"):
            return record
        time.sleep(0.1)
    raise AssertionError(f"not finished: {record}")


# ── too small ──


def test_a_disk_too_small_is_refused_before_the_start_with_both_numbers(application: Application) -> None:
    """The reserve of this application is larger than any disk."""
    base = write_base(application.home / "models/base/tiny")
    write_adapter(application.home / "saves/good")
    added = application.ask("POST", "/api/datasets", files={"file": ("rows.jsonl", ROWS)}, data={"name": "rows"})
    assert added.status_code == 201, added.text
    wanted = [
        ("/api/releases", {"adapter": "good", "name": "served"}),
        ("/api/releases", {"adapter": "good", "name": "served", "way": "merge"}),
        ("/api/runs", {"base": "tiny", "dataset": ["rows"]}),
    ]
    for path, body in wanted:
        problem = refused(application, path, body, 507)
        says(problem, "disk is too small", "iB needed", "0.0 MiB free", "tunesmith du")
        plan = application.post(f"{path}:plan", body).raise_for_status().json()
        assert any("disk is too small" in refusal["reason"] for refusal in plan["refusals"]), plan["refusals"]
    copy = {"source": "folder", "reference": str(base), "name": "copy"}
    says(refused(application, "/api/models", copy, 507), "disk is too small", "needed", "free", "tunesmith du")


# ── full ──


def test_a_full_disk_leaves_no_half_data_set(home: Path) -> None:
    row = b'{"prompt": "Where?", "completion": "%s"}\n' % (b"x" * 1000)
    with running(home) as application, mounted("-t", "tmpfs", "-o", "size=1m", "tmpfs", at=home / "data"):
        files = {"file": ("large.jsonl", row * 3000)}
        answer = application.ask("POST", "/api/datasets", files=files, data={"name": "large"})
        assert answer.status_code == 507, answer.text
        says(answer.json(), "disk is full", "Make room")
        assert [path for path in (home / "data").iterdir() if path.name != "dataset_info.json"] == []
        assert application.client.get("/api/datasets").json()["datasets"] == []
        again = application.ask("POST", "/api/datasets", files={"file": ("rows.jsonl", ROWS)}, data={"name": "large"})
        assert again.status_code == 201, again.text


# ── read-only ──


def test_read_only_models_are_named_and_nothing_is_lost(stocked: Application, tmp_path: Path) -> None:
    source = write_base(tmp_path / "source")
    with read_only(stocked.home / "models"):
        before = on_disk(stocked.home / "models")
        for path, body, folder in [
            ("/api/models", {"source": "folder", "reference": str(source), "name": "copy"}, "models/base"),
            ("/api/releases", {"adapter": "good", "name": "twice"}, "models/"),
        ]:
            says(refused(stocked, path, body, 403), str(stocked.home / folder), "read-only", "writable")
        plan = stocked.post("/api/releases:plan", {"adapter": "good", "name": "twice"}).raise_for_status().json()
        assert any("models/served is read-only" in refusal["reason"] for refusal in plan["refusals"]), plan["refusals"]
        deleted = stocked.ask("DELETE", "/api/artifacts/models/base/wide")
        assert deleted.status_code == 403, deleted.text
        says(deleted.json(), str(stocked.home / "models/base/wide"), "Read-only file system", "writable")
        assert on_disk(stocked.home / "models") == before
    assert stocked.client.get("/api/artifacts/models/base/wide").status_code == 200


def test_a_switch_on_a_read_only_disk_changes_nothing(stocked: Application) -> None:
    served = write_releases(stocked.home, "switched", 2)
    with read_only(stocked.home / "models"):
        answer = stocked.post("/api/releases/switched:rollback", {})
        assert answer.status_code == 403, answer.text
        says(answer.json(), str(served), "Read-only file system", "writable")
    assert stocked.client.get("/api/releases/switched").json()["current"] == 2
    assert stocked.post("/api/releases/switched:rollback", {}).json()["number"] == 1
    assert stocked.client.get("/api/releases/switched").json()["current"] == 1
    again = stocked.post("/api/releases/switched:rollback", {})
    assert again.status_code == 409 and "first" in again.json()["detail"]
    assert sorted(path.name for path in served.iterdir()) == ["1.json", "2.json", "current"]


def test_a_read_only_home_is_told_at_the_start(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with read_only(home):
        said = refused_start(environment_for(home, free_port()), tmp_path / "said")
    assert str(home) in said and "writable" in said and "TUNESMITH_HOME" in said and len(said.splitlines()) == 1, said


# ── broken and twice ──


def test_an_import_of_a_broken_model_fails_with_its_file_and_can_be_tried_again(stocked: Application, tmp_path: Path) -> None:
    source = write_base(tmp_path / "source")
    weights = source / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-100])
    started = stocked.post("/api/models", {"source": "folder", "reference": str(source), "name": "mended"})
    job = started.json()["id"]
    record = finished(stocked, job)
    assert record["state"] == "failed" and str(weights) in record["steps"][0]["message"], record
    assert not (stocked.home / "models/base/mended").exists()
    weights.write_bytes(whole)
    assert stocked.ask("POST", f"/api/jobs/{job}:retry").status_code == 202
    assert finished(stocked, job)["state"] == "succeeded"
    assert stocked.client.get("/api/artifacts/models/base/mended").status_code == 200
    again = stocked.post("/api/models", {"source": "folder", "reference": str(source), "name": "mended"})
    assert again.status_code == 409 and "mended" in again.json()["title"]


def test_two_imports_to_one_name_at_once(stocked: Application, tmp_path: Path) -> None:
    source = write_base(tmp_path / "source")
    body = {"source": "folder", "reference": str(source), "name": "wanted"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: stocked.post("/api/models", body), range(8)))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 7, [answer.text for answer in answers]


# ── folders that go away ──


def test_a_deleted_job_folder_is_told_wherever_it_is_asked_for(stocked: Application) -> None:
    started = stocked.post(
        "/api/models", {"source": "folder", "reference": str(stocked.home / "models/base/tiny"), "name": "gone"}
    )
    job = started.json()["id"]
    finished(stocked, job)
    shutil.rmtree(stocked.home / ".tunesmith/jobs" / job)
    for method, part in [
        ("GET", ""),
        ("GET", "/plan"),
        ("GET", "/script"),
        ("GET", "/log"),
        ("POST", ":cancel"),
        ("POST", ":retry"),
    ]:
        answer = stocked.ask(method, f"/api/jobs/{job}{part}", timeout=PATIENCE_SECONDS)
        assert answer.status_code in (200, 202, 404, 409), (part, answer.text)
    record = finished(stocked, job)
    assert record["state"] == "failed" and "deleted" in record["steps"][0]["message"], record
    assert stocked.client.get("/api/jobs").status_code == 200


def test_a_run_deleted_by_hand_is_simply_gone(stocked: Application) -> None:
    run = write_adapter(stocked.home / "saves/short-lived")
    assert stocked.client.get("/api/artifacts/saves/short-lived").status_code == 200
    shutil.rmtree(run)
    says(refused(stocked, "/api/releases", {"adapter": "saves/short-lived", "name": "served"}, 404), "saves/short-lived")
    assert stocked.client.get("/api/runs/short-lived").status_code == 404


def test_a_home_removed_under_a_running_application(home: Path) -> None:
    with running(home) as application:
        base = write_base(home / "models/base/tiny")
        keep = home.with_name("kept")
        shutil.copytree(base, keep)
        home.rename(home.with_name("moved"))
        asked: list[tuple[str, Callable[[], Any]]] = [
            ("list", lambda: application.client.get("/api/artifacts")),
            ("doctor", lambda: application.client.get("/api/system/doctor")),
            ("du", lambda: application.client.get("/api/system/du")),
            ("metrics", lambda: application.client.get("/metrics")),
            ("jobs", lambda: application.client.get("/api/jobs")),
            ("check", lambda: application.client.get("/api/artifacts/check", params={"id": "tiny"})),
        ]
        for name, ask in asked:
            answer = ask()
            assert answer.status_code in (200, 404, 503), (name, answer.text)
        added = application.ask("POST", "/api/datasets", files={"file": ("rows.jsonl", ROWS)}, data={"name": "rows"})
        imported = application.post("/api/models", {"source": "folder", "reference": str(keep), "name": "copy"})
        for answer in (added, imported):
            assert answer.status_code == 503, answer.text
            says(answer.json(), str(home), "isn't there")
        assert not home.exists(), sorted(home.rglob("*"))
        home.with_name("moved").rename(home)
        again = application.ask("POST", "/api/datasets", files={"file": ("rows.jsonl", ROWS)}, data={"name": "rows"})
        assert again.status_code == 201, again.text
