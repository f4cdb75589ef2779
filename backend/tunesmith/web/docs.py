"""`/docs`: the OpenAPI document as one page without scripts. FastAPI's own loads its scripts from a CDN, which a box without
internet, and our Content-Security-Policy, don't allow. For an application made with `docs_url=None, redoc_url=None`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse

METHODS = ("get", "post", "put", "patch", "delete")
STYLE = """
:root { color-scheme: light dark }
body { max-width: 960px; margin: 24px auto; padding: 0 16px; font: 15px/1.5 system-ui, sans-serif }
h2 { margin-top: 32px } code, pre { font-family: ui-monospace, monospace; font-size: 13px } pre { overflow-x: auto }
details { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 4px; margin: 4px 0; padding: 8px }
summary { cursor: pointer } summary b { display: inline-block; min-width: 64px } details details { margin-left: 16px }
"""


def routes(app: FastAPI) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/docs", response_class=HTMLResponse)
    def docs() -> str:
        return page(app.openapi())

    return router


def page(document: dict[str, Any]) -> str:
    """HTML of an OpenAPI 3.1 document: operations by tag, then the schemas that they name."""
    info = document["info"]
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(info["title"])} API</title><style>{STYLE}</style></head>
<body>
<h1>{escape(info["title"])} API {escape(info["version"])}</h1>
<p>{escape(info.get("description", ""))} For programs: <a href="/openapi.json">openapi.json</a>.</p>
{"".join(_tags(document))}
<h2 id="schemas">Schemas</h2>
{"".join(_folded(f'<span id="{escape(name)}">{escape(name)}</span>', schema) for name, schema in sorted(_schemas(document)))}
</body>
</html>
"""


def _tags(document: dict[str, Any]) -> Iterator[str]:
    by_tag: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if operation := item.get(method):
                by_tag.setdefault((operation.get("tags") or ["other"])[0], []).append(_operation(method, path, operation))
    for tag, operations in sorted(by_tag.items()):
        yield f"<h2>{escape(tag)}</h2>\n{''.join(operations)}"


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [f"<p>{escape(operation.get('description') or operation.get('summary', ''))}</p>"]
    parts += [_folded("Parameters", operation["parameters"])] if operation.get("parameters") else []
    parts += [_folded("Body", operation["requestBody"]["content"])] if operation.get("requestBody") else []
    parts += [_folded(f"Answer {status}", answer) for status, answer in operation.get("responses", {}).items()]
    title = f"<b>{method.upper()}</b> <code>{escape(path)}</code> {escape(operation.get('summary', ''))}"
    return f"<details><summary>{title}</summary>{''.join(parts)}</details>\n"


def _folded(title: str, node: object) -> str:
    return f"<details><summary>{title}</summary><pre>{escape(json.dumps(node, indent=2, ensure_ascii=False))}</pre></details>\n"


def _schemas(document: dict[str, Any]) -> list[tuple[str, object]]:
    return list(document.get("components", {}).get("schemas", {}).items())
