"""When two answers of a base are one answer: by how likely their tokens were, not by the likeliest token alone."""

from __future__ import annotations

import pytest

from tunesmith.serving.canary import same

SAID = {" twelve": -0.5, " one": -2.0, "\n": -3.0}


@pytest.mark.parametrize(
    ("after", "is_same"),
    [
        (SAID, True),
        ({" twelve": -0.6, " one": -1.9, " two": -3.1}, True),
        ({" twelve": -0.7, " one": -1.8}, False),
        ({" twelve": -0.4, " one": -2.4, "\n": -3.0}, False),
        ({" one": -1.9, " twelve": -1.95}, False),
        ({" teal": -0.1}, False),
        ({" teal": -0.1, " twelve": -0.5}, False),
    ],
    ids=[
        "equal",
        "rounding",
        "another state",
        "another state, seen by the second",
        "another likeliest",
        "foreign",
        "foreign before it",
    ],
)
def test_answers_are_the_same_when_the_tokens_of_both_are_equally_likely(after: dict[str, float], is_same: bool) -> None:
    assert same(SAID, after) is is_same
    assert same(after, SAID) is is_same


def test_a_near_tie_may_change_places() -> None:
    assert same({" one": -0.70, " two": -0.71}, {" two": -0.70, " one": -0.71})
