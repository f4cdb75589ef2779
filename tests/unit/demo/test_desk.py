"""The demo's rows become a data set once they are made."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tunesmith.datasets.service import DatasetShelf
from tunesmith.demo.service import DemoDesk, SeedRequest
from tunesmith.domain.errors import Conflict, InvalidInput
from tunesmith.domain.home import Home
from tunesmith.toolboxes.location import scripts_folder

ROW = '{"messages": [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "Percy."}]}\n'


async def test_rows_are_added_when_they_are_there_and_only_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for folder in (home.data, home.ours / "demo"):
        folder.mkdir(parents=True)
    programs = cast(Any, SimpleNamespace(script=lambda _, relative: str(scripts_folder() / relative)))
    shelf = DatasetShelf(home)
    unused = cast(Any, None)
    desk = DemoDesk(home, unused, unused, shelf, unused, programs)
    with pytest.raises(InvalidInput, match="no rows yet"):
        await desk.add_rows(SeedRequest(seed=20))
    desk._rows(20).write_text(ROW * 3)
    added = await desk.add_rows(SeedRequest(seed=20))
    assert added.rows == 3 and added.name.startswith("seed-20-")
    assert [each.name for each in await shelf.list()] == [added.name]
    with pytest.raises(Conflict):
        await desk.add_rows(SeedRequest(seed=20))
