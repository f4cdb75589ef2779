"""What an adapter must be so that llama.cpp applies the same numbers as PEFT.

llama.cpp scales every pair by lora_alpha / (rank of the tensor): llama-adapter.h, `get_scale`. PEFT scales by
lora_alpha / r of the config, by lora_alpha / sqrt(r) for rsLoRA, and by `alpha_pattern` a module
(peft/tuners/lora/layer.py). The converter copies lora_alpha and looks at none of the rest.
"""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path
from typing import Any


class NotConvertible(Exception):
    """The GGUF adapter would answer otherwise than the trained one."""


def check(folder: Path) -> None:
    """Raise NotConvertible with file, reason and way out."""
    config = read_config(folder / "adapter_config.json")
    check_config(config)
    weights = folder / "adapter_model.safetensors"
    if weights.is_file():
        check_ranks(ranks(read_header(weights)), config)
        check_finite(weights)


def read_config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotConvertible(f"{path.name} can't be read ({error}): not a PEFT adapter") from error
    if not isinstance(config, dict) or "lora_alpha" not in config or "r" not in config:
        raise NotConvertible(f"{path.name} has no r and lora_alpha: not a LoRA adapter")
    return config


def check_config(config: dict[str, Any]) -> None:
    refusals = {
        "use_dora": "DoRA",
        "use_rslora": "rank-stabilised LoRA (another scale than llama.cpp computes)",
        "alpha_pattern": "a lora_alpha of its own for some modules",
        "modules_to_save": "whole modules saved beside the LoRA pairs",
    }
    for key, name in refusals.items():
        if config.get(key):
            raise NotConvertible(f"{name} can't be applied as an adapter by llama.cpp: merge it into its base instead")


def read_header(path: Path) -> dict[str, list[int]]:
    """Shapes by tensor name, from the file's header alone (safetensors format: u64 length, then JSON)."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(min(length, path.stat().st_size)))
        return {name: entry["shape"] for name, entry in header.items() if name != "__metadata__"}
    except (struct.error, ValueError, KeyError, TypeError) as error:
        raise NotConvertible(f"{path.name} isn't a safetensors file or is cut off: copy it again") from error


def ranks(shapes: dict[str, list[int]]) -> dict[str, int]:
    """Rank by module: the first dimension of its lora_A."""
    return {name.partition(".lora_A")[0]: shape[0] for name, shape in shapes.items() if ".lora_A." in name}


def check_ranks(found: dict[str, int], config: dict[str, Any]) -> None:
    patterns = config.get("rank_pattern") or {}
    for module, rank in found.items():
        said = next((r for key, r in patterns.items() if re.search(rf"(^|\.){key}$", module)), config["r"])
        if rank != said:
            raise NotConvertible(
                f"adapter_config.json says rank {said}, but {module} has rank {rank}: its scale would be a guess"
            )


def check_finite(path: Path) -> None:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors = load_file(path)
    except SafetensorError as error:
        raise NotConvertible(f"{path.name} can't be read ({error}): the file is cut off, copy it again") from error
    for name, tensor in tensors.items():
        if not bool(tensor.isfinite().all()):
            raise NotConvertible(f"{path.name} holds NaN or infinite numbers in {name}: the training diverged")
