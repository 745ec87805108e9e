"""Answering one ask: the docket, the facts, and everything that the answer shows."""

import datetime as dt
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Literal
from weakref import WeakKeyDictionary

from pydantic import ValidationError

from detainer.law import places
from detainer.law.answers import (
    NOTICE,
    Answer,
    ClockShown,
    DutyShown,
    GoverningRule,
    SpanShown,
    TimeLimitShown,
    TraceStep,
    Versions,
)
from detainer.law.combine import combine, contributes, value_of
from detainer.law.docket import Docket, Entry, Following, Outcome, binding_values, compile_docket, outcomes
from detainer.law.english import span_text
from detainer.law.errors import LawError, nearest
from detainer.law.facts import Facts
from detainer.law.library import Library
from detainer.law.library import library as own_library
from detainer.law.meaning import fact_of
from detainer.law.missing import missing_facts
from detainer.law.notes import notes_of
from detainer.law.rules import Clock, Duty, TimeLimit
from detainer.law.truth import FALSE, TRUE, UNKNOWN, Truth
from detainer.law.words import ASKS, Ask, Value

SCHEMA = "1"
_MOST_REMEMBERED = 20_000

Found = list[tuple[Outcome, Truth]]


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


@dataclass(frozen=True)
class _Case:
    """One question in hand: the docket, the place in the asker's words, the facts, and what they make of each provision."""

    docket: Docket
    asked: str
    facts: Facts
    found: Found
    following: tuple[Truth, ...]


def _governing(entry: Entry) -> GoverningRule:
    rule, span = entry.rule, entry.span
    shown = SpanShown(
        from_=str(span.from_) if span.from_ else None,
        until=str(span.until) if span.until else None,
        state=span.state,
        cite=span.cite,
    )
    return GoverningRule(
        id=rule.id,
        place=entry.place,
        effect=entry.weight.effect,
        strength=rule.strength,
        cite=span.cite or rule.cite,
        source=rule.source,
        confidence=rule.confidence,
        last_checked_on=str(rule.last_checked_on) if rule.last_checked_on else None,
        sentence=entry.sentence,
        span=shown,
        note=rule.note,
    )


def _rests_on(docket: Docket, found: Found, value: Value) -> tuple[GoverningRule, ...]:
    if value == "needs_facts":
        wanted = [
            entry
            for entry, (outcome, _) in zip(docket.entries, found, strict=True)
            if outcome == "unknown" and entry.rule.binds.party == "custodian" and entry.rule.effect != "permit"
        ]
        return tuple(_governing(entry) for entry in wanted)
    resting = [
        entry
        for entry, (outcome, _) in zip(docket.entries, found, strict=True)
        if outcome == "applies" and entry.rule.binds.party == "custodian" and contributes(entry.weight, value)
    ]
    # A permission is best shown by the law nearest to the custodian, a command by the highest.
    return tuple(_governing(entry) for entry in (reversed(resting) if value == "may" else resting))


def _not_known(entry: Entry, facts: Facts, on: dt.date) -> str:
    names = [name for leaf, test in entry.leaves if test(facts, on) == UNKNOWN for name in fact_of(leaf)]
    return ", ".join(dict.fromkeys(names)) or "whether the rule it yields to applies"


def _why(entry: Entry, outcome: Outcome, facts: Facts, docket: Docket) -> str:
    noted = f" ({entry.span.note})" if entry.span.note else ""
    table: dict[Outcome, str] = {
        "applies": entry.sentence,
        "not_met": f"its conditions are not met: {entry.sentence}",
        "excepted": f"an exception applies: {entry.sentence}",
        "not_in_force": f"not in force on {docket.on}: {span_text(entry.span)}{noted}",
        "not_bound": f"does not bind here: {entry.rule.binds.text or entry.rule.binds.places}",
    }
    if outcome == "unknown":
        return f"not known: {_not_known(entry, facts, docket.on)}"
    if outcome == "displaced":
        others = ", ".join(docket.entries[at].rule.id for at in entry.displacers)
        return f"yields to {others}"
    prefix = "binds the requester, not the custodian: " if entry.rule.binds.party == "requester" else ""
    return f"{prefix}{table[outcome]}"


_APPLIED: dict[Truth, Literal["yes", "no", "unknown"]] = {FALSE: "no", UNKNOWN: "unknown", TRUE: "yes"}


def _step(docket: Docket, entry: Entry, outcome: Outcome, truth: Truth, facts: Facts) -> TraceStep:
    return TraceStep(
        id=entry.rule.id,
        place=entry.place,
        effect=entry.rule.effect,
        applied=_APPLIED[truth],
        why=_why(entry, outcome, facts, docket),
        cite=entry.span.cite or entry.rule.cite,
    )


def _clock(clock: Clock) -> ClockShown:
    return ClockShown(**clock.model_dump())


def _duty(item: Duty, place: str, applies: Literal["yes", "unknown"]) -> DutyShown:
    return DutyShown(
        id=item.id,
        place=place,
        kind=item.kind,
        actor=item.binds.party,
        follows=item.follows,
        applies=applies,
        text=item.text,
        languages=item.languages,
        clock=_clock(item.clock) if item.clock else None,
        cite=item.cite,
        source=item.source,
        confidence=item.confidence,
    )


def _limit(item: TimeLimit, place: str, applies: Literal["yes", "unknown"]) -> TimeLimitShown:
    return TimeLimitShown(
        id=item.id,
        place=place,
        actor=item.binds.party,
        role=item.role,
        applies=applies,
        text=item.text,
        clock=_clock(item.clock),
        cite=item.cite,
        source=item.source,
        confidence=item.confidence,
    )


def _follows(item: Duty | TimeLimit, value: Value) -> bool:
    """A duty of the act falls away where the act is forbidden, a duty of refusal where it is commanded."""
    follows = item.follows if isinstance(item, Duty) else "act"
    return not ((follows == "act" and value == "must_not") or (follows == "refusal" and value == "must"))


def _applying(
    items: Sequence[Following], truths: Sequence[Truth], value: Value
) -> list[tuple[Following, Literal["yes", "unknown"]]]:
    return [
        (one, "yes" if truth == TRUE else "unknown")
        for one, truth in zip(items, truths, strict=True)
        if truth != FALSE and _follows(one.item, value)
    ]


def _answer(law_hash: str, case: _Case) -> Answer:
    docket, found, facts = case.docket, case.found, case.facts
    value = value_of(combine([entry.weight for entry in docket.entries], binding_values(docket, found)))
    missing, sets = missing_facts(docket, facts) if value == "needs_facts" else ((), ())
    duties = _applying(docket.duties, case.following[: len(docket.duties)], value)
    limits = _applying(docket.time_limits, case.following[len(docket.duties) :], value)
    return Answer(
        ask=docket.ask,
        place=case.asked,
        on=docket.on,
        value=value,
        rules=_rests_on(docket, found, value),
        missing=missing,
        deciding_sets=sets,
        duties=tuple(_duty(one.item, one.place, applies) for one, applies in duties if isinstance(one.item, Duty)),
        time_limits=tuple(_limit(one.item, one.place, applies) for one, applies in limits if isinstance(one.item, TimeLimit)),
        notes=notes_of(docket, found, value, case.asked, facts),
        trace=tuple(
            _step(docket, entry, outcome, truth, facts) for entry, (outcome, truth) in zip(docket.entries, found, strict=True)
        ),
        versions=Versions(schema_=SCHEMA, law=law_hash, code=version("detainer")),
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
    docket = docket_for(kept, places.canonical(place, kept.layers), next(one for one in ASKS if one == ask), on)
    found = outcomes(docket, known)
    following = tuple(one.when(known, on) for one in (*docket.duties, *docket.time_limits))
    case = _Case(docket, place, known, found, following)
    if any(value == UNKNOWN for _, value in found):
        return _answer(kept.hash, case)
    # With every rule decided the answer is a function of these outcomes (and the cautions of the facility), so equal
    # cases share one frozen answer.
    answers = _memory_of(kept).answers
    key = (place, docket.ask, on, known.facility, tuple(found), following)
    if key not in answers:
        answers[key] = _answer(kept.hash, case)
    return answers[key]
