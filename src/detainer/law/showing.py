"""Showing what was found: governing rules, trace, duties and time limits as parts of an answer."""

from typing import Literal

from detainer.law.answers import ClockShown, DutyShown, GoverningRule, SpanShown, TimeLimitShown, TraceStep
from detainer.law.combine import contributes
from detainer.law.docket import TRUTH_OF, Docket, Entry, Following, Outcome, facts_waited_for
from detainer.law.english import span_text
from detainer.law.facts import Facts
from detainer.law.rules import Clock, Duty, TimeLimit
from detainer.law.truth import FALSE, TRUE, UNKNOWN, Truth
from detainer.law.words import Value

Applies = Literal["yes", "unknown"]


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


def rules_shown(docket: Docket, found: tuple[Outcome, ...], value: Value) -> tuple[GoverningRule, ...]:
    """Return the rules that the answer rests on; for needs_facts, those not known to apply that could decide."""
    if value == "needs_facts":
        wanted = [
            entry
            for entry, outcome in zip(docket.entries, found, strict=True)
            if outcome == "unknown" and entry.rule.binds.party == "custodian" and entry.rule.effect != "permit"
        ]
        return tuple(_governing(entry) for entry in wanted)
    resting = [
        entry
        for entry, outcome in zip(docket.entries, found, strict=True)
        if outcome == "applies" and entry.rule.binds.party == "custodian" and contributes(entry.weight, value)
    ]
    # A permission is best shown by the law nearest to the custodian, a command by the highest.
    return tuple(_governing(entry) for entry in (reversed(resting) if value == "may" else resting))


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
        names = ", ".join(facts_waited_for(entry, facts, docket.on))
        return f"turns on what is not known: {names or 'whether the rule it yields to applies'}"
    if outcome == "displaced":
        others = ", ".join(docket.entries[at].rule.id for at in entry.displacers)
        return f"yields to {others}"
    prefix = "binds the requester, not the custodian: " if entry.rule.binds.party == "requester" else ""
    return f"{prefix}{table[outcome]}"


_APPLIED: dict[Truth, Literal["yes", "no", "unknown"]] = {FALSE: "no", UNKNOWN: "unknown", TRUE: "yes"}


def trace_shown(docket: Docket, found: tuple[Outcome, ...], facts: Facts) -> tuple[TraceStep, ...]:
    """Return every rule that was looked at, in the order of the layers, with what became of it."""
    return tuple(
        TraceStep(
            id=entry.rule.id,
            place=entry.place,
            effect=entry.rule.effect,
            applied=_APPLIED[TRUTH_OF[outcome]],
            why=_why(entry, outcome, facts, docket),
            cite=entry.span.cite or entry.rule.cite,
        )
        for entry, outcome in zip(docket.entries, found, strict=True)
    )


def _clock(clock: Clock) -> ClockShown:
    return ClockShown(**clock.model_dump())


def _duty(item: Duty, place: str, applies: Applies) -> DutyShown:
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


def _limit(item: TimeLimit, place: str, applies: Applies) -> TimeLimitShown:
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


def _applying(following: Following, docket: Docket, facts: Facts, value: Value) -> Applies | None:
    """Return whether a duty or time limit applies, or is not known to; None when it does not."""
    found = following.when(facts, docket.on)
    if found == FALSE or not _follows(following.item, value):
        return None
    return "yes" if found == TRUE else "unknown"


def duties_shown(docket: Docket, facts: Facts, value: Value) -> tuple[DutyShown, ...]:
    """Return the duties that follow from the request, from doing what it asks, or from refusing it."""
    found = ((one, _applying(one, docket, facts, value)) for one in docket.duties)
    return tuple(_duty(one.item, one.place, applies) for one, applies in found if applies and isinstance(one.item, Duty))


def limits_shown(docket: Docket, facts: Facts, value: Value) -> tuple[TimeLimitShown, ...]:
    """Return the limits of time on the act asked for; none when it is forbidden."""
    found = ((one, _applying(one, docket, facts, value)) for one in docket.time_limits)
    return tuple(_limit(one.item, one.place, applies) for one, applies in found if applies and isinstance(one.item, TimeLimit))
