"""Names from users: one grammar, checked at every boundary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.domain.errors import InvalidInput
from tunesmith.domain.name import checked_name, suggestion


@pytest.mark.parametrize("name", ["facts", "facts-r16", "qwen2.5_7b", "a", "0"])
def test_good_names(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "../../x", "a b", "a" * 300, ".x", "x.", "A", "a/b", "a..b", "-x", "a\n", "é", "a:b", "$(x)"]
)
def test_bad_names_are_refused_with_a_name_that_works(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        checked_name(name)
    assert suggestion(name) in caught.value.remedy
    assert checked_name(suggestion(name))
    assert len(caught.value.title) < 200


@given(st.text(max_size=200))
def test_every_suggestion_is_a_good_name(text: str) -> None:
    assert checked_name(suggestion(text))
