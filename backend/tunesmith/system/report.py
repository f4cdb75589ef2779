"""The settings in force, where each came from, and the versions of what runs."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import BaseModel, SecretStr

from tunesmith.settings import PREFIX, Settings
from tunesmith.system.hardware import Hardware

MASK = "•••"
SHOWN = ("tunesmith", "dbos", "fastapi", "uvicorn", "pydantic", "huggingface-hub", "uv")


class Setting(BaseModel):
    name: str
    """As the environment has it: TUNESMITH_…"""
    value: str
    """Secrets are masked."""
    source: Literal["environment", ".env", "default"]
    description: str


class SystemReport(BaseModel):
    hardware: Hardware
    versions: dict[str, str]
    settings: list[Setting]
    pid: int
    started_at: datetime


def settings_report(settings: Settings, environ: Mapping[str, str] = os.environ, dotenv: Path = Path(".env")) -> list[Setting]:
    """Every setting. Names are compared without case, as pydantic-settings does."""
    exported = {name.upper() for name in environ}
    written = {name.upper() for name in dotenv_values(dotenv)} if dotenv.is_file() else set()
    found = []
    for field, info in Settings.model_fields.items():
        name = PREFIX + field.upper()
        source: Literal["environment", ".env", "default"] = (
            "environment" if name in exported else ".env" if name in written else "default"
        )
        shown = masked(getattr(settings, field))
        found.append(Setting(name=name, value=shown, source=source, description=info.description or ""))
    return found


def masked(value: object) -> str:
    """`value` as text without what is secret in it: tokens, and the login part of an address."""
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return MASK
    text = str(value)
    login, at, _ = urlsplit(text).netloc.rpartition("@") if "://" in text else ("", "", "")
    return text.replace(login + at, MASK + at, 1) if at else text


@cache
def versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in SHOWN:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
