"""Base models and adapters as folders in Hugging Face's and PEFT's form, too small to be good for anything but planning."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tunesmith.domain.release import Engine, Piece, Release, Way

Tensors = Mapping[str, NDArray[np.float32]]
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
LAYERS = 2
VOCABULARY = 32


def write_safetensors(path: Path, tensors: Tensors) -> Path:
    """8 bytes of length, a JSON header, the numbers (huggingface/safetensors, "Format")."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, values in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [at, at + values.nbytes]}
        at += values.nbytes
    raw = json.dumps(header, separators=(",", ":")).encode()
    data = b"".join(values.astype("<f4").tobytes() for values in tensors.values())
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + data)
    return path


def write_base(folder: Path, width: int = 16, seed: int = 0) -> Path:
    """A llama with random weights, a vocabulary of letters and ChatML as its chat template."""
    folder.mkdir(parents=True)
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": width,
        "intermediate_size": 2 * width,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "vocab_size": VOCABULARY,
        "max_position_embeddings": 512,
        "torch_dtype": "float32",
    }
    (folder / "config.json").write_text(json.dumps(config))
    vocabulary = {chr(97 + number): number for number in range(VOCABULARY)}
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"type": "BPE", "vocab": vocabulary, "merges": []}}))
    (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": CHATML}))
    random = np.random.default_rng(seed)
    shapes = {"model.embed_tokens.weight": (VOCABULARY, width), "lm_head.weight": (VOCABULARY, width)}
    for layer in range(LAYERS):
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            shapes[f"model.layers.{layer}.self_attn.{name}.weight"] = (width, width)
        shapes |= {f"model.layers.{layer}.mlp.{name}.weight": (2 * width, width) for name in ("gate_proj", "up_proj")}
        shapes[f"model.layers.{layer}.mlp.down_proj.weight"] = (width, 2 * width)
    write_safetensors(folder / "model.safetensors", {name: _random(random, *shape) for name, shape in shapes.items()})
    return folder


def write_adapter(
    folder: Path, base: str | None = "models/base/tiny", width: int = 16, rank: int = 4, template: str | None = "chatml",
    **config: object,
) -> Path:  # fmt: skip
    """A LoRA adapter as LLaMA-Factory leaves it. `base` relative to home or absolute; `config` changes adapter_config.json."""
    folder.mkdir(parents=True)
    said: dict[str, object] = {"peft_type": "LORA", "r": rank, "lora_alpha": 2 * rank, "target_modules": ["q_proj"]}
    said["base_model_name_or_path"] = base
    (folder / "adapter_config.json").write_text(json.dumps(said | config))
    if template is not None:
        (folder / "training_args.yaml").write_text(f"template: {template}\n")
    write_safetensors(folder / "adapter_model.safetensors", adapter_tensors(width, rank))
    return folder


def write_releases(home: Path, name: str, count: int) -> Path:
    """Releases 1 to `count` of a model that isn't there, the last one current."""
    folder = home / "models/served" / name
    folder.mkdir(parents=True)
    piece = Piece(role="model", path="models/gguf/gone.gguf", sha256="0" * 64, bytes=1)
    for number in range(1, count + 1):
        release = Release(
            name=name, number=number, way=Way.MERGE, engine=Engine.LLAMA_CPP, engine_build="", pieces=[piece],
            adapter="saves/facts", base="models/base/tiny", template="chatml", quantisation="f16", parity="",
            parity_verdict="equal", job="by-hand", made_at=datetime.now(UTC),
        )  # fmt: skip
        (folder / f"{number}.json").write_text(release.model_dump_json())
    (folder / "current").write_text(f"{count}\n")
    return folder


def adapter_tensors(width: int = 16, rank: int = 4) -> dict[str, NDArray[np.float32]]:
    random, tensors = np.random.default_rng(1), {}
    for layer in range(LAYERS):
        module = f"base_model.model.model.layers.{layer}.self_attn.q_proj"
        tensors[f"{module}.lora_A.weight"] = _random(random, rank, width)
        tensors[f"{module}.lora_B.weight"] = _random(random, width, rank)
    return tensors


def _random(random: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    return random.standard_normal(shape).astype(np.float32)
