"""The import from easy-dataset, whole: the running application against the recorded answers of easy-dataset 1.7.3."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from easy_dataset_replay.recorded import AWKWARD, BAKERY, FOLDER, transcript
from easy_dataset_replay.server import Handler, Replay
from tunesmith.datasets.easy_dataset.client import EasyDataset, EasyDatasetFailed
from tunesmith.domain.errors import NotFound, PlaceMissing

from .application import Application, free_port, running

ROWS = f"/api/projects/{BAKERY}/datasets"


@pytest.fixture(scope="module")
def recorded() -> Iterator[Replay]:
    with Replay() as replay:
        yield replay


@pytest.fixture(scope="module")
def orchestrator(tmp_path_factory: pytest.TempPathFactory, recorded: Replay) -> Iterator[Application]:
    home = tmp_path_factory.mktemp("easy") / "home"
    with running(home, easy_dataset=recorded.address, disk_reserve_gib=0) as started:
        yield started


@pytest.fixture
def replay() -> Iterator[Replay]:
    """One that a test may change."""
    with Replay() as replay:
        yield replay


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_replay_answers_as_was_recorded() -> None:
    """Where a call was recorded while the rows were those of the exports."""
    awkward = transcript(246)["body"]
    replay = Replay()
    assert replay.answer("GET", f"/api/projects/{AWKWARD}/datasets", {"page": "1", "size": "50"}) == (200, awkward)
    assert replay.answer("GET", f"/api/projects/{BAKERY}/datasets", {"page": "99", "size": "5"}) == (200, transcript(132)["body"])
    confirmed = replay.answer("GET", f"/api/projects/{BAKERY}/datasets", {"page": "1", "size": "50", "status": "confirmed"})[1]
    assert confirmed["total"] == transcript(156)["body"]["total"] + 1  # type: ignore[index]  # one was imported after that call


def test_lists_projects_with_counts(orchestrator: Application) -> None:
    projects = orchestrator.ask("GET", "/api/easy-dataset/projects").raise_for_status().json()["projects"]
    assert [(one["id"], one["rows"], one["evaluation"]) for one in projects] == [(BAKERY, 37, 28), (AWKWARD, 6, 0)]


def test_a_preview_writes_nothing(orchestrator: Application) -> None:
    before = sorted((orchestrator.home / "data").glob("*"))
    answer = orchestrator.post("/api/easy-dataset/preview", {"project": BAKERY})
    assert (answer.status_code, answer.json()["taken"], answer.json()["name"]) == (200, 37, "harbour-street-bakery")
    assert sorted((orchestrator.home / "data").glob("*")) == before
    assert list((orchestrator.home / ".tunesmith" / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    ("wanted", "taken", "confirmed", "reasoning", "format"),
    [
        ({"name": "all"}, 37, 11, 30, "alpaca"),
        ({"name": "confirmed", "confirmed": True}, 11, 11, 8, "alpaca"),
        ({"name": "plain", "reasoning": False, "format": "messages"}, 37, 11, 0, "messages"),
        ({"name": "talks", "content": "conversations"}, 36, None, 0, "messages"),
        ({"name": "talks-confirmed", "content": "conversations", "confirmed": True}, 1, None, 0, "messages"),
        ({"name": "exam", "content": "evaluation"}, 28, None, 0, "alpaca"),
    ],
)
def test_imports_a_project(
    orchestrator: Application, wanted: dict[str, object], taken: int, confirmed: int | None, reasoning: int, format: str
) -> None:
    answer = orchestrator.post("/api/easy-dataset/import", {"project": BAKERY} | wanted)
    assert answer.status_code == 201, answer.text
    report, name = answer.json(), wanted["name"]
    assert (report["total"], report["taken"], report["left_out"], report["format"]) == (taken, taken, [], format)
    assert (report["confirmed"], report["reasoning"]) == (confirmed, reasoning)
    data = orchestrator.home / "data"
    assert len(lines(data / f"{name}.jsonl")) == len(lines(data / f"{name}.provenance.jsonl")) == taken
    assert json.loads((data / "dataset_info.json").read_text())[name]["file_name"] == f"{name}.jsonl"
    listed = orchestrator.ask("GET", f"/api/datasets/{name}").json()
    assert listed["rows"] == taken
    assert listed["link"] == report["link"]
    assert report["link"].endswith(f"/projects/{BAKERY}/datasets")
    provenance = orchestrator.ask("GET", f"/api/datasets/{name}/provenance").json()
    assert (provenance["tool"], provenance["counts"]["taken"]) == ("easy-dataset", taken)
    assert provenance["beside"] == f"data/{name}.provenance.jsonl"


def test_the_record_says_where_rows_came_from(orchestrator: Application) -> None:
    orchestrator.post("/api/easy-dataset/import", {"project": BAKERY, "name": "traced"}).raise_for_status()
    origin = json.loads((orchestrator.home / "data" / "traced.jsonl.tunesmith.json").read_text())["origin"]
    assert (origin["tool"], origin["version"]) == ("easy-dataset", "1.7.3")
    assert origin["project"] == {"id": BAKERY, "name": "Harbour Street Bakery"}
    assert (origin["counts"]["total"], origin["counts"]["confirmed"], origin["asked"]["confirmed"]) == (37, 11, False)
    assert origin["imported_at"]
    assert orchestrator.ask("DELETE", "/api/datasets/traced").status_code == 204
    assert list((orchestrator.home / "data").glob("traced*")) == []


def test_awkward_rows_are_counted_and_told(orchestrator: Application) -> None:
    report = orchestrator.post("/api/easy-dataset/import", {"project": AWKWARD, "name": "awkward"}).json()
    assert (report["total"], report["taken"], report["confirmed"], report["duplicates"]) == (6, 6, 5, 1)
    [remark] = report["remarks"]
    assert (remark["row"], remark["reason"][:32]) == ("KmgWwQJiaK85qGr2sMJNk", "its answer holds <think> already")
    written = lines(orchestrator.home / "data" / "awkward.jsonl")
    assert written[4]["output"] == "<think>Three scripts.</think>\nYes: 🥐, خبز, 麵包."
    assert written[5]["instruction"] == "Line one\nline two?"


def test_what_cannot_be_taken_over_is_listed_and_kept(orchestrator: Application, recorded: Replay) -> None:
    rows = recorded.projects[BAKERY].rows
    before = list(rows)
    try:
        rows[2] = rows[2] | {"answer": ""}
        rows[3] = {"id": "odd"} | {"confirmed": False}
        report = orchestrator.post("/api/easy-dataset/import", {"project": BAKERY, "name": "partly"}).json()
    finally:
        rows[:] = before
    assert (report["total"], report["taken"], report["left_out_count"]) == (37, 35, 2)
    assert [note["reason"] for note in report["left_out"]] == [
        "its answer is empty",
        "it has 'confirmed', 'id', and is in no shape that easy-dataset writes",
    ]
    beside = lines(orchestrator.home / "data" / "partly.provenance.jsonl")
    assert [line["row"] for line in beside if line["line"] is None] == [rows[2]["id"], "odd"]
    assert orchestrator.ask("GET", "/api/datasets/partly").json()["bad_count"] == 2


def test_an_exported_file_is_imported_by_upload(orchestrator: Application) -> None:
    file = FOLDER / "exports/llamafactory-not-confirmed-only/multilingual-thinking.json"
    sent = {"files": {"file": (file.name, file.read_bytes())}, "data": {"format": "alpaca"}}
    seen = orchestrator.ask("POST", "/api/easy-dataset/files/preview", **sent)
    assert (seen.status_code, seen.json()["taken"]) == (200, 26)
    answer = orchestrator.ask("POST", "/api/easy-dataset/files", **sent)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["name"], answer.json()["dataset"]["rows"]) == ("multilingual-thinking", 26)
    again = orchestrator.ask("POST", "/api/easy-dataset/files", **sent)
    assert (again.status_code, again.json()["title"]) == (409, "There is a data set 'multilingual-thinking' already")


@pytest.mark.parametrize("project", ["../x", "a/b", "", "x" * 65, "a b", "a?b", "%2e%2e"])
def test_an_id_that_is_none_is_refused_before_anything_is_asked(
    orchestrator: Application, recorded: Replay, project: str
) -> None:
    asked = len(recorded.calls)
    assert orchestrator.post("/api/easy-dataset/import", {"project": project}).status_code == 422
    assert len(recorded.calls) == asked


def test_a_project_that_is_not_there(orchestrator: Application) -> None:
    answer = orchestrator.post("/api/easy-dataset/import", {"project": "-nobody"})
    assert (answer.status_code, answer.json()["title"]) == (404, "easy-dataset has no project '-nobody'")


def test_nothing_is_ever_written_to_it(orchestrator: Application, recorded: Replay) -> None:
    orchestrator.post("/api/easy-dataset/import", {"project": BAKERY, "name": "read-only"}).raise_for_status()
    writes = {call for call in recorded.calls if not call.startswith("GET ")}
    assert writes <= {f"POST /api/projects/{BAKERY}/eval-datasets/export"}


# ── faults of the tool ──


def says(status: int, body: object) -> Callable[[Handler], None]:
    return lambda handler: handler.send(status, body)


def cuts(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"data": [')
    handler.close_connection = True


def hangs(handler: Handler) -> None:
    """For as long as the tool lives."""
    handler.replay.ending.wait()


def trickles(handler: Handler) -> None:
    """A byte now and then, for as long as somebody reads."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    with contextlib.suppress(OSError):
        while not handler.replay.ending.wait(0.1):
            handler.wfile.write(b" ")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (says(500, transcript(5)["body"]), "easy-dataset answered 500"),
        (says(404, transcript(9)["body"]), "项目不存在"),
        (says(404, transcript(215)["body"]["$head"].encode()), "It said: a web page"),
        (says(200, b"<!DOCTYPE html><html></html>"), "it is a web page"),
        (says(200, {"data": 3}), "it has no `data` and `total`"),
        (says(200, []), "it has no `data` and `total`"),
        (says(302, {}), "easy-dataset answered 302"),
        (cuts, "easy-dataset broke off its answer"),
    ],
    ids=["500", "chinese", "html-404", "html", "shape", "list", "redirect", "cut"],
)
async def test_each_fault_is_one_clear_error(replay: Replay, fault: Callable[[Handler], None], told: str) -> None:
    replay.instead[ROWS] = fault
    with pytest.raises(EasyDatasetFailed) as raised:
        await EasyDataset(replay.address).rows(BAKERY, confirmed=False)
    assert told in str(raised.value)
    assert raised.value.remedy


@pytest.mark.parametrize("fault", [hangs, trickles], ids=["hang", "trickle"])
async def test_an_answer_without_end_is_given_up(replay: Replay, fault: Callable[[Handler], None]) -> None:
    replay.instead[ROWS] = fault
    with pytest.raises(EasyDatasetFailed) as raised:
        await EasyDataset(replay.address, seconds=0.5).rows(BAKERY, confirmed=False)
    assert "easy-dataset doesn't answer in time" in str(raised.value)
    assert raised.value.remedy


async def test_one_that_is_down_says_how_to_start_it() -> None:
    with pytest.raises(PlaceMissing, match="can't be reached"):
        await EasyDataset(f"http://127.0.0.1:{free_port()}").projects()


def test_faults_reach_the_user_as_problems(orchestrator: Application, recorded: Replay) -> None:
    recorded.instead["/api/projects"] = says(500, {"error": "项目不存在"})
    try:
        answer = orchestrator.ask("GET", "/api/easy-dataset/projects")
    finally:
        recorded.instead.clear()
    assert (answer.status_code, answer.headers["content-type"]) == (502, "application/problem+json")
    assert "项目不存在" in answer.json()["detail"]


async def test_rows_that_are_added_while_we_read_are_read_too_and_none_twice(replay: Replay) -> None:
    rows = replay.projects[BAKERY].rows
    pages = 0

    def grows(handler: Handler) -> None:
        nonlocal pages
        pages += 1
        if pages == 3:
            rows[:0] = [rows[0] | {"id": f"new-{number}"} for number in range(4)]
        del replay.instead[ROWS]
        handler.command, path = "GET", handler.path
        query = dict(part.split("=") for part in path.partition("?")[2].split("&"))
        handler.send(*replay.answer("GET", ROWS, query))
        replay.instead[ROWS] = grows

    replay.instead[ROWS] = grows
    found = await EasyDataset(replay.address, page=10).rows(BAKERY, confirmed=False)
    ids = [row["id"] for row in found]  # type: ignore[index]
    assert (len(ids), len(set(ids))) == (41, 41)


async def test_rows_that_never_stand_still_are_told(replay: Replay) -> None:
    rows = replay.projects[BAKERY].rows

    def grows(handler: Handler) -> None:
        rows.insert(0, rows[0] | {"id": f"new-{len(rows)}"})
        handler.send(200, {"data": rows[:10], "total": len(rows)})

    replay.instead[ROWS] = grows
    with pytest.raises(EasyDatasetFailed, match="keep changing"):
        await EasyDataset(replay.address, page=10).rows(BAKERY, confirmed=False)


async def test_a_server_that_knows_no_pages_does_not_hold_us_for_ever(replay: Replay) -> None:
    replay.instead[ROWS] = says(200, {"data": replay.projects[BAKERY].rows[:5], "total": 37})
    with pytest.raises(EasyDatasetFailed, match="keep changing"):
        await EasyDataset(replay.address, page=5).rows(BAKERY, confirmed=False)
    assert len(replay.calls) < 20


async def test_another_project_s_absence_is_not_an_empty_one(replay: Replay) -> None:
    """`GET …/datasets` of a missing project is 200 and empty (recorded), so the list of projects decides."""
    with pytest.raises(NotFound):
        await EasyDataset(replay.address).project("doesNotExist")
