"""The page of the API: every operation is on it, nothing on it runs or comes from elsewhere."""

from __future__ import annotations

import re

import httpx
from fastapi import FastAPI

from tunesmith.jobs.events import Events
from tunesmith.web import docs, stream
from tunesmith.web.openapi import describe

from .conftest import Serve


def test_the_page_needs_no_internet_and_no_script(serve: Serve) -> None:
    app = FastAPI(title="A <b>", docs_url=None, redoc_url=None)
    app.include_router(stream.routes(Events()))
    app.include_router(docs.routes(app))
    describe(app, [])
    answer = httpx.get(f"http://127.0.0.1:{serve(app)}/docs")
    assert answer.status_code == 200
    assert "<code>/api/events</code>" in answer.text and 'id="Problem"' in answer.text
    assert "<h1>A &lt;b&gt; API" in answer.text
    assert not re.search(r"<script|https?://|src=", answer.text)
    assert "/docs" not in app.openapi()["paths"]
