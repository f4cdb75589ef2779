"""The record of a release on Ollama: its number becomes a name there before the record says so, whatever is killed between."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tunesmith.release.store import ReleaseStore

from .fake_ollama import FakeOllama

RECORD = Path(__file__).parents[3] / "backend" / "toolbox" / "release" / "record.py"


@pytest.fixture
def fake() -> Iterator[FakeOllama]:
    fake = FakeOllama()
    yield fake
    fake.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "models" / "gguf").mkdir(parents=True)
    (tmp_path / "models" / "gguf" / "m.gguf").write_bytes(b"weights")
    (tmp_path / "rendering" / "ollama").mkdir(parents=True)
    (tmp_path / "rendering" / "ollama" / "2-trained.gotmpl").write_text("{{ .System }}\n")
    (tmp_path / "rendering" / "rendering.json").write_text('{"stop": ["<|im_end|>"]}')
    return tmp_path


def record(home: Path, fake: FakeOllama, job: str, digest: str) -> subprocess.CompletedProcess[str]:
    report = {"verdict": "mended", "engine": {"name": "Ollama", "build": "0.17.4"}, "template_file": "2-trained.gotmpl"}
    (home / f"{job}.parity").write_text(json.dumps({**report, "model_digest": digest}))
    model = str(home / "models" / "gguf" / "m.gguf")
    ollama = {"address": fake.address, "tag": f"doors:{job}", "job": job, "model": model, "adapter": None, "system": None}
    request = {
        "home": str(home), "name": "doors", "way": "merge", "engine": "ollama", "adapter": "saves/a", "base": "models/base/b",
        "template": "chatml", "system": None, "quantisation": "f16", "warnings": [], "job": job, "pieces": [["model", model]],
        "parity_report": str(home / f"{job}.parity"), "rendering": str(home / "rendering"), "ollama": {**ollama, "context": 4096},
    }  # fmt: skip
    (home / f"{job}.json").write_text(json.dumps(request))
    command = [sys.executable, str(RECORD), "--request", str(home / f"{job}.json")]
    return subprocess.run(command, capture_output=True, text=True)


def test_what_was_checked_gets_the_number_and_the_bare_name(home: Path, fake: FakeOllama) -> None:
    for job, digest in (("one", "d1"), ("two", "d2")):
        fake.models[f"doors:{job}"] = digest
        done = record(home, fake, job, digest)
        assert done.returncode == 0, done.stderr
    assert fake.models == {"doors:r1": "d1", "doors:r2": "d2", "doors:latest": "d2"}
    current = ReleaseStore(home / "models" / "served").current("doors")
    assert current is not None
    assert (current.number, current.tag, current.model_digest) == (2, "doors:r2", "d2")
    assert [piece.role for piece in current.pieces] == ["model", "modelfile"]
    kept = (home / current.pieces[1].path).read_text()
    assert 'TEMPLATE """{{ .System }}\n"""' in kept
    assert 'PARAMETER stop """<|im_end|>"""' in kept


def test_asked_again_after_a_kill_it_goes_on_where_it_was(home: Path, fake: FakeOllama) -> None:
    fake.models["doors:one"] = "d1"
    assert record(home, fake, "one", "d1").returncode == 0
    fake.models |= {"doors:one": "d1", "doors:latest": "old"}  # as if killed right after the switch
    assert record(home, fake, "one", "d1").returncode == 0
    assert fake.models == {"doors:r1": "d1", "doors:latest": "d1"}
    assert len(ReleaseStore(home / "models" / "served").all("doors")) == 1


def test_a_model_that_was_made_anew_since_its_check_is_refused(home: Path, fake: FakeOllama) -> None:
    fake.models["doors:one"] = "another"
    done = record(home, fake, "one", "d1")
    assert done.returncode == 1
    assert "isn't what was checked" in done.stderr
    assert ReleaseStore(home / "models" / "served").names() == []
    assert fake.models == {"doors:one": "another"}


def test_an_ollama_that_is_gone_leaves_what_was_served(home: Path, fake: FakeOllama) -> None:
    fake.models["doors:one"] = "d1"
    assert record(home, fake, "one", "d1").returncode == 0
    fake.close()
    done = record(home, fake, "two", "d2")
    assert done.returncode == 1
    assert "release on Ollama" in done.stderr
    assert ReleaseStore(home / "models" / "served").current_number("doors") == 1
