"""`tunesmith up` opens the dashboard for a person at a desktop, and for nobody else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tunesmith.cli.browser import has_desktop

from .conftest import Cli
from .fake_api import Answer, FakeApi

LINK = "http://localhost:1/auth/login?ticket=t"


@pytest.mark.parametrize(
    ("environment", "platform", "desktop"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "a 1 b 22"}, "darwin", False),
        ({"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "a 1 b 22"}, "linux", False),
        ({"DISPLAY": ":0", "CI": "true"}, "linux", False),
    ],
)
def test_a_window_is_opened_only_where_somebody_sees_it(environment: dict[str, str], platform: str, desktop: bool) -> None:
    assert has_desktop(environment, platform) is desktop


@pytest.fixture
def opened(tmp_path: Path) -> Path:
    """What the fake browser was asked to open; it lies beside this file."""
    browser = tmp_path / "browser"
    browser.write_text('#!/bin/sh\nprintf %s "$1" >"$0.opened"\n')
    browser.chmod(0o755)
    return tmp_path / "browser.opened"


def up(cli: Cli, opened: Path, *options: str, terminal: bool = True) -> str:
    """`tunesmith up` at a terminal of a desktop; what it printed."""
    ours, its = pty.openpty()
    kept = {name: value for name, value in cli.environment().items() if name not in ("CI", "SSH_CONNECTION")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tunesmith.cli.main", "up", *options],
        cwd=cli.home,
        env=kept | {"DISPLAY": ":7", "BROWSER": f"{opened.with_suffix('')} %s"},
        stdout=its if terminal else subprocess.PIPE,
    )
    out, _ = process.communicate(timeout=120)
    os.close(its)
    printed: bytes = os.read(ours, 10_000) if terminal else out
    os.close(ours)
    assert process.returncode == 0
    return printed.decode()


def test_at_a_desktop_the_dashboard_is_opened_logged_in(cli: Cli, api: FakeApi, opened: Path) -> None:
    api.on("POST /auth/tickets", Answer({"url": LINK, "seconds": 600}, 201))
    assert "running already" in up(cli, opened)
    assert opened.read_text() == LINK


@pytest.mark.parametrize(("options", "terminal"), [(["--no-browser"], True), ([], False)])
def test_nothing_is_opened_for_who_wants_none_and_for_scripts(
    cli: Cli, api: FakeApi, opened: Path, options: list[str], terminal: bool
) -> None:
    assert "running already" in up(cli, opened, *options, terminal=terminal)
    assert not opened.exists() and not api.asked
