"""A llama with random weights as GGUF, and random adapters on it: the real engine loads them in a blink and answers gibberish,
another one with every adapter. Enough for everything about serving but the sense of the answers."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

WIDTH, INNER, HEADS, LAYERS, CONTEXT = 64, 128, 4, 2, 65536
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]
LETTERS = [chr(code) for code in range(97, 123)]


def write_model(path: Path, seed: int = 0) -> Path:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(INNER)
    writer.add_block_count(LAYERS)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    words = _vocabulary(writer)
    random = np.random.default_rng(seed)
    for name, shape in _weights(words).items():
        norm = name.endswith("norm.weight")
        values = np.ones(shape) if norm else 2 * random.standard_normal(shape) / np.sqrt(shape[-1])
        if name == "output.weight":
            values[: -len(LETTERS)] = 0  # it speaks letters only: bytes that are no text would all look alike in an answer
        writer.add_tensor(name, values.astype(np.float32))
    return _written(writer, path)


def write_adapter(path: Path, seed: int, rank: int = 4) -> Path:
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(rank))
    random = np.random.default_rng(seed)
    for layer in range(LAYERS):
        for name, (rows, columns) in _layer(layer).items():
            writer.add_tensor(f"{name}.lora_a", random.standard_normal((rank, columns)).astype(np.float32))
            writer.add_tensor(f"{name}.lora_b", random.standard_normal((rows, rank)).astype(np.float32))
    return _written(writer, path)


def _layer(layer: int) -> dict[str, tuple[int, int]]:
    """(rows, columns) of the matrices of one layer."""
    attention = {f"blk.{layer}.attn_{part}.weight": (WIDTH, WIDTH) for part in ("q", "k", "v", "output")}
    inner = {f"blk.{layer}.ffn_{part}.weight": (INNER, WIDTH) for part in ("gate", "up")}
    return {**attention, **inner, f"blk.{layer}.ffn_down.weight": (WIDTH, INNER)}


def _weights(words: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (words, WIDTH), "output.weight": (words, WIDTH)}
    for layer in range(LAYERS):
        shapes |= _layer(layer) | {f"blk.{layer}.{part}_norm.weight": (WIDTH,) for part in ("attn", "ffn")}
    return shapes | {"output_norm.weight": (WIDTH,)}


def _vocabulary(writer: gguf.GGUFWriter) -> int:
    kinds = gguf.TokenType
    byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)]
    tokens = [*SPECIAL, *byte_tokens, *LETTERS]
    types = [kinds.UNKNOWN, *[kinds.CONTROL] * (len(SPECIAL) - 1), *[kinds.BYTE] * 256, *[kinds.NORMAL] * len(LETTERS)]
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
