"""How a first difference is told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

PARITY = str(Path(__file__).parents[3] / "backend" / "toolbox" / "parity")


@pytest.fixture
def words() -> Iterator[ModuleType]:
    sys.path.insert(0, PARITY)
    import compare

    yield compare
    sys.path.remove(PARITY)


@pytest.mark.parametrize(
    ("text", "ids", "told"),
    [
        ("Say hi", [1, 2, 4], "chat “plain” at token 2: the same text, cut into other tokens"),
        ("Say no", [1, 2, 5], "chat “plain” at token 2: trained 'Say hi', served 'Say no'"),
    ],
)
def test_a_difference_without_another_text_is_one_of_tokens(words: ModuleType, text: str, ids: list[int], told: str) -> None:
    chat = words.Chat("plain", [], [1, 2, 3], "Say hi")
    assert words.describe(words.compare(chat, words.Served(ids, text))) == told
