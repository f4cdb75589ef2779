"""The settings as uv understands them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from tunesmith.domain.errors import InvalidInput
from tunesmith.settings import Settings

INDEX = "TUNESMITH_INDEX_URL"


def uv_environment(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """Environment of a step that runs uv. An index address with a password in it becomes a reference, never a value.

    `offline` speaks of the model hub, not of the package index, and is not passed on; `UV_OFFLINE` itself is inherited.
    """
    found: dict[str, str] = {}
    if settings.index_url:
        found["UV_DEFAULT_INDEX"] = _index(settings.index_url, environ)
    if settings.ca_bundle:
        found["SSL_CERT_FILE"] = str(Path(settings.ca_bundle).expanduser())
    return found


def _index(address: str, environ: Mapping[str, str]) -> str:
    if "@" not in urlsplit(address).netloc:
        return address
    if environ.get(INDEX) != address:
        raise InvalidInput(
            "The index address holds a password and stands in .env",
            "Commands get secrets from the orchestrator's own environment only.",
            f"Export {INDEX} before `tunesmith up`, or leave the password to ~/.netrc, which uv reads.",
        )
    return f"env:{INDEX}"


def find_links(settings: Settings, environ: Mapping[str, str]) -> str:
    """The folder (or page) with wheels to prefer; '' when none is named. Ours first, then uv's, then pip's."""
    named = settings.find_links or environ.get("UV_FIND_LINKS", "") or environ.get("PIP_FIND_LINKS", "")
    return str(Path(named).expanduser()) if named and "://" not in named else named


def has_cpu_torch(links: str) -> bool:
    """Whether the folder holds a CPU build of PyTorch, which is 20 times smaller to install than the index's default."""
    return bool(links) and "://" not in links and any(Path(links).glob("torch-*+cpu-*.whl"))
