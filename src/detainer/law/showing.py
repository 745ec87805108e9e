"""Showing what was found: governing rules, trace, duties and time limits as parts of an answer."""

import datetime as dt
from functools import partial
from typing import Literal

from detainer.law.answers import ClockShown, DutyShown, GoverningRule, SpanShown, TimeLimitShown, TraceStep
from detainer.law.combine import contributes
from detainer.law.docket import TRUTH_OF, Asked, Docket, Entry, Following, Outcome, facts_waited_for, made_once
from detainer.law.english import span_text
from detainer.law.made import made
from detainer.law.rules import Clock, Duty, Span, TimeLimit
from detainer.law.truth import FALSE, TRUE, UNKNOWN, Truth
from detainer.law.words import Value

Applies = Literal["yes", "unknown"]


def span_shown(span: Span) -> SpanShown:
    """Return a span as it is shown."""
    return SpanShown(
        from_=str(span.from_) if span.from_ else None,
        until=str(span.until) if span.until else None,
        state=span.state,
        cite=span.cite,
    )


def _governing(entry: Entry) -> GoverningRule:
    rule, span = entry.rule, entry.span
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
        span=span_shown(span),
        note=rule.note,
    )


def _could_rest(entry: Entry, value: Value) -> bool:
    if entry.rule.binds.party == "requester":
        return False
    return entry.rule.effect != "permit" if value == "needs_facts" else contributes(entry.weight, value)


def _resting(docket: Docket, value: Value) -> list[tuple[int, GoverningRule]]:
    """Return the rules that an answer of this value can rest on, by position."""
    entries = [entry for entry in docket.entries if entry.static is None and _could_rest(entry, value)]
    # A permission is best shown by the law nearest to the custodian, a command by the highest.
    return [(entry.draft.at, _governing(entry)) for entry in (reversed(entries) if value == "may" else entries)]


def rules_shown(asked: Asked) -> tuple[GoverningRule, ...]:
    """Return the rules that the answer rests on; for needs_facts, those not known to apply that could decide."""
    docket, found, value = asked.docket, asked.found, asked.value
    wanted = "unknown" if value == "needs_facts" else "applies"
    resting = made_once(docket, ("resting", value), partial(_resting, docket, value))
    return tuple([rule for at, rule in resting if found[at] == wanted])


def _why(entry: Entry, outcome: Outcome, docket: Docket, on: dt.date) -> str:
    noted = f" ({entry.span.note})" if entry.span.note else ""
    table: dict[Outcome, str] = {
        "applies": entry.sentence,
        "not_met": f"its conditions are not met: {entry.sentence}",
        "excepted": f"an exception applies: {entry.sentence}",
        "not_in_force": f"not in force on {on}: {span_text(entry.span)}{noted}",
        "not_bound": f"does not bind here: {entry.rule.binds.text or entry.rule.binds.places}",
    }
    if outcome == "displaced":
        others = ", ".join(docket.entries[at].rule.id for at in entry.draft.displacers)
        return f"yields to {others}"
    prefix = "binds the requester, not the custodian: " if entry.rule.binds.party == "requester" else ""
    return f"{prefix}{table[outcome]}"


_APPLIED: dict[Truth, Literal["yes", "no", "unknown"]] = {FALSE: "no", UNKNOWN: "unknown", TRUE: "yes"}


def _step(entry: Entry, outcome: Outcome, why: str) -> TraceStep:
    return made(
        TraceStep,
        {
            "id": entry.rule.id,
            "place": entry.place,
            "effect": entry.rule.effect,
            "applied": _APPLIED[TRUTH_OF[outcome]],
            "why": why,
            "cite": entry.span.cite or entry.rule.cite,
        },
    )


def _unknown_step(entry: Entry, names: tuple[str, ...]) -> TraceStep:
    waiting = ", ".join(dict.fromkeys(names)) or "whether the rule it yields to applies"
    return _step(entry, "unknown", f"turns on what is not known: {waiting}")


def _waiting_step(entry: Entry, asked: Asked) -> TraceStep:
    """Return the step of a rule that waits for facts. It turns on which, and these on the facts that the rule reads."""
    docket, known, told = asked.docket, asked.known, entry.draft.told
    key = (entry, told(known)) if told else (entry, facts_waited_for(entry, known, asked.on))
    step: TraceStep | None = docket.shown.get(key)
    if step is None:
        step = made_once(docket, key, lambda: _unknown_step(entry, facts_waited_for(entry, known, asked.on)))
    return step


Steps = dict[Outcome, TraceStep]


def _steps(entry: Entry, docket: Docket, on: dt.date) -> Steps:
    settled: tuple[Outcome, ...] = ("applies", "not_met", "excepted", "displaced")
    return {outcome: _step(entry, outcome, _why(entry, outcome, docket, on)) for outcome in settled}


def _steps_on(docket: Docket, on: dt.date) -> list[Steps]:
    """Return the steps that each rule can give on a day. Only those of rules that are not in force name the day."""
    live = made_once(docket, "steps", lambda: {entry.draft.at: _steps(entry, docket, on) for entry in docket.live})
    fixed = [(entry, entry.static) for entry in docket.entries if entry.static]
    found = {entry.draft.at: {outcome: _step(entry, outcome, _why(entry, outcome, docket, on))} for entry, outcome in fixed}
    return [found[at] if at in found else live[at] for at in range(len(docket.entries))]


def trace_shown(asked: Asked) -> tuple[TraceStep, ...]:
    """Return every rule that was looked at, in the order of the layers, with what became of it."""
    docket, on, found = asked.docket, asked.on, asked.found
    steps: list[Steps] = docket.shown.get(on) or made_once(docket, on, partial(_steps_on, docket, on))
    return tuple(
        [
            of[outcome] if outcome != "unknown" else _waiting_step(entry, asked)
            for entry, of, outcome in zip(docket.entries, steps, found, strict=True)
        ]
    )


def clock_shown(clock: Clock) -> ClockShown:
    """Return a clock as it is shown."""
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
        clock=clock_shown(item.clock) if item.clock else None,
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
        clock=clock_shown(item.clock),
        cite=item.cite,
        source=item.source,
        confidence=item.confidence,
    )


def _follows(item: Duty | TimeLimit, value: Value) -> bool:
    """A duty of the act falls away where the act is forbidden, a duty of refusal where it is commanded."""
    follows = item.follows if isinstance(item, Duty) else "act"
    return not ((follows == "act" and value == "must_not") or (follows == "refusal" and value == "must"))


def _applying(following: Following, asked: Asked) -> Applies | None:
    """Return whether a duty or time limit applies, or is not known to; None when it does not."""
    if not _follows(following.item, asked.value):
        return None
    found = following.when(asked.known, asked.on)
    if found == FALSE:
        return None
    return "yes" if found == TRUE else "unknown"


def _shown(items: tuple[Following, ...], asked: Asked) -> tuple[DutyShown | TimeLimitShown, ...]:
    found: list[DutyShown | TimeLimitShown] = []
    for one in items:
        applies = _applying(one, asked)
        if applies:
            found.append(made_once(asked.docket, (one, applies), partial(_part, one, applies)))
    return tuple(found)


def _part(following: Following, applies: Applies) -> DutyShown | TimeLimitShown:
    item, place = following.item, following.place
    return _duty(item, place, applies) if isinstance(item, Duty) else _limit(item, place, applies)


def duties_shown(asked: Asked) -> tuple[DutyShown | TimeLimitShown, ...]:
    """Return the duties that follow from the request, from doing what it asks, or from refusing it."""
    return _shown(asked.docket.duties, asked)


def limits_shown(asked: Asked) -> tuple[DutyShown | TimeLimitShown, ...]:
    """Return the limits of time on the act asked for; none when it is forbidden."""
    return _shown(asked.docket.time_limits, asked)
