"""Picking files: what is in a folder, and nothing outside of the allowed ones, however it is written."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tunesmith.domain.errors import InvalidInput, NotFound, Refused
from tunesmith.files import listing
from tunesmith.files.listing import Browser, Listing
from tunesmith.files.roots import Roots, roots_of
from tunesmith.files.routes import routes
from tunesmith.settings import Settings
from tunesmith.web import problems


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / ".tunesmith").mkdir(parents=True)
    (home / ".tunesmith" / "token").write_text("secret")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "rows.jsonl").write_text("{}")
    return home


@pytest.fixture
def roots(home: Path) -> Roots:
    return Roots([home, home.parent / "shared"], home / ".tunesmith")


def names(found: Listing) -> list[str]:
    return [entry.name for entry in found.entries]


def test_folders_first_each_by_name_as_people_count(home: Path, roots: Roots) -> None:
    for name in ("checkpoint-10", "checkpoint-9", "Base"):
        (home / name).mkdir()
    for name in ("b.jsonl", "A.JSONL", "notes.txt", ".hidden"):
        (home / name).write_text("12")
    browser = Browser(roots)
    found = browser.list("")
    assert names(found) == ["Base", "checkpoint-9", "checkpoint-10", "A.JSONL", "b.jsonl", "notes.txt"]
    assert (found.path, found.parent, found.total, found.cut) == (str(home), None, 6, False)
    assert found.roots == [str(home), str(home.parent / "shared")]
    assert (found.entries[0].bytes, found.entries[-1].bytes) == (None, 2)
    assert names(browser.list(str(home), "folder")) == ["Base", "checkpoint-9", "checkpoint-10"]
    assert names(browser.list(str(home), "file", [".jsonl"]))[3:] == ["A.JSONL", "b.jsonl"]
    assert ".hidden" in names(browser.list(str(home), hidden=True))
    assert browser.list(str(home / "Base")).parent == str(home)


def test_a_model_is_told_by_its_files(home: Path, roots: Roots) -> None:
    contents = {
        "base": ["config.json", "model.safetensors"],
        "old": ["config.json", "pytorch_model.bin"],
        "tuned": ["adapter_config.json", "adapter_model.safetensors"],
        "empty": ["config.json"],
    }
    for folder, files in contents.items():
        (home / folder).mkdir()
        for name in files:
            (home / folder / name).write_text("{}")
    found = Browser(roots).list(str(home))
    assert {entry.name: entry.holds for entry in found.entries} == {
        "base": "model", "old": "model", "tuned": "adapter", "empty": None,
    }  # fmt: skip
    assert Browser(roots).list(str(home / "base")).holds == "model"


def test_nothing_outside_is_shown_or_found(home: Path, roots: Roots) -> None:
    outside = home.parent / "elsewhere"
    (home / "link").symlink_to(outside)
    (home / "fine").mkdir()
    (home / "inside").symlink_to(home / "fine")
    (home / "circle").symlink_to(home / "circle")
    found = {entry.name: entry for entry in Browser(roots).list(str(home), hidden=True).entries}
    assert {name: entry.closed for name, entry in found.items()} == {
        "link": True, "inside": False, "fine": False, ".tunesmith": True,
    }  # fmt: skip
    for path in (
        outside, home / "link", home / "link" / "rows.jsonl", home / ".." / "elsewhere", home / ".tunesmith", home / "link/gone",
        home / ".tunesmith" / "token", home / "fine" / ".." / ".tunesmith", "/", "/etc/passwd", "/nowhere/at/all", home.parent,
    ):  # fmt: skip
        with pytest.raises(Refused, match="TUNESMITH_ROOTS"):
            roots.find(str(path))
    for path in (home / "gone", home / "circle", home / ("x" * 300), home / "gone" / "further"):
        with pytest.raises(NotFound):
            roots.find(str(path))
    for path in ("fine", "../x", "a\0b", "~nobody", "."):
        with pytest.raises(InvalidInput):
            roots.find(path)
    assert roots.find(str(home / "inside")) == home / "inside"


def test_a_tilde_is_the_users_own_folder_where_that_is_allowed(home: Path, roots: Roots, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "mine").mkdir()
    monkeypatch.setenv("HOME", str(home))
    assert (roots.find("~"), roots.find("~/mine")) == (home, home / "mine")
    monkeypatch.setenv("HOME", str(home.parent))
    with pytest.raises(Refused, match="TUNESMITH_ROOTS"):
        roots.find("~")


def test_only_files_can_be_read(home: Path, roots: Roots) -> None:
    os.mkfifo(home / "pipe")
    (home / "rows.jsonl").write_text("{}")
    assert roots.find_file(str(home / "rows.jsonl")) == home / "rows.jsonl"
    for path in (home, home / "pipe"):
        with pytest.raises(InvalidInput, match="is no file"):
            roots.find_file(str(path))
    assert names(Browser(roots).list(str(home))) == ["rows.jsonl"]
    with pytest.raises(InvalidInput, match="is a file"):
        Browser(roots).list(str(home / "rows.jsonl"))


def test_names_that_are_no_text_and_thousands_of_them(home: Path, roots: Roots, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST", 3)
    for number in range(5):
        (home / f"file-{number}").write_text("")
    Path(os.fsdecode(os.fsencode(home) + b"/\xff")).write_text("")
    (home / "مرحبا <b>🦉").write_text("")
    found = Browser(roots).list(str(home))
    assert (names(found), found.total, found.cut) == (["file-0", "file-1", "file-2"], 6, True)
    found.model_dump_json()


def test_the_settings_say_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    home = tmp_path / "home"

    def asked(**given: object) -> tuple[Path, ...]:
        return roots_of(Settings(home=home, _env_file=None, **given)).all  # type: ignore[arg-type]

    assert asked() == (home, tmp_path / "me")
    assert asked(runtime="docker") == (home,)
    assert asked(roots="") == (home,)
    assert asked(roots="/data: ~/rows ::", runtime="docker") == (home, Path("/data"), tmp_path / "me" / "rows")
    with pytest.raises(InvalidInput, match="no absolute path"):
        asked(roots="data")


@pytest.fixture
async def client(roots: Roots) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problems.install(app)
    app.include_router(routes(Browser(roots)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def test_over_http(home: Path, client: httpx.AsyncClient) -> None:
    (home / "a.json").write_text("")
    (home / "b.txt").write_text("")
    answer = await client.get("/api/files", params={"kind": "file", "suffix": [".json", ".jsonl"]})
    assert [entry["name"] for entry in answer.json()["entries"]] == ["a.json"]
    refused = (await client.get("/api/files", params={"path": "/etc"})).json()
    assert (refused["status"], "TUNESMITH_ROOTS" in refused["remedy"]) == (403, True)
    assert (await client.get("/api/files", params={"kind": "device"})).status_code == 422
