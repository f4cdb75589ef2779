"""An earlier run's settings as the configuration of a new one: ours as they are, LLaMA-Factory's keys the way back that
`llamafactory.to_llamafactory` came."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from tunesmith.training.config import TrainingConfig


class Again(BaseModel):
    """What of a run's settings a new run can have."""

    config: dict[str, Any] = {}
    """Keys of `TrainingConfig`; without the name, which is taken."""
    left: list[str] = []
    """Settings that no new run can have: a value that we don't take."""


def again(settings: Mapping[str, Any], home: Path) -> Again:
    """`settings`: ours, or LLaMA-Factory's own keys of a run that was made outside."""
    ours = "base" in settings
    return _tried(dict(settings) if ours else _from_llamafactory(settings, home))


def _tried(config: dict[str, Any]) -> Again:
    """Without what isn't valid. A base or data set that isn't told has to be chosen anyway, and counts as fine here."""
    config.pop("name", None)
    left = _refused(config)
    kept = {key: value for key, value in config.items() if key not in left}
    written = TrainingConfig.model_validate(_ANY | kept).model_dump(mode="json", include=set(kept))
    return Again(config=written, left=sorted(left & set(config)))


def _refused(config: Mapping[str, Any]) -> set[str]:
    try:
        TrainingConfig.model_validate(_ANY | dict(config))
    except ValidationError as error:
        return {str(each["loc"][0]) for each in error.errors()}
    return set()


_ANY = {"base": "any", "dataset": "any"}


def _from_llamafactory(keys: Mapping[str, Any], home: Path) -> dict[str, Any]:
    config: dict[str, Any] = {name: keys[key] for key, name in _NAMES.items() if keys.get(key) is not None}
    base = keys.get("model_name_or_path")
    if isinstance(base, str) and base:
        config["base"] = _from_home(base, home)
    config |= _method(keys)
    # LLaMA-Factory's own sign for "not set".
    if isinstance(steps := config.get("max_steps"), int) and steps < 1:
        del config["max_steps"]
    if keys.get("disable_gradient_checkpointing") is True:
        config["gradient_checkpointing"] = False
    if keys.get("use_cpu") is True:
        config["device"] = "cpu"
    extra = {key: value for key, value in keys.items() if key not in _NAMES and key not in _READ and key not in _OURS}
    return config | ({"extra": extra} if extra else {})


def _method(keys: Mapping[str, Any]) -> dict[str, Any]:
    kind, bits = keys.get("finetuning_type"), keys.get("quantization_bit")
    if kind in (None, "lora"):
        if keys.get("use_dora") is True:
            return {"finetuning": "dora"} | ({} if bits is None else {"quantization_bit": bits})
        if bits == 4:
            return {"finetuning": "qlora"}
        kind = "lora"
    return {"finetuning": kind} | ({} if bits is None else {"quantization_bit": bits})


def _from_home(base: str, home: Path) -> str:
    inside = os.path.relpath(os.path.realpath(base), os.path.realpath(home)) if base.startswith("/") else base
    return base if inside.startswith("..") else inside


_NAMES = {
    "dataset": "dataset",
    "template": "template",
    "lora_rank": "rank",
    "lora_alpha": "alpha",
    "lora_dropout": "dropout",
    "lora_target": "targets",
    "use_rslora": "rslora",
    "num_train_epochs": "epochs",
    "max_steps": "max_steps",
    "learning_rate": "learning_rate",
    "lr_scheduler_type": "scheduler",
    "warmup_ratio": "warmup_ratio",
    "weight_decay": "weight_decay",
    "max_grad_norm": "max_grad_norm",
    "per_device_train_batch_size": "batch_size",
    "gradient_accumulation_steps": "accumulation",
    "cutoff_len": "max_length",
    "packing": "packing",
    "train_on_prompt": "train_on_prompt",
    "neftune_noise_alpha": "neftune",
    "val_size": "eval_split",
    "save_steps": "save_steps",
    "save_total_limit": "keep_checkpoints",
    "logging_steps": "logging_steps",
    "seed": "seed",
    "report_to": "report_to",
}
"""LLaMA-Factory's key → our field of the same meaning."""

_READ = {
    "model_name_or_path",
    "finetuning_type",
    "use_dora",
    "quantization_bit",
    "quantization_method",
    "disable_gradient_checkpointing",
    "use_cpu",
}

_OURS = {
    "stage",
    "do_train",
    "do_eval",
    "dataset_dir",
    "output_dir",
    "overwrite_output_dir",
    "logging_dir",
    "save_only_model",
    "plot_loss",
    "trust_remote_code",
    "include_num_input_tokens_seen",
    "bf16",
    "fp16",
    "pure_bf16",
    "eval_strategy",
    "eval_steps",
    "per_device_eval_batch_size",
}
"""What Tunesmith decides anew for each run."""
