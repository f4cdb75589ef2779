"""Rows given to `train`: taken in once, however often they are trained on."""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from pathlib import Path

from tunesmith.cli.client import Client, Problem
from tunesmith.cli.datasets import upload
from tunesmith.domain.dataset import Dataset
from tunesmith.domain.name import LONGEST, suggestion


def ensure_dataset(client: Client, file: Path, skip_bad: bool) -> Dataset:
    """The data set made of `file`. When its name is taken by other rows, part of the content's hash is added to it."""
    name = suggestion(file.stem)
    added = _added(client, file, name, skip_bad)
    if added:
        return added
    content = hashlib.sha256(file.read_bytes()).hexdigest()
    present = client.get(f"/api/datasets/{name}", Dataset)
    if present.sha256 == content:
        return present
    name = suggestion(f"{name[: LONGEST - 9]}-{content[:8]}")
    return _added(client, file, name, skip_bad) or client.get(f"/api/datasets/{name}", Dataset)


def _added(client: Client, file: Path, name: str, skip_bad: bool) -> Dataset | None:
    """The new data set; None when the name is taken."""
    try:
        return upload(client, file, name, skip_bad)
    except Problem as problem:
        if problem.status == HTTPStatus.CONFLICT:
            return None
        raise
