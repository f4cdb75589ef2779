"""HTTP of the data sets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from tunesmith.datasets.record import Provenance
from tunesmith.datasets.service import DatasetShelf, Preview, Rows
from tunesmith.datasets.upload import LARGEST, received
from tunesmith.domain.dataset import Dataset
from tunesmith.domain.deletion import Deletion
from tunesmith.domain.name import Name, checked_name, suggestion
from tunesmith.web.problems import answers

_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}}
_WRONG: dict[int | str, dict[str, Any]] = {422: {"description": "A value is wrong, or `dataset_info.json` is broken", **_PROBLEM}}
_FINDING: dict[int | str, dict[str, Any]] = _WRONG | {404: {"description": "There is no such data set", **_PROBLEM}}
_ADDING: dict[int | str, dict[str, Any]] = {
    400: {"description": "The form can't be read", **_PROBLEM},
    409: {"description": "The name is taken", **_PROBLEM},
    422: {"description": "Lines can't be used (each is named with its reason), or a value is wrong", **_PROBLEM},
}
_KEPT: dict[int | str, dict[str, Any]] = {409: {"description": "It wasn't made here, or is in use now", **_PROBLEM}}
_FILE = {"type": "string", "format": "binary", "description": "JSONL, or one JSON array; at most 200 MB"}
_PREVIEW_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": {"type": "object", "required": ["file"], "properties": {"file": _FILE}}},
        },
    }
}
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "name"],
                    "properties": {
                        "file": _FILE,
                        "name": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 80,
                            "pattern": "^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$",
                        },
                        "skip_bad": {
                            "type": "boolean",
                            "default": False,
                            "description": "Leave bad lines out instead of refusing",
                        },
                    },
                }
            }
        },
    }
}


class DatasetList(BaseModel):
    datasets: list[Dataset]


class FilePicked(BaseModel):
    """A file of this machine."""

    model_config = ConfigDict(extra="forbid")

    path: str = Field(min_length=1, max_length=4000, description="Absolute, within the folders that `GET /api/files` names.")


class FileAdded(FilePicked):
    name: Name | None = Field(None, description="Made from the file's name when absent.")
    skip_bad: bool = Field(False, description="Leave bad lines out instead of refusing.")


def from_files(datasets: DatasetShelf, find: Callable[[str], Path]) -> APIRouter:
    """`find`: the path of what may be picked; `Refused` or `NotFound` otherwise. Blocking."""
    # The colon needs the empty prefix: "/api/datasets" + ":from-file".
    router = APIRouter(prefix="/api/datasets", tags=["datasets"])
    picking = answers(403, 404)

    @router.post(":from-file", status_code=201, responses=_ADDING | picking, summary="Add a file of this machine as a data set")
    async def add_file(wanted: FileAdded) -> Dataset:
        """Every line is checked; by default one bad line refuses the file. The file itself stays as it is."""
        file = await asyncio.to_thread(find, wanted.path)
        name = wanted.name or checked_name(suggestion(file.stem))
        return await datasets.add(name, file, skip_bad=wanted.skip_bad)

    @router.post(":preview-file", responses=picking, summary="What adding a file of this machine would make of it")
    async def preview_file(wanted: FilePicked) -> Preview:
        file = await asyncio.to_thread(find, wanted.path)
        return await datasets.preview(file, file.name)

    return router


def routes(datasets: DatasetShelf, largest: int = LARGEST) -> APIRouter:
    """`largest`: bytes of an upload."""
    router = APIRouter(prefix="/api/datasets", tags=["datasets"])

    @router.get("", responses=_WRONG)
    async def list_datasets() -> DatasetList:
        """Every data set that LLaMA-Factory can find under data/, whoever registered it."""
        return DatasetList(datasets=await datasets.list())

    @router.get("/{name}", responses=_FINDING)
    async def show_dataset(name: str) -> Dataset:
        return await datasets.get(name)

    @router.get("/{name}/rows", responses=_FINDING)
    async def show_rows(
        name: str, offset: Annotated[int, Query(ge=0, le=10**12)] = 0, limit: Annotated[int, Query(ge=1, le=500)] = 20
    ) -> Rows:
        return await datasets.rows(name, offset, limit)

    @router.get("/{name}/provenance", responses=_FINDING)
    async def show_provenance(name: str) -> Provenance:
        """Where a data set's rows are from: when they were added, from which tool, what was asked of it."""
        return await datasets.provenance(name)

    @router.post("", status_code=201, responses=_ADDING, openapi_extra=_FORM)
    async def add_dataset(request: Request) -> Dataset:
        """Upload rows. Every line is checked; by default one bad line refuses the file."""
        async with received(request, datasets.uploads, largest) as upload:
            skip_bad = upload.fields.get("skip_bad", "").lower() in ("true", "1", "on", "yes")
            name = upload.fields.get("name", "")
            return await datasets.add(name, upload.path, source_name=upload.file_name, skip_bad=skip_bad)

    @router.post(
        ":preview", responses={400: _ADDING[400]}, openapi_extra=_PREVIEW_FORM, summary="What adding rows would make of them"
    )
    async def preview_dataset(request: Request) -> Preview:
        """Upload rows to have them looked at: format, bad lines with their reasons, the first rows. Nothing is kept."""
        async with received(request, datasets.uploads, largest) as upload:
            return await datasets.preview(upload.path, upload.file_name)

    @router.get("/{name}/dependants", responses=_FINDING)
    async def show_dependants(name: str) -> Deletion:
        """What deleting a data set would do: the bytes it frees, what works with it now, which runs had it."""
        return await datasets.deletion(name)

    @router.delete("/{name}", status_code=204, responses=_FINDING | _KEPT)
    async def delete_dataset(name: str) -> None:
        await datasets.delete(name)

    return router
