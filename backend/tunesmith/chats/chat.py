"""A chat of the dashboard: what was asked, and what each pane answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

ID = r"^[a-z0-9]{8,40}$"
Text = Annotated[str, Field(max_length=1_000_000)]
Name = Annotated[str, Field(max_length=300)]


class _Kept(BaseModel):
    """What no field stands for is left out, so that a newer page can write to an older server."""

    model_config = ConfigDict(allow_inf_nan=False)


class Parameters(_Kept):
    """As they were sent; None: left to the engine."""

    temperature: float | None = None
    top_p: float | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    max_tokens: int | None = None
    seed: int | None = None


class Pane(_Kept):
    """A served name that answers, and the release that it stood for."""

    model: Name
    release: int | None = None


class Answer(_Kept):
    pane: int = Field(ge=0, le=7, description="Place of its pane in `panes`, from 0.")
    text: Text
    thinking: Text | None = None
    """What a model wrote before its answer, where the engine tells it apart."""
    seconds: float | None = None
    first_token_ms: float | None = None
    tokens: int | None = None
    tokens_per_second: float | None = None
    finish: Name | None = None
    """Why it ended, as the engine says: stop, length, …"""
    rating: Literal["up", "down"] | None = None
    error: Text | None = None


class Turn(_Kept):
    prompt: Text
    answers: list[Answer] = Field([], max_length=8)


class ChatContent(_Kept):
    """What the page writes. Id and times are ours to say."""

    title: Name = ""
    system: Text | None = None
    parameters: Parameters = Parameters()
    panes: list[Pane] = Field([], max_length=8)
    turns: list[Turn] = Field([], max_length=2000)


class Chat(ChatContent):
    id: str
    created_at: datetime
    updated_at: datetime


class ChatSummary(BaseModel):
    """A chat as a list shows it."""

    id: str
    title: str
    models: list[str]
    updated_at: datetime
    messages: int
    """Prompts and answers together."""
