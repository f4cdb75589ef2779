"""What is asked of an import, what is found in easy-dataset, and what is told of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AliasPath, BaseModel, ConfigDict, Field

from tunesmith.domain.dataset import Dataset, Format
from tunesmith.domain.name import Name

ProjectId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="Project id, as in the tool's address.")]
"""A nanoid: it may begin with `-` or `_`, and is nothing but a part of a URL here."""
System = Annotated[str, Field(max_length=20_000, description="System prompt put before rows that have none.")]


class Content(StrEnum):
    """Which of a project's three kinds of rows."""

    ROWS = "rows"
    CONVERSATIONS = "conversations"
    EVALUATION = "evaluation"


class Project(BaseModel):
    """A project of easy-dataset, with how much is in it."""

    model_config = ConfigDict(extra="ignore")

    id: ProjectId
    name: str
    description: str | None = None
    rows: Annotated[int, Field(validation_alias=AliasPath("_count", "Datasets"))] = 0
    questions: Annotated[int, Field(validation_alias=AliasPath("_count", "Questions"))] = 0
    evaluation: Annotated[int, Field(validation_alias=AliasPath("_count", "EvalDatasets"))] = 0


class Choice(BaseModel):
    """How rows are taken over."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[Name | None, Field(description="Name of the data set; by default made from the project's or file's.")] = None
    format: Annotated[
        Literal[Format.ALPACA, Format.MESSAGES] | None, Field(description="By default what the rows are nearest to.")
    ] = None
    reasoning: Annotated[bool, Field(description="Write reasoning into the answer as <think>…</think>, as the tool does.")] = True
    system: System = ""


class EasyImport(Choice):
    """Rows of one project, read by the tool's API."""

    project: ProjectId
    content: Content = Content.ROWS
    confirmed: Annotated[bool, Field(description="Only rows that were confirmed in the tool.")] = False


class Note(BaseModel):
    """One row, and what is to be said of it."""

    number: int
    """Which row it was, from 1, in the order in which they were read."""
    row: str
    """Its id, or its place in the file."""
    question: str = ""
    """The beginning of its question."""
    reason: str


class Report(BaseModel):
    """What an import takes over, and what it can't."""

    dataset: Dataset | None = None
    """None in a preview."""
    name: str
    format: Format
    total: int
    """Rows that were found. total = taken + left_out_count."""
    taken: int
    confirmed: int | None = None
    """How many of those taken are confirmed; None where the source doesn't say."""
    reasoning: int = 0
    """How many of those taken have reasoning."""
    duplicates: int = 0
    """Rows whose question was there before. They are taken over: several answers to one question are legitimate."""
    left_out: list[Note] = []
    """The first 100 rows that aren't in the data set; all are in its provenance file."""
    left_out_count: int = 0
    remarks: list[Note] = []
    """The first 100 rows that are taken over, but not quite as one might expect."""
    remarks_count: int = 0
    link: str | None = None
    """The project's page in easy-dataset."""
    version: str | None = None
    """Of easy-dataset, when it tells."""
    first: list[dict[str, Any]] = []
    """The first rows as they are written."""
