"""Parity reports: what `toolbox/parity` found, chat by chat, as a person can follow it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from tunesmith.domain.errors import NotFound
from tunesmith.domain.home import Home
from tunesmith.domain.release import Release


class Difference(BaseModel):
    """The first token that differs, with up to eight before it and from it on. Pieces are None for ids that the model hasn't."""

    index: int
    """Place of the token in the chat, from 0."""
    from_index: int = 0
    """Place of the first token that is shown."""
    trainer_ids: list[int]
    served_ids: list[int]
    trainer_pieces: list[str | None] = []
    served_pieces: list[str | None] = []
    trainer_text: str
    """The text around the first place where the two texts differ."""
    served_text: str
    same_text: bool
    """Both sides rendered the same text, and only split it otherwise."""


class ComparedChat(BaseModel):
    """One chat of the corpus on both sides."""

    name: str
    equal: bool
    accepted: bool
    """Also when it differs only in whether the text of a special token inside a message counts as that token."""
    trainer_tokens: int
    served_tokens: int
    trainer_text: str = ""
    """What training gave the model."""
    served_text: str | None = None
    """What the engine gives it; None: the same text."""
    first_difference: Difference | None = None
    error: str = ""
    """Why the engine refused the chat, if it did."""


class LengthCall(BaseModel):
    """A real call: the prompt that was evaluated has to be as long as the one that was compared."""

    name: str
    expected_tokens: int
    prompt_tokens: int
    equal: bool


class Round(BaseModel):
    """All chats with one template: the engine's own first, then others until one passes."""

    template: str
    chats: list[ComparedChat]
    prompt_length_calls: list[LengthCall] = []


class Leak(BaseModel):
    """An answer that wasn't its own model's."""

    model: str
    question: str
    answer: str
    wanted: str


class CanaryQuestion(BaseModel):
    question: str
    base: str
    tuned: str


class Canary(BaseModel):
    """Whether the engine keeps base and tuned model apart, request by request."""

    verdict: Literal["apart", "mixed"]
    leaks: list[Leak] = []
    changes_answers: bool
    warning: str = ""
    questions: list[CanaryQuestion] = []


class SystemPrompt(BaseModel):
    """Whether a chat without a system message gets the release's exactly as if it had brought it along."""

    equal: bool
    by_itself: str
    brought_along: str


class EngineBuild(BaseModel):
    name: str
    build: str | None = None


class ParityReport(BaseModel):
    """Whether what is served is what was trained. The last of `rounds` decides; one before it shows what was mended."""

    verdict: Literal["equal", "mended", "blocked"]
    sentence: str = ""
    engine: EngineBuild
    trained_template: str | None = None
    rounds: list[Round]
    canary: Canary | None = None
    system_prompt: SystemPrompt | None = None
    proved_at: datetime | None = None
    """When the chats were compared, if that was for an earlier adapter on the same model file, engine and rendering. The canary
    is this one's own."""
    template_file: str | None = None
    """On Ollama: which of the rendering's templates passed."""


class ParityReports:
    """Blocking. A job's report lies in its folder, where a release's record keeps a copy of its own."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def of_job(self, job_id: str) -> ParityReport:
        """`NotFound` while there is none. The id must be that of a job that exists."""
        return _read(
            self._home.jobs / job_id / "parity.json",
            f"The job {job_id} has no parity report",
            "Only releases are compared, in their step `parity`.",
            "Wait for that step; when it failed without a report, its log says why.",
        )

    def of_release(self, release: Release) -> ParityReport:
        """`NotFound` when its report was deleted."""
        title, remedy = f"Release {release.number} of {release.name!r} has no parity report", "Release the adapter again."
        path = self._home.root / release.parity
        if not release.parity or not path.resolve().is_relative_to(self._home.served.resolve()):
            raise NotFound(title, "Its record names none in models/served.", remedy)
        return _read(path, title, f"There is nothing at {release.parity}.", remedy)


def _read(path: Path, title: str, absent: str, remedy: str) -> ParityReport:
    try:
        return ParityReport.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise NotFound(title, f"{path} can't be read: {error.errors()[0]['msg']}.", remedy) from error
    except OSError as error:
        raise NotFound(title, absent, remedy) from error
