"""The catalogue: finding, hashing, checking against a base, and deleting only what nothing needs."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from tunesmith.artifacts.catalogue import Catalogue
from tunesmith.artifacts.hashes import Hashes
from tunesmith.domain.artifact import Kind
from tunesmith.domain.deletion import Dependant
from tunesmith.domain.errors import Conflict, InvalidInput, NotFound
from tunesmith.domain.home import Home

from .make import adapter, lora_tensors, model, safetensors, sidecar


@pytest.fixture
def catalogue(home: Home) -> Catalogue:
    return Catalogue(home)


async def test_finds_by_path_and_by_unambiguous_name(home: Home, catalogue: Catalogue) -> None:
    model(home.models / "base" / "tiny")
    for run in ("facts", "a/b/twice", "c/d/twice"):
        adapter(home.saves / run)
    assert (await catalogue.get("saves/facts")).id == "saves/facts"
    assert (await catalogue.get("facts")).id == "saves/facts"
    with pytest.raises(InvalidInput, match="2 artifacts"):
        await catalogue.get("twice")
    for nobody in ("nobody", "../../etc/passwd", "", "x" * 300, "a\0b"):
        with pytest.raises(NotFound):
            await catalogue.get(nobody)
    assert [one.id for one in await catalogue.list(Kind.BASE)] == ["models/base/tiny"]


async def test_an_adapter_without_its_base_says_so(home: Home, catalogue: Catalogue) -> None:
    adapter(home.saves / "facts", base=str(home.models / "base" / "gone"))
    first = await catalogue.get("facts")
    assert "models/base/gone" in first.problems[0]
    for path in (home.saves / "facts", home.saves, *(home.saves / "facts").iterdir()):
        os.utime(path, (1e9, 1e9 + 0.5))
    again = await catalogue.get("facts")
    assert again == first.model_copy(update={"modified_at": again.modified_at})
    assert await catalogue.get("facts") is again, "nobody takes it for changed"
    model(home.models / "base" / "gone")
    assert (await catalogue.get("facts")).problems == []


async def test_hashes_are_those_of_sha256sum(home: Home, catalogue: Catalogue) -> None:
    folder = model(home.models / "base" / "tiny")
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("config.json", "model.safetensors")}
    assert await catalogue.sha256(folder / "config.json") == digests["config.json"]
    lines = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    whole = await catalogue.sha256(folder)
    assert whole == hashlib.sha256(lines.encode()).hexdigest()
    sidecar(folder / "tunesmith.json", kind="base")
    (folder / ".cache").mkdir()
    (folder / ".cache" / "x").write_text("x")
    assert await catalogue.sha256(folder) == whole
    (folder / "config.json").write_text("{}")
    assert await catalogue.sha256(folder) != whole


def test_a_hash_is_remembered_between_starts_and_a_damaged_memory_is_thrown_away(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"a" * 1000)
    database = tmp_path / "hashes.sqlite"
    first = Hashes(database).sha256(file)
    import sqlite3

    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE hashes SET sha256 = 'remembered'")
    assert Hashes(database).sha256(file) == "remembered"
    database.write_bytes(b"no database at all, but long enough to be looked at" * 20)
    assert Hashes(database).sha256(file) == first


async def test_a_fitting_adapter_has_nothing_against_it(home: Home, catalogue: Catalogue) -> None:
    model(home.models / "base" / "tiny")
    adapter(home.saves / "facts")
    assert await catalogue.check("saves/facts", "models/base/tiny") == []


async def test_an_adapter_of_another_base_is_told(home: Home, catalogue: Catalogue) -> None:
    model(home.models / "base" / "tiny")
    model(home.models / "base" / "wide", width=16)
    adapter(home.saves / "facts", layers=2)
    assert "base has no" in " ".join(await catalogue.check("saves/facts", "models/base/tiny"))
    assert "8 × 8 in the adapter and 16 × 16" in " ".join(await catalogue.check("saves/facts", "models/base/wide"))


async def test_another_vocabulary_is_told(home: Home, catalogue: Catalogue) -> None:
    for folder, tokens in ((model(home.models / "base" / "tiny"), 3), (adapter(home.saves / "facts"), 4)):
        vocabulary = {"model": {"vocab": {str(number): number for number in range(tokens)}}, "added_tokens": [{"content": "0"}]}
        (folder / "tokenizer.json").write_text(json.dumps(vocabulary))
    assert any("4 tokens" in reason for reason in await catalogue.check("saves/facts", "models/base/tiny"))


async def test_nan_weights_and_a_lying_config_are_told(home: Home, catalogue: Catalogue) -> None:
    folder = adapter(home.saves / "facts", r=16)
    data = b"\0\0\xc0\x7f" + bytes(4 * (4 * 8 * 2) - 4)
    safetensors(folder / "adapter_model.safetensors", lora_tensors(4), data=data)
    reasons = " ".join(await catalogue.check("saves/facts"))
    assert "NaN" in reasons
    assert "rank 16" in reasons


async def test_lineage_names_parents_children_and_what_is_missing(home: Home, catalogue: Catalogue) -> None:
    model(home.models / "base" / "tiny")
    sidecar(adapter(home.saves / "facts", use_dora=True) / "tunesmith.json", parents=["models/base/tiny", "data/gone.jsonl"])
    sidecar(
        model(home.models / "merged" / "facts") / "tunesmith.json", kind="merged", parents=["models/base/tiny", "saves/facts"]
    )
    lineage = await catalogue.lineage("saves/facts")
    assert [one.id for one in lineage.parents] == ["models/base/tiny"]
    assert lineage.missing == ["data/gone.jsonl"]
    assert [one.id for one in lineage.children] == ["models/merged/facts"]
    assert "DoRA" in lineage.not_loadable[0]


async def test_deletes_only_what_nothing_needs(home: Home, catalogue: Catalogue) -> None:
    model(home.models / "base" / "tiny")
    run = adapter(home.saves / "facts", base=str(home.models / "base" / "tiny"))
    with pytest.raises(Conflict, match="saves/facts was made from it"):
        await catalogue.delete(home.models / "base" / "tiny")
    record = home.served / "facts" / "1.json"
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps({"adapter": "saves/facts", "base": "models/base/tiny", "pieces": []}))
    with pytest.raises(Conflict, match="release 1 of facts"):
        await catalogue.delete(home.saves / "facts")
    record.unlink()
    await catalogue.delete(home.saves / "facts")
    await catalogue.delete(home.models / "base" / "tiny")
    assert not run.exists()
    assert await catalogue.list() == []
    assert list(home.saves.iterdir()) == []


async def test_deleting_a_file_takes_its_sidecar_with_it(home: Home, catalogue: Catalogue) -> None:
    from .test_headers import write_gguf

    (home.models / "gguf").mkdir()
    sidecar(home.models / "gguf" / "facts.gguf.tunesmith.json", kind="gguf")
    write_gguf(home.models / "gguf" / "facts.gguf")
    await catalogue.delete(home.models / "gguf" / "facts.gguf")
    assert list((home.models / "gguf").iterdir()) == []


async def test_deleting_a_link_leaves_what_it_points_to(home: Home, catalogue: Catalogue, tmp_path: Path) -> None:
    elsewhere = model(tmp_path / "elsewhere")
    (home.models / "base").mkdir()
    (home.models / "base" / "linked").symlink_to(elsewhere)
    await catalogue.delete(home.models / "base" / "linked")
    assert (elsewhere / "config.json").is_file()
    assert await catalogue.list() == []


async def test_what_deleting_would_do_is_told_before(home: Home) -> None:
    busy: list[Dependant] = []
    catalogue = Catalogue(home, lambda path: busy if path == home.saves / "facts" else [], lambda name: [f"{name} serves"])
    model(home.models / "base" / "tiny")
    run = adapter(home.saves / "facts")
    (run / "checkpoint-1").mkdir()
    (run / "checkpoint-1" / "optimizer.pt").write_bytes(b"x" * 100_000)
    sidecar(model(home.models / "merged" / "facts") / "tunesmith.json", kind="merged", parents=["saves/facts"])
    record = home.served / "facts" / "1.json"
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps({"adapter": "saves/facts", "base": "models/base/tiny", "pieces": []}))
    found = await catalogue.deletion(run)
    assert (found.what, found.files, found.stops, found.possible) == (
        "saves/facts",
        ["saves/facts"],
        ["saves/facts serves"],
        False,
    )
    assert 100_000 < found.bytes < 200_000
    assert [(each.kind, each.name) for each in found.dependants] == [("artifact", "models/merged/facts"), ("release", "facts/1")]
    merged = await catalogue.deletion(home.models / "merged" / "facts")
    assert (merged.dependants, merged.possible) == ([], True)
    record.unlink()
    await catalogue.delete(home.models / "merged" / "facts")
    busy.append(Dependant(kind="job", name="job-1", why="job-1 works with it"))
    with pytest.raises(Conflict, match="job-1 works with it"):
        await catalogue.delete(run)
    busy.clear()
    await catalogue.delete(run)
    assert not run.exists()
