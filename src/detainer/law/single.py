"""What a condition about a single fact means, as the Python that finds its truth."""

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from detainer.law import truth
from detainer.law.conditions import Between, Choice, Condition, Has, Number, Offences, Only, Text, Yes
from detainer.law.dates import PartialDate, years_before
from detainer.law.meaning import Scope
from detainer.law.offences import offences_test
from detainer.law.truth import FALSE, TRUE, UNKNOWN, Truth
from detainer.law.words import VAGUE
from detainer.law.writing import Writing


class Leaf(NamedTuple):
    """A line that runs first, and then the expressions of when the truth is not known, and (when it is) holds and fails."""

    first: str
    unknown: str
    holds: str
    fails: str


def _of_value(fact: str, holds: str) -> Leaf:
    return Leaf(f"value = known[{fact!r}]", "value is None", holds, f"not {holds}")


def _of_truth(found: str) -> Leaf:
    return Leaf(f"truth = {found}", f"truth == {UNKNOWN}", f"truth == {TRUE}", f"truth == {FALSE}")


def _expanded(listed: tuple[str, ...]) -> frozenset[str]:
    return frozenset(listed) | frozenset(exact for word in listed for exact in VAGUE.get(word, ()))


def _held(listed: frozenset[str]) -> Callable[[str], Truth]:
    """Return the test of one element of a set; a vague word held may or may not be one of the exact words listed."""

    def test(word: str) -> Truth:
        if word in listed:
            return TRUE
        exact = VAGUE.get(word, frozenset())
        if exact and exact <= listed:
            return TRUE
        return UNKNOWN if exact & listed else FALSE

    return test


class _Judged(dict[tuple[str, ...] | None, Truth]):
    """The truth for each set of words that occurs: they are few, and each is judged once."""

    def __init__(self, judge: Callable[[tuple[str, ...]], Truth]) -> None:
        super().__init__({None: UNKNOWN})
        self.judge = judge

    def __missing__(self, words: tuple[str, ...]) -> Truth:
        found = self[words] = self.judge(words)
        return found


def _yes(condition: Yes, _scope: Scope, _text: Writing) -> Leaf:
    return _of_value(condition.fact, "value")


def _choice(condition: Choice, _scope: Scope, text: Writing) -> Leaf:
    return _of_value(condition.fact, f"value in {text.named(frozenset(condition.any_of))}")


def _text(condition: Text, _scope: Scope, text: Writing) -> Leaf:
    listed = frozenset(word.casefold() for word in condition.any_of)
    return _of_value(condition.fact, f"value.casefold() in {text.named(listed)}")


def _has(condition: Has, _scope: Scope, text: Writing) -> Leaf:
    held = _held(_expanded(condition.any_of))
    judged = _Judged(lambda words: truth.some(map(held, words)))
    return _of_truth(f"{text.named(judged)}[known[{condition.fact!r}]]")


def _only(condition: Only, _scope: Scope, text: Writing) -> Leaf:
    held = _held(_expanded(condition.of))
    judged = _Judged(lambda words: truth.every(map(held, words)))
    return _of_truth(f"{text.named(judged)}[known[{condition.fact!r}]]")


def _number(condition: Number, _scope: Scope, _text: Writing) -> Leaf:
    bounds = (("<", condition.under), (">=", condition.at_least), ("<=", condition.at_most))
    return _of_value(condition.fact, f"({' and '.join(f'value {sign} {bound}' for sign, bound in bounds if bound is not None)})")


def _not_before(value: PartialDate, first: PartialDate | dt.date) -> Truth:
    start, latest = (first, first) if isinstance(first, dt.date) else (first.first, first.last)
    if value.first >= latest:
        return TRUE
    return FALSE if value.last < start else UNKNOWN


def _between(condition: Between, _scope: Scope, text: Writing) -> Leaf:
    def test(value: PartialDate | None, on: dt.date) -> Truth:
        if value is None:
            return UNKNOWN
        found: list[Truth] = []
        if condition.since is not None:
            found.append(_not_before(value, condition.since))
        if condition.before is not None:
            found.append(truth.negation(_not_before(value, condition.before)))
        if condition.within_years is not None:
            found.append(_not_before(value, years_before(on, condition.within_years)))
        return truth.every(found)

    return _of_truth(f"{text.named(test)}(known[{condition.fact!r}], on)")


def _offences(condition: Offences, scope: Scope, text: Writing) -> Leaf:
    return _of_truth(f"{text.named(offences_test(condition, scope.offences))}(known, on)")


_KINDS: dict[type[Any], Callable[[Any, Scope, Writing], Leaf]] = {
    Yes: _yes,
    Choice: _choice,
    Text: _text,
    Has: _has,
    Only: _only,
    Number: _number,
    Between: _between,
    Offences: _offences,
}


def leaf_of(condition: Condition, scope: Scope, text: Writing) -> Leaf:
    """Return the Python of a condition about a single fact. Raises LawError when it uses an offence list that nothing defines."""
    return _KINDS[type(condition)](condition, scope, text)
