"""Every error is a problem; what nobody expected is logged under its incident; secrets are in neither."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, SecretStr
from starlette.middleware import Middleware

from tunesmith.domain.errors import InvalidInput, NotEnough, NotFound
from tunesmith.web.audit import AuditFile, RequestLog, start_logging
from tunesmith.web.errors import TooMany
from tunesmith.web.openapi import describe
from tunesmith.web.problems import PROBLEMS, UnexpectedErrors, install

from .conftest import PATIENCE_SECONDS, Serve, wait_for

SECRET = "hf_0123456789abcdefghij"


class Wanted(BaseModel):
    rank: int
    password: SecretStr


def application(folder: Path) -> FastAPI:
    app = FastAPI(middleware=[Middleware(RequestLog, AuditFile(folder / "audit.jsonl")), Middleware(UnexpectedErrors)])
    install(app)
    describe(app, [])

    @app.post("/api/wanted", responses=PROBLEMS)
    def wanted(body: Wanted) -> int:
        return body.rank

    @app.get("/api/missing", responses=PROBLEMS)
    def missing() -> None:
        raise NotFound("There is no such adapter", "models/adapters/x", "`tunesmith models` lists them.")

    @app.get("/api/slip")
    def slip() -> None:
        raise InvalidInput("The rank can't be 0", "At least 1.", wrong={"rank": "At least 1."})

    @app.get("/api/full")
    def full() -> None:
        raise NotEnough("Too little disk", "3 GiB are needed, 1 GiB is free.", "Run `tunesmith clean`.")

    @app.get("/api/busy")
    def busy() -> None:
        raise TooMany("Too many", "", "", 7)

    @app.get("/api/broken")
    def broken() -> None:
        raise RuntimeError(f"cannot use {SECRET} with Bearer abcdefghijklmnop")

    return app


@pytest.fixture
def client(serve: Serve, tmp_path: Path) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{serve(application(tmp_path))}", timeout=PATIENCE_SECONDS) as client:
        yield client


def test_an_error_of_ours(client: httpx.Client) -> None:
    answer = client.get("/api/missing")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/not-found", "title": "There is no such adapter", "status": 404, "detail": "models/adapters/x",
        "remedy": "`tunesmith models` lists them.", "instance": "/api/missing",
    }  # fmt: skip
    assert client.get("/api/full").status_code == 507
    assert client.get("/api/busy").headers["retry-after"] == "7"


def test_an_error_of_ours_points_at_the_values_that_are_wrong(client: httpx.Client) -> None:
    assert client.get("/api/slip").json()["errors"] == [{"where": "rank", "message": "At least 1."}]


def test_wrong_values_are_listed_but_not_repeated(client: httpx.Client) -> None:
    answer = client.post("/api/wanted", json={"rank": "eight", "password": [SECRET]})
    assert answer.status_code == 422
    assert [each["where"] for each in answer.json()["errors"]] == ["body.rank", "body.password"]
    assert SECRET not in answer.text and "eight" not in answer.text
    assert client.post("/api/wanted", content=b"{").json()["status"] == 422


def test_addresses_and_methods_that_arent_there(client: httpx.Client) -> None:
    assert client.get("/api/nowhere").json()["type"] == "/problems/not-found"
    answer = client.delete("/api/missing")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.json()["title"] == "Method Not Allowed"


def test_the_unexpected_is_logged_under_its_incident(client: httpx.Client, tmp_path: Path) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    path = tmp_path / "logs" / "orchestrator.log"
    listener = start_logging(tmp_path / "logs", ["a-known-secret-value"])
    try:
        answer = client.get("/api/broken?ticket=abc")
        logging.getLogger("tunesmith.test").info("token is a-known-secret-value, cookie __Host-tunesmith=xyz")
        # A request is logged when its answer is over, which its client may know first.
        wait_for(lambda: f"{answer.headers['x-request-id']} GET /api/broken 500" in path.read_text())
    finally:
        root.handlers = handlers
        root.setLevel(level)
        listener.stop()
    assert answer.status_code == 500
    problem = answer.json()
    assert SECRET not in answer.text and "RuntimeError" not in answer.text
    text = path.read_text()
    assert f"incident {problem['incident']}: GET '/api/broken'" in text
    assert "RuntimeError: cannot use •••" in text and "in broken" in text
    assert problem["incident"] == answer.headers["x-request-id"]
    for secret in (SECRET, "abcdefghijklmnop", "a-known-secret-value", "xyz", "ticket=abc"):
        assert secret not in text
    assert path.stat().st_mode & 0o777 == 0o600


def test_routes_document_their_problems(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    described = document["paths"]["/api/wanted"]["post"]["responses"]
    assert {"401", "404", "422", "500", "507"} <= set(described)
    assert described["422"]["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert "remedy" in document["components"]["schemas"]["Problem"]["properties"]
