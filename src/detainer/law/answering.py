"""Answering one ask: the docket, the facts, and everything that the answer shows."""

import datetime as dt
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any
from weakref import WeakKeyDictionary

from pydantic import ValidationError

from detainer.law import gazetteer
from detainer.law.answers import NOTICE, Answer, Versions
from detainer.law.docket import Docket, Outcome, compile_docket, outcomes, value_from
from detainer.law.errors import LawError, nearest
from detainer.law.facts import Facts
from detainer.law.library import Library
from detainer.law.library import library as own_library
from detainer.law.missing import missing_facts
from detainer.law.notes import notes_of
from detainer.law.showing import duties_shown, limits_shown, rules_shown, trace_shown
from detainer.law.words import ASKS, Ask

SCHEMA = "1"
CODE = version("detainer")
_MOST_REMEMBERED = 20_000


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


@dataclass(frozen=True, eq=False)
class _Memory:
    """What was worked out from one library."""

    dockets: dict[tuple[str, Ask, dt.date], Docket] = field(default_factory=dict)
    answers: dict[Hashable, Answer] = field(default_factory=dict)


# Keyed by the library itself, so that what was worked out goes when the library goes.
_MEMORY: WeakKeyDictionary[Library, _Memory] = WeakKeyDictionary()


def _memory_of(library: Library) -> _Memory:
    memory = _MEMORY.get(library)
    if memory is None or len(memory.dockets) + len(memory.answers) > _MOST_REMEMBERED:
        memory = _MEMORY[library] = _Memory()
    return memory


def docket_for(library: Library, place: str, ask: Ask, on: dt.date) -> Docket:
    """Return the docket of an ask at a place (canonical path) on a day, compiled once. Raises LawError for undefined words."""
    dockets = _memory_of(library).dockets
    key = (place, ask, on)
    if key not in dockets:
        dockets[key] = compile_docket(library, place, ask, on)
    return dockets[key]


def _answer(law_hash: str, docket: Docket, asked: str, facts: Facts, found: tuple[Outcome, ...]) -> Answer:
    value = value_from(docket, found)
    missing, sets = missing_facts(docket, facts) if value == "needs_facts" else ((), ())
    return Answer(
        ask=docket.ask,
        place=asked,
        on=docket.on,
        value=value,
        rules=rules_shown(docket, found, value),
        missing=missing,
        deciding_sets=sets,
        duties=duties_shown(docket, facts, value),
        time_limits=limits_shown(docket, facts, value),
        notes=notes_of(docket, found, value, asked, facts),
        trace=trace_shown(docket, found, facts),
        versions=Versions(schema_=SCHEMA, law=law_hash, code=CODE),
        notice=NOTICE,
    )


def answer(place: str, ask: str, on: dt.date, facts: Facts | Mapping[str, Any], library: Library | None = None) -> Answer:
    """Return what the law says to an ask at a place on a day, given what is known.

    Raises PlaceUnknown for a place that does not exist and LawError for an unknown ask, fact or value, each with the nearest.
    """
    if ask not in ASKS:
        raise LawError(f"[{ask}] is not an ask; known: {', '.join(ASKS)}{nearest(ask, ASKS)}")
    if not isinstance(on, dt.date) or isinstance(on, dt.datetime):
        raise LawError(f"[{on}] is not a day: give a datetime.date, the custodian's local date")
    kept = library or own_library()
    known = facts_from(facts)
    docket = docket_for(kept, gazetteer.canonical(place, kept.layers), next(one for one in ASKS if one == ask), on)
    found = outcomes(docket, known)
    # What an answer shows is a function of these alone, so equal cases share one frozen answer. What missing facts would
    # change turns on more, so an answer that needs facts is worked out each time.
    following = tuple([one.when(known, on) for one in (*docket.duties, *docket.time_limits)])
    waiting = tuple(
        [
            tuple([test(known, on) for test in entry.leaf_tests])
            for entry, outcome in zip(docket.entries, found, strict=True)
            if outcome == "unknown"
        ]
    )
    key = (place, docket.ask, on, known.facility, found, following, waiting)
    answers = _memory_of(kept).answers
    remembered = answers.get(key)
    if remembered is None:
        remembered = _answer(kept.hash, docket, place, known, found)
        if remembered.value != "needs_facts":
            answers[key] = remembered
    return remembered
