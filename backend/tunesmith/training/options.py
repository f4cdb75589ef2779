"""What a form needs to offer a training's configuration: each setting with its default, its bounds and what it means."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from tunesmith.training.config import TrainingConfig
from tunesmith.training.template_names import TEMPLATE_NAMES


class Control(StrEnum):
    """How a setting is given."""

    TEXT = "text"
    WORDS = "words"
    """A list of texts."""
    WHOLE = "whole"
    NUMBER = "number"
    SWITCH = "switch"
    CHOICE = "choice"
    CHOICES = "choices"
    """Several of the choices."""
    KEYS = "keys"
    """Keys and values of any kind."""


class TrainingSetting(BaseModel):
    name: str
    control: Control
    description: str
    required: bool
    default: Any = None
    """None: absent unless given."""
    choices: list[str | int] = []
    least: float | None = None
    most: float | None = None
    above: float | None = None
    """It must be more than this."""
    below: float | None = None
    """It must be less than this."""


class TrainingOptions(BaseModel):
    settings: list[TrainingSetting]
    """In the order of the configuration."""
    templates: list[str]
    """The chat templates that LLaMA-Factory has."""


def training_options() -> TrainingOptions:
    schema = TrainingConfig.model_json_schema()
    required = set(schema["required"])
    settings = [_setting(name, told, name in required) for name, told in schema["properties"].items() if "const" not in told]
    return TrainingOptions(settings=settings, templates=sorted(TEMPLATE_NAMES))


def _setting(name: str, told: dict[str, Any], required: bool) -> TrainingSetting:
    # What may be absent is told as "this, or null".
    value = next((each for each in told.get("anyOf", []) if each.get("type") != "null"), told)
    return TrainingSetting(
        name=name,
        control=_control(value),
        description=told["description"],
        required=required,
        default=told.get("default"),
        choices=value.get("enum") or value.get("items", {}).get("enum") or [],
        least=_bound(value, "minimum", "ge"),
        most=_bound(value, "maximum", "le"),
        above=_bound(value, "exclusiveMinimum", "gt"),
        below=_bound(value, "exclusiveMaximum", "lt"),
    )


def _bound(value: dict[str, Any], *names: str) -> float | None:
    """JSON Schema's name, or the one that pydantic leaves beside a type with a validator of its own."""
    return next((value[name] for name in names if name in value), None)


def _control(value: dict[str, Any]) -> Control:
    if "enum" in value:
        return Control.CHOICE
    if value["type"] == "array":
        return Control.CHOICES if "enum" in value["items"] else Control.WORDS
    return _CONTROLS[value["type"]]


_CONTROLS = {
    "string": Control.TEXT,
    "integer": Control.WHOLE,
    "number": Control.NUMBER,
    "boolean": Control.SWITCH,
    "object": Control.KEYS,
}
