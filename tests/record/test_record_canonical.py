"""The canonical JSON is that of the library, whichever way it is made."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as some

from detainer.record.canonical import LARGEST, canonical

TEXT = some.text(some.characters(codec=None))
VALUES = some.recursive(
    some.none() | some.booleans() | TEXT | some.integers(-LARGEST - 2, LARGEST + 2) | some.floats(),
    lambda inner: some.lists(inner) | some.dictionaries(TEXT, inner),
    max_leaves=12,
)


@given(VALUES)
def test_a_value_has_the_canonical_json_of_the_library_or_none_in_both(value: object) -> None:
    try:
        expected = rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        with pytest.raises(type(error)):
            canonical(value)
    else:
        assert canonical(value) == expected


@pytest.mark.parametrize("text", ['"\\/', "\x00\x1f\x7f", "\b\f\n\r\t", "é€\u2028\U0001f512", "Muñoz"])
def test_a_text_is_escaped_as_the_library_escapes_it(text: str) -> None:
    assert canonical({text: [text, 1, True, None]}) == rfc8785.dumps({text: [text, 1, True, None]})
