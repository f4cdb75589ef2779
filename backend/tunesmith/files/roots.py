"""The folders within which files may be picked. What a path leads to counts, not how it is written."""

from __future__ import annotations

from pathlib import Path

from tunesmith.domain.errors import InvalidInput, NotFound, Refused
from tunesmith.domain.home import Home
from tunesmith.settings import Settings


class Roots:
    """`roots`: absolute paths, the home first. Nothing in `closed` can be picked: it is ours. Blocking."""

    def __init__(self, roots: list[Path], closed: Path) -> None:
        self.all = tuple(dict.fromkeys(roots))
        self._closed = closed

    def find(self, path: str) -> Path:
        """`path`, or the first root when it is empty. `Refused` outside of the roots, `NotFound` when there is nothing."""
        wanted = _expanded(path) if path else self.all[0]
        if not wanted.is_absolute() or "\0" in path:
            raise InvalidInput(f"{path[:200]!r} is no absolute path", "", "Give the whole path, beginning with /.")
        try:
            real = wanted.resolve(strict=True)
        except (OSError, RuntimeError) as error:
            if not self.holds(_nearest(wanted)):
                raise self._outside(wanted) from error
            raise NotFound(f"There is nothing at {str(wanted)[:200]}", _why(error), "Choose another.") from error
        if not self.holds(real):
            raise self._outside(wanted)
        return wanted

    def find_file(self, path: str) -> Path:
        """The same for what shall be read: `InvalidInput` for a folder, a pipe or a device."""
        found = self.find(path)
        if not found.is_file():
            raise InvalidInput(f"{found} is no file", "It is a folder, or something that can't be read as one.", "Choose a file.")
        return found

    def holds(self, real: Path) -> bool:
        """Whether a path without links in it lies within the roots, and isn't ours."""
        inside = any(real.is_relative_to(root.resolve()) for root in self.all)
        return inside and not real.is_relative_to(self._closed.resolve())

    def _outside(self, path: Path) -> Refused:
        return Refused(
            f"{str(path)[:200]} can't be picked here",
            f"Only what lies within {', '.join(map(str, self.all))} may be, also through links, and nothing in .tunesmith.",
            "Copy it there, or add its folder to TUNESMITH_ROOTS and restart Tunesmith.",
        )


def roots_of(settings: Settings) -> Roots:
    """Home, and those of the settings; natively without any the user's own folder."""
    home: Home = settings.place
    if settings.roots is None:
        more = [Path.home()] if settings.runtime == "native" else []
    else:
        more = [_checked(part) for part in settings.roots.split(":") if part.strip()]
    return Roots([home.root, *more], home.ours)


def _checked(part: str) -> Path:
    path = Path(part.strip()).expanduser()
    if not path.is_absolute():
        raise InvalidInput(
            f"{part!r} is no absolute path", "TUNESMITH_ROOTS holds it.", "Write whole paths, with colons between them."
        )
    return path


def _expanded(path: str) -> Path:
    return Path.home() / path[2:] if path == "~" or path.startswith("~/") else Path(path)


def _nearest(path: Path) -> Path:
    """Where the nearest folder above that exists really lies."""
    for above in path.parents:
        try:
            return above.resolve(strict=True)
        except (OSError, RuntimeError):
            continue
    return path


def _why(error: OSError | RuntimeError) -> str:
    return f"{error.strerror}." if isinstance(error, OSError) and error.strerror else "Its links lead in a circle."
