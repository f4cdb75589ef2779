"""What a user asks for, and what comes back before anything runs."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tunesmith.domain.errors import InvalidInput, NotEnough, PlaceMissing, Refused, TunesmithError
from tunesmith.domain.name import Name
from tunesmith.domain.release import Engine, Way
from tunesmith.domain.step import Estimate, Step


class ReleaseRequest(BaseModel):
    """A release to be made. What is left out comes from the run's own record."""

    model_config = ConfigDict(extra="forbid")

    adapter: Annotated[str, Field(min_length=1, max_length=1000, description="Id or name of a trained adapter.")]
    name: Annotated[Name, Field(description="The name it will be served under.")]
    base: Annotated[str | None, Field(min_length=1, max_length=1000, description="Id or name of the base model.")] = None
    template: Annotated[str | None, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$", description="LLaMA-Factory template.")] = None
    quantisation: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{2,10}$", description="f16, q8_0, q4_k_m, …")] = "f16"
    way: Annotated[Way | None, Field(description="adapter or merge; by default what the engine can load.")] = None
    system: Annotated[str | None, Field(max_length=20_000, description="System prompt used when a chat has none.")] = None
    engine: Engine = Engine.LLAMA_CPP


class Refusal(BaseModel):
    """A reason against a plan, found before anything starts."""

    reason: str
    remedy: str
    status: int = 422
    """The HTTP status with which starting it would be refused."""

    def error(self) -> TunesmithError:
        kinds = {kind.status: kind for kind in (Refused, NotEnough, PlaceMissing)}
        return kinds.get(self.status, InvalidInput)(self.reason, "", self.remedy)


class Plan(BaseModel):
    """What a release would run."""

    way: Way
    adapter: str
    base: str
    template: str
    quantisation: str
    steps: list[Step]
    estimate: Estimate
    refusals: list[Refusal]
    warnings: list[str]
