"""Takes an uploaded file, at most 200 MB of it, to `.tunesmith/uploads`, and throws it away afterwards."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.types import Receive

from tunesmith.domain.errors import InvalidInput

LARGEST = 200 * 1000 * 1000
"""Bytes of a whole request."""


@dataclass(frozen=True)
class Upload:
    path: Path
    file_name: str
    """As the browser named it: shown, and never part of a path."""
    fields: dict[str, str]


@asynccontextmanager
async def received(request: Request, folder: Path, largest: int) -> AsyncIterator[Upload]:
    """The `file` of a multipart form as a file on disk. `InvalidInput` when it is too large or missing."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced) > largest:
        raise _too_large(largest)
    limited = Request(request.scope, _limited(request, largest))
    async with limited.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise InvalidInput(
                "The upload has no file", "The form needs a field `file`.", "Send multipart/form-data with file and name."
            )
        fields = {key: value for key, value in form.items() if isinstance(value, str)}
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix="upload-") as kept:
            await asyncio.to_thread(shutil.copyfileobj, file.file, kept)
            kept.flush()
            yield Upload(Path(kept.name), PurePath(file.filename or "upload").name[:120], fields)


def _too_large(largest: int) -> InvalidInput:
    return InvalidInput(
        "The upload is too large", f"At most {largest // 1_000_000} MB are taken.", "Add it from disk: `tunesmith datasets add`."
    )


def _limited(request: Request, largest: int) -> Receive:
    """The request's own `receive`, that counts: a body without a length is stopped on the way."""
    left = largest

    async def receive() -> MutableMapping[str, Any]:
        nonlocal left
        message = await request.receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise _too_large(largest)
        return message

    return receive
