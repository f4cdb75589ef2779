"""`datasets import-easy`: what it asks of the API, and what it says of rows that stay behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Cli
from .fake_api import Answer, FakeApi

REPORT = {
    "name": "bakery", "format": "alpaca", "total": 3, "taken": 2, "confirmed": 1, "duplicates": 1, "left_out_count": 1,
    "left_out": [{"number": 3, "row": "x1", "question": "Why?", "reason": "its answer is empty"}], "link": "http://easy/projects/-a/datasets",
}  # fmt: skip


@pytest.mark.parametrize("project", ["_Nykmm-F-axw", "-abc", "--x"])
def test_a_project_is_an_argument_even_when_it_begins_with_a_dash(cli: Cli, api: FakeApi, project: str) -> None:
    api.on("POST /api/easy-dataset/import", Answer(REPORT, 201))
    ended = cli("datasets", "import-easy", project, "--confirmed", "--as", "alpaca", "--without-reasoning", "--name", "bakery")
    assert ended.status == 0, ended.err
    choice = {"name": "bakery", "format": "alpaca", "reasoning": False, "system": ""}
    wanted = choice | {"project": project, "content": "rows", "confirmed": True}
    assert api.last("POST /api/easy-dataset/import").json == wanted


def test_what_stays_behind_is_said(cli: Cli, api: FakeApi) -> None:
    api.on("POST /api/easy-dataset/preview", Answer(REPORT))
    ended = cli("datasets", "import-easy", "abc", "--preview")
    assert ended.out.splitlines() == [
        "bakery: 2 of 3 rows, alpaca, 1 confirmed, nothing written: a preview",
        "  http://easy/projects/-a/datasets",
    ]
    assert ended.err.splitlines() == [
        "  1 ask what another row asks; they are kept",
        "  left out: x1 'Why?': its answer is empty",
    ]


def test_a_file_is_uploaded(cli: Cli, api: FakeApi, tmp_path: Path) -> None:
    api.on("POST /api/easy-dataset/files", Answer(REPORT, 201))
    file = tmp_path / "alpaca.json"
    file.write_text("[]")
    assert cli("datasets", "import-easy", str(file)).status == 0
    body = api.last("POST /api/easy-dataset/files").body
    assert b'name="reasoning"\r\n\r\ntrue' in body
    assert b'filename="alpaca.json"' in body
    assert b'name="format"' not in body


def test_projects_are_listed(cli: Cli, api: FakeApi) -> None:
    project = {"id": "-a", "name": "Bakery", "description": None, "rows": 37, "questions": 36, "evaluation": 28}
    api.on("GET /api/easy-dataset/projects", Answer({"projects": [project]}))
    assert cli("datasets", "easy-projects").out == "-a\tBakery\t37\t36\t28\n"
