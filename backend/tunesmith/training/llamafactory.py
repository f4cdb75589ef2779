"""What LLaMA-Factory 0.9.5 is told to do: a pure function from our configuration to its keys."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from tunesmith.domain.errors import InvalidInput
from tunesmith.training.config import TrainingConfig


@dataclass(frozen=True)
class Device:
    """The device that training will run on, as the toolbox found it."""

    kind: Literal["cuda", "mps", "cpu"]
    bf16: bool = False
    """It computes in bfloat16; without it CUDA trains in float16, all others in float32."""


@dataclass(frozen=True)
class TrainingPaths:
    base: str
    """Path of the base model, or its id on a hub."""
    data: Path
    """Folder with `dataset_info.json`."""
    output: Path
    """The run's folder under saves/."""


def device_for(config: TrainingConfig, found: Device) -> Device:
    """The device in force. `InvalidInput` when the configuration asks for one that isn't there, or can't do what it asks."""
    if config.device == "cuda" and found.kind != "cuda":
        raise InvalidInput(
            "There is no CUDA device here",
            "The configuration says `device: cuda`.",
            "Say `device: auto` or `device: cpu`.",
            wrong={"device": "There is no CUDA device here."},
        )
    device = Device("cpu") if config.device == "cpu" else found
    if config.bits is not None and device.kind != "cuda":
        asked = "`finetuning: qlora`" if config.finetuning == "qlora" else f"`quantization_bit: {config.bits}`"
        raise InvalidInput(
            "The base can't be loaded quantised here",
            f"{asked} needs CUDA; this is {device.kind}.",
            "Say `finetuning: lora`." if config.finetuning == "qlora" else "Leave `quantization_bit` out.",
            wrong={
                "finetuning" if config.finetuning == "qlora" else "quantization_bit": f"It needs CUDA; this is {device.kind}."
            },
        )
    return device


def to_llamafactory(config: TrainingConfig, paths: TrainingPaths, template: str, device: Device) -> dict[str, Any]:
    """The keys of `llamafactory-cli train`. `InvalidInput` when `extra` sets one that has a field of ours."""
    keys = {
        "stage": config.method,
        "do_train": True,
        "model_name_or_path": paths.base,
        "dataset": ",".join(config.dataset),
        "dataset_dir": str(paths.data),
        "template": template,
        "cutoff_len": config.max_length,
        "packing": config.packing,
        "train_on_prompt": config.train_on_prompt,
        "output_dir": str(paths.output),
        # A run goes on from its last checkpoint, which needs its optimizer; `true` here would delete trainer_log.jsonl.
        "overwrite_output_dir": False,
        "save_only_model": False,
        "plot_loss": False,
        "trust_remote_code": False,
        "logging_steps": config.logging_steps,
        "save_steps": config.save_steps,
        "save_total_limit": config.keep_checkpoints,
        "report_to": list(config.report_to) or "none",
        "include_num_input_tokens_seen": True,
        "seed": config.seed,
        **_fine_tuning(config),
        **_schedule(config),
        **_evaluation(config),
        **_hardware(config, device),
    }
    for name in config.extra:
        if name in keys:
            field = _field_of(name)
            remedy = f"Use `{field}`." if field else "Leave it out: it is set by Tunesmith."
            raise InvalidInput(
                f"`extra` can't set {name!r}",
                "The configuration decides it already.",
                remedy,
                wrong={"extra": f"{name!r} is set by the configuration already. {remedy}"},
            )
    return keys | config.extra


def to_yaml(keys: dict[str, Any]) -> str:
    return yaml.safe_dump(keys, sort_keys=False, allow_unicode=True)


def _fine_tuning(config: TrainingConfig) -> dict[str, Any]:
    if config.finetuning == "full":
        return {"finetuning_type": "full"}
    return {
        "finetuning_type": "lora",
        "lora_rank": config.rank,
        "lora_alpha": config.scale,
        "lora_dropout": config.dropout,
        "lora_target": ",".join(config.targets),
        "use_dora": config.finetuning == "dora",
        "use_rslora": config.rslora,
    }


def _schedule(config: TrainingConfig) -> dict[str, Any]:
    length = {"num_train_epochs": config.epochs} if config.max_steps is None else {"max_steps": config.max_steps}
    noise = {} if config.neftune is None else {"neftune_noise_alpha": config.neftune}
    return {
        "learning_rate": config.learning_rate,
        "lr_scheduler_type": config.scheduler,
        "warmup_ratio": config.warmup_ratio,
        "weight_decay": config.weight_decay,
        "max_grad_norm": config.max_grad_norm,
        "per_device_train_batch_size": config.batch_size,
        "gradient_accumulation_steps": config.accumulation,
        **length,
        **noise,
    }


def _evaluation(config: TrainingConfig) -> dict[str, Any]:
    if not config.eval_split:
        return {}
    return {
        "val_size": config.eval_split,
        "eval_strategy": "steps",
        "eval_steps": config.save_steps,
        "per_device_eval_batch_size": config.batch_size,
    }


def _hardware(config: TrainingConfig, device: Device) -> dict[str, Any]:
    keys: dict[str, Any] = {
        "disable_gradient_checkpointing": not config.gradient_checkpointing,
        "bf16": device.kind == "cuda" and device.bf16,
        "fp16": device.kind == "cuda" and not device.bf16,
        "use_cpu": device.kind == "cpu",
    }
    if config.bits is not None:
        keys |= {"quantization_bit": config.bits, "quantization_method": "bnb"}
    return keys


_FIELDS = {
    "model_name_or_path": "base",
    "cutoff_len": "max_length",
    "output_dir": "name",
    "save_total_limit": "keep_checkpoints",
    "lora_target": "targets",
    "use_dora": "finetuning",
    "num_train_epochs": "epochs",
    "lr_scheduler_type": "scheduler",
    "per_device_train_batch_size": "batch_size",
    "gradient_accumulation_steps": "accumulation",
    "val_size": "eval_split",
    "disable_gradient_checkpointing": "gradient_checkpointing",
    "bf16": "device",
    "fp16": "device",
    "use_cpu": "device",
}


def _field_of(key: str) -> str | None:
    fields = list(TrainingConfig.model_fields)
    near = difflib.get_close_matches(key.removeprefix("lora_").removesuffix("_type"), fields, n=1, cutoff=0.8)
    return _FIELDS.get(key) or (near[0] if near else None)
