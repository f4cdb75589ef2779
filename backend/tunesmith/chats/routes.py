"""HTTP of the chat page's history."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query

from tunesmith.chats.chat import ID, Chat, ChatContent, ChatSummary
from tunesmith.chats.store import MOST, Chats
from tunesmith.web.problems import answers

Id = Annotated[str, Path(pattern=ID, description="Made by the page.")]


def routes(chats: Chats) -> APIRouter:
    router = APIRouter(prefix="/api/chats", tags=["chats"])

    @router.get("", summary="Kept chats, newest first")
    async def list_chats(
        q: Annotated[str, Query(max_length=200, description="Text in title, models or prompts.")] = "",
        limit: Annotated[int, Query(ge=1, le=MOST)] = 200,
    ) -> list[ChatSummary]:
        return await asyncio.to_thread(chats.all, q, limit)

    @router.get("/{chat_id}", summary="One chat", responses=answers(404))
    async def show_chat(chat_id: Id) -> Chat:
        return await asyncio.to_thread(chats.get, chat_id)

    @router.put("/{chat_id}", summary="Keep a chat, in the place of what was kept before", responses=answers(413))
    async def keep_chat(chat_id: Id, content: ChatContent) -> Chat:
        """At most 2 MB. Of more than 1,000 chats the oldest go."""
        return await asyncio.to_thread(chats.put, chat_id, content)

    @router.delete("/{chat_id}", status_code=204, summary="Delete a chat; also when there is none")
    async def delete_chat(chat_id: Id) -> None:
        await asyncio.to_thread(chats.delete, chat_id)

    return router
