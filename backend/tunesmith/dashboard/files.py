"""The built dashboard in memory. What isn't in this table doesn't exist: no request's path ever reaches the disk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tunesmith.dashboard.coding import IDENTITY

INDEX = "index.html"
HASHED = "assets/"
"""Below it a name changes with its content (Vite's `build.assetsDir`)."""
SUFFIXES = {"br": ".br", "gzip": ".gz"}
"""Of files packed at build time (`frontend/compressed.ts`), by content coding."""
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""Ours, since the system's table differs from machine to machine."""
PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class File:
    """One file in every form that it can be sent in."""

    media_type: str
    bodies: Mapping[str, bytes]
    """By content coding; `identity` is always there."""
    hashed: bool
    digest: str

    def etag(self, coding: str) -> str:
        """Each form has its own: caches keep them apart by it."""
        return f'"{self.digest}"' if coding == IDENTITY else f'"{self.digest}-{coding}"'


def built() -> Path | None:
    """The folder of the built dashboard: inside an installed wheel, else in the checkout. None when there is none."""
    folders = (PACKAGE / "_dashboard", PACKAGE.parents[1] / "frontend" / "dist")
    return next((folder for folder in folders if (folder / INDEX).is_file()), None)


def read(folder: Path) -> dict[str, File]:
    """Every file below `folder` by its path there; what begins with a dot is the build's own."""
    return {name: _file(folder, name) for name in _names(folder)}


def _names(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts)
        if not hidden and path.suffix not in SUFFIXES.values() and path.is_file() and not path.is_symlink():
            yield name.as_posix()


def _file(folder: Path, name: str) -> File:
    path = folder / name
    body = path.read_bytes()
    packed = {coding: path.with_name(path.name + suffix) for coding, suffix in SUFFIXES.items()}
    bodies = {coding: file.read_bytes() for coding, file in packed.items() if file.is_file()}
    return File(
        media_type=MEDIA_TYPES.get(path.suffix, "application/octet-stream"),
        bodies={IDENTITY: body} | bodies,
        hashed=name.startswith(HASHED),
        digest=hashlib.sha256(body).hexdigest()[:20],
    )
