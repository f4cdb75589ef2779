"""What deleting something would do, told before it is done."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, computed_field

from tunesmith.domain.errors import Conflict


class Dependant(BaseModel):
    """Something that depends on it."""

    kind: Literal["artifact", "release", "run", "job"]
    name: str
    """By which the API finds it: an artifact's or job's id, a run's name, `<name>/<number>` of a release."""
    why: str
    """In words: "saves/facts was made from it"."""
    blocks: bool = True
    """It has to go first. Else it only loses where it came from."""


class Deletion(BaseModel):
    """Nothing was touched yet."""

    what: str
    """Its path relative to home, or the served name."""
    bytes: int
    """That would be free on the disk."""
    files: list[str] = []
    """What would go, relative to home."""
    stops: list[str] = []
    """Served names that would stop."""
    dependants: list[Dependant] = []

    @computed_field(description="Nothing that depends on it keeps it from being deleted.")  # type: ignore[prop-decorator]
    @property  # as pydantic documents it; mypy knows no decorator above a property
    def possible(self) -> bool:
        return not any(dependant.blocks for dependant in self.dependants)

    def check(self) -> None:
        """`Conflict` with what has to go first."""
        reasons = [dependant.why for dependant in self.dependants if dependant.blocks]
        if reasons:
            more = f"; and {len(reasons) - 5} more" if len(reasons) > 5 else ""
            raise Conflict(f"{self.what} is in use", "; ".join(reasons[:5]) + more + ".", "Delete or end those first.")
