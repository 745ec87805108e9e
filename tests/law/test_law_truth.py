"""Strong Kleene logic obeys its laws."""

from hypothesis import given
from hypothesis import strategies as st

from detainer.law import truth
from detainer.law.truth import FALSE, TRUE, UNKNOWN, Truth


def both(left: Truth, right: Truth) -> Truth:
    return truth.AND[left][right]


def either(left: Truth, right: Truth) -> Truth:
    return truth.OR[left][right]


truths: st.SearchStrategy[Truth] = st.sampled_from([FALSE, UNKNOWN, TRUE])


@given(truths, truths, truths)
def test_and_and_or_are_associative_commutative_and_distribute(a: Truth, b: Truth, c: Truth) -> None:
    assert both(a, both(b, c)) == both(both(a, b), c)
    assert both(a, b) == both(b, a)
    assert either(a, b) == either(b, a)
    assert both(a, either(b, c)) == either(both(a, b), both(a, c))


@given(truths, truths)
def test_de_morgan_holds(a: Truth, b: Truth) -> None:
    assert truth.negation(both(a, b)) == either(truth.negation(a), truth.negation(b))
    assert truth.negation(truth.negation(a)) == a


def test_unknown_is_not_false_and_not_true() -> None:
    assert truth.negation(UNKNOWN) == UNKNOWN
    assert both(UNKNOWN, FALSE) == FALSE
    assert either(UNKNOWN, TRUE) == TRUE
    assert either(UNKNOWN, truth.negation(UNKNOWN)) == UNKNOWN


@given(st.lists(truths, max_size=5))
def test_every_and_some_fold_the_tables(values: list[Truth]) -> None:
    folded_and, folded_or = TRUE, FALSE
    for value in values:
        folded_and, folded_or = both(folded_and, value), either(folded_or, value)
    assert (truth.every(values), truth.some(values)) == (folded_and, folded_or)
