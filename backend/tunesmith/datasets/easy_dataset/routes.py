"""HTTP of the import from easy-dataset."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ValidationError

from tunesmith.datasets.easy_dataset.records import Choice, EasyImport, Project, Report
from tunesmith.datasets.easy_dataset.service import EasyDatasetDesk
from tunesmith.datasets.upload import LARGEST, received
from tunesmith.domain.errors import InvalidInput

_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}}
_TOOL: dict[int | str, dict[str, Any]] = {
    502: {"description": "easy-dataset answered with an error, with something else, or not in time", **_PROBLEM},
    503: {"description": "easy-dataset can't be reached", **_PROBLEM},
}
_READING: dict[int | str, dict[str, Any]] = _TOOL | {
    404: {"description": "It has no such project", **_PROBLEM},
    422: {"description": "A value is wrong, or no row can be taken over", **_PROBLEM},
}
_TAKEN: dict[int | str, dict[str, Any]] = {409: {"description": "The name is taken", **_PROBLEM}}
_FILE: dict[int | str, dict[str, Any]] = _TAKEN | {
    400: {"description": "The form can't be read", **_PROBLEM},
    422: {"description": "A value is wrong, or no row can be taken over", **_PROBLEM},
}
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "As easy-dataset wrote it; at most 200 MB"},
                        "name": {"type": "string", "description": "Name of the data set; by default the file's"},
                        "format": {"type": "string", "enum": ["alpaca", "messages"]},
                        "reasoning": {"type": "boolean", "default": True},
                        "system": {"type": "string", "maxLength": 20000},
                    },
                }
            }
        },
    }
}


class ProjectList(BaseModel):
    projects: list[Project]


def routes(desk: EasyDatasetDesk, largest: int = LARGEST) -> APIRouter:
    """`largest`: bytes of an upload."""
    router = APIRouter(prefix="/api/easy-dataset", tags=["easy-dataset"])

    @router.get("/projects", responses=_TOOL)
    async def list_projects() -> ProjectList:
        """The projects of easy-dataset, with how many rows each has."""
        return ProjectList(projects=await desk.projects())

    @router.post("/preview", responses=_READING)
    async def preview(wanted: EasyImport) -> Report:
        """What an import would take over, and what it would leave out and why. Nothing is written."""
        return await desk.take(wanted, preview=True)

    @router.post("/import", status_code=201, responses=_READING | _TAKEN)
    async def take(wanted: EasyImport) -> Report:
        """A project's rows as a data set."""
        return await desk.take(wanted)

    @router.post("/files/preview", responses=_FILE, openapi_extra=_FORM)
    async def preview_file(request: Request) -> Report:
        """What an import of an exported file would take over. Nothing is written."""
        async with received(request, desk.uploads, largest) as upload:
            return await desk.take_file(_choice(upload.fields), upload.path, upload.file_name, preview=True)

    @router.post("/files", status_code=201, responses=_FILE, openapi_extra=_FORM)
    async def take_file(request: Request) -> Report:
        """A file that easy-dataset exported, as a data set."""
        async with received(request, desk.uploads, largest) as upload:
            return await desk.take_file(_choice(upload.fields), upload.path, upload.file_name)

    return router


def _choice(fields: dict[str, str]) -> Choice:
    try:
        return Choice.model_validate({name: value for name, value in fields.items() if value != ""})
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(
            f"The field {'.'.join(map(str, first['loc']))!r} can't be used",
            first["msg"],
            "Fields are name, format, reasoning, system.",
        ) from error
