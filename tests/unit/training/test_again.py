"""An earlier run's settings, as a new run can have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tunesmith.training.again import again
from tunesmith.training.config import TrainingConfig
from tunesmith.training.llamafactory import Device, TrainingPaths, to_llamafactory

HOME = Path("/srv/home")
PATHS = TrainingPaths("/srv/home/models/base/tiny", HOME / "data", HOME / "saves/facts")
CUDA = Device("cuda", bf16=True)


@pytest.mark.parametrize(
    "given",
    [
        TrainingConfig(base="models/base/tiny", dataset=["a"], template="chatml"),
        TrainingConfig(base="models/base/tiny", dataset=["a", "b"], template="qwen", finetuning="qlora", rank=8, alpha=4),
        TrainingConfig(base="models/base/tiny", dataset=["a"], template="phi", finetuning="dora", quantization_bit=8),
        TrainingConfig(base="models/base/tiny", dataset=["a"], template="phi", finetuning="full", max_steps=20, report_to=[]),
        TrainingConfig(
            base="models/base/tiny",
            dataset=["a"],
            template="phi",
            targets=["q_proj", "v_proj"],
            gradient_checkpointing=False,
            eval_split=0.1,
            neftune=5,
            extra={"loraplus_lr_ratio": 4},
        ),
    ],
)
def test_what_llamafactory_was_told_comes_back_as_it_was_meant(given: TrainingConfig) -> None:
    found = again(to_llamafactory(given, PATHS, str(given.template), CUDA), HOME)
    assert found.left == []
    back = TrainingConfig.model_validate(found.config)
    assert to_llamafactory(back, PATHS, str(given.template), CUDA) == to_llamafactory(given, PATHS, str(given.template), CUDA)
    assert (back.base, back.dataset, back.finetuning, back.extra) == (given.base, given.dataset, given.finetuning, given.extra)


def test_ours_comes_back_without_its_name() -> None:
    given = TrainingConfig(base="models/base/tiny", dataset=["a"], name="facts", rank=4)
    assert again(given.model_dump(mode="json"), HOME).config == given.model_dump(mode="json", exclude={"name"})


def test_what_llamaboard_wrote_becomes_fields_and_the_rest_is_passed_on() -> None:
    found = again(
        {
            "model_name_or_path": "Qwen/Qwen2.5-0.5B",
            "dataset": "a,b",
            "finetuning_type": "lora",
            "lora_rank": 8,
            "max_steps": -1,
            "report_to": "none",
            "output_dir": "saves/Custom/lora/train_1",
            "bf16": True,
            "warmup_steps": 10,
            "optim": "adamw_torch",
        },
        HOME,
    )
    assert found.config == {
        "base": "Qwen/Qwen2.5-0.5B",
        "dataset": ["a", "b"],
        "finetuning": "lora",
        "rank": 8,
        "report_to": [],
        "extra": {"warmup_steps": 10, "optim": "adamw_torch"},
    }


def test_a_value_that_no_run_of_ours_can_have_is_left_and_told() -> None:
    found = again({"model_name_or_path": "x", "finetuning_type": "freeze", "val_size": 50, "lora_rank": 8}, HOME)
    assert (found.config, found.left) == ({"base": "x", "rank": 8}, ["eval_split", "finetuning"])


def test_of_an_adapter_that_was_copied_here_nothing_is_known() -> None:
    assert again({}, HOME).left == []
