"""`GET /api/events` over a real connection."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
from fastapi import Depends, FastAPI

from tunesmith.domain.deployment import ServingState
from tunesmith.domain.service import Service
from tunesmith.jobs.events import Event, Events, Snapshot
from tunesmith.web import stream
from tunesmith.web.life import after_writes
from tunesmith.web.openapi import describe
from tunesmith.web.problems import install

from .conftest import PATIENCE_SECONDS, Serve, wait_for


def service(name: str) -> Service:
    return Service(name=name, state=ServingState.READY, since=datetime(2026, 1, 1, tzinfo=UTC))


def application(events: Events) -> FastAPI:
    app = FastAPI()
    install(app)
    app.include_router(stream.routes(events))
    describe(app, [Event, Snapshot])
    return app


def frames(port: int, count: int, last: str | None = None) -> list[str]:
    """The first `count` frames; the connection is closed then."""
    headers = {"Last-Event-ID": last} if last else {}
    with httpx.stream("GET", f"http://127.0.0.1:{port}/api/events", headers=headers, timeout=PATIENCE_SECONDS) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        text = ""
        for piece in response.iter_text():
            text += piece
            if text.count("\n\n") >= count:
                break
    return text.split("\n\n")[:count]


def test_a_comment_at_once_then_a_snapshot_and_resuming(serve: Serve) -> None:
    events = Events()
    events.publish("service", service("first"))
    port = serve(application(events))
    comment, snapshot = frames(port, 2)
    assert comment == ": heartbeat"
    fields = dict(line.split(": ", 1) for line in snapshot.split("\n"))
    assert fields["event"] == "snapshot"
    assert [each["name"] for each in json.loads(fields["data"])["services"]] == ["first"]
    for name in ("second", "third"):
        events.publish("service", service(name))
    resumed = frames(port, 3, fields["id"])
    assert ["second" in resumed[1], "third" in resumed[2]] == [True, True]


def test_models_of_events_are_in_the_openapi_document(serve: Serve) -> None:
    port = serve(application(Events()))
    document = httpx.get(f"http://127.0.0.1:{port}/openapi.json").json()
    schemas = document["components"]["schemas"]
    assert {"Event", "Snapshot", "JobEvent", "JobStatus", "Removed", "Problem"} <= set(schemas)
    assert schemas["Event"]["discriminator"]["mapping"]["job"] == "#/components/schemas/JobEvent"
    described = set()

    def look(node: object) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                described.add(node["$ref"].rpartition("/")[2])
            for child in node.values():
                look(child)
        elif isinstance(node, list):
            for child in node:
                look(child)

    look(document)
    assert described <= set(schemas)


def test_a_request_that_may_have_changed_something_is_told_when_it_is_over(serve: Serve) -> None:
    told: list[str] = []
    app = FastAPI(dependencies=[Depends(after_writes(lambda: told.append("told")))])
    app.get("/api/things")(lambda: told.append("read"))
    app.post("/api/things")(lambda: told.append("written"))
    app.post("/v1/chat")(lambda: told.append("asked"))
    app.put("/api/drafts/x")(lambda: told.append("typed"))
    port = serve(app)
    for method, path in (("GET", "/api/things"), ("POST", "/v1/chat"), ("PUT", "/api/drafts/x"), ("POST", "/api/things")):
        assert httpx.request(method, f"http://127.0.0.1:{port}{path}").status_code == 200
    wait_for(lambda: "told" in told)  # that is after the answer
    assert told == ["read", "asked", "typed", "written", "told"]
