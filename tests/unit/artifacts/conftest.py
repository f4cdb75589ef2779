from __future__ import annotations

from pathlib import Path

import pytest

from tunesmith.domain.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    for folder in (home.saves, home.models, home.data, home.ours):
        folder.mkdir(parents=True)
    return home
