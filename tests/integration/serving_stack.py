"""One orchestrator's serving on the real engine and the native runtime, over real HTTP, with releases held in memory."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from tunesmith.domain.artifact import Kind, Lineage
from tunesmith.domain.home import Home
from tunesmith.domain.release import Engine, Piece, Release, Way
from tunesmith.domain.step import Toolbox
from tunesmith.runtimes.endless import free_port
from tunesmith.runtimes.native import NativeRuntime
from tunesmith.serving.attempts import Attempt, Shape
from tunesmith.serving.client import EngineClient, http_client
from tunesmith.serving.engine import Policy
from tunesmith.serving.openai import Door
from tunesmith.serving.routes import openai_routes, routes
from tunesmith.serving.service import Deployments
from tunesmith.serving.supervisor import Supervisor
from tunesmith.settings import Settings

SCRIPTS = Path(__file__).resolve().parents[2] / "backend" / "toolbox"


def toolbox_python() -> Path | None:
    """Python of a llama.cpp toolbox: the one `TUNESMITH_TEST_LLAMA_CPP` names, or the user's; None without one."""
    folder = Path(os.environ.get("TUNESMITH_TEST_LLAMA_CPP") or Settings().cache / "toolboxes" / "llama-cpp")
    python = folder / "bin" / "python"
    return python if python.exists() and any(folder.glob("lib/*/site-packages/xllamacpp")) else None


@dataclass(frozen=True)
class EnginePrograms:
    """The program table of a place that has only an engine."""

    python: Path

    def program(self, toolbox: Toolbox, name: str) -> tuple[str, ...]:
        assert (toolbox, name) == (Toolbox.LLAMA_CPP, "llama-server")
        return str(self.python), self.script(toolbox, "llama_cpp/server.py")

    def script(self, toolbox: Toolbox, relative: str) -> str:
        return str(SCRIPTS / relative)


@dataclass
class Current:
    """Implements `domain.ports.Releases`."""

    home: Home
    by_name: dict[str, Release] = field(default_factory=dict)

    def names(self) -> list[str]:
        return sorted(self.by_name)

    def current(self, name: str) -> Release | None:
        return self.by_name.get(name)

    def all(self, name: str) -> list[Release]:
        return [self.by_name[name]] if name in self.by_name else []

    def switch(self, name: str, number: int, adapter: Path, system: str | None = None) -> None:
        """Release this adapter on the base `tiny`."""
        model = self.home.models / "gguf" / "tiny-f16.gguf"
        self.by_name[name] = Release(
            name=name,
            number=number,
            way=Way.ADAPTER,
            engine=Engine.LLAMA_CPP,
            engine_build="",
            pieces=[self._piece("model", model), self._piece("adapter", adapter)],
            adapter="saves/run",
            base="models/base/tiny",
            template="chatml",
            system=system,
            quantisation="f16",
            parity="",
            parity_verdict="equal",
            job="job",
            made_at=datetime.now(UTC),
        )

    def _piece(self, role: str, path: Path) -> Piece:
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
        return Piece.model_validate({"role": role, "path": self.home.relative(path), "sha256": sha256, "bytes": 1})


def add_sidecar(model: Path, base: str) -> None:
    lineage = Lineage(kind=Kind.GGUF, job="j", step="convert", parents=[f"models/base/{base}"], made_at=datetime.now(UTC))
    model.with_name(model.name + ".tunesmith.json").write_text(lineage.model_dump_json())


@dataclass
class Stack:
    home: Home
    current: Current
    supervisor: Supervisor
    http: httpx.AsyncClient
    """Asks the orchestrator."""
    client: EngineClient

    async def chat(self, model: str, text: str, **more: object) -> httpx.Response:
        body = {"model": model, "messages": [{"role": "user", "content": text}], "temperature": 0, "max_tokens": 12, **more}
        return await self.http.post("/v1/chat/completions", json=body)

    async def say(self, model: str, text: str, **more: object) -> str:
        answer = await self.chat(model, text, **more)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["choices"][0]["message"]["content"])

    async def likeliest(self, model: str, text: str, **more: object) -> dict[str, float]:
        """The likeliest first tokens of an answer with their log-probabilities in nats, for `serving.canary.same`.

        An answer's words may hang on a rounding: a prompt from the cache runs other kernels than a fresh one.
        """
        answer = await self.chat(model, text, max_tokens=1, logprobs=True, top_logprobs=5, **more)
        assert answer.status_code == 200, answer.text
        [place] = answer.json()["choices"][0]["logprobs"]["content"]
        return {each["token"]: each["logprob"] for each in place["top_logprobs"]}

    async def attempt(self, name: str) -> Attempt:
        attempt = self.supervisor.engine(await self.supervisor.route(name)).attempt
        assert attempt is not None
        return attempt


@contextlib.asynccontextmanager
async def stack(
    home: Home, current: Current, python: Path, policy: Policy | None = None, shape: Shape | None = None
) -> AsyncIterator[Stack]:
    """An orchestrator's serving part, from its start to its end, on a port of its own. Engines stay when it ends."""
    runtime = NativeRuntime(EnginePrograms(python), SCRIPTS)
    async with http_client() as for_engines:
        client = EngineClient(for_engines)
        supervisor = Supervisor(home, runtime, current, client, policy, shape)
        door, app = Door(supervisor, client), FastAPI()
        app.include_router(openai_routes(door))
        app.include_router(routes(Deployments(door)))
        port = free_port()
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", access_log=False))
        serving = asyncio.create_task(server.serve())
        await supervisor.start()
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=300, trust_env=False) as http:
                while not server.started:  # noqa: ASYNC110, uvicorn tells it in no other way
                    await asyncio.sleep(0.01)
                yield Stack(home, current, supervisor, http, client)
        finally:
            server.should_exit = True
            await serving
            await supervisor.close()
