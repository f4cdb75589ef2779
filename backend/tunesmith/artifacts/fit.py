"""Does an adapter fit a base? Adapters carry no hash of their base, so names and shapes are compared."""

from __future__ import annotations

import json
from pathlib import Path

from tunesmith.artifacts import adapter, describe
from tunesmith.artifacts.safetensors import Header, Tensor, read_header

_PREFIX = "base_model.model."


def reasons_against(adapter_folder: Path, base_folder: Path) -> list[str]:
    """Sentences; empty when every adapted layer is in the base with the same shape, and the vocabularies agree.

    Raises `BrokenFile` for a file on either side that can't be read.
    """
    tensors = base_tensors(base_folder)
    header = read_header(adapter_folder / adapter.WEIGHTS)
    return _layers_against(header, tensors) + _vocabulary_against(header, adapter_folder, base_folder, tensors)


def base_tensors(folder: Path) -> dict[str, Tensor]:
    """Every tensor of a model folder, over all its shards."""
    found: dict[str, Tensor] = {}
    for name in describe.weight_files(folder):
        found |= read_header(folder / name).tensors
    return found


def _layers_against(header: Header, tensors: dict[str, Tensor]) -> list[str]:
    missing, different = [], []
    for module, (outputs, inputs) in sorted(adapter.lora_shapes(header).items()):
        layer = _layer(module, tensors)
        if layer is None:
            missing.append(module)
        elif len(layer.shape) == 2 and (outputs, inputs) not in (layer.shape, layer.shape[::-1]):
            different.append(
                f"{module} is {outputs} × {inputs} in the adapter and {layer.shape[0]} × {layer.shape[1]} in the base"
            )
    found = []
    if missing:
        found.append(f"the base has no {missing[0]}" + (f" (nor {len(missing) - 1} others)" if len(missing) > 1 else ""))
    if different:
        found.append(different[0] + (f" ({len(different)} layers differ)" if len(different) > 1 else ""))
    return found


def _layer(module: str, tensors: dict[str, Tensor]) -> Tensor | None:
    """The base's weight of `module`. Checkpoints of multimodal and older models put another word before `layers`."""
    for name in (f"{module}.weight", f"model.{module}.weight", f"{module.removeprefix('model.')}.weight"):
        if name in tensors:
            return tensors[name]
    return None


def _vocabulary_against(header: Header, adapter_folder: Path, base_folder: Path, tensors: dict[str, Tensor]) -> list[str]:
    rows = next(
        (tensor.shape[0] for name, tensor in tensors.items() if name.endswith("embed_tokens.weight") and tensor.shape), None
    )
    rows = rows or _whole(base_folder / "config.json", "vocab_size")
    found = []
    for name, tensor in header.tensors.items():
        saved = (
            tensor.shape[0] if tensor.shape and "lora_" not in name and ("embed_tokens" in name or "lm_head" in name) else None
        )
        if saved is not None and rows is not None and saved != rows:
            found.append(f"the adapter saves {saved} embeddings, the base has {rows}")
            break
    tokens, base_tokens = _token_count(adapter_folder), _token_count(base_folder)
    if tokens is not None and base_tokens is not None and tokens != base_tokens:
        found.append(f"the adapter was trained with a tokenizer of {tokens} tokens, the base's has {base_tokens}")
    return found


def _token_count(folder: Path) -> int | None:
    """Tokens in `tokenizer.json` with the added ones, or None when there is none that can be read."""
    content = _object(folder / "tokenizer.json")
    model, added = content.get("model"), content.get("added_tokens")
    vocabulary = model.get("vocab") if isinstance(model, dict) else None
    if isinstance(vocabulary, dict):
        more = [entry.get("content") for entry in added if isinstance(entry, dict)] if isinstance(added, list) else []
        return len(vocabulary) + sum(token not in vocabulary for token in more)
    return len(vocabulary) if isinstance(vocabulary, list) else None


def _whole(path: Path, key: str) -> int | None:
    value = _object(path).get(key)
    return value if isinstance(value, int) else None


def _object(path: Path) -> dict[str, object]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
