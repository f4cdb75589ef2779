"""What the demo ends with: a link into the dashboard, and commands that can be pasted as they stand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tunesmith.cli.client import Client
from tunesmith.cli.demo_report import Served, farewell, program
from tunesmith.cli.server import Access

from .fake_api import Answer, FakeApi

LINK = "http://localhost:1/auth/login?ticket=t"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in an environment in the working folder."""
    bin_folder = tmp_path / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    (bin_folder / "tunesmith").touch(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(bin_folder / "tunesmith")])
    monkeypatch.setenv("PATH", "/nowhere")
    return bin_folder


def test_in_a_checkout_the_program_is_named_by_its_path(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert program() == ".venv/bin/tunesmith"
    monkeypatch.setattr(sys, "argv", [".venv/bin/tunesmith"])
    assert program() == ".venv/bin/tunesmith"


def test_where_its_name_is_found_it_is_named_by_that(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(installed))
    assert program() == "tunesmith"
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "argv", ["/opt/tunesmith/tunesmith/cli/main.py"])
    assert program() == "tunesmith"


def test_it_opens_the_dashboard_and_says_how_to_go_on(installed: Path, api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    api.on("POST /auth/tickets", Answer({"url": LINK, "seconds": 600}, 201))
    access = Access(f"http://127.0.0.1:{api.port}", "token", 1)
    farewell(Client(access), Served("base", "demo", "demo-merged"))
    said = capsys.readouterr().out
    assert LINK in said.splitlines()[2]
    assert ".venv/bin/tunesmith chat demo" in said and f"{access.url}/v1/chat/completions" in said
    assert "docker" not in said
