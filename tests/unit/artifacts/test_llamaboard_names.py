"""What LlamaBoard makes is found as it is called there: a base by its hub id, a run by its nested name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tunesmith.artifacts.catalogue import Catalogue
from tunesmith.domain.errors import InvalidInput, NotFound
from tunesmith.domain.home import Home

from .make import adapter, model


async def test_a_base_is_found_by_the_hub_id_it_came_from(tmp_path: Path) -> None:
    home = Home(tmp_path)
    folder = home.models / "base" / "tiny"
    model(folder)
    record = {
        "kind": "base", "job": "j", "step": "download", "parents": [], "recipe": {"source": "hub org/Tiny-1B@main"},
        "made_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    (folder / "tunesmith.json").write_text(json.dumps(record))
    assert (await Catalogue(home).get("org/Tiny-1B")).id == "models/base/tiny"
    with pytest.raises(NotFound):
        await Catalogue(home).get("org/Tiny")


async def test_runs_of_one_name_are_told_apart_by_where_they_lie(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for parent in ("Custom", "Llama-3"):
        adapter(home.saves / parent / "lora" / "train_1")
    catalogue = Catalogue(home)
    assert (await catalogue.get("Custom/lora/train_1")).id == "saves/Custom/lora/train_1"
    assert (await catalogue.get("saves/Llama-3/lora/train_1")).id == "saves/Llama-3/lora/train_1"
    with pytest.raises(InvalidInput, match="2 artifacts"):
        await catalogue.get("train_1")
