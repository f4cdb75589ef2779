"""Whether llama.cpp can load an adapter as it is (convert_lora_to_gguf.py takes lora_A, lora_B and norms only)."""

from __future__ import annotations

from pathlib import Path

from tunesmith.artifacts import adapter
from tunesmith.artifacts.adapter import AdapterConfig
from tunesmith.artifacts.safetensors import Header, read_header

HIGHEST_RANK = 1024
"""Above this a merged model is smaller and faster than base and adapter side by side."""
_CONVERTED = (".lora_A.weight", ".lora_B.weight")
_SAVED_EMBEDDINGS = ("embed_tokens", "lm_head", "wte", "word_embeddings", "embed_out")


def reasons_against_gguf_adapter(folder: Path) -> list[str]:
    """Sentences; empty when it can be converted. Raises `BrokenFile`. The converter itself judges the architecture."""
    return reasons(adapter.read_config(folder), read_header(folder / adapter.WEIGHTS))


def reasons(config: AdapterConfig, header: Header) -> list[str]:
    if config.peft_type != "LORA":
        return [f"it is of type {config.peft_type}; only LORA has a GGUF form"]
    found = []
    if config.use_dora or any("lora_magnitude_vector" in name for name in header.tensors):
        found.append("it is a DoRA adapter: its magnitudes have no GGUF form")
    if config.modules_to_save:
        found.append(f"it saves whole modules ({', '.join(config.modules_to_save)}) beside the adapter")
    if config.trainable_token_indices:
        found.append("it trains single token embeddings, which have no GGUF form")
    if config.bias != "none":
        found.append(f"it trains biases (bias: {config.bias}), which have no GGUF form")
    highest = max([rank for rank in (config.r, *adapter.lora_ranks(header).values()) if rank], default=0)
    if highest > HIGHEST_RANK:
        found.append(f"its rank {highest} is above {HIGHEST_RANK}")
    if config.alpha_pattern:
        found.append("it scales modules differently (alpha_pattern), and a GGUF adapter has one alpha for all")
    if config.use_rslora:
        found.append("it uses rank-stabilised scaling (alpha/√rank), and llama.cpp scales by alpha/rank")
    return found + _strange_tensors(config, header)


def _strange_tensors(config: AdapterConfig, header: Header) -> list[str]:
    strange = [name for name in header.tensors if not _converted(name)]
    if any("lora_embedding_" in name for name in strange):
        return ["it adapts the embeddings (lora_embedding_A), which have no GGUF form"]
    if any(part in name for name in strange for part in _SAVED_EMBEDDINGS):
        return [] if config.modules_to_save else ["its file holds whole embeddings"]
    strange = [name for name in strange if "lora_magnitude_vector" not in name and "modules_to_save" not in name]
    explained = bool(config.modules_to_save) or config.bias != "none"
    return [f"its file holds {strange[0]}, which has no GGUF form"] if strange and not explained else []


def _converted(name: str) -> bool:
    return name.endswith(_CONVERTED) or ("_layernorm" in name or ".norm" in name)
