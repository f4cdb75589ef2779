"""The typed configuration: every slip is told with its line and the key that was meant, and nothing gets lost on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.domain.errors import InvalidInput
from tunesmith.training.config import TrainingConfig
from tunesmith.training.config_text import dump, load, parse
from tunesmith.training.llamafactory import Device, TrainingPaths, device_for, to_llamafactory

LEAST = "base: tiny\ndataset: facts\n"
CPU, CUDA = Device("cpu"), Device("cuda", bf16=True)
PATHS = TrainingPaths("/home/models/base/tiny", Path("/home/data"), Path("/home/saves/facts"))


def keys(text: str = LEAST, device: Device = CPU) -> dict[str, object]:
    return to_llamafactory(load(text), PATHS, "chatml", device)


def told(text: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        load(text, "run.yaml")
    return caught.value


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("rnk", "rank"),
        ("lora_rank", "rank"),
        ("learning-rate", "learning_rate"),
        ("lr", "learning_rate"),
        ("cutoff_len", "max_length"),
        ("datasets", "dataset"),
        ("epoch", "epochs"),
        ("model_name_or_path", "base"),
    ],
)
def test_an_unknown_key_names_its_line_and_the_nearest_known_one(key: str, meant: str) -> None:
    error = told(f"{LEAST}# a comment\n{key}: 1\n")
    assert f"run.yaml, line 4: unknown key '{key}'" in error.title
    assert f"`{meant}`" in error.remedy


def test_a_key_like_none_lists_what_is_known() -> None:
    assert "Known keys: base, dataset" in told(f"{LEAST}zzzzzzzz: 1\n").remedy


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("rank: many", "Expected a whole number"),
        ("rank: 1.5", "Expected a whole number"),
        ("rank: yes", "no numbers"),
        ("epochs: [1]", "Expected a number"),
        ("epochs: .nan", "Expected a finite number"),
        ("packing: 7", "Expected true or false"),
        ("finetuning: lroa", "Expected 'lora', 'qlora', 'dora' or 'full'"),
        ("extra: 3", "Expected a mapping"),
        ("base: 3", "Expected text"),
        ("rank: 0", "greater than or equal to 1"),
        ("name: ../../x", "lower-case letters"),
        ("template: [a]", "Expected text"),
    ],
)
def test_a_wrong_value_names_line_key_and_what_was_expected(line: str, expected: str) -> None:
    text = "dataset: facts\nbase: tiny\n" + line if not line.startswith("base") else f"dataset: facts\n\n{line}"
    error = told(text)
    assert f"run.yaml, line 3: `{line.split(':')[0]}`" in error.title
    assert expected in error.detail


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("", "no settings"),
        ("- a", "no settings"),
        ("base: [", "no valid YAML"),
        ("base: tiny\n", "lacks `dataset`"),
        ("base: a\nbase: b\n", "line 2: `base` is there twice"),
        ("base: !!python/object:os.system x", "no valid YAML"),
        ("base: tiny\ndataset: []\n", "`dataset` can't be []"),
        ("a" * 2_000_000, "too long"),
    ],
)
def test_text_that_is_no_configuration_is_told(text: str, title: str) -> None:
    assert title in told(text).title


def test_a_form_is_told_every_wrong_value() -> None:
    with pytest.raises(InvalidInput) as caught:
        parse({"base": "tiny", "rank": "many", "epochs": 0, "finetuning": "x"})
    assert caught.value.wrong == {
        "dataset": "Needed.",
        "rank": "Expected a whole number.",
        "epochs": "Input should be greater than 0.",
        "finetuning": "Expected 'lora', 'qlora', 'dora' or 'full'.",
    }
    assert "lacks `dataset`" in caught.value.title
    with pytest.raises(InvalidInput) as caught:
        parse({"base": "tiny", "dataset": "x", "rnk": 1})
    assert list(caught.value.wrong) == ["rnk"]


def test_what_this_device_cannot_do_is_told_beside_its_setting() -> None:
    for text, where in (
        ("finetuning: qlora", "finetuning"),
        ("quantization_bit: 8", "quantization_bit"),
        ("device: cuda", "device"),
    ):
        with pytest.raises(InvalidInput) as caught:
            device_for(load(f"{LEAST}{text}\n"), CPU)
        assert list(caught.value.wrong) == [where]


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        load(text)
    except InvalidInput as error:
        assert error.title


@settings(max_examples=30, deadline=None)
@given(
    st.builds(
        TrainingConfig,
        base=st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable()),
        dataset=st.lists(st.sampled_from(["facts", "contrast"]), min_size=1, max_size=3),
        rank=st.integers(1, 1024),
        learning_rate=st.floats(1e-9, 0.5),
        packing=st.booleans(),
        neftune=st.none() | st.floats(0.1, 50),
        extra=st.dictionaries(st.sampled_from(["pissa_init", "loraplus_lr_ratio"]), st.booleans() | st.integers(), max_size=2),
    )
)
def test_what_is_written_is_read_back_equal(config: TrainingConfig) -> None:
    assert load(dump(config)) == config


def test_numbers_as_yaml_1_1_writes_them_badly_are_numbers() -> None:
    assert load(f"{LEAST}learning_rate: 1e-4\n").learning_rate == 1e-4


def test_a_mapping_without_lines_is_told_by_its_source() -> None:
    with pytest.raises(InvalidInput, match="the request: unknown key 'rnk'"):
        parse({"base": "a", "dataset": "b", "rnk": 1}, "the request")


def test_a_typed_training_arrives_whole() -> None:
    """The original defect: unknown keys were dropped in silence, and a "rank 32" run trained rank 16."""
    text = f"{LEAST}rank: 32\nalpha: 16\ndropout: 0\ntargets: [q_proj, v_proj]\nmax_steps: 7\nmax_length: 512\nseed: 3\n"
    assert (
        keys(text).items()
        >= {
            "model_name_or_path": "/home/models/base/tiny",
            "dataset": "facts",
            "dataset_dir": "/home/data",
            "output_dir": "/home/saves/facts",
            "template": "chatml",
            "lora_rank": 32,
            "lora_alpha": 16,
            "lora_dropout": 0.0,
            "lora_target": "q_proj,v_proj",
            "max_steps": 7,
            "cutoff_len": 512,
            "seed": 3,
            "overwrite_output_dir": False,
            "save_only_model": False,
        }.items()
    )
    assert "num_train_epochs" not in keys(text)


def test_alpha_is_twice_the_rank_unless_said() -> None:
    assert keys(f"{LEAST}rank: 8\n")["lora_alpha"] == 16


def test_the_device_decides_the_numbers() -> None:
    def numbers(device: Device) -> tuple[object, ...]:
        return tuple(keys(device=device)[key] for key in ("bf16", "fp16", "use_cpu"))

    assert numbers(CUDA) == (True, False, False)
    assert numbers(Device("cuda")) == (False, True, False)
    assert numbers(CPU) == (False, False, True)
    assert numbers(Device("mps")) == (False, False, False)


def test_each_way_of_fine_tuning_has_its_keys() -> None:
    assert keys(f"{LEAST}finetuning: dora\n")["use_dora"] is True
    assert keys(f"{LEAST}finetuning: qlora\n", CUDA)["quantization_bit"] == 4
    full = keys(f"{LEAST}finetuning: full\n")
    assert full["finetuning_type"] == "full"
    assert not any(key.startswith("lora_") for key in full)
    evaluated = keys(f"{LEAST}eval_split: 0.1\n")
    assert (evaluated["val_size"], evaluated["eval_strategy"]) == (0.1, "steps")


def test_a_device_that_is_not_there_is_refused() -> None:
    assert device_for(load(LEAST), CUDA) == CUDA
    assert device_for(load(f"{LEAST}device: cpu\n"), CUDA) == CPU
    with pytest.raises(InvalidInput, match="no CUDA"):
        device_for(load(f"{LEAST}device: cuda\n"), CPU)
    with pytest.raises(InvalidInput, match="quantised"):
        device_for(load(f"{LEAST}finetuning: qlora\n"), CPU)


def test_extra_keys_pass_and_may_not_contradict_ours() -> None:
    assert keys(f"{LEAST}extra: {{loraplus_lr_ratio: 16}}\n")["loraplus_lr_ratio"] == 16
    for key, field in (
        ("lora_rank", "rank"),
        ("cutoff_len", "max_length"),
        ("output_dir", "name"),
        ("learning_rate", "learning_rate"),
    ):
        with pytest.raises(InvalidInput) as caught:
            keys(f"{LEAST}extra: {{{key}: 1}}\n")
        assert f"`{field}`" in caught.value.remedy
    with pytest.raises(InvalidInput, match="overwrite_output_dir"):
        keys(f"{LEAST}extra: {{overwrite_output_dir: true}}\n")


def test_every_field_says_what_it_means() -> None:
    assert [name for name, field in TrainingConfig.model_fields.items() if not field.description] == []
