"""What the doctor says: one finding a check."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    ERROR = "error"


class Action(BaseModel):
    """A call of the API that carries the remedy out."""

    method: str
    path: str
    label: str


class Finding(BaseModel):
    id: str
    level: Level
    title: str
    detail: str = ""
    remedy: str = ""
    action: Action | None = None


def ok(name: str, title: str, detail: str = "") -> Finding:
    return Finding(id=name, level=Level.OK, title=title, detail=detail)


def warn(name: str, title: str, detail: str, remedy: str, action: Action | None = None) -> Finding:
    return Finding(id=name, level=Level.WARN, title=title, detail=detail, remedy=remedy, action=action)


def error(name: str, title: str, detail: str, remedy: str, action: Action | None = None) -> Finding:
    return Finding(id=name, level=Level.ERROR, title=title, detail=detail, remedy=remedy, action=action)
