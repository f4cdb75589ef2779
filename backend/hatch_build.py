"""Puts the built dashboard into the wheel (`tunesmith/_dashboard`) and into the sdist: who installs either needs no Node."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DashboardHook(BuildHookInterface):
    PLUGIN_NAME = "dashboard"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        # An editable installation serves the checkout's own frontend/dist, when that is there.
        if version == "editable":
            return
        built = self._built()
        if self.target_name == "wheel":
            build_data["force_include"][str(built)] = "tunesmith/_dashboard"
        else:
            build_data["artifacts"].append("/frontend/dist/")

    def _built(self) -> Path:
        root = Path(self.root)
        # Only an unpacked sdist has this file; the dashboard in it is made from the sources beside it.
        if not (root / "PKG-INFO").is_file():
            command = [str(root / "frontend" / "build.sh")]
            if subprocess.run(command, env={"PYTHON": sys.executable} | os.environ).returncode:
                raise RuntimeError("The dashboard, a part of Tunesmith, can't be built; why, and what to do, is said above.")
        built = root / "frontend" / "dist"
        if not (built / "index.html").is_file():
            raise RuntimeError(f"There is no dashboard in {built}. Get a complete sdist, or run `make frontend` in a checkout.")
        return built
