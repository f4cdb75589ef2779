"""Data sets on disk: added whole or not at all, registered beside others' entries, listed, read, deleted; and over HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from tunesmith.datasets.record import Provenance
from tunesmith.datasets.registry import entry_for
from tunesmith.datasets.routes import routes
from tunesmith.datasets.service import BadRows, DatasetShelf
from tunesmith.domain.dataset import Format
from tunesmith.domain.deletion import Dependant
from tunesmith.domain.errors import Conflict, InvalidInput, NotFound, TunesmithError
from tunesmith.domain.home import Home
from tunesmith.domain.run import Run

GOOD = '{"instruction": "Hi", "output": "Hello"}\n'


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def datasets(home: Home) -> DatasetShelf:
    return DatasetShelf(home)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "my rows.jsonl"
    file.write_text(GOOD * 3)
    return file


def info(home: Home) -> dict[str, dict[str, object]]:
    return json.loads((home.data / "dataset_info.json").read_text())  # type: ignore[no-any-return]


async def test_adds_registers_lists_and_reads(home: Home, datasets: DatasetShelf, good: Path) -> None:
    added = await datasets.add("facts", good)
    written = home.data / "facts.jsonl"
    assert (added.rows, added.format, added.path) == (3, Format.ALPACA, "data/facts.jsonl")
    assert added.sha256 == hashlib.sha256(written.read_bytes()).hexdigest()
    assert info(home) == {"facts": entry_for("facts.jsonl", Format.ALPACA)}
    assert await datasets.list() == [added]
    assert await datasets.get("facts") == added
    rows = await datasets.rows("facts", offset=2, limit=5)
    assert (rows.total, [row["output"] for row in rows.rows]) == (3, ["Hello"])
    assert sorted(path.name for path in home.data.iterdir()) == ["dataset_info.json", "facts.jsonl", "facts.jsonl.tunesmith.json"]


async def test_one_bad_line_refuses_the_file_and_leaves_nothing(home: Home, datasets: DatasetShelf, good: Path) -> None:
    good.write_text(GOOD + "{\n" + GOOD)  # noqa: ASYNC240
    with pytest.raises(BadRows) as caught:
        await datasets.add("facts", good)
    assert "line 2: it is no valid JSON" in caught.value.detail
    assert await datasets.list() == []
    assert not home.data.exists()
    added = await datasets.add("facts", good, skip_bad=True)
    assert (added.rows, added.bad_count, added.bad[0].line) == (2, 1, 2)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"{", b"\x00\xff", b"[]"])
async def test_a_file_without_a_usable_row_is_refused_even_when_bad_lines_may_be_skipped(
    datasets: DatasetShelf, good: Path, content: bytes
) -> None:
    good.write_bytes(content)  # noqa: ASYNC240
    with pytest.raises(BadRows, match="no row that can be used"):
        await datasets.add("facts", good, skip_bad=True)


@pytest.mark.parametrize("name", ["../x", "a b", "x" * 300, "", ".hidden", "A"])
async def test_names_that_could_be_paths_are_refused(datasets: DatasetShelf, good: Path, name: str) -> None:
    with pytest.raises(InvalidInput):
        await datasets.add(name, good)


async def test_others_entries_are_kept_as_they_are(home: Home, datasets: DatasetShelf, good: Path) -> None:
    home.data.mkdir(parents=True)
    (home.data / "hand.json").write_text('[{"instruction": "a", "output": "b"}, {"instruction": "c", "output": "d"}]')
    by_hand = {
        "hand made": {"file_name": "hand.json"},
        "on a hub": {"hf_hub_url": "someone/something"},
        "gone": {"file_name": "gone.json", "formatting": "sharegpt"},
    }
    (home.data / "dataset_info.json").write_text(json.dumps(by_hand))
    await datasets.add("facts", good)
    assert {name: entry for name, entry in info(home).items() if name != "facts"} == by_hand
    listed = {dataset.name: dataset for dataset in await datasets.list()}
    assert set(listed) == {"facts", "gone", "hand made"}
    assert (listed["hand made"].rows, listed["hand made"].made_outside) == (2, True)
    assert "isn't there" in listed["gone"].problems[0]
    with pytest.raises(Conflict, match="wasn't made here"):
        await datasets.delete("hand made")


async def test_a_file_edited_by_hand_is_counted_again(home: Home, datasets: DatasetShelf, good: Path) -> None:
    await datasets.add("facts", good)
    with (home.data / "facts.jsonl").open("a") as file:
        file.write(GOOD)
    edited = await datasets.get("facts")
    assert (edited.rows, edited.made_outside) == (4, True)
    await datasets.delete("facts")
    assert not (home.data / "facts.jsonl").exists()


@pytest.mark.parametrize("content", ["{", "[]", "\udcff"])
async def test_a_broken_list_of_data_sets_is_an_error_that_names_it(
    home: Home, datasets: DatasetShelf, good: Path, content: str
) -> None:
    home.data.mkdir(parents=True)
    broken = home.data / "dataset_info.json"
    broken.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(InvalidInput) as caught:
        await datasets.add("facts", good)
    assert str(broken) in caught.value.detail
    assert not (home.data / "facts.jsonl").exists()


async def test_a_taken_name_is_refused_and_a_half_made_set_is_made_again(home: Home, datasets: DatasetShelf, good: Path) -> None:
    await datasets.add("facts", good)
    with pytest.raises(Conflict):
        await datasets.add("facts", good)
    (home.data / "dataset_info.json").unlink()
    assert (await datasets.add("facts", good)).rows == 3
    (home.data / "own.jsonl").write_text(GOOD)
    with pytest.raises(Conflict):
        await datasets.add("own", good)


async def test_many_at_once_are_all_registered(home: Home, datasets: DatasetShelf, good: Path) -> None:
    await asyncio.gather(*(datasets.add(f"facts-{number}", good) for number in range(12)))
    assert len(info(home)) == len(await datasets.list()) == 12


async def test_deletes_what_it_made(home: Home, datasets: DatasetShelf, good: Path) -> None:
    await datasets.add("facts", good)
    await datasets.delete("facts")
    assert info(home) == {}
    assert [path.name for path in home.data.iterdir()] == ["dataset_info.json"]
    with pytest.raises(NotFound):
        await datasets.delete("facts")


async def test_what_works_with_a_data_set_keeps_it_and_what_was_trained_on_it_is_told(home: Home, good: Path) -> None:
    busy = [Dependant(kind="job", name="job-1", why="job-1 works with it")]
    run = Run(name="facts-1", path="saves/facts-1", made_outside=False, modified_at=datetime.now(UTC))
    datasets = DatasetShelf(home, lambda path: busy if path == home.data / "facts.jsonl" else [], lambda name: [run])
    await datasets.add("facts", good)
    found = await datasets.deletion("facts")
    assert [(each.name, each.blocks) for each in found.dependants] == [("job-1", True), ("facts-1", False)]
    assert found.files == ["data/facts.jsonl", "data/facts.jsonl.tunesmith.json"] and found.bytes > 0
    with pytest.raises(Conflict, match="job-1"):
        await datasets.delete("facts")
    assert (await datasets.get("facts")).rows == 3
    busy.clear()
    assert (await datasets.deletion("facts")).possible
    await datasets.delete("facts")
    assert await datasets.list() == []


async def test_says_where_rows_are_from_as_far_as_that_is_known(home: Home, datasets: DatasetShelf, good: Path) -> None:
    await datasets.add("facts", good)
    found = await datasets.provenance("facts")
    assert found.made_at is not None and abs((datetime.now(UTC) - found.made_at).total_seconds()) < 60
    assert (found.source_sha256, found.tool, found.beside) == (hashlib.sha256((GOOD * 3).encode()).hexdigest(), None, None)
    (home.data / "own.jsonl").write_text(GOOD)
    registry = home.data / "dataset_info.json"
    registry.write_text(json.dumps(info(home) | {"own": {"file_name": "own.jsonl"}}))
    assert (await datasets.provenance("own")) == Provenance()
    with pytest.raises(NotFound):
        await datasets.provenance("nobody")


async def test_a_source_that_is_not_there_is_an_error_that_names_it(datasets: DatasetShelf, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"nowhere\.jsonl"):
        await datasets.add("facts", tmp_path / "nowhere.jsonl")


@pytest.fixture
async def client(home: Home, datasets: DatasetShelf) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(routes(datasets, largest=10_000))

    @app.exception_handler(TunesmithError)
    async def problem(_: Request, error: TunesmithError) -> Response:
        return JSONResponse({"title": error.title, "detail": error.detail}, status_code=error.status)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def test_over_http(home: Home, client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/datasets", data={"name": "facts"}, files={"file": ("../../my rows.jsonl", GOOD * 2)})
    assert (answer.status_code, answer.json()["source"], answer.json()["rows"]) == (201, "my rows.jsonl", 2)
    assert list((home.ours / "uploads").iterdir()) == []
    assert [one["name"] for one in (await client.get("/api/datasets")).json()["datasets"]] == ["facts"]
    assert len((await client.get("/api/datasets/facts/rows", params={"limit": 1})).json()["rows"]) == 1
    assert (await client.get("/api/datasets/nobody")).status_code == 404
    assert (await client.delete("/api/datasets/facts")).status_code == 204


@pytest.mark.parametrize(
    ("data", "files", "status"),
    [
        ({"name": "facts"}, None, 422),
        ({}, {"file": GOOD}, 422),
        ({"name": "../x"}, {"file": GOOD}, 422),
        ({"name": "facts"}, {"file": GOOD + "{"}, 422),
        ({"name": "facts", "skip_bad": "true"}, {"file": GOOD + "{"}, 201),
    ],
)
async def test_an_upload_is_checked(
    home: Home, client: httpx.AsyncClient, data: dict[str, str], files: dict[str, str] | None, status: int
) -> None:
    assert (await client.post("/api/datasets", data=data, files=files)).status_code == status
    uploads = home.ours / "uploads"
    assert not uploads.exists() or list(uploads.iterdir()) == []


@pytest.mark.parametrize("announced", [True, False])
async def test_an_upload_that_is_too_large_is_stopped(home: Home, client: httpx.AsyncClient, announced: bool) -> None:
    whole = httpx.Request("POST", "http://test", data={"name": "facts"}, files={"file": GOOD * 1000})

    async def body() -> AsyncIterator[bytes]:
        yield whole.read()

    headers = {"content-type": whole.headers["content-type"]}
    answer = await client.post("/api/datasets", content=whole.read() if announced else body(), headers=headers)
    assert (answer.status_code, answer.json()["title"]) == (422, "The upload is too large")
    assert not (home.data / "facts.jsonl").exists()
