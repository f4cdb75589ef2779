"""The history of chats: kept, searched, and bounded."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tunesmith.chats import store
from tunesmith.chats.chat import ChatContent, Turn
from tunesmith.chats.routes import routes
from tunesmith.chats.store import LARGEST, Chats
from tunesmith.web import problems


def content(title: str = "Owls", prompt: str = "Who?") -> dict[str, Any]:
    answers = [
        {
            "pane": 0,
            "text": "Nobody.",
            "seconds": 1.5,
            "first_token_ms": 80,
            "tokens": 3,
            "tokens_per_second": 2,
            "finish": "stop",
        },
        {"pane": 1, "text": "An owl <b>🦉", "rating": "up"},
    ]
    return {
        "title": title,
        "system": None,
        "parameters": {"temperature": 0.7, "seed": 1},
        "panes": [{"model": "smol", "release": None}, {"model": "facts", "release": 3}],
        "turns": [{"prompt": prompt, "answers": answers}],
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "chats"


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problems.install(app)
    app.include_router(routes(Chats(folder)))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_chat_comes_back_with_our_times_and_goes_on(folder: Path, client: httpx.AsyncClient) -> None:
    first = (await client.put("/api/chats/abcdefgh1", json=content())).raise_for_status().json()
    kept = (await client.get("/api/chats/abcdefgh1")).json()
    assert kept == first and kept["turns"][0]["answers"][1]["text"] == "An owl <b>🦉"
    later = kept | {"title": "Owls again", "id": "x", "created_at": "1999-01-01T00:00:00Z", "something": "new"}
    again = (await client.put("/api/chats/abcdefgh1", json=later)).raise_for_status().json()
    assert (again["id"], again["created_at"], again["title"]) == ("abcdefgh1", first["created_at"], "Owls again")
    assert again["updated_at"] > first["updated_at"]
    assert names(folder) == ["abcdefgh1.json"]
    for _ in range(2):
        assert (await client.delete("/api/chats/abcdefgh1")).status_code == 204
    assert (await client.get("/api/chats/abcdefgh1")).status_code == 404


async def test_the_list_is_newest_first_and_searched(folder: Path, client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/chats")).json() == []
    for number, (title, prompt) in enumerate([("Owls", "Who?"), ("STRASSE", "Where?"), ("Third", "An owl, whose?")]):
        await client.put(f"/api/chats/chat000{number}", json=content(title, prompt))
    listed = (await client.get("/api/chats")).json()
    assert [chat["title"] for chat in listed] == ["Third", "STRASSE", "Owls"]
    assert (listed[0]["models"], listed[0]["messages"]) == (["smol", "facts"], 3)
    for query, titles in {
        "OWL": ["Third", "Owls"],
        " straße": ["STRASSE"],
        "facts": ["Third", "STRASSE", "Owls"],
        "no": [],
    }.items():
        found = (await client.get("/api/chats", params={"q": query})).json()
        assert [chat["title"] for chat in found] == titles
    assert len((await client.get("/api/chats", params={"limit": 1})).json()) == 1
    (folder / "broken00.json").write_text("{")
    assert len((await client.get("/api/chats")).json()) == 3
    assert (await client.get("/api/chats/broken00")).status_code == 404
    await client.put("/api/chats/chat0001", json=content("Renamed"))
    assert (await client.get("/api/chats")).json()[0]["title"] == "Renamed"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"turns": [{"prompt": "x", "answers": [{"pane": 0, "text": "y", "rating": "so-so"}]}]}, 422),
        ({"turns": [{"prompt": 3}]}, 422),
        ({"panes": [{"model": "m"}] * 9}, 422),
        ({"title": "x" * 301}, 422),
        ({"turns": [{"prompt": "x" * 999_999}] * 3}, 413),
    ],
)
async def test_what_is_no_chat_is_refused(folder: Path, client: httpx.AsyncClient, change: dict[str, Any], status: int) -> None:
    assert (await client.put("/api/chats/abcdefgh1", json=content() | change)).status_code == status
    assert (await client.get("/api/chats")).json() == []


@pytest.mark.parametrize("chat_id", ["short", "UPPERCASE1", "a" * 41, "..%2f..%2ftoken", "abcdefgh%0a", "abc-defgh"])
async def test_ids_that_are_none(client: httpx.AsyncClient, chat_id: str) -> None:
    assert (await client.put(f"/api/chats/{chat_id}", json=content())).status_code in (404, 405, 422)


def test_of_too_many_the_oldest_go(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST", 3)
    chats = Chats(folder)
    for number in (0, 1, 2, 0, 3):
        chats.put(f"chat000{number}", ChatContent(turns=[Turn(prompt="x")]))
    assert [chat.id for chat in chats.all()] == ["chat0003", "chat0000", "chat0002"]


def test_a_thousand_chats_are_read_once(folder: Path) -> None:
    chats = Chats(folder)
    chat = chats.put("chat0000", ChatContent(title="x"))
    raw = json.loads(chat.model_dump_json())
    for number in range(1, 1000):
        (folder / f"chat{number:04}.json").write_text(json.dumps(raw | {"id": f"chat{number:04}"}))
    assert len(chats.all(limit=1000)) == 1000
    assert LARGEST == 2_000_000
