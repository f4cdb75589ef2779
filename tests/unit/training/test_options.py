"""What a form is told about the settings: all of them, with the bounds that the configuration itself keeps."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tunesmith.training.config import TrainingConfig
from tunesmith.training.options import Control, TrainingSetting, training_options
from tunesmith.training.template_names import TEMPLATE_NAMES

SETTINGS = {setting.name: setting for setting in training_options().settings}


def test_every_setting_but_the_one_method_there_is_is_offered() -> None:
    assert list(SETTINGS) == [name for name in TrainingConfig.model_fields if name != "method"]
    assert [name for name, setting in SETTINGS.items() if setting.required] == ["base", "dataset"]
    assert all(setting.description for setting in SETTINGS.values())
    assert set(training_options().templates) == TEMPLATE_NAMES


@pytest.mark.parametrize("name", [name for name, setting in SETTINGS.items() if not setting.required])
def test_a_setting_left_at_its_default_changes_nothing(name: str) -> None:
    least = TrainingConfig(base="x", dataset=["y"])
    assert TrainingConfig.model_validate({"base": "x", "dataset": ["y"], name: SETTINGS[name].default}) == least


def test_controls() -> None:
    wanted = {
        "template": Control.TEXT,
        "targets": Control.WORDS,
        "alpha": Control.WHOLE,
        "neftune": Control.NUMBER,
        "packing": Control.SWITCH,
        "quantization_bit": Control.CHOICE,
        "report_to": Control.CHOICES,
        "extra": Control.KEYS,
    }
    assert {name: SETTINGS[name].control for name in wanted} == wanted
    assert SETTINGS["finetuning"].choices == ["lora", "qlora", "dora", "full"]
    assert SETTINGS["report_to"].choices == ["tensorboard", "wandb"]


def accepted(name: str, value: float) -> bool:
    try:
        TrainingConfig.model_validate({"base": "x", "dataset": ["y"], name: value})
    except ValidationError:
        return False
    return True


def edges(setting: TrainingSetting) -> list[tuple[float, bool]]:
    tiny = 1 if setting.control is Control.WHOLE else 1e-9
    found: list[tuple[float | None, float, bool]] = [
        (setting.least, 0, True),
        (setting.least, -tiny, False),
        (setting.most, 0, True),
        (setting.most, 1, False),
        (setting.above, 0, False),
        (setting.below, 0, False),
    ]
    return [(bound + by, good) for bound, by, good in found if bound is not None]


@pytest.mark.parametrize("name", [name for name, each in SETTINGS.items() if each.control in (Control.WHOLE, Control.NUMBER)])
def test_the_bounds_told_are_those_kept(name: str) -> None:
    told = edges(SETTINGS[name])
    assert told
    assert [(value, accepted(name, value)) for value, _ in told] == told
