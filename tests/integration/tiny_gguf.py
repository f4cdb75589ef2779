"""A llama with random weights as GGUF, and random adapters on it: the real engine loads them in a blink and answers gibberish,
another one with every adapter. Enough for everything about serving but the sense of the answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

CONTEXT = 65536
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]
LETTERS = [chr(code) for code in range(97, 123)]


@dataclass(frozen=True)
class Sizes:
    width: int = 64
    inner: int = 128
    heads: int = 4
    layers: int = 2
    unused: int = 0
    """Words of the vocabulary that no text has; they only cost time."""


TINY = Sizes()
SMOLLM2_135M = Sizes(width=576, inner=1536, heads=9, layers=30, unused=48_000)


def write_model(path: Path, seed: int = 0, sizes: Sizes = TINY) -> Path:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(sizes.width)
    writer.add_feed_forward_length(sizes.inner)
    writer.add_block_count(sizes.layers)
    writer.add_head_count(sizes.heads)
    writer.add_head_count_kv(sizes.heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(sizes.width // sizes.heads)
    words = _vocabulary(writer, sizes.unused)
    random = np.random.default_rng(seed)
    for name, shape in _weights(words, sizes).items():
        norm = name.endswith("norm.weight")
        values = np.ones(shape) if norm else 2 * random.standard_normal(shape) / np.sqrt(shape[-1])
        if name == "output.weight":
            values[: -len(LETTERS)] = 0  # it speaks letters only: bytes that are no text would all look alike in an answer
        writer.add_tensor(name, values.astype(np.float32 if norm else np.float16))
    return _written(writer, path)


def write_adapter(path: Path, seed: int, rank: int = 4, sizes: Sizes = TINY) -> Path:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(rank))
    random = np.random.default_rng(seed)
    for layer in range(sizes.layers):
        for name, (rows, columns) in _layer(layer, sizes).items():
            writer.add_tensor(f"{name}.lora_a", (random.standard_normal((rank, columns)) / np.sqrt(columns)).astype(np.float32))
            writer.add_tensor(f"{name}.lora_b", random.standard_normal((rows, rank)).astype(np.float32))
    return _written(writer, path)


def _layer(layer: int, sizes: Sizes) -> dict[str, tuple[int, int]]:
    """(rows, columns) of the matrices of one layer."""
    width, inner = sizes.width, sizes.inner
    attention = {f"blk.{layer}.attn_{part}.weight": (width, width) for part in ("q", "k", "v", "output")}
    wide = {f"blk.{layer}.ffn_{part}.weight": (inner, width) for part in ("gate", "up")}
    return {**attention, **wide, f"blk.{layer}.ffn_down.weight": (width, inner)}


def _weights(words: int, sizes: Sizes) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (words, sizes.width), "output.weight": (words, sizes.width)}
    for layer in range(sizes.layers):
        shapes |= _layer(layer, sizes) | {f"blk.{layer}.{part}_norm.weight": (sizes.width,) for part in ("attn", "ffn")}
    return shapes | {"output_norm.weight": (sizes.width,)}


def _vocabulary(writer: gguf.GGUFWriter, unused: int) -> int:
    kinds = gguf.TokenType
    byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)]
    tokens = [*SPECIAL, *byte_tokens, *(f"<unused{number}>" for number in range(unused)), *LETTERS]
    types = [
        kinds.UNKNOWN,
        *[kinds.CONTROL] * (len(SPECIAL) - 1),
        *[kinds.BYTE] * 256,
        *[kinds.UNUSED] * unused,
        *[kinds.NORMAL] * len(LETTERS),
    ]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([int(kind) for kind in types])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(4)
    writer.add_chat_template(CHATML)
    return len(tokens)


def _written(writer: gguf.GGUFWriter, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
