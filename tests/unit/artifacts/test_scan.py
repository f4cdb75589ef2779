"""What a scan finds, what it leaves out, and when it looks again."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tunesmith.artifacts.scan import Scanner
from tunesmith.domain.artifact import Artifact, Kind
from tunesmith.domain.home import Home

from .make import adapter, model, safetensors, sidecar
from .test_headers import write_gguf


def found(home: Home) -> dict[str, Artifact]:
    return {artifact.id: artifact for artifact in Scanner(home).scan().artifacts}


def age(root: Path) -> None:
    """Make everything look old enough to be remembered."""
    then = time.time_ns() - 60_000_000_500
    for folder, _, names in os.walk(root):
        for path in (Path(folder), *(Path(folder) / name for name in names)):
            os.utime(path, ns=(then, then))


def test_an_empty_home_has_nothing(tmp_path: Path) -> None:
    scan = Scanner(Home(tmp_path / "nowhere")).scan()
    assert (scan.artifacts, scan.unreadable) == ([], [])


def test_finds_runs_at_every_depth_and_checkpoints_below_them(home: Home) -> None:
    adapter(home.saves / "one")
    adapter(home.saves / "Llama-3-8B" / "lora" / "train_2026")
    for number in (10, 9):
        checkpoint = adapter(home.saves / "one" / f"checkpoint-{number}")
        (checkpoint / "trainer_state.json").write_text("{}")
    adapter(home.saves / "a" / "b" / "c" / "too-deep")
    artifacts = found(home)
    assert list(artifacts) == [
        "saves/Llama-3-8B/lora/train_2026",
        "saves/one",
        "saves/one/checkpoint-9",
        "saves/one/checkpoint-10",
    ]
    last = artifacts["saves/one/checkpoint-10"]
    assert (last.run, last.checkpoint, last.name) == ("one", 10, "one/checkpoint-10")
    assert artifacts["saves/Llama-3-8B/lora/train_2026"].run == "Llama-3-8B/lora/train_2026"


def test_folders_without_an_adapter_config_or_weights_are_left_out(home: Home) -> None:
    safetensors(home.saves / "no-config" / "adapter_model.safetensors", {"x": [1]})
    adapter(home.saves / "no-weights")
    (home.saves / "no-weights" / "adapter_model.safetensors").unlink()
    adapter(home.saves / ".facts.part-1")
    assert found(home) == {}


def test_a_checkpoint_without_its_state_is_still_being_written(home: Home) -> None:
    adapter(home.saves / "one" / "checkpoint-5")
    assert found(home) == {}


def test_a_run_of_ours_is_listed_when_its_sidecar_is_there(home: Home) -> None:
    run = adapter(home.saves / "facts")
    (run / ".tunesmith-run.json").write_text("{}")
    (adapter(run / "checkpoint-5") / "trainer_state.json").write_text("{}")
    assert list(found(home)) == ["saves/facts/checkpoint-5"]
    sidecar(run / "tunesmith.json", parents=["models/base/tiny", "data/facts.jsonl"])
    done = found(home)["saves/facts"]
    assert done.lineage is not None
    assert done.base == "models/base/tiny"


def test_what_was_made_outside_has_no_lineage_and_its_base_is_relative_to_home(home: Home) -> None:
    adapter(home.saves / "inside", base=str(home.models / "base" / "tiny"))
    adapter(home.saves / "outside", base="/elsewhere/tiny")
    adapter(home.saves / "hub", base="Qwen/Qwen2.5-0.5B-Instruct")
    artifacts = found(home)
    assert [artifacts[f"saves/{name}"].base for name in ("inside", "outside", "hub")] == [
        "models/base/tiny",
        "/elsewhere/tiny",
        "Qwen/Qwen2.5-0.5B-Instruct",
    ]
    assert all(artifact.lineage is None for artifact in artifacts.values())


def test_broken_things_are_listed_with_their_problem(home: Home) -> None:
    weights = adapter(home.saves / "cut") / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    (adapter(home.saves / "no-json") / "adapter_config.json").write_text("{")
    (adapter(home.saves / "wrong-type") / "adapter_config.json").write_text('{"peft_type": "LORA", "r": "many"}')
    (adapter(home.saves / "bad-sidecar") / "tunesmith.json").write_text("[]")
    pickle = adapter(home.saves / "pickle") / "adapter_model.safetensors"
    pickle.rename(pickle.with_name("adapter_model.bin"))
    problems = {artifact.name: " ".join(artifact.problems) for artifact in found(home).values()}
    assert "cut short" in problems["cut"]
    assert "adapter_config.json" in problems["no-json"]
    assert "`r`" in problems["wrong-type"]
    assert "tunesmith.json" in problems["bad-sidecar"]
    assert "pickle" in problems["pickle"]


def test_finds_models_and_says_which_shards_are_missing(home: Home) -> None:
    model(home.models / "base" / "tiny")
    model(home.models / "merged" / "facts")
    sharded = model(home.models / "base" / "sharded")
    (sharded / "model.safetensors").rename(sharded / "model-00001-of-00002.safetensors")
    shards = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    (sharded / "model.safetensors.index.json").write_text(json.dumps({"weight_map": shards}))
    (home.models / "base" / "not-a-model").mkdir()
    artifacts = found(home)
    assert list(artifacts) == ["models/base/sharded", "models/base/tiny", "models/merged/facts"]
    tiny = artifacts["models/base/tiny"]
    assert (tiny.kind, tiny.architecture, tiny.parameters, tiny.problems) == (Kind.BASE, "LlamaForCausalLM", 192, [])
    assert artifacts["models/merged/facts"].kind is Kind.MERGED
    assert "model-00002-of-00002.safetensors" in artifacts["models/base/sharded"].problems[0]


def test_the_type_of_weights_is_that_of_the_file_whatever_config_json_wishes(home: Home) -> None:
    folder = model(home.models / "base" / "tiny")
    safetensors(folder / "model.safetensors", {"model.embed_tokens.weight": [16, 8]}, dtype="BF16")
    assert found(home)["models/base/tiny"].quantisation == "bfloat16"


def test_an_index_may_not_name_files_elsewhere(home: Home) -> None:
    folder = model(home.models / "base" / "sly")
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors.index.json").write_text('{"weight_map": {"a": "../../../etc/passwd"}}')
    assert "no plain file name" in found(home)["models/base/sly"].problems[0]


def test_finds_gguf_files_and_trusts_their_header_for_the_kind(home: Home) -> None:
    for folder in ("gguf", "adapters"):
        (home.models / folder).mkdir()
    sidecar(home.models / "gguf" / "facts.gguf.tunesmith.json", kind="gguf", parents=["models/merged/facts"])
    write_gguf(home.models / "gguf" / "facts.gguf")
    write_gguf(home.models / "gguf" / "lora.gguf", kind="adapter")
    (home.models / "gguf" / "broken.gguf").write_bytes(b"GGUF")
    write_gguf(home.models / "gguf" / ".half.part-x.gguf")
    artifacts = found(home)
    assert {id: artifact.kind for id, artifact in artifacts.items()} == {
        "models/gguf/broken.gguf": Kind.GGUF,
        "models/gguf/facts.gguf": Kind.GGUF,
        "models/gguf/lora.gguf": Kind.GGUF_ADAPTER,
    }
    assert artifacts["models/gguf/facts.gguf"].base == "models/merged/facts"
    assert artifacts["models/gguf/broken.gguf"].problems


def test_nothing_is_read_again_while_nothing_changes(home: Home) -> None:
    for number in range(20):
        adapter(home.saves / f"run-{number}")
    model(home.models / "base" / "tiny")
    age(home.root)
    scanner = Scanner(home)
    first = scanner.scan().artifacts
    reads = scanner.reads
    assert scanner.scan().artifacts == first
    assert scanner.reads == reads


@pytest.mark.parametrize("change", ["weights", "config", "sidecar", "new-run", "new-checkpoint", "deleted", "model"])
def test_every_change_is_seen_by_the_next_scan(home: Home, change: str) -> None:
    run = adapter(home.saves / "one")
    adapter(home.saves / "two")
    base = model(home.models / "base" / "tiny")
    age(home.root)
    scanner = Scanner(home)
    before = scanner.scan().artifacts
    match change:
        case "weights":
            with (run / "adapter_model.safetensors").open("ab") as file:
                file.write(b"!")
        case "config":
            (run / "adapter_config.json").write_text('{"peft_type": "LORA", "r": 2}')
        case "sidecar":
            sidecar(run / "tunesmith.json")
        case "new-run":
            adapter(home.saves / "three")
        case "new-checkpoint":
            (adapter(run / "checkpoint-1") / "trainer_state.json").write_text("{}")
        case "deleted":
            (home.saves / "two" / "adapter_config.json").unlink()
        case "model":
            with (base / "model.safetensors").open("ab") as file:
                file.write(b"!")
    assert scanner.scan().artifacts != before


def test_a_file_changed_just_before_a_scan_is_read_again_by_the_next(home: Home) -> None:
    """The clock's grain: a second change within it would leave the same modification time."""
    adapter(home.saves / "one")
    scanner = Scanner(home)
    scanner.scan()
    reads = scanner.reads
    scanner.scan()
    assert scanner.reads > reads


@contextlib.contextmanager
def nobody() -> Iterator[None]:
    """Root, who reads everything, is another user meanwhile; anyone else stays who they are."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_folder_that_cannot_be_read_is_reported() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own is closed to other users
        Path(folder).chmod(0o755)
        run = adapter(Path(folder) / "saves" / "one")
        run.chmod(0)
        try:
            with nobody():
                unreadable = Scanner(Home(Path(folder))).scan().unreadable
        finally:
            run.chmod(0o755)
    assert "one" in unreadable[0]
