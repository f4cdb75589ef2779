"""Headers of weight files: what they say, and every way in which they can be broken."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import gguf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.artifacts.adapter import lies, lora_ranks, read_config
from tunesmith.artifacts.engine_limits import reasons_against_gguf_adapter
from tunesmith.artifacts.gguf_header import read_gguf
from tunesmith.artifacts.gguf_types import BLOCKS, FILE_TYPES
from tunesmith.artifacts.nan import first_not_finite, has_nan
from tunesmith.artifacts.safetensors import BrokenFile, quick_check, read_header

from .make import adapter, lora_tensors, safetensors


def test_reads_names_shapes_and_sizes(tmp_path: Path) -> None:
    header = read_header(safetensors(tmp_path / "a.safetensors", {"x": [2, 3], "y": [4]}, dtype="F16"))
    assert header.parameters == 10
    assert header.tensors["x"].shape == (2, 3)
    assert header.metadata == {"format": "pt"}


@pytest.mark.parametrize("missing", [1, 8, 24, 10_000])
def test_a_truncated_file_is_said_to_be_cut_short(tmp_path: Path, missing: int) -> None:
    file = safetensors(tmp_path / "a.safetensors", {"x": [4], "y": [2]})
    file.write_bytes(file.read_bytes()[:-missing])
    for read in (quick_check, read_header):
        with pytest.raises(BrokenFile, match=r"cut short|too few"):
            read(file)


def test_a_file_longer_than_its_header_says_is_refused(tmp_path: Path) -> None:
    file = safetensors(tmp_path / "a.safetensors", {"x": [4]})
    file.write_bytes(file.read_bytes() + b"more")
    for read in (quick_check, read_header):
        with pytest.raises(BrokenFile, match="4 more"):
            read(file)


def test_tensors_named_in_another_order_than_their_bytes_are_whole(tmp_path: Path) -> None:
    entries = {
        "b": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]},
        "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
    }
    raw = json.dumps(entries).encode()
    file = tmp_path / "a.safetensors"
    file.write_bytes(struct.pack("<Q", len(raw)) + raw + bytes(8))
    quick_check(file)
    assert set(read_header(file).tensors) == {"a", "b"}


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_either_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("any") / "a.safetensors"
    for start in (content, struct.pack("<Q", max(0, len(content) - 8)) + content[8:]):
        file.write_bytes(start)
        for read in (quick_check, read_header, read_gguf):
            try:
                read(file)
            except BrokenFile as error:
                assert str(file) in error.detail


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16"])
@pytest.mark.parametrize("poison", [float("nan"), float("inf"), float("-inf")])
def test_finds_nan_and_infinity_in_every_float_type(tmp_path: Path, dtype: str, poison: float) -> None:
    values = np.array([1.0, -2.0, 65504.0, poison], dtype="<f4")
    data = {"F32": values, "F16": values.astype("<f2"), "BF16": (values.view("<u4") >> 16).astype("<u2")}[dtype]
    file = safetensors(tmp_path / "a.safetensors", {"fine": [2], "poisoned": [2]}, dtype=dtype, data=data.tobytes())
    assert first_not_finite(file) == "poisoned"
    width = data.itemsize
    assert not has_nan(file, limit=2 * width)


def test_zeros_are_finite(tmp_path: Path) -> None:
    assert not has_nan(safetensors(tmp_path / "a.safetensors", {"x": [1000]}))


def test_our_tables_are_those_of_the_gguf_package() -> None:
    assert {int(kind): sizes for kind, sizes in gguf.GGML_QUANT_SIZES.items()} == BLOCKS
    names = {int(kind): kind.name.removeprefix("MOSTLY_").removeprefix("ALL_") for kind in gguf.LlamaFileType}
    assert {number: name for number, name in names.items() if number != 1024} == FILE_TYPES


def write_gguf(path: Path, *, kind: str = "model") -> Path:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type(kind)
    writer.add_name("Tiny")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_chat_template("{{ messages }}")
    writer.add_token_list(["a", "bé", "c"])
    writer.add_array("some.numbers", [1, 2, 3])
    if kind == "adapter":
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", 16.0)
    writer.add_tensor("x", np.zeros((4, 32), dtype=np.float32))
    writer.add_tensor("y", np.zeros((2, 32), dtype=np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_reads_what_the_gguf_package_writes(tmp_path: Path) -> None:
    header = read_gguf(write_gguf(tmp_path / "a.gguf"))
    assert (header.architecture, header.name, header.quantisation) == ("llama", "Tiny", "Q8_0")
    assert (header.tensor_count, header.parameters) == (2, 192)
    assert header.chat_template == "{{ messages }}"
    assert not header.is_adapter


def test_reads_a_gguf_adapter(tmp_path: Path) -> None:
    header = read_gguf(write_gguf(tmp_path / "a.gguf", kind="adapter"))
    assert header.is_adapter
    assert (header.adapter_type, header.alpha) == ("lora", 16.0)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_truncated_gguf_is_refused(tmp_path: Path, share: float) -> None:
    file = write_gguf(tmp_path / "a.gguf")
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(BrokenFile, match="cut short"):
        read_gguf(file)


def test_an_honest_adapter_has_no_lies(tmp_path: Path) -> None:
    folder = adapter(tmp_path / "run", rank=4)
    header = read_header(folder / "adapter_model.safetensors")
    assert lies(read_config(folder), header) == []
    assert lora_ranks(header) == {"model.layers.0.self_attn.q_proj": 4}
    assert reasons_against_gguf_adapter(folder) == []


@pytest.mark.parametrize(
    ("config", "lie"),
    [
        ({"r": 32}, "says rank 32"),
        ({"target_modules": ["q_proj", "gate_up_proj"]}, "names gate_up_proj"),
        ({"target_modules": ["v_proj"]}, "target_modules doesn't name"),
        ({"use_dora": True}, "no magnitude vectors"),
        ({"modules_to_save": ["embed_tokens"]}, "no tensor of it"),
    ],
)
def test_a_config_that_lies_is_found(tmp_path: Path, config: dict[str, object], lie: str) -> None:
    folder = adapter(tmp_path / "run", rank=4, **config)
    found = lies(read_config(folder), read_header(folder / "adapter_model.safetensors"))
    assert any(lie in sentence for sentence in found), found


def test_dora_tensors_under_a_plain_config_are_found(tmp_path: Path) -> None:
    folder = adapter(tmp_path / "run")
    tensors = lora_tensors(4) | {"base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector": [8]}
    safetensors(folder / "adapter_model.safetensors", tensors)
    assert any("DoRA" in lie for lie in lies(read_config(folder), read_header(folder / "adapter_model.safetensors")))


def test_a_rank_pattern_is_no_lie(tmp_path: Path) -> None:
    folder = adapter(tmp_path / "run", rank=4, r=8, rank_pattern={"q_proj": 4})
    assert lies(read_config(folder), read_header(folder / "adapter_model.safetensors")) == []


@pytest.mark.parametrize(
    ("config", "more", "reason"),
    [
        ({"use_dora": True}, {}, "DoRA"),
        ({"modules_to_save": ["lm_head"]}, {"base_model.model.lm_head.weight": [16, 8]}, "lm_head"),
        ({"bias": "lora_only"}, {}, "biases"),
        ({"use_rslora": True}, {}, "rank-stabilised"),
        ({"peft_type": "IA3"}, {}, "IA3"),
        ({"alpha_pattern": {"q_proj": 3}}, {}, "one alpha"),
        ({}, {"base_model.model.model.embed_tokens.lora_embedding_A": [4, 16]}, "embeddings"),
        ({}, {"base_model.model.model.embed_tokens.weight": [16, 8]}, "whole embeddings"),
        ({"r": 2048}, {}, "2048"),
    ],
)
def test_what_llama_cpp_cannot_load_is_refused_with_its_reason(
    tmp_path: Path, config: dict[str, object], more: dict[str, list[int]], reason: str
) -> None:
    folder = adapter(tmp_path / "run", **config)
    safetensors(folder / "adapter_model.safetensors", lora_tensors(4) | more)
    found = reasons_against_gguf_adapter(folder)
    assert len(found) == 1
    assert reason in found[0]
