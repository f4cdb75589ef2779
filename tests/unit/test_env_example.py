"""`.env.example` lists every setting, no other, and shows the true defaults."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic_core import PydanticUndefined

from tunesmith.settings import PREFIX, Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"
LINE = re.compile(r"^# (TUNESMITH_[A-Z_]+)=(.*)$", re.MULTILINE)


def shown() -> dict[str, str]:
    return dict(LINE.findall(EXAMPLE.read_text(encoding="utf-8")))


def as_text(default: object) -> str:
    if default is None or default is PydanticUndefined:
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)


def test_the_example_and_the_settings_have_the_same_names() -> None:
    assert sorted(shown()) == sorted(PREFIX + name.upper() for name in Settings.model_fields)


def test_the_example_shows_the_defaults() -> None:
    defaults = {PREFIX + name.upper(): as_text(field.default) for name, field in Settings.model_fields.items()}
    assert shown() == defaults


def test_every_setting_is_described() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_nothing_in_the_example_is_in_force_by_copying_it() -> None:
    active = [line for line in EXAMPLE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    assert active == []
