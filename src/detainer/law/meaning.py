"""What a condition is made of: the words it is spelled out to, the single facts it turns on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from detainer.law.conditions import (
    AllOf,
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
    Text,
    Yes,
)
from detainer.law.errors import LawError, nearest
from detainer.law.facts import KINDS
from detainer.law.rules import Definition, OffenceList


@dataclass(frozen=True)
class Scope:
    """Where a condition is read: the place asked about, the words and offence lists of its file and those above."""

    place: str
    definitions: Mapping[str, Definition]
    offences: Mapping[str, OffenceList]


def lies_in(place: str, area: str) -> bool:
    """Say whether a place is an area or lies in it."""
    return place == area or place.startswith(f"{area}/")


def word_of(word: str, scope: Scope) -> Definition:
    """Return what the scope defines a word as; LawError with the nearest word when no file defines it."""
    if word not in scope.definitions:
        known = [*scope.definitions, *(name for name, kind in KINDS.items() if kind == "yes_no")]
        raise LawError(f"[{word}] is neither a yes/no fact nor a word defined here or above{nearest(word, known)}")
    return scope.definitions[word]


def defined(word: str, scope: Scope) -> Condition:
    """Return what a word means in the scope; LawError with the nearest word when no file defines it."""
    return word_of(word, scope).means


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
