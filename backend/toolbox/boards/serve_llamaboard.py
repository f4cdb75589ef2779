"""LlamaBoard (LLaMA-Factory 0.9.5) with a look at who asks: it has no login, and what it starts runs as this user.

    serve_llamaboard.py --port PORT --state DIR

It works where it is started, so that what is made in its page lies in saves/; `DIR` is for its own settings and choices.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import gradio
import uvicorn
from fastapi import FastAPI
from visitors import refusal


class Guarded:
    """Pure ASGI: streams pass it untouched."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
            why = refusal(headers.get(b"host"), headers.get(b"origin"))
            if why is not None:
                kind = [(b"content-type", b"text/plain; charset=utf-8")]
                await send({"type": "http.response.start", "status": 403, "headers": kind})
                await send({"type": "http.response.body", "body": why.encode()})
                return
        elif scope["type"] == "websocket":
            return  # it has none
        await self.app(scope, receive, send)


def page(state: Path) -> FastAPI:
    from llamafactory.webui import common

    # Its other modules take these from here when they are loaded, so they come after.
    common.DEFAULT_CACHE_DIR = str(state / "llamaboard_cache")
    common.DEFAULT_CONFIG_DIR = str(state / "llamaboard_config")
    from llamafactory.webui.interface import create_ui

    app: FastAPI = gradio.mount_gradio_app(
        FastAPI(docs_url=None, redoc_url=None, openapi_url=None), create_ui().queue(), path="/"
    )
    return app


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    options = parser.parse_args()
    options.state.mkdir(parents=True, exist_ok=True)
    # Gradio asks itself, which no proxy of the environment may stand in the way of.
    os.environ["no_proxy"] = ",".join(filter(None, (os.environ.get("no_proxy"), "localhost", "127.0.0.1")))
    uvicorn.run(Guarded(page(options.state)), host="127.0.0.1", port=options.port, log_level="info", access_log=False)


if __name__ == "__main__":
    main()
