"""A job's log over HTTP: bytes by Range, HEAD, and the stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tunesmith.web import logs
from tunesmith.web.problems import install

from .conftest import PATIENCE_SECONDS, Serve

JOB = "release-0001"
MERGE = b"merging \xff\n" * 1000
CONVERT = b"converting with hf_abcdefghij\n"
WHOLE = MERGE + CONVERT.replace(b"hf_abcdefghij", b"*" * 13)


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    jobs = tmp_path_factory.mktemp("home") / "jobs"
    for step, attempt, data in (("01-merge", 1, MERGE[:5000]), ("01-merge", 2, MERGE[5000:]), ("02-convert", 1, CONVERT)):
        folder = jobs / JOB / step / str(attempt)
        folder.mkdir(parents=True)
        (folder / "log").write_bytes(data)
        (folder / "exit").write_text("0")
    return jobs


@pytest.fixture(scope="module")
def client(serve: Serve, jobs: Path) -> Iterator[httpx.Client]:
    app = FastAPI()
    install(app)
    app.include_router(logs.routes(jobs, lambda job_id: True, ["hf_abcdefghij"]))
    with httpx.Client(base_url=f"http://127.0.0.1:{serve(app)}/api/jobs/{JOB}", timeout=PATIENCE_SECONDS) as client:
        yield client


def test_the_whole_log(client: httpx.Client) -> None:
    answer = client.get("/log")
    assert (answer.status_code, answer.content) == (200, WHOLE)
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["accept-ranges"] == "bytes"
    head = client.head("/log")
    assert (head.status_code, head.content, int(head.headers["content-length"])) == (200, b"", len(WHOLE))


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("0-0", 0, 1), ("0-9", 0, 10), ("4990-5010", 4990, 5011), ("9999-", 9999, len(WHOLE)), ("-5", len(WHOLE) - 5, len(WHOLE)),
        ("-999999", 0, len(WHOLE)), ("0-999999", 0, len(WHOLE)), (f"{len(WHOLE) - 1}-", len(WHOLE) - 1, len(WHOLE)),
        (f"{len(WHOLE) - 10}-{len(WHOLE) - 3}", len(WHOLE) - 10, len(WHOLE) - 2),
    ],
)  # fmt: skip
def test_a_range(client: httpx.Client, asked: str, start: int, end: int) -> None:
    answer = client.get("/log", headers={"Range": f"bytes={asked}"})
    assert (answer.status_code, answer.content) == (206, WHOLE[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(WHOLE)}"


@pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "lines=0-1", "bytes=5-2", "bytes=x-", "bytes=-", "bytes"])
def test_what_is_no_single_range_gets_all(client: httpx.Client, asked: str) -> None:
    assert client.get("/log", headers={"Range": asked}).status_code == 200


@pytest.mark.parametrize("asked", [f"bytes={len(WHOLE)}-", "bytes=999999-", "bytes=-0"])
def test_a_range_behind_the_end(client: httpx.Client, asked: str) -> None:
    answer = client.get("/log", headers={"Range": asked})
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(WHOLE)}")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("query", "data"),
    [("step=02-convert", WHOLE[len(MERGE) :]), ("step=merge", MERGE), ("step=merge&attempt=1", MERGE[:5000]),
     ("step=01-merge&attempt=2", MERGE[5000:])],
)  # fmt: skip
def test_one_step_or_attempt(client: httpx.Client, query: str, data: bytes) -> None:
    assert client.get(f"/log?{query}").content == data
    assert client.get(f"/log?{query}", headers={"Range": "bytes=3-7"}).content == data[3:8]


def test_what_the_log_is_made_of(client: httpx.Client) -> None:
    assert client.get("/log/parts").json() == [
        {"step": "01-merge", "attempt": 1, "bytes": 5000, "ended": True},
        {"step": "01-merge", "attempt": 2, "bytes": len(MERGE) - 5000, "ended": True},
        {"step": "02-convert", "attempt": 1, "bytes": len(CONVERT), "ended": True},
    ]


@pytest.mark.parametrize(
    ("query", "lines"),
    [("step=01-merge&attempt=1&end=5000", 500), ("step=01-merge&attempt=1&start=10&end=30", 2),
     ("step=01-merge&attempt=1&start=11&end=19", 0), ("step=01-merge&attempt=2&start=10&end=999999999", 499),
     ("step=02-convert&attempt=1&start=5&end=2", 0)],
)  # fmt: skip
def test_lines_are_counted(client: httpx.Client, query: str, lines: int) -> None:
    assert client.get(f"/log/lines?{query}").json() == {"lines": lines}


def test_lines_of_what_isnt_there(client: httpx.Client) -> None:
    assert client.get("/log/lines?step=09-none&attempt=1&end=5").status_code == 404
    assert client.get("/log/lines?step=01-merge&attempt=1&end=-1").status_code == 422
    assert client.get(f"{_api(client)}/nowhere-1/log/parts").status_code == 404


@pytest.mark.parametrize(("query", "status"), [("step=none", 404), ("attempt=7", 404), ("step=../x", 422), ("attempt=0", 422)])
def test_a_step_that_isnt_there(client: httpx.Client, query: str, status: int) -> None:
    assert client.get(f"/log?{query}").status_code == status


@pytest.mark.parametrize("job_id", ["..", "%2e%2e%2f%2e%2e", "nowhere-1", "UPPER"])
@pytest.mark.parametrize("what", ["log", "log/stream"])
def test_what_is_no_job(client: httpx.Client, job_id: str, what: str) -> None:
    assert client.get(f"{_api(client)}/{job_id}/{what}").status_code in (404, 422)


def test_links_arent_followed(client: httpx.Client, jobs: Path) -> None:
    elsewhere = jobs.parent / "elsewhere" / "01-x" / "1"
    elsewhere.mkdir(parents=True)
    (elsewhere / "log").write_text("private")
    (jobs / "linked-job").symlink_to(elsewhere.parents[1])
    (jobs / JOB / "03-x" / "1").mkdir(parents=True)
    (jobs / JOB / "03-x" / "1" / "log").symlink_to(elsewhere / "log")
    (jobs / JOB / "04-x").symlink_to(elsewhere.parent)
    assert client.get(f"{_api(client)}/linked-job/log").status_code == 404
    assert client.get("/log").content == WHOLE


def _api(client: httpx.Client) -> str:
    return str(client.base_url).rpartition("/release")[0]


def test_the_stream_ends_and_resumes(client: httpx.Client) -> None:
    def data(text: str) -> list[dict[str, object]]:
        return [json.loads(line[6:]) for line in text.split("\n") if line.startswith("data: ")]

    answer = client.get("/log/stream")
    assert answer.text.startswith(": heartbeat\n\n")
    events = data(answer.text)
    assert "".join(str(event.get("text", "")) for event in events) == WHOLE.decode("utf-8", "replace")
    assert events[-1]["kind"] == "end"
    resumed = data(client.get("/log/stream", headers={"Last-Event-ID": f"02-convert/1/{len(CONVERT) - 3}"}).text)
    assert [event.get("text") for event in resumed] == ["ij\n".replace("ij", "**"), None]
