"""What a training is predicted to need: the arithmetic by hand, and the bounds' directions."""

from __future__ import annotations

import pytest

from tunesmith.training.config_text import load
from tunesmith.training.estimate import (
    BaseShape,
    base_shape,
    estimate_training,
    lora_parameters,
    total_steps,
    trained_tokens,
    work_of,
)
from tunesmith.training.llamafactory import Device

LEAST = "base: tiny\ndataset: facts\n"
CPU, CUDA = Device("cpu"), Device("cuda", bf16=True)


def smollm2() -> BaseShape:
    """SmolLM2-135M: its config.json and the shapes in its safetensors header."""
    config = {"hidden_size": 576, "num_hidden_layers": 30, "vocab_size": 49152}
    tensors: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (49152, 576), "model.norm.weight": (576,)}
    shapes = {"q": (576, 576), "k": (192, 576), "v": (192, 576), "o": (576, 576)}
    for layer in range(30):
        tensors |= {f"model.layers.{layer}.self_attn.{name}_proj.weight": shape for name, shape in shapes.items()}
        tensors |= {f"model.layers.{layer}.mlp.{name}_proj.weight": (1536, 576) for name in ("gate", "up")}
        tensors[f"model.layers.{layer}.mlp.down_proj.weight"] = (576, 1536)
        tensors |= {f"model.layers.{layer}.{name}_layernorm.weight": (576,) for name in ("input", "post_attention")}
    return base_shape(config, tensors, tokenizer_bytes=3_500_000)


def test_counts_the_parameters_of_a_real_model() -> None:
    assert smollm2().parameters == 134_515_008
    assert len(smollm2().linear) == 210


def test_lora_trains_rank_times_inputs_and_outputs() -> None:
    base = smollm2()
    assert lora_parameters(load(f"{LEAST}rank: 16\ntargets: q_proj\n"), base) == 30 * 16 * (576 + 576)
    all_layers = lora_parameters(load(f"{LEAST}rank: 16\n"), base)
    assert all_layers == 4_884_480
    assert lora_parameters(load(f"{LEAST}rank: 16\nfinetuning: dora\n"), base) > all_layers


@pytest.mark.parametrize(
    ("text", "steps"), [("", 24), ("max_steps: 5\n", 5), ("epochs: 1\n", 8), ("batch_size: 60\naccumulation: 1\nepochs: 1\n", 1)]
)
def test_counts_the_steps_of_sixty_rows(text: str, steps: int) -> None:
    assert total_steps(load(LEAST + text), 60) == steps


def test_a_measured_training_stays_below_the_bound() -> None:
    """Measured on CPU: batch 4, short rows, 1.15 GB."""
    estimate = estimate_training(load(f"{LEAST}batch_size: 4\n"), smollm2(), CPU, rows=60, longest_row_bytes=120)
    assert estimate.memory_bytes is not None
    assert 1.15e9 < estimate.memory_bytes < 3e9
    assert "upper bound" in estimate.basis


def memory(text: str, device: Device = CUDA) -> int:
    found = estimate_training(load(LEAST + text), smollm2(), device, rows=60).memory_bytes
    assert found is not None
    return found


def test_each_choice_moves_the_bound_the_right_way() -> None:
    assert memory("finetuning: qlora\n") < memory("") < memory("", CPU) < memory("finetuning: full\n", CPU)
    assert memory("") < memory("gradient_checkpointing: false\n")
    assert memory("max_length: 256\n") < memory("") < memory("batch_size: 8\n")


def test_checkpoints_cost_disk_until_the_oldest_is_thrown_away() -> None:
    def disk(text: str) -> int:
        found = estimate_training(load(LEAST + text), smollm2(), CPU, rows=6000).disk_bytes
        assert found is not None
        return found

    assert disk("save_steps: 100000\n") < disk("keep_checkpoints: 1\n") < disk("keep_checkpoints: 3\n")


def test_the_demos_training_counts_its_tokens_and_operations() -> None:
    """138 rows of 108 bytes, packed into 20 sequences of 256 tokens: 80 steps in 4 epochs (docs/demo.md)."""
    demo = load(f"{LEAST}epochs: 4\nbatch_size: 1\naccumulation: 1\nmax_length: 256\npacking: true\n")
    assert trained_tokens(demo, 138, 138 * 108) == pytest.approx(80 * 256, rel=0.02)
    by_steps = load(f"{LEAST}max_steps: 80\nbatch_size: 1\naccumulation: 1\nmax_length: 256\npacking: true\n")
    assert trained_tokens(by_steps, 138, 138 * 108) == 80 * 256
    long_rows = load(f"{LEAST}epochs: 1\nmax_length: 512\n")
    assert trained_tokens(long_rows, 10, 10 * 100_000) == 10 * 512, "what is cut off isn't trained on"


def test_work_is_counted_where_it_is_done() -> None:
    def work(text: str, device: Device = CPU) -> tuple[float, str]:
        return work_of(load(LEAST + text), smollm2(), device, 100, 40_000)

    plain = work("gradient_checkpointing: false\n")[0]
    assert plain == 4 * 134_515_008 * trained_tokens(load(LEAST), 100, 40_000)
    assert work("")[0] == 1.5 * plain and work("finetuning: full\ngradient_checkpointing: false\n")[0] == 1.5 * plain
    assert (work("")[1], work("", CUDA)[1]) == ("FLOP on the CPU", "FLOP on cuda")
    estimate = estimate_training(load(LEAST), smollm2(), CPU, 100, data_bytes=40_000)
    assert (estimate.work, estimate.seconds) == (work("")[0], None)
    assert estimate_training(load(LEAST), smollm2(), CPU, 100).work is None
