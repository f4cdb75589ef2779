"""Where things lie under a home (`TUNESMITH_HOME`). Pure path arithmetic; nothing is read or made here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """One home. `saves`, `models` and `data` are the user's; `.tunesmith` is ours."""

    root: Path

    @property
    def saves(self) -> Path:
        return self.root / "saves"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def ours(self) -> Path:
        return self.root / ".tunesmith"

    @property
    def jobs(self) -> Path:
        return self.ours / "jobs"

    @property
    def services(self) -> Path:
        return self.ours / "services"

    @property
    def served(self) -> Path:
        return self.models / "served"

    @property
    def state(self) -> Path:
        return self.ours / "state.sqlite"

    @property
    def lock(self) -> Path:
        return self.ours / "lock"

    @property
    def token(self) -> Path:
        return self.ours / "token"

    def relative(self, path: Path) -> str:
        """`path` as sidecars keep it: relative to home."""
        return path.relative_to(self.root).as_posix()

    def within(self, relative: str) -> Path:
        """The absolute path of `relative`, or ValueError when it would leave home."""
        path = (self.root / relative).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise ValueError(f"{relative!r} leaves {self.root}")
        return self.root / relative
