"""Answering many past requests again, under another law or on another day, and counting what comes out otherwise."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from pydantic_core import from_json

from detainer.law.answering import asked_of, book_of, known_of
from detainer.law.facts import Known
from detainer.law.library import Library, library_from
from detainer.law.words import Value

_AT_ONCE = 5_000


class Past(NamedTuple):
    """A past request: where, what was asked, on what day, and the facts (a mapping, or its JSON text as tables hold it)."""

    place: str
    ask: str
    on: dt.date
    facts: Mapping[str, Any] | str


class Came(NamedTuple):
    """How requests of one place and ask come out under the law that was, and under the other."""

    place: str
    ask: str
    before: Value
    after: Value


Counts = Counter[Came]


@lru_cache(maxsize=2_000)
def _from_json(text: str) -> Known:
    return known_of(from_json(text))


def count(requests: Iterable[Past], before: Library, after: Library, on: dt.date | None = None) -> Counts:
    """Return how many requests come out how: before, on their own day; after, on `on` or else on their own day too.

    Raises LawError for a place, ask or fact that does not exist.
    """
    found: Counts = Counter()
    alike: dict[tuple[str, str], bool] = {}
    for place, ask, day, told in requests:
        known = _from_json(told) if isinstance(told, str) else known_of(told)
        was = asked_of(place, ask, day, known, before).value
        if (place, ask) not in alike:
            alike[place, ask] = on is None and book_of(before, place, ask).chain == book_of(after, place, ask).chain
        comes = was if alike[place, ask] else asked_of(place, ask, on or day, known, after).value
        found[Came(place, ask, was, comes)] += 1
    return found


# The two libraries of a process that answers for another.
_HERE: list[Library] = []


def _begin(before: Mapping[str, str], after: Mapping[str, str]) -> None:
    _HERE[:] = [library_from(before), library_from(after)]


def _count_here(requests: list[Past], on: dt.date | None) -> Counts:
    before, after = _HERE
    return count(requests, before, after, on)


def replay(requests: Iterable[Past], before: Library, after: Library, on: dt.date | None = None, processes: int = 1) -> Counts:
    """Return what `count` does, shared among processes; each reads the two libraries from their texts once."""
    if processes == 1:
        return count(requests, before, after, on)
    found: Counts = Counter()
    with ProcessPoolExecutor(processes, initializer=_begin, initargs=(before.texts, after.texts)) as pool:
        waiting = iter(requests)
        running = [
            pool.submit(_count_here, chunk, on) for _ in range(2 * processes) if (chunk := list(islice(waiting, _AT_ONCE)))
        ]
        while running:
            found.update(running.pop(0).result())
            if chunk := list(islice(waiting, _AT_ONCE)):
                running.append(pool.submit(_count_here, chunk, on))
    return found
