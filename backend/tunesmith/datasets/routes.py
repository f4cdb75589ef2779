"""HTTP of the data sets."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from tunesmith.datasets.service import DatasetShelf, Rows
from tunesmith.datasets.upload import LARGEST, received
from tunesmith.domain.dataset import Dataset

_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}}
_WRONG: dict[int | str, dict[str, Any]] = {422: {"description": "A value is wrong, or `dataset_info.json` is broken", **_PROBLEM}}
_FINDING: dict[int | str, dict[str, Any]] = _WRONG | {404: {"description": "There is no such data set", **_PROBLEM}}
_ADDING: dict[int | str, dict[str, Any]] = {
    400: {"description": "The form can't be read", **_PROBLEM},
    409: {"description": "The name is taken", **_PROBLEM},
    422: {"description": "Lines can't be used (each is named with its reason), or a value is wrong", **_PROBLEM},
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
                        "file": {"type": "string", "format": "binary", "description": "JSONL, or one JSON array; at most 200 MB"},
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

    @router.post("", status_code=201, responses=_ADDING, openapi_extra=_FORM)
    async def add_dataset(request: Request) -> Dataset:
        """Upload rows. Every line is checked; by default one bad line refuses the file."""
        async with received(request, datasets.uploads, largest) as upload:
            skip_bad = upload.fields.get("skip_bad", "").lower() in ("true", "1", "on", "yes")
            name = upload.fields.get("name", "")
            return await datasets.add(name, upload.path, source_name=upload.file_name, skip_bad=skip_bad)

    @router.delete("/{name}", status_code=204, responses=_FINDING | {409: {"description": "It wasn't made here", **_PROBLEM}})
    async def delete_dataset(name: str) -> None:
        await datasets.delete(name)

    return router
