"""Strong Kleene logic: a statement about a person is true, false, or not known, and not known is never false."""

from collections.abc import Iterable
from typing import Literal

Truth = Literal[0, 1, 2]

FALSE: Truth = 0
UNKNOWN: Truth = 1
TRUE: Truth = 2

# Tables, because a table of nine cells can be read against the textbook.
AND: tuple[tuple[Truth, Truth, Truth], ...] = ((0, 0, 0), (0, 1, 1), (0, 1, 2))
OR: tuple[tuple[Truth, Truth, Truth], ...] = ((0, 1, 2), (1, 1, 2), (2, 2, 2))
NOT: tuple[Truth, Truth, Truth] = (2, 1, 0)


def negation(value: Truth) -> Truth:
    """Return not value."""
    return NOT[value]


def every(values: Iterable[Truth]) -> Truth:
    """Return the conjunction; true of nothing."""
    return min(values, default=TRUE)


def some(values: Iterable[Truth]) -> Truth:
    """Return the disjunction; false of nothing."""
    return max(values, default=FALSE)
