"""Every setting of Tunesmith, read once from the environment and `.env`, and passed in. `.env.example` lists them all."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from tunesmith.domain.errors import InvalidInput
from tunesmith.domain.home import Home

PREFIX = "TUNESMITH_"
ADDRESS = r"^https?://[^/\s]+$"
ENV_FILE = Path(".env")


def _checkout_or_default() -> Path:
    """The checkout this package lies in (it holds saves/ and models/), else ~/tunesmith."""
    checkout = Path(__file__).resolve().parents[2]
    return checkout if (checkout / "pyproject.toml").is_file() and (checkout / "saves").is_dir() else Path.home() / "tunesmith"


def _cache_home() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tunesmith"


class Settings(BaseSettings):
    """Field names are the environment's names without `TUNESMITH_`, in lower case."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    home: Path = Field(
        default_factory=_checkout_or_default, description="Folder that holds saves/, models/, data/ and .tunesmith/."
    )
    cache: Path = Field(default_factory=_cache_home, description="Toolboxes (native) and the hub cache.")
    host: str = Field("127.0.0.1", description="Address the orchestrator listens on.")
    port: int = Field(8765, ge=1, le=65535, description="Port the orchestrator listens on.")
    allowed_hosts: str = Field(
        "", description="Host names, besides localhost's, that may be used to reach us; separated by commas."
    )
    roots: str | None = Field(
        None,
        description="Folders, besides home, in which files may be picked; separated by colons. Unset, natively: your own.",
    )
    token: SecretStr | None = Field(None, description="Login token; without it one is made in .tunesmith/token.")
    light_jobs: int = Field(2, ge=1, le=32, description="How many light jobs run beside the accelerator's one.")
    queue_look_seconds: float = Field(
        0.3, ge=0.05, le=60, description="Seconds between two looks for a job that waits; each takes 3 ms of a core."
    )
    lists_look_seconds: float = Field(
        5.0, ge=0.5, le=3600, description="Seconds between two looks for what others changed in our folders."
    )
    disk_reserve_gib: float = Field(2.0, ge=0, description="Free disk below which no job is started, in GiB.")
    keep_jobs: int = Field(500, ge=1, description="Finished jobs whose folders `tunesmith clean` keeps.")
    offline: bool = Field(False, description="Never look anything up on a model hub.")
    hub_endpoint: str = Field("", description="Another model hub address (HF_ENDPOINT).")
    index_url: str = Field("", description="Package index mirror for toolboxes.")
    find_links: str = Field("", description="Folder with wheels to prefer when toolboxes are made.")
    ca_bundle: str = Field("", description="PEM file of a corporate CA, given to every tool.")
    torch_backend: str = Field("auto", pattern="^(auto|cpu|cuda)$", description="PyTorch build for the training toolbox.")
    idle_unload_minutes: int = Field(30, ge=1, description="After how long an idle engine gives its memory back.")
    ollama: str = Field("http://127.0.0.1:11434", pattern=ADDRESS, description="Where Ollama's API answers.")
    easy_dataset: str = Field("http://127.0.0.1:1717", pattern=ADDRESS, description="Where easy-dataset answers.")

    runtime: Literal["native", "docker"] = Field(
        "native", description="Where commands run: as processes of this host, or in the containers of the Compose stack."
    )
    project: str = Field("tunesmith", pattern=r"^[a-z0-9][a-z0-9_-]*$", description="Compose project of the stack.")
    gate: str = Field("tcp://gate:2375", description="The gate before the Docker engine, as the orchestrator reaches it.")
    uid: int = Field(1000, ge=0, description="User id that the stack's containers run as: the owner of this folder.")
    gid: int = Field(1000, ge=0, description="Their group id.")
    bind: str = Field("127.0.0.1", description="Address on which the stack's Caddy is published.")
    http_port: int = Field(3000, ge=1, le=65535, description="Its port for plain HTTP.")
    https_port: int = Field(3443, ge=1, le=65535, description="Its port for HTTPS with our own CA.")
    domain: str = Field(
        "localhost", pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", description="The stack's host name; each tool's is TOOL.DOMAIN."
    )

    trusted_proxies: str = Field(
        "", description="Addresses of a proxy of yours before Caddy, with spaces between: its word on https is believed."
    )

    @property
    def place(self) -> Home:
        return Home(self.home.expanduser().resolve())


def load_settings() -> Settings:
    """Settings from the environment and `.env`. `InvalidInput` names a wrong one, and for an unknown one the nearest."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    # pydantic-settings reads the file with the same parser.
    in_file = {name.upper(): f"in {ENV_FILE.resolve()}" for name in dotenv_values(ENV_FILE)}
    given = in_file | dict.fromkeys(os.environ, "in the environment")
    for name in sorted(name for name in given if name.startswith(PREFIX) and not name.startswith(PREFIX + "TEST_")):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise InvalidInput(
                f"{name} is no setting of Tunesmith",
                f"It is set {given[name]}.",
                f"Did you mean {near[0]}?" if near else "`.env.example` lists all settings.",
            )
    try:
        return Settings()
    except ValidationError as error:
        raise _wrong(error, given) from error


def _wrong(error: ValidationError, given: dict[str, str]) -> InvalidInput:
    first = error.errors()[0]
    field = str(first["loc"][0])
    name = PREFIX + field.upper()
    value = "" if field == "token" else f" {str(first['input'])[:60]!r}"
    return InvalidInput(
        f"{name} can't be{value or ' that'}",
        f"{first['msg']}. It is set {given.get(name, 'in the environment')}.",
        f"It is: {Settings.model_fields[field].description}",
    )
