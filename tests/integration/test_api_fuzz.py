"""Every operation of the application, asked by schemathesis for what its OpenAPI allows and for what it doesn't.

The home holds one thing of each kind, and a third of the requests name one of them. Nothing is ever started: the disk counts as
too small, so an accepted job waits until it is cancelled.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import hypothesis
import pytest
import requests
import schemathesis
from schemathesis import Case
from schemathesis.checks import CheckContext
from schemathesis.core.transport import Response
from schemathesis.specs.openapi import checks

from .application import ROWS, TOKEN, Application
from .tiny_folders import write_adapter, write_base, write_releases

pytestmark = pytest.mark.xdist_group("api-fuzz", seconds=250)
PATIENCE_SECONDS = 120
EXAMPLES = int(os.environ.get("TUNESMITH_TEST_FUZZ_EXAMPLES", "20"))
"""Random requests for each operation, beside the systematic ones. Drawing them is most of the work: four fifths with 40."""
LONGEST_QUERY = 50_000
"""A head of more than 64 KiB is refused by uvicorn itself, in plain text, before any application sees it."""
LEFT_OUT = [
    "/api/events",
    "/api/jobs/{job_id}/log/stream",
    "/api/services/{name}/logs/follow",
    "/api/deployments/{name}/logs/follow",
    "/api/system:shutdown",
]
"""Streams without end, and the end of the application."""
HONEST = {502, 503, 507}
"""Statuses from 500 on that may be meant: an engine, a toolbox or the disk is at fault."""


@pytest.fixture(scope="module")
def known(application: Application) -> dict[str, list[str]]:
    """Parameter or field → values that exist."""
    home = application.home
    write_base(home / "models/base/tiny")
    write_adapter(home / "saves/facts")
    write_releases(home, "served", 2)
    added = application.ask("POST", "/api/datasets", files={"file": ("rows.jsonl", ROWS)}, data={"name": "rows"})
    assert added.status_code == 201, added.text
    waiting = application.ask("POST", "/api/toolboxes/tensorboard:install")
    assert waiting.status_code == 202, waiting.text
    names = ["served", "rows", "facts", "llama-cpp"]
    jobs = [waiting.json()["id"]]
    return {
        "name": names, "job_id": jobs, "artifact_id": ["models/base/tiny", "saves/facts"], "model": ["served"],
        "id": ["saves/facts"], "base": ["tiny"], "adapter": ["facts"], "dataset": ["rows"],
    }  # fmt: skip


@pytest.fixture(scope="module")
def api(application: Application, known: dict[str, list[str]]) -> schemathesis.BaseSchema:
    config = schemathesis.Config.from_dict({"phases": {"coverage": {"unexpected-methods": ["PUT", "TRACE"]}}})
    return schemathesis.openapi.from_url(f"{application.url}/openapi.json", headers=_login(), config=config)


@pytest.fixture(autouse=True)
def _node_id(request: pytest.FixtureRequest) -> None:
    """schemathesis 4.32 reads and sets a field that pytest 9.2 no longer has."""
    request.node._nodeid = request.node.nodeid


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as kept:
        kept.trust_env = False
        yield kept


def _login() -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKEN}"}


def only_meant_errors(context: CheckContext, response: Response, case: Case) -> None:
    assert response.status_code < 500 or response.status_code in HONEST, f"{response.status_code}: {response.text[:500]}"


CHECKS = [
    only_meant_errors,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


def _existing(case: Case, known: dict[str, list[str]]) -> None:
    """In a third of the requests, name something that exists wherever the request has a place for it."""
    dice = zlib.crc32(repr((case.path_parameters, case.query, case.body)).encode())
    for place in (case.path_parameters, case.query, case.body):
        if dice % 3 == 0 and isinstance(place, dict):
            place.update({key: known[key][dice % len(known[key])] for key in place if key in known})


FUZZED = hypothesis.settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(hypothesis.HealthCheck)
)
ASKED = schemathesis.pytest.from_fixture("api").exclude(path=LEFT_OUT)


@pytest.mark.timeout(1200)  # a hundred operations are one test
@ASKED.exclude(path="/auth/login").parametrize()
@FUZZED
def test_no_operation_answers_what_its_description_does_not_say(
    case: Case, known: dict[str, list[str]], session: requests.Session
) -> None:
    _existing(case, known)
    if isinstance(case.query, dict) and len(urlencode(case.query, doseq=True)) > LONGEST_QUERY:
        return
    case.call_and_validate(session=session, headers=_login(), checks=CHECKS, timeout=PATIENCE_SECONDS)


@pytest.mark.parametrize("mark", ["", "x", "0-0", "-1", "01-install/1/99", "../../1/0", "9" * 99, "\xe9", "%00", "1" * 201])
def test_the_streams_begin_or_say_why_not(application: Application, known: dict[str, list[str]], mark: str) -> None:
    """Wherever a client says that it stopped."""
    log = f"/api/jobs/{known['job_id'][0]}/log/stream"
    asked: list[tuple[str, dict[str, Any]]] = [
        (path, {"headers": {"Last-Event-ID": mark.encode("latin-1")}}) for path in ("/api/events", log)
    ]
    for path, more in [*asked, (log, {"params": {"cursor": mark}})]:
        with application.client.stream("GET", path, **more) as answer:
            kind = answer.headers["content-type"].partition(";")[0]
            assert (answer.status_code, kind) in [(200, "text/event-stream"), (422, "application/problem+json")], path
            assert next(answer.iter_raw())


def test_nothing_was_started_by_all_that(application: Application) -> None:
    listed: list[dict[str, Any]] = application.client.get("/api/jobs", params={"limit": 5000}).json()
    assert {job["state"] for job in listed} <= {"pending", "cancelled"}, "a job ran although the disk counts as too small"
    assert application.client.get("/api/health").json()["status"] == "ok"


@ASKED.include(path="/auth/login").parametrize()
@FUZZED
def test_nor_does_the_login(case: Case, session: requests.Session) -> None:
    """Last, since after some failures no token is looked at any more."""
    case.call_and_validate(session=session, checks=CHECKS, timeout=PATIENCE_SECONDS)
