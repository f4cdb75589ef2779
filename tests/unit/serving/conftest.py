from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tunesmith.domain.artifact import Kind, Lineage
from tunesmith.domain.home import Home
from tunesmith.domain.release import Engine, Piece, Release, Way
from tunesmith.serving.client import EngineClient, http_client
from tunesmith.serving.engine import Policy
from tunesmith.serving.openai import Door
from tunesmith.serving.supervisor import Supervisor

from .fake_engine import FakePlace

Make = Callable[..., Release]


def make_release(name: str, number: int = 1, *, system: str | None = None, template: str = "", merged: str = "") -> Release:
    """A release by the adapter way on `smol`, or of the merged model `merged`. `template` is the hash of its template."""
    model = Piece(role="model", path=f"models/gguf/{merged or 'smol-f16'}.gguf", sha256=merged or "m", bytes=1)
    pieces = [model]
    if not merged:
        pieces.append(Piece(role="adapter", path=f"models/adapters/{name}-{number}.gguf", sha256=f"{name}{number}", bytes=1))
    if template:
        pieces.append(Piece(role="template", path=f"models/served/{name}/{number}.jinja", sha256=template, bytes=1))
    return Release(
        name=name,
        number=number,
        way=Way.MERGE if merged else Way.ADAPTER,
        engine=Engine.LLAMA_CPP,
        engine_build="b1",
        pieces=pieces,
        adapter="saves/run",
        base="models/base/smol",
        template="chatml",
        system=system,
        quantisation="f16",
        parity="parity.json",
        parity_verdict="equal",
        job="job-1",
        made_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


@dataclass
class Files:
    """The releases that are current, by name."""

    by_name: dict[str, Release] = field(default_factory=dict)

    def switch(self, release: Release) -> None:
        self.by_name[release.name] = release

    def names(self) -> list[str]:
        return sorted(self.by_name)

    def current(self, name: str) -> Release | None:
        return self.by_name.get(name)

    def all(self, name: str) -> list[Release]:
        return [self.by_name[name]] if name in self.by_name else []


@dataclass
class Serving:
    """Everything of one orchestrator, on a fake place; `again` is the next orchestrator on the same home."""

    home: Home
    place: FakePlace
    files: Files
    client: EngineClient
    policy: Policy

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(self.home, self.place, self.files, self.client, self.policy)
        self.door = Door(self.supervisor, self.client)

    def again(self) -> Serving:
        return Serving(self.home, self.place, self.files, self.client, self.policy)


def add_base(home: Home, name: str, parent: str | None = None, file: str = "") -> Path:
    """A converted base with its sidecar."""
    model = home.models / "gguf" / f"{file or f'{name}-f16'}.gguf"
    model.parent.mkdir(parents=True, exist_ok=True)
    model.write_bytes(b"GGUF")
    parents = [parent or f"models/base/{name}"]
    lineage = Lineage(kind=Kind.GGUF, job="j", step="convert", parents=parents, made_at=datetime(2026, 1, 1, tzinfo=UTC))
    model.with_name(model.name + ".tunesmith.json").write_text(lineage.model_dump_json())
    return model


@pytest.fixture
async def serving(tmp_path: Path) -> AsyncIterator[Serving]:
    home = Home(tmp_path)
    add_base(home, "smol")
    quick = Policy(backoff=(0.01,), quick_failures=3, poll=0.01, health=0.05, patience=60, grace=0)
    async with http_client() as http:
        serving = Serving(home, FakePlace(), Files(), EngineClient(http), quick)
        serving.files.switch(make_release("facts", system="Be brief."))
        await serving.supervisor.start()
        yield serving
        await serving.supervisor.stop_all()
        await serving.supervisor.close()
