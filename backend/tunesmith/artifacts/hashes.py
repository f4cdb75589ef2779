"""Content hashes, remembered by (inode, size, modification time) in `.tunesmith/hashes.sqlite`; losing it costs only time."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tunesmith.artifacts.sidecar import NAME as SIDECAR
from tunesmith.domain.errors import NotFound

_TABLE = "CREATE TABLE IF NOT EXISTS hashes (path TEXT PRIMARY KEY, inode INT, size INT, mtime_ns INT, sha256 TEXT NOT NULL)"


class Hashes:
    """Blocking; callers run it in a thread."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._lock = threading.Lock()

    def sha256(self, path: Path) -> str:
        """Of a file: of its bytes. Of a folder: of its sorted lines `<sha256>  <relative path>`, as `sha256sum` prints them,

        without sidecars and dot names, so that a folder keeps its hash when a lineage record is added.
        """
        if path.is_file():
            return self._file(path)
        if not path.is_dir():
            raise NotFound(f"There is nothing to hash at {path.name}", f"{path} doesn't exist.")
        lines = [f"{self._file(file)}  {file.relative_to(path).as_posix()}\n" for file in content_files(path)]
        return hashlib.sha256("".join(sorted(lines, key=lambda line: line[66:])).encode("utf-8", "surrogateescape")).hexdigest()

    def _file(self, path: Path) -> str:
        found = path.stat()
        key = (str(path), found.st_ino, found.st_size, found.st_mtime_ns)
        known = self._recall(key)
        if known:
            return known
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        after = path.stat()
        if (after.st_ino, after.st_size, after.st_mtime_ns) == key[1:]:
            self._remember(key, digest)
        return digest

    def _recall(self, key: tuple[str, int, int, int]) -> str | None:
        with self._lock, closing(self._open()) as database:
            row = database.execute("SELECT sha256 FROM hashes WHERE (path, inode, size, mtime_ns) = (?, ?, ?, ?)", key).fetchone()
        return str(row[0]) if row else None

    def _remember(self, key: tuple[str, int, int, int], digest: str) -> None:
        with self._lock, closing(self._open()) as database, database:
            database.execute("INSERT OR REPLACE INTO hashes VALUES (?, ?, ?, ?, ?)", (*key, digest))

    def _open(self) -> sqlite3.Connection:
        """The database; a damaged one is thrown away, since all of it can be computed again."""
        self._database.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self._database, timeout=30)
        try:
            database.execute(_TABLE)
        except sqlite3.DatabaseError as error:
            database.close()
            if isinstance(error, sqlite3.OperationalError):
                raise
            self._database.unlink(missing_ok=True)
            database = sqlite3.connect(self._database, timeout=30)
            database.execute(_TABLE)
        return database


def content_files(folder: Path) -> Iterator[Path]:
    """The files that make up a folder's content, at any depth: no sidecar, no dot names."""
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name == SIDECAR or path.name.endswith(f".{SIDECAR}"):
            continue
        if path.is_dir():
            yield from content_files(path)
        elif path.is_file():
            yield path
