"""Models that no route returns as JSON, but that clients need typed: problems, and the records of streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from tunesmith.web.problems import Problem

REFERENCE = "#/components/schemas/{model}"


def describe(app: FastAPI, models: Sequence[type[BaseModel]]) -> None:
    """Add `Problem` and `models` to the components of the OpenAPI document; what a route has described already stays."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = made()
            everything: list[type[BaseModel]] = [Problem, *models]
            _, definitions = models_json_schema([(each, "serialization") for each in everything], ref_template=REFERENCE)
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for name, schema in definitions["$defs"].items():
                schemas.setdefault(name, schema)
        assert app.openapi_schema is not None
        return app.openapi_schema

    # FastAPI's documented way of extending the document is to replace this method on the instance.
    app.openapi = openapi  # type: ignore[method-assign]
