"""A training's configuration as YAML. Every mistake is told with its line, its key, and the key that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tunesmith.domain.errors import InvalidInput
from tunesmith.training.config import TrainingConfig

_EXPECTED = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "text",
    "list": "a list",
    "dict": "a mapping of keys to values",
    "finite": "a finite number",
}
LARGEST = 1 << 20
"""Characters of a configuration; YAML's aliases could unfold a longer one without end."""


def load(text: str, source: str = "the configuration") -> TrainingConfig:
    """`text` as a configuration. `InvalidInput` names `source`, line and key."""
    if len(text) > LARGEST:
        raise InvalidInput(f"{source} is too long", f"It has {len(text)} characters.", "A configuration has a few dozen lines.")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidInput(f"{source} is no valid YAML", " ".join(str(error).split()) + ".", "Correct that line.") from error
    except (RecursionError, ValueError) as error:
        raise InvalidInput(f"{source} can't be read", f"{error}.", "Write plain keys and values.") from error
    if not isinstance(content, dict) or not isinstance(node, yaml.MappingNode):
        raise InvalidInput(f"{source} has no settings", "It must hold lines of `key: value`.", "Name at least base and dataset.")
    return parse(content, source, _lines(node, source))


def dump(config: TrainingConfig) -> str:
    """The configuration in force, defaults included, as YAML that `load` reads."""
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def parse(
    content: Mapping[str, Any], source: str = "the configuration", lines: Mapping[str, int] | None = None
) -> TrainingConfig:
    """A mapping (of YAML, JSON or `--set`) as a configuration. `lines`: where each key stands, if known."""
    known = list(TrainingConfig.model_fields)
    for key in content:
        if key not in known:
            raise InvalidInput(
                f"{_at(source, lines, str(key))}: unknown key {_short(key)}",
                "Nothing was started.",
                _nearest(str(key), known),
                wrong={str(key): "Unknown."},
            )
    try:
        return TrainingConfig.model_validate(dict(content))
    except ValidationError as error:
        raise _told(error, source, lines) from error


def _lines(node: yaml.MappingNode, source: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, _ in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in found:
            raise InvalidInput(
                f"{source}, line {line}: `{name}` is there twice", f"First on line {found[name]}.", "Keep one of them."
            )
        found[name] = line
    return found


def _nearest(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(_SYNONYMS.get(key, key), known, n=1, cutoff=0.5)
    if near:
        return f"Did you mean `{near[0]}`? Keys of LLaMA-Factory itself go under `extra:`."
    return f"Known keys: {', '.join(known)}. Keys of LLaMA-Factory itself go under `extra:`."


_SYNONYMS = {
    "model": "base",
    "base_model": "base",
    "model_name_or_path": "base",
    "datasets": "dataset",
    "lora_rank": "rank",
    "r": "rank",
    "lora_r": "rank",
    "lora_alpha": "alpha",
    "lora_dropout": "dropout",
    "lora_target": "targets",
    "target_modules": "targets",
    "num_train_epochs": "epochs",
    "lr": "learning_rate",
    "lr_scheduler_type": "scheduler",
    "per_device_train_batch_size": "batch_size",
    "gradient_accumulation_steps": "accumulation",
    "cutoff_len": "max_length",
    "max_seq_length": "max_length",
    "val_size": "eval_split",
    "save_total_limit": "keep_checkpoints",
    "neftune_noise_alpha": "neftune",
    "finetuning_type": "finetuning",
    "output_dir": "name",
}
"""What the same setting is called in the tools that people come from."""


def _told(error: ValidationError, source: str, lines: Mapping[str, int] | None) -> InvalidInput:
    """The first mistake in words; the others are told to forms."""
    found = error.errors()
    first, wrong = found[0], {_key(each): _expectation(each) for each in reversed(found)}
    key = _key(first)
    meaning = TrainingConfig.model_fields[key].description or "" if key in TrainingConfig.model_fields else ""
    if first["type"] == "missing":
        return InvalidInput(f"{source} lacks `{key}`", meaning, f"Add `{key}: …`.", wrong=wrong)
    title = f"{_at(source, lines, key)}: `{key}` can't be {_short(first['input'])}"
    return InvalidInput(title, wrong[key], f"`{key}`: {meaning}" if meaning else "", wrong=wrong)


def _key(mistake: ErrorDetails) -> str:
    return str(mistake["loc"][0]) if mistake["loc"] else ""


def _expectation(mistake: ErrorDetails) -> str:
    kind = mistake["type"].split("_")[0]
    expected = f"expected {_EXPECTED[kind]}" if kind in _EXPECTED else mistake["msg"].removeprefix("Value error, ")
    if mistake["type"] == "literal_error":
        expected = f"expected {mistake['ctx']['expected']}"
    if mistake["type"] == "missing":
        expected = "needed"
    return f"{expected[:1].upper()}{expected[1:]}."


def _at(source: str, lines: Mapping[str, int] | None, key: str) -> str:
    return f"{source}, line {lines[key]}" if lines and key in lines else source


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
