"""Releases as files: numbered, immutable, switched by rename."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tunesmith.domain.errors import Conflict, NotFound
from tunesmith.release.store import ReleaseStore

RECORD = Path(__file__).parents[3] / "backend" / "toolbox" / "release" / "record.py"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "models" / "gguf").mkdir(parents=True)
    (tmp_path / "models" / "gguf" / "m.gguf").write_bytes(b"weights")
    (tmp_path / "rendering").mkdir()
    (tmp_path / "rendering" / "template.jinja").write_text("{{ messages }}")
    return tmp_path


def record(home: Path, job: str, verdict: str = "mended") -> subprocess.CompletedProcess[str]:
    (home / f"{job}.parity").write_text(json.dumps({"verdict": verdict, "engine": {"name": "llama.cpp", "build": 11549}}))
    request = {
        "home": str(home), "name": "facts", "way": "merge", "engine": "llama.cpp", "adapter": "saves/a", "base": "models/base/b",
        "template": "chatml", "system": None, "quantisation": "f16", "warnings": [], "job": job,
        "pieces": [["model", str(home / "models" / "gguf" / "m.gguf")]], "parity_report": str(home / f"{job}.parity"),
        "rendering": str(home / "rendering"),
    }  # fmt: skip
    (home / f"{job}.json").write_text(json.dumps(request))
    command = [sys.executable, str(RECORD), "--request", str(home / f"{job}.json")]
    return subprocess.run(command, capture_output=True, text=True)


def test_releases_are_numbered_and_the_last_one_is_current(home: Path) -> None:
    store = ReleaseStore(home / "models" / "served")
    for job in ("one", "two"):
        assert record(home, job).returncode == 0
    current = store.current("facts")
    assert current is not None
    assert (current.number, current.job, current.parity_verdict) == (2, "two", "mended")
    assert [piece.role for piece in current.pieces] == ["model", "template"]
    assert current.pieces[0].sha256 == hashlib.sha256(b"weights").hexdigest()


def test_a_file_is_hashed_once_for_all_releases_and_again_when_it_changes(home: Path) -> None:
    store, model = ReleaseStore(home / "models" / "served"), home / "models" / "gguf" / "m.gguf"
    assert "hashing m.gguf" in record(home, "one").stdout
    again = record(home, "two").stdout
    assert "hashing m.gguf" not in again and "known from an earlier release: m.gguf" in again
    before = model.stat()
    model.write_bytes(b"WEIGHTS")  # as many bytes, and the same time of modification
    os.utime(model, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "hashing m.gguf" in record(home, "three").stdout
    hashes = [release.pieces[0].sha256 for release in sorted(store.all("facts"), key=lambda each: each.number)]
    assert hashes == [hashlib.sha256(content).hexdigest() for content in (b"weights", b"weights", b"WEIGHTS")]


def test_records_that_cannot_be_read_are_no_reason_to_stop(home: Path) -> None:
    other = home / "models" / "served" / "other"
    other.mkdir(parents=True)
    for number, content in enumerate(("{", "[]", '{"pieces": [1]}', '{"pieces": null}'), start=1):
        (other / f"{number}.json").write_text(content)
    done = record(home, "one")
    assert (done.returncode, done.stderr) == (0, "")
    assert "hashing m.gguf" in done.stdout


def test_the_same_job_asked_again_makes_no_second_release(home: Path) -> None:
    record(home, "one")
    record(home, "one")
    assert [release.number for release in ReleaseStore(home / "models" / "served").all("facts")] == [1]


def test_a_blocked_report_makes_no_release(home: Path) -> None:
    done = record(home, "one", verdict="blocked")
    assert done.returncode != 0
    assert "blocked" in done.stderr
    assert ReleaseStore(home / "models" / "served").names() == []


def test_rollback_switches_back_and_forth(home: Path) -> None:
    store = ReleaseStore(home / "models" / "served")
    record(home, "one")
    record(home, "two")
    assert store.before("facts") == 1
    assert store.switch("facts", 1).number == 1
    assert store.current_number("facts") == 1
    with pytest.raises(Conflict):
        store.before("facts")
    with pytest.raises(NotFound, match="no release 7"):
        store.switch("facts", 7)


def test_ten_at_once_get_ten_numbers(home: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(10) as pool:
        done = list(pool.map(lambda i: record(home, f"job{i}"), range(10)))
    assert [d.returncode for d in done] == [0] * 10
    assert [release.number for release in ReleaseStore(home / "models" / "served").all("facts")] == list(range(1, 11))


def test_each_release_says_whether_its_name_stands_for_it(home: Path) -> None:
    store = ReleaseStore(home / "models" / "served")
    assert store.standing() == []
    record(home, "job-1")
    record(home, "job-2")
    store.switch("facts", 1)
    assert [(each.number, each.current) for each in store.standing()] == [(1, True), (2, False)]
