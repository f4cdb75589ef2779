"""A scripts folder with the real install script and a toolbox that installs in a blink from a local wheel."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tunesmith.settings import Settings
from tunesmith.toolboxes.location import scripts_folder
from tunesmith.toolboxes.native import NativeToolboxes

from .wheel import write_wheel

DEFINITION = """
title = "A small toolbox"
requirements = "tensorboard/requirements.txt"
no_deps = "tensorboard/no-deps.txt"
remove = ["other_lib/**/*.so"]
checks = [["{bin}/tiny"], ["{python}", "-c", "import other"]]
[estimate.cpu]
download_bytes = 1000
disk_bytes = 2000
seconds = 1
"""


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    folder = tmp_path / "scripts"
    (folder / "setup").mkdir(parents=True)
    for name in ("install.py", "definition.py"):
        shutil.copy(scripts_folder() / "setup" / name, folder / "setup" / name)
    (folder / "tensorboard").mkdir()
    (folder / "tensorboard" / "requirements.txt").write_text("tiny==1.0\n")
    (folder / "tensorboard" / "no-deps.txt").write_text("other==2.0\n")
    (folder / "setup" / "tensorboard.toml").write_text(DEFINITION)
    return folder


@pytest.fixture
def toolboxes(tmp_path: Path, scripts: Path) -> NativeToolboxes:
    wheels = tmp_path / "wheels"
    write_wheel(wheels)
    write_wheel(wheels, "other", "2.0")
    settings = Settings(home=tmp_path, cache=tmp_path / "cache", find_links=str(wheels), _env_file=None)
    return NativeToolboxes(settings, has_gpu=lambda: False, scripts=scripts, environ={})
