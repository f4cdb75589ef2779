"""What no route says by itself: the problems that any of them may answer, and the records of streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from tunesmith.web.problems import EVERYWHERE, MEDIA_TYPE, WRITING, Answers, Problem

REFERENCE = "#/components/schemas/{model}"
FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")
"""How FastAPI says that a value is wrong, where nobody replaces it. We do."""

PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": REFERENCE.format(model="Problem")}}}


def describe(app: FastAPI, models: Sequence[type[BaseModel]]) -> None:
    """Add what every operation may answer, `Problem` and `models`; what a route has described already stays."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = made()
            for method, operation in (each for path in document["paths"].values() for each in path.items()):
                _add_problems(operation["responses"], WRITING if method != "get" else EVERYWHERE)
            everything: list[type[BaseModel]] = [Problem, *models]
            _, definitions = models_json_schema([(each, "serialization") for each in everything], ref_template=REFERENCE)
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for name, schema in definitions["$defs"].items():
                schemas.setdefault(name, schema)
            for name in FRAMEWORKS_OWN:
                schemas.pop(name, None)
        assert app.openapi_schema is not None
        return app.openapi_schema

    # FastAPI's documented way of extending the document is to replace this method on the instance.
    app.openapi = openapi  # type: ignore[method-assign]


def _add_problems(responses: dict[str, Any], problems: Answers) -> None:
    for status, problem in problems.items():
        said = responses.get(str(status), {})
        own = {} if FRAMEWORKS_OWN[0] in str(said) else said.get("content", {})
        # Beside a page, or another API's form of error: the entrance, which stands before the route, answers problems.
        responses[str(status)] = {**problem, **said, "content": {**own, **PROBLEM}}
    for status, said in responses.items():
        if MEDIA_TYPE in said.get("content", {}):
            responses[status] = {**said, "content": {**said["content"], **PROBLEM}}
