"""What a training is predicted to need, before it starts. Pure arithmetic on the base's shapes; each figure says its basis."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tunesmith.domain.step import Estimate
from tunesmith.domain.timing import FLOP
from tunesmith.training.config import TrainingConfig
from tunesmith.training.llamafactory import Device

RUNTIME_BYTES = 900 << 20
"""Python, PyTorch and LLaMA-Factory without a model: 0.6 GB measured on CPU with PyTorch 2.13, rounded up."""
ACTIVATION_BYTES = 17
"""Per token, hidden unit, layer and byte of a number: 34 bytes at 16 bit (Korthikanti et al. 2022, without attention scores)."""
TEMPLATE_TOKENS = 64
"""What a chat template adds to a row, generously."""
BYTES_A_TOKEN = 4
"""Of a row in its file; most of them text in a Latin script."""
WRAPPING_TOKENS = 10
"""What a chat template adds to a row, more or less (with both figures the demo's rows come out as they are: 37 tokens)."""


@dataclass(frozen=True)
class BaseShape:
    parameters: int
    hidden: int
    layers: int
    vocabulary: int
    linear: Mapping[str, tuple[int, int]]
    """Linear layer (dotted path) → (outputs, inputs), without embeddings and head."""
    tokenizer_bytes: int = 0
    """Size of the tokenizer's files, which are copied into every checkpoint."""


def base_shape(config: Mapping[str, object], tensors: Mapping[str, tuple[int, ...]], tokenizer_bytes: int = 0) -> BaseShape:
    """From `config.json` and the shapes in the safetensors headers of a base model."""
    linear = {
        name.removesuffix(".weight"): (shape[0], shape[1])
        for name, shape in tensors.items()
        if len(shape) == 2 and name.endswith(".weight") and ".layers." in f".{name}"
    }
    text = config.get("text_config")
    inner: Mapping[str, object] = text if isinstance(text, dict) else config
    return BaseShape(
        parameters=sum(math.prod(shape) for shape in tensors.values()),
        hidden=_whole(inner.get("hidden_size")),
        layers=_whole(inner.get("num_hidden_layers")),
        vocabulary=_whole(inner.get("vocab_size")),
        linear=linear,
        tokenizer_bytes=tokenizer_bytes,
    )


def lora_parameters(config: TrainingConfig, base: BaseShape) -> int:
    """Trainable parameters: rank × (inputs + outputs) for each adapted layer; DoRA adds one magnitude per output."""
    adapted = [
        shape for name, shape in base.linear.items() if config.targets == ["all"] or name.rsplit(".", 1)[-1] in config.targets
    ]
    magnitudes = sum(outputs for outputs, _ in adapted) if config.finetuning == "dora" else 0
    return sum(config.rank * (inputs + outputs) for outputs, inputs in adapted) + magnitudes


def total_steps(config: TrainingConfig, rows: int) -> int:
    """Optimizer steps for so many rows on one device (with packing: at most)."""
    if config.max_steps is not None:
        return config.max_steps
    trained = rows - round(rows * config.eval_split)
    batches = math.ceil(trained / config.batch_size)
    return max(1, math.ceil(max(1, math.ceil(batches / config.accumulation)) * config.epochs))


def trained_tokens(config: TrainingConfig, rows: int, data_bytes: int) -> float:
    """About how many tokens go through the model. `data_bytes`: of all rows as they lie in their files."""
    row = min(config.max_length, data_bytes / max(1, rows) / BYTES_A_TOKEN + WRAPPING_TOKENS)
    if config.max_steps is not None:
        return config.max_steps * config.batch_size * config.accumulation * (config.max_length if config.packing else row)
    return (rows - round(rows * config.eval_split)) * row * config.epochs


def work_of(config: TrainingConfig, base: BaseShape, device: Device, rows: int, data_bytes: int) -> tuple[float, str]:
    """Floating-point operations of a training, and what is counted: 2 for each weight and token forwards, 2 for the
    gradients of activations, 2 for those of the weights that are trained, 2 again where activations are computed twice."""
    passes = 4 + (2 if config.finetuning == "full" else 0) + (2 if config.gradient_checkpointing else 0)
    work = passes * base.parameters * trained_tokens(config, rows, data_bytes)
    return work, FLOP if device.kind == "cpu" else f"FLOP on {device.kind}"


def estimate_training(
    config: TrainingConfig,
    base: BaseShape,
    device: Device,
    rows: int,
    longest_row_bytes: int | None = None,
    data_bytes: int | None = None,
) -> Estimate:
    """Disk and memory of a training, as upper bounds. `longest_row_bytes`: of the longest row of the data sets, if known."""
    full = config.finetuning == "full"
    trained = base.parameters if full else lora_parameters(config, base)
    tokens = config.max_length
    if longest_row_bytes is not None and not config.packing:
        tokens = min(tokens, longest_row_bytes + TEMPLATE_TOKENS)
    number = 2 if device.kind == "cuda" else 4
    activations = _activations(config, base, tokens, number)
    weights = math.ceil(base.parameters * _bytes_per_weight(config, number))
    # A gradient and AdamW's two moments in 32 bit; an adapter's own weights are kept in 32 bit, too.
    training = trained * (12 if full else 16)
    memory = weights + training + activations + RUNTIME_BYTES
    checkpoints = min(config.keep_checkpoints + 1, math.ceil(total_steps(config, rows) / config.save_steps))
    result = trained * (number if full else 4) + base.tokenizer_bytes
    disk = result + checkpoints * (result + 8 * trained)
    basis = (
        f"upper bound: weights {_size(weights)}, {trained:,} trained parameters with AdamW {_size(training)}, "
        f"activations of {config.batch_size} × {tokens} tokens {_size(activations)}; "
        f"disk: result {_size(result)} and up to {checkpoints} checkpoint{'s' * (checkpoints != 1)} with optimizer"
    )
    work, unit = work_of(config, base, device, rows, data_bytes) if data_bytes is not None else (None, None)
    return Estimate(disk_bytes=disk, memory_bytes=memory, basis=basis, work=work, work_unit=unit)


def _bytes_per_weight(config: TrainingConfig, number: int) -> float:
    """Quantised weights carry a scale per block: 0.55 and 1.06 bytes a weight with bitsandbytes' defaults."""
    return {4: 0.55, 8: 1.06}.get(config.bits or 0, float(number))


def _activations(config: TrainingConfig, base: BaseShape, tokens: int, number: int) -> int:
    """Kept between forward and backward pass; with checkpointing one vector a layer, and one layer in full."""
    units = config.batch_size * tokens * base.hidden * number
    layer = units * ACTIVATION_BYTES
    kept = base.layers * units + layer if config.gradient_checkpointing else base.layers * layer
    logits = config.batch_size * tokens * base.vocabulary * 4 * 3
    return kept + logits


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _size(count: int) -> str:
    return f"{count / 2**30:.2f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
