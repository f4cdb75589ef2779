"""Data sets: rows, their format, and what is wrong with the lines that can't be used."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel


class Format(StrEnum):
    MESSAGES = "messages"
    """`{"messages": [{"role", "content"}, …]}`"""
    ALPACA = "alpaca"
    """`{"instruction", "input"?, "output", "system"?}`"""
    PROMPT_COMPLETION = "prompt-completion"
    """`{"prompt", "completion"}`"""


class BadLine(BaseModel):
    line: int
    """From 1."""
    reason: str


class Dataset(BaseModel):
    name: str
    path: str
    """Relative to home."""
    format: Format
    rows: int
    bytes: int
    sha256: str
    bad: list[BadLine] = []
    """The first 100 bad lines."""
    bad_count: int = 0
    source: str | None = None
    link: str | None = None
    """The page of the tool that its rows were imported from."""
    made_outside: bool = False
    """Registered in `dataset_info.json` by hand or by another tool."""
    problems: list[str] = []
    """Why it can't be used, if so (its file is gone)."""
