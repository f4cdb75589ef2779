"""What a viewer of a log gets, as typed records and as SSE frames."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel


class LogPlace(BaseModel):
    """A cursor: byte `byte` of the log of an attempt. As text, and as SSE id: `01-merge/1/5120`."""

    step: str
    attempt: int
    byte: int


class LogText(BaseModel):
    """The bytes from `offset` to `end` of an attempt's log, as text: what isn't UTF-8 shows as U+FFFD."""

    kind: Literal["log"] = "log"
    step: str
    attempt: int
    offset: int
    end: int
    text: str


class Stretch(BaseModel):
    """What was left out. `bytes`: from and to, counted over the logs of all attempts one after the other, as `GET …/log` does."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    begin: LogPlace = Field(alias="from")
    to: LogPlace
    bytes: tuple[int, int]


class LogGap(BaseModel):
    kind: Literal["gap"] = "gap"
    gap: Stretch


class LogTruncated(BaseModel):
    """The file became shorter than what was shown of it; what follows begins at its start."""

    kind: Literal["truncated"] = "truncated"
    step: str
    attempt: int


class LogEnd(BaseModel):
    """The job is final and all was sent. Don't reconnect."""

    kind: Literal["end"] = "end"


class LogEvent(RootModel[Annotated[LogText | LogGap | LogTruncated | LogEnd, Field(discriminator="kind")]]):
    """The data of one event of `GET …/log/stream`; the SSE `event` field repeats its kind."""


def sse(event: BaseModel, identity: str) -> bytes:
    """`event` as one SSE frame; its `kind` is the SSE event's name."""
    kind = str(event.kind)  # type: ignore[attr-defined]
    return f"id: {identity}\nevent: {kind}\ndata: {event.model_dump_json(by_alias=True)}\n\n".encode()
