"""Imports of base models: the starter, a folder of this machine, or a repository of a model hub."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from uv import find_uv_bin

from tunesmith.domain.errors import Conflict, InvalidInput, NotEnough, Refused
from tunesmith.domain.home import Home
from tunesmith.domain.job import JobStatus
from tunesmith.domain.name import Name, checked_name, suggestion
from tunesmith.domain.place import Programs
from tunesmith.domain.ports import Draft, Jobs, Toolboxes
from tunesmith.domain.room import Room
from tunesmith.domain.step import Lane, Step, Toolbox
from tunesmith.settings import Settings
from tunesmith.steps.import_model import STARTER, folder_step, hub_step, starter_step

REPOSITORY = r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}(@[\w.-]{1,64})?"


class Source(StrEnum):
    STARTER = "starter"
    FOLDER = "folder"
    HUB = "hub"


class ModelRequest(BaseModel):
    """A base model to bring in. `reference` is a folder's absolute path, or `owner/name[@revision]` of a hub."""

    model_config = ConfigDict(extra="forbid")

    source: Source
    reference: Annotated[str, Field(max_length=4000)] = ""
    name: Name | None = None


class ModelImports:
    """Starts the jobs that bring base models in."""

    def __init__(
        self,
        home: Home,
        settings: Settings,
        jobs: Jobs,
        toolboxes: Toolboxes,
        programs: Programs,
        room: Room,
        timed: Callable[[Sequence[Step]], list[Step]] = list,
    ) -> None:
        """`timed`: the steps with how long each will take, as far as that can be told."""
        self._home, self._settings, self._jobs, self._timed = home, settings, jobs, timed
        self._toolboxes, self._programs, self._room = toolboxes, programs, room
        self._accepting: set[str] = set()
        """Names whose import is being planned: no job of it is known yet."""

    async def start(self, request: ModelRequest) -> JobStatus:
        draft = self._jobs.draft("import")
        name, steps = await asyncio.to_thread(self._steps, request, draft)
        if name in self._accepting:
            raise Conflict(f"{name!r} is being imported", "It was asked for just now.", "Wait for it, or give another name.")
        self._accepting.add(name)
        try:
            self._refuse_second(name)
            return await self._jobs.submit(
                draft,
                kind="import",
                title=f"Import {name}",
                lane=Lane.LIGHT,
                steps=self._timed(steps),
                request=request.model_dump(mode="json"),
                files={},
            )
        finally:
            self._accepting.discard(name)

    def _steps(self, request: ModelRequest, draft: Draft) -> tuple[str, list[Step]]:
        if request.source is Source.STARTER:
            base = self._new_base(request.name or STARTER)
            installs: list[Step] = []
            if not self._toolboxes.ready(Toolbox.LLAMAFACTORY):
                installs = self._toolboxes.install_steps(Toolbox.LLAMAFACTORY, draft)
            environment = self._index_environment()
            # Containers have none of ours.
            uv = find_uv_bin() if self._settings.runtime == "native" else ""
            step = starter_step(self._programs, self._home, job=draft.id, base=base, uv=uv, environment=environment)
            return base.name, [*installs, step]
        if request.source is Source.FOLDER:
            return self._from_folder(request, draft)
        return self._from_hub(request, draft)

    def _from_folder(self, request: ModelRequest, draft: Draft) -> tuple[str, list[Step]]:
        source = Path(request.reference)
        self._refuse_unseen(source)
        if not source.is_absolute() or not (source / "config.json").is_file():
            raise InvalidInput(
                f"{request.reference!r} is no model folder",
                "It must be the absolute path of a folder with a config.json.",
                "Give the folder of a Hugging Face model.",
            )
        size = sum(path.stat().st_size for path in source.iterdir() if path.is_file())
        self._check_size(size)
        base = self._new_base(request.name or checked_name(suggestion(source.name)))
        return base.name, [folder_step(self._programs, self._home, job=draft.id, base=base, source=source, bytes_=size)]

    def _refuse_unseen(self, source: Path) -> None:
        """Containers see three folders of home, and nothing else of this machine."""
        home = self._home
        if self._settings.runtime == "docker" and not any(
            source.is_relative_to(path) for path in (home.saves, home.models, home.data)
        ):
            raise InvalidInput(
                f"{str(source)!r} can't be seen by the stack",
                f"Its containers see {home.saves}, {home.models} and {home.data} only.",
                f"Put the folder into {home.models / 'base'}: then it is a base model, without an import.",
            )

    def _from_hub(self, request: ModelRequest, draft: Draft) -> tuple[str, list[Step]]:
        if self._settings.offline:
            raise InvalidInput("The hub isn't used", "TUNESMITH_OFFLINE is set.", "Unset it, or import a folder.")
        repository, _, revision = request.reference.partition("@")
        if not _is_repository(request.reference):
            raise InvalidInput(
                f"{request.reference!r} is no model of a hub", "", "Write it as owner/name or owner/name@revision."
            )
        base = self._new_base(request.name or checked_name(suggestion(repository.split("/")[1])))
        environment = {"HF_ENDPOINT": self._settings.hub_endpoint} if self._settings.hub_endpoint else {}
        step = hub_step(
            self._programs,
            self._home,
            job=draft.id,
            base=base,
            repository=repository,
            revision=revision or "main",
            cache=self._hub_cache,
            environment=environment,
        )
        return base.name, [step]

    @property
    def _hub_cache(self) -> Path:
        """Where downloads are resumed: on a disk that outlives the container, too."""
        return self._home.ours / "tools" / "hub" if self._settings.runtime == "docker" else self._settings.cache / "hub"

    def _new_base(self, name: str) -> Path:
        base = self._home.models / "base" / name
        if base.exists():
            raise Conflict(f"There is a base model {name!r} already", "", "Give it another name, or delete that one.")
        for reason in self._room.closed([base.parent]):
            raise Refused(*reason)
        return base

    def _refuse_second(self, name: str) -> None:
        for job in self._jobs.active():
            if job.kind == "import" and job.title == f"Import {name}":
                raise Conflict(f"{name!r} is being imported", f"It is job {job.id}.", "Wait for it, or cancel it.")

    def _check_size(self, size: int) -> None:
        if size > (free := self._room.free_disk()):
            raise NotEnough(
                f"The disk is too small: {size / 2**30:.2f} GiB needed, {free / 2**30:.2f} GiB free above the reserve",
                f"{self._settings.disk_reserve_gib} GiB are kept free.",
                "`tunesmith du` shows what takes room.",
            )

    def _index_environment(self) -> dict[str, str]:
        """The package index and CA of the settings, for the starter's package, as uv and pip call them."""
        given = {
            "UV_DEFAULT_INDEX": self._settings.index_url,
            "UV_FIND_LINKS": self._settings.find_links,
            "SSL_CERT_FILE": self._settings.ca_bundle,
            "PIP_INDEX_URL": self._settings.index_url,
            "PIP_FIND_LINKS": self._settings.find_links,
            "PIP_CERT": self._settings.ca_bundle,
        }
        return {key: value for key, value in given.items() if value}


def _is_repository(reference: str) -> bool:
    return bool(re.fullmatch(REPOSITORY, reference)) and ".." not in reference
