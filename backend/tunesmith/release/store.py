"""Releases on disk: `models/served/<name>/<number>.json` and `current`. Implements `domain.ports.Releases`."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from tunesmith.domain.errors import Conflict, NotFound
from tunesmith.domain.release import Release, StandingRelease

LAST = "last"
"""File in a name's folder: the highest number that was ever given, once a release of it was deleted (release/record.py)."""


class ReleaseStore:
    """All of it is files and nothing is cached: a deleted database loses no release."""

    def __init__(self, served: Path) -> None:
        self._served = served

    def names(self) -> list[str]:
        """Served names that have a current release."""
        return sorted(path.parent.name for path in self._served.glob("*/current"))

    def with_records(self) -> list[str]:
        """Names of which there is a record, whether served or not."""
        return sorted({path.parent.name for path in self._served.glob("*/*.json") if path.stem.isdigit()})

    def all(self, name: str) -> list[Release]:
        """Every readable release of `name`, oldest first."""
        found = (self._read(path) for path in (self._served / name).glob("*.json") if path.stem.isdigit())
        return sorted((release for release in found if release), key=lambda release: release.number)

    def standing(self) -> list[StandingRelease]:
        """Every release of every served name, by name and number."""
        found = []
        for name in self.names():
            current = self.current_number(name)
            found += [_standing(release, current) for release in self.all(name)]
        return found

    def get(self, name: str, number: int) -> StandingRelease:
        """`NotFound` with the numbers that there are."""
        release = self._read(self._served / name / f"{number}.json")
        if release is None:
            raise self._no_number(name, number)
        return _standing(release, self.current_number(name))

    def current(self, name: str) -> Release | None:
        number = self.current_number(name)
        return self._read(self._served / name / f"{number}.json") if number else None

    def current_number(self, name: str) -> int | None:
        try:
            return int((self._served / name / "current").read_text())
        except (OSError, ValueError):
            return None

    def last_number(self, name: str) -> int:
        """The highest number of a release that was deleted; 0 when none was."""
        try:
            return int((self._served / name / LAST).read_text())
        except (OSError, ValueError):
            return 0

    def switch(self, name: str, number: int) -> Release:
        """Make `number` the current release of `name`, by rename."""
        release = self._read(self._served / name / f"{number}.json")
        if release is None:
            raise self._no_number(name, number)
        part = self._served / name / f".current.{os.getpid()}"
        part.write_text(f"{number}\n")
        part.replace(self._served / name / "current")
        return release

    def before(self, name: str) -> int:
        """The number of the release before the current one."""
        current = self.current_number(name)
        if current is None:
            raise NotFound(f"Nothing is served as {name!r}", "", f"Served names: {', '.join(self.names()) or 'none yet'}.")
        earlier = [release.number for release in self.all(name) if release.number < current]
        if not earlier:
            raise Conflict(f"{name!r} can't be rolled back", f"Release {current} is its first.", "Release another adapter.")
        return earlier[-1]

    def _no_number(self, name: str, number: int) -> NotFound:
        return NotFound(
            f"{name!r} has no release {number}",
            f"It has {', '.join(str(release.number) for release in self.all(name)) or 'none'}.",
            "`tunesmith rollback NAME --to N` takes one of these.",
        )

    @staticmethod
    def _read(path: Path) -> Release | None:
        try:
            return Release.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            return None


def _standing(release: Release, current: int | None) -> StandingRelease:
    return StandingRelease(**dict(release), current=release.number == current)
