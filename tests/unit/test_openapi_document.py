"""The document that the dashboard's client is generated from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tunesmith.openapi_document import main


def test_it_is_the_same_whatever_is_set_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main([str(tmp_path / "plain.json")]) == 0
    for name, value in {"RUNTIME": "docker", "DOMAIN": "box.lan", "TOKEN": "x" * 20}.items():
        monkeypatch.setenv(f"TUNESMITH_{name}", value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("TUNESMITH_PORT=9999\n")
    assert main([str(tmp_path / "set.json")]) == 0
    assert (tmp_path / "plain.json").read_bytes() == (tmp_path / "set.json").read_bytes()
    assert "/api/jobs" in json.loads((tmp_path / "plain.json").read_text())["paths"]
    assert not (tmp_path / ".tunesmith").exists()


def test_checking_says_when_it_is_stale_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "openapi.json"
    assert main([str(file)]) == 0
    assert main(["--check", str(file)]) == 0
    file.write_text(file.read_text().replace("/api/jobs", "/api/tasks"))
    stale = file.read_bytes()
    assert main(["--check", str(file)]) == 1
    assert "make client" in capsys.readouterr().err
    assert file.read_bytes() == stale
    file.unlink()
    assert main(["--check", str(file)]) == 1
