"""What a condition means: compiled once into a closure from known facts and a day to a truth value."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from detainer.law import truth
from detainer.law.conditions import (
    AllOf,
    Always,
    AnyOf,
    Between,
    Choice,
    Condition,
    Defined,
    Has,
    Not,
    Number,
    Offences,
    Only,
    Place,
    Text,
    Yes,
)
from detainer.law.dates import PartialDate, years_before
from detainer.law.errors import LawError, nearest
from detainer.law.facts import KINDS, Known
from detainer.law.offences import offence_test
from detainer.law.rules import Definition, OffenceList
from detainer.law.truth import FALSE, TRUE, UNKNOWN, Truth
from detainer.law.words import VAGUE

Test = Callable[[Known, dt.date], Truth]


@dataclass(frozen=True)
class Scope:
    """Where a condition is read: the place asked about, the words and offence lists of its file and those above."""

    place: str
    definitions: Mapping[str, Definition]
    offences: Mapping[str, OffenceList]


def lies_in(place: str, area: str) -> bool:
    """Say whether a place is an area or lies in it."""
    return place == area or place.startswith(f"{area}/")


def defined(word: str, scope: Scope) -> Condition:
    """Return what a word means in the scope; LawError with the nearest word when no file defines it."""
    if word not in scope.definitions:
        known = [*scope.definitions, *(name for name, kind in KINDS.items() if kind == "yes_no")]
        raise LawError(f"[{word}] is neither a yes/no fact nor a word defined here or above{nearest(word, known)}")
    return scope.definitions[word].means


def leaves(condition: Condition, scope: Scope) -> Iterator[Condition]:
    """Yield the conditions about single facts that a condition is made of, its words spelled out."""
    match condition:
        case Not():
            yield from leaves(condition.of, scope)
        case AllOf() | AnyOf():
            for part in condition.of:
                yield from leaves(part, scope)
        case Defined():
            yield from leaves(defined(condition.word, scope), scope)
        case _:
            yield condition


def fact_of(leaf: Condition) -> tuple[str, ...]:
    """Return the facts that a condition about a single fact reads."""
    match leaf:
        case Yes() | Choice() | Has() | Only() | Number() | Between() | Text():
            return (leaf.fact,)
        case Offences():
            first = "convictions" if leaf.is_ == "conviction" else "pending_charges"
            return (first, "arrested_on") if leaf.counted_to == "arrested_on" and leaf.within_years else (first,)
        case _:
            return ()


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


def _yes(condition: Yes, _scope: Scope) -> Test:
    name = condition.fact
    values: dict[bool | None, Truth] = {None: UNKNOWN, False: FALSE, True: TRUE}
    return lambda known, _on: values[known[name]]


def _choice(condition: Choice | Text, _scope: Scope) -> Test:
    name, wanted = condition.fact, frozenset(word.casefold() for word in condition.any_of)

    def test(known: Known, _on: dt.date) -> Truth:
        value: str | None = known[name]
        if value is None:
            return UNKNOWN
        return TRUE if value.casefold() in wanted else FALSE

    return test


def _of_set(name: str, judge: Callable[[tuple[str, ...]], Truth]) -> Test:
    # The words are few and their order is fixed, so each set that occurs is judged once.
    judged: dict[tuple[str, ...] | None, Truth] = {None: UNKNOWN}

    def test(known: Known, _on: dt.date) -> Truth:
        values: tuple[str, ...] | None = known[name]
        found = judged.get(values)
        if found is None:
            found = judged[values] = judge(values or ())
        return found

    return test


def _has(condition: Has, _scope: Scope) -> Test:
    held = _held(_expanded(condition.any_of))
    return _of_set(condition.fact, lambda values: truth.some(map(held, values)))


def _only(condition: Only, _scope: Scope) -> Test:
    held = _held(_expanded(condition.of))
    return _of_set(condition.fact, lambda values: truth.every(map(held, values)))


def _number(condition: Number, _scope: Scope) -> Test:
    name, under, at_least, at_most = condition.fact, condition.under, condition.at_least, condition.at_most

    def test(known: Known, _on: dt.date) -> Truth:
        value: int | None = known[name]
        if value is None:
            return UNKNOWN
        below = under is None or value < under
        up_to = at_most is None or value <= at_most
        return TRUE if below and up_to and (at_least is None or value >= at_least) else FALSE

    return test


def _not_before(value: PartialDate, first: PartialDate | dt.date) -> Truth:
    start, latest = (first, first) if isinstance(first, dt.date) else (first.first, first.last)
    if value.first >= latest:
        return TRUE
    return FALSE if value.last < start else UNKNOWN


def _between(condition: Between, _scope: Scope) -> Test:
    def test(known: Known, on: dt.date) -> Truth:
        value: PartialDate | None = known[condition.fact]
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

    return test


def _offences(condition: Offences, scope: Scope) -> Test:
    for name in condition.of:
        if name != "any" and name not in scope.offences:
            raise LawError(f"offence list [{name}] is in no file here or above{nearest(name, scope.offences)}")
    one = offence_test(condition, scope.offences)
    name = "convictions" if condition.is_ == "conviction" else "pending_charges"

    def test(known: Known, on: dt.date) -> Truth:
        listed: tuple[Any, ...] | None = known[name]
        if listed is None:
            return UNKNOWN
        found = FALSE
        for offence in listed:
            value = one(offence, known, on)
            if value > found:
                if value == TRUE:
                    return TRUE
                found = value
        return found

    return test


def _always(value: Truth) -> Test:
    return lambda _known, _on: value


def conjunction(tests: tuple[Test, ...]) -> Test:
    """Return the test that all hold; it stops at the first that does not."""
    if len(tests) == 1:
        return tests[0]

    def test(known: Known, on: dt.date) -> Truth:
        found = TRUE
        for one in tests:
            value = one(known, on)
            if value < found:
                if value == FALSE:
                    return FALSE
                found = value
        return found

    return test


def disjunction(tests: tuple[Test, ...]) -> Test:
    """Return the test that any holds; it stops at the first that does."""
    if len(tests) == 1:
        return tests[0]

    def test(known: Known, on: dt.date) -> Truth:
        found = FALSE
        for one in tests:
            value = one(known, on)
            if value > found:
                if value == TRUE:
                    return TRUE
                found = value
        return found

    return test


def opposite(one: Test) -> Test:
    """Return the test that the given one does not hold."""
    return lambda known, on: truth.NOT[one(known, on)]


def meaning(condition: Condition, scope: Scope) -> Test:  # noqa: PLR0911, PLR0912, C901 - one line for each kind of condition
    """Return the condition as a function of known facts and day; LawError when it uses a word or list that nothing defines."""
    match condition:
        case Always():
            return _always(TRUE)
        case Yes():
            return _yes(condition, scope)
        case Choice() | Text():
            return _choice(condition, scope)
        case Has():
            return _has(condition, scope)
        case Only():
            return _only(condition, scope)
        case Number():
            return _number(condition, scope)
        case Between():
            return _between(condition, scope)
        case Offences():
            return _offences(condition, scope)
        case Place():
            return _always(truth.of(any(lies_in(scope.place, area) for area in condition.within)))
        case Defined():
            return meaning(defined(condition.word, scope), scope)
        case Not():
            return opposite(meaning(condition.of, scope))
        case AllOf():
            return conjunction(tuple(meaning(part, scope) for part in condition.of))
        case AnyOf():
            return disjunction(tuple(meaning(part, scope) for part in condition.of))


@dataclass(frozen=True, eq=False)
class Node:
    """A condition with its test and, where it is made of others, their nodes."""

    condition: Condition
    test: Test
    parts: tuple["Node", ...]


def node(condition: Condition, scope: Scope) -> Node:
    """Return a condition as a tree of tests, its words spelled out."""
    match condition:
        case Defined():
            return node(defined(condition.word, scope), scope)
        case Not():
            parts: tuple[Node, ...] = (node(condition.of, scope),)
        case AllOf() | AnyOf():
            parts = tuple(node(part, scope) for part in condition.of)
        case _:
            parts = ()
    return Node(condition, meaning(condition, scope), parts)


def open_leaves(tree: Node, known: Known, on: dt.date) -> Iterator[Condition]:
    """Yield the conditions about single facts that keep a condition unknown; a branch already decided asks for nothing."""
    if tree.test(known, on) != UNKNOWN:
        return
    if not tree.parts:
        yield tree.condition
    for part in tree.parts:
        yield from open_leaves(part, known, on)


Waiting = Callable[[Known, dt.date], tuple[Truth, tuple[str, ...]]]


def waiting(tree: Node) -> Waiting:
    """Return the test of a condition that also names the facts it waits for: those of `open_leaves`, in one walk."""
    if not tree.parts:
        names = fact_of(tree.condition)
        found: tuple[tuple[Truth, tuple[str, ...]], ...] = ((FALSE, ()), (UNKNOWN, names), (TRUE, ()))
        leaf = tree.test
        return lambda known, on: found[leaf(known, on)]
    parts = tuple(waiting(part) for part in tree.parts)
    if isinstance(tree.condition, Not):
        (inner,) = parts

        def negated(known: Known, on: dt.date) -> tuple[Truth, tuple[str, ...]]:
            value, names = inner(known, on)
            return truth.NOT[value], names

        return negated
    decides = TRUE if isinstance(tree.condition, AnyOf) else FALSE

    def joined(known: Known, on: dt.date) -> tuple[Truth, tuple[str, ...]]:
        names: tuple[str, ...] = ()
        for part in parts:
            value, more = part(known, on)
            if value == decides:
                return value, ()
            names += more
        # Whatever is unknown waits for something.
        return (UNKNOWN, names) if names else (truth.NOT[decides], ())

    return joined
