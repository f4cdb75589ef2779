"""Chats on disk: `.tunesmith/chats/<id>.json`. What a list shows of them is read again only when they change."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from tunesmith.chats.chat import Chat, ChatContent, ChatSummary
from tunesmith.domain.errors import NotFound
from tunesmith.runtimes.memo import Memo
from tunesmith.runtimes.wrapper import write_whole
from tunesmith.web.errors import TooLarge

LARGEST = 2_000_000
"""Bytes of one as it is stored."""
MOST = 1000
SEARCHED = 4000
"""Characters of a chat's prompts in which a list searches."""


@dataclass(frozen=True, slots=True)
class _Listed:
    summary: ChatSummary
    text: str
    """Title, models and prompts, folded for a search without regard to case."""


class Chats:
    """Blocking. Beyond the 1,000 newest the oldest go."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._memo: Memo[_Listed | None] = Memo()
        self._lock = threading.Lock()

    def all(self, text: str = "", limit: int = 200) -> list[ChatSummary]:
        """Newest first; `text` is looked for in title, models and prompts."""
        wanted = text.strip().casefold()
        found = [listed.summary for listed in self._listed() if wanted in listed.text]
        return sorted(found, key=lambda chat: (chat.updated_at, chat.id), reverse=True)[:limit]

    def get(self, chat_id: str) -> Chat:
        try:
            return Chat.model_validate_json(self._path(chat_id).read_bytes())
        except FileNotFoundError as error:
            raise NotFound(f"There is no chat {chat_id!r}", "", "GET /api/chats lists those there are.") from error
        except ValidationError as error:
            detail = f"{self._path(chat_id)}: {error.errors()[0]['msg']}."
            raise NotFound(f"The chat {chat_id!r} can't be read", detail, "Delete it.") from error

    def put(self, chat_id: str, content: ChatContent) -> Chat:
        now = datetime.now(UTC)
        chat = Chat(**dict(content), id=chat_id, created_at=self._created_at(chat_id) or now, updated_at=now)
        raw = chat.model_dump_json().encode()
        if len(raw) > LARGEST:
            raise TooLarge("The chat is too long", f"It has {len(raw):,} bytes of {LARGEST:,}.", "Begin a new one.")
        self._folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._path(chat_id), raw)
        for old in self.all(limit=10**9)[MOST:]:
            self.delete(old.id)
        return chat

    def delete(self, chat_id: str) -> None:
        """Nothing happens when there is none."""
        self._path(chat_id).unlink(missing_ok=True)

    def _created_at(self, chat_id: str) -> datetime | None:
        try:
            return self.get(chat_id).created_at
        except NotFound:
            return None

    def _listed(self) -> list[_Listed]:
        with self._lock:
            self._memo.begin()
            found = [self._read(path) for path in self._folder.glob("*.json") if path.stem.isalnum()]
            self._memo.end()
        return [listed for listed in found if listed]

    def _read(self, path: Path) -> _Listed | None:
        def read() -> _Listed | None:
            try:
                return _listed(Chat.model_validate_json(path.read_bytes()))
            except (OSError, ValidationError):
                return None

        return self._memo.recall(str(path), lambda: (str(path),), read)

    def _path(self, chat_id: str) -> Path:
        return self._folder / f"{chat_id}.json"


def _listed(chat: Chat) -> _Listed:
    models = list(dict.fromkeys(pane.model for pane in chat.panes))
    prompts = "\n".join(turn.prompt for turn in chat.turns)[:SEARCHED]
    messages = sum(1 + len(turn.answers) for turn in chat.turns)
    summary = ChatSummary(id=chat.id, title=chat.title, models=models, updated_at=chat.updated_at, messages=messages)
    return _Listed(summary, "\n".join([chat.title, *models, prompts]).casefold())
