"""Answering one ask: the docket, the facts, and everything that the answer shows."""

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from pydantic import ValidationError

from detainer import __version__
from detainer.law import gazetteer
from detainer.law.answers import NOTICE, Answer, Versions, answer_of
from detainer.law.book import Book, compile_book
from detainer.law.docket import Asked, weighed
from detainer.law.errors import LawError, nearest
from detainer.law.facts import Facts, Known
from detainer.law.known import known_from
from detainer.law.library import Library
from detainer.law.library import library as own_library
from detainer.law.missing import missing_facts
from detainer.law.notes import notes_of
from detainer.law.showing import duties_shown, limits_shown, rules_shown, trace_shown
from detainer.law.words import ASKS, Value

SCHEMA = "1"
_MOST_BOOKS = 20_000


@lru_cache(maxsize=64)
def _versions(law: str) -> Versions:
    return Versions(schema_=SCHEMA, law=law, code=__version__)


_PARTS: dict[str, Callable[[Asked], Any]] = {
    "duties": duties_shown,
    "time_limits": limits_shown,
    "notes": notes_of,
    "trace": trace_shown,
}


def _later(asked: Asked, part: str) -> dict[str, Any]:
    """Return a part of the answer by name, and those that are found together with it."""
    if part in ("missing", "deciding_sets"):
        return dict(zip(("missing", "deciding_sets"), missing_facts(asked), strict=True))
    return {part: _PARTS[part](asked)}


def facts_from(facts: Facts | Mapping[str, Any]) -> Facts:
    """Return the facts as a model; LawError names the key or value that is not known, with the nearest one."""
    if isinstance(facts, Facts):
        return facts
    try:
        return Facts.model_validate(facts)
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(step) for step in fault['loc'])}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        ]
        raise LawError("; ".join(line.removeprefix(": ") for line in lines)) from error


def book_of(library: Library, place: str, ask: str) -> Book:
    """Return the book of an ask at a place, compiled once. Raises PlaceUnknown, and LawError for an ask that is none."""
    books: dict[tuple[str, str], Book] = library.books
    book = books.get((place, ask))
    if book is None:
        if ask not in ASKS:
            raise LawError(f"[{ask}] is not an ask; known: {', '.join(ASKS)}{nearest(ask, ASKS)}")
        whole = gazetteer.canonical(place, library.layers)
        if len(books) > _MOST_BOOKS:
            books.clear()
        book = books.get((whole, ask)) or compile_book(library, whole, next(one for one in ASKS if one == ask))
        books[whole, ask] = books[place, ask] = book
    return book


def known_of(facts: Facts | Mapping[str, Any]) -> Known:
    """Return the facts as the engine reads them; LawError names each key or value that is not known, with the nearest one."""
    try:
        return known_from(facts)
    except (ValueError, TypeError):
        # The whole model names every fault at once.
        return vars(facts_from(facts))


def asked_of(place: str, ask: str, on: dt.date, known: Known, library: Library) -> Asked:
    """Return the weighed case of an ask. Raises PlaceUnknown and LawError."""
    if not isinstance(on, dt.date) or isinstance(on, dt.datetime):
        raise LawError(f"[{on}] is not a day: give a datetime.date, the custodian's local date")
    return weighed(book_of(library, place, ask), place, on, known)


def answer(place: str, ask: str, on: dt.date, facts: Facts | Mapping[str, Any], library: Library | None = None) -> Answer:
    """Return what the law says to an ask at a place on a day, given what is known.

    Raises PlaceUnknown for a place that does not exist and LawError for an unknown ask, fact or value, each with the nearest.
    """
    asked = asked_of(place, ask, on, known_of(facts), library or own_library())
    book = asked.docket.book
    now = {
        "ask": book.ask,
        "place": place,
        "on": on,
        "value": asked.value,
        "rules": rules_shown(asked),
        "adopted_by": book.adopter,
        "versions": _versions(book.library.hash),
        "notice": NOTICE,
    }
    return answer_of(now, partial(_later, asked))


def value(place: str, ask: str, on: dt.date, facts: Facts | Mapping[str, Any], library: Library | None = None) -> Value:
    """Return only the value of the answer, for counting. Raises as `answer` does."""
    return asked_of(place, ask, on, known_of(facts), library or own_library()).value
