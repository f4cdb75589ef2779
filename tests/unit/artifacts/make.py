"""Makes small but real artifacts: valid safetensors headers, PEFT configurations, GGUF files."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

WIDTHS = {"F32": 4, "F16": 2, "BF16": 2, "I64": 8}
PREFIX = "base_model.model.model.layers."


def safetensors(path: Path, tensors: Mapping[str, Sequence[int]], dtype: str = "F32", data: bytes | None = None) -> Path:
    """A safetensors file of zeros (or `data`) with these shapes."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, shape in tensors.items():
        count = WIDTHS[dtype]
        for length in shape:
            count *= length
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + count]}
        at += count
    raw = json.dumps(header, separators=(",", ":")).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + (bytes(at) if data is None else data))
    return path


def lora_tensors(
    rank: int, layers: int = 1, modules: Sequence[str] = ("self_attn.q_proj",), width: int = 8
) -> dict[str, list[int]]:
    return {
        f"{PREFIX}{layer}.{module}.lora_{side}.weight": [rank, width] if side == "A" else [width, rank]
        for layer in range(layers)
        for module in modules
        for side in "AB"
    }


def adapter(
    folder: Path, *, rank: int = 4, base: str = "models/base/tiny", layers: int = 1, width: int = 8, **config: object
) -> Path:
    """An adapter folder as PEFT saves it."""
    folder.mkdir(parents=True, exist_ok=True)
    content: dict[str, object] = {
        "peft_type": "LORA",
        "base_model_name_or_path": base,
        "r": rank,
        "lora_alpha": 2 * rank,
        "target_modules": ["q_proj"],
        "bias": "none",
        "use_dora": False,
        "modules_to_save": None,
    }
    (folder / "adapter_config.json").write_text(json.dumps(content | config))
    safetensors(folder / "adapter_model.safetensors", lora_tensors(rank, layers, width=width))
    return folder


def sidecar(path: Path, **fields: object) -> Path:
    content: dict[str, object] = {"kind": "adapter", "job": "train-1", "step": "train", "made_at": "2026-01-01T00:00:00Z"}
    path.write_text(json.dumps(content | fields))
    return path


def model(folder: Path, *, width: int = 8, layers: int = 1, vocabulary: int = 16) -> Path:
    """A model folder with a config.json and one file of weights, in the names of a Llama."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": width,
        "num_hidden_layers": layers,
        "vocab_size": vocabulary,
        "dtype": "float32",
    }
    (folder / "config.json").write_text(json.dumps(config))
    tensors = {"model.embed_tokens.weight": [vocabulary, width]}
    for layer in range(layers):
        tensors[f"model.layers.{layer}.self_attn.q_proj.weight"] = [width, width]
    safetensors(folder / "model.safetensors", tensors)
    return folder
