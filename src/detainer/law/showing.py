"""Showing what was found: governing rules, trace, duties and time limits as parts of an answer."""

from functools import partial
from typing import Literal

from detainer.law.answers import ClockShown, DutyShown, GoverningRule, SpanShown, TimeLimitShown, TraceStep
from detainer.law.book import Following
from detainer.law.combine import contributes
from detainer.law.docket import Asked, Docket, Entry, Found, made_once
from detainer.law.english import span_text
from detainer.law.made import made
from detainer.law.meaning import fact_of
from detainer.law.rules import Clock, Duty, Span, TimeLimit
from detainer.law.truth import FALSE, TRUE
from detainer.law.words import Value
from detainer.law.written import APPLIES, DISPLACED, EXCEPTED, NOT_BOUND, NOT_IN_FORCE, NOT_MET, TRUTH, UNKNOWN, Outcome

Applies = Literal["yes", "unknown"]
# What is remembered of outcomes is forgotten when it grows larger than this.
_MOST_REMEMBERED = 4_000


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
    rests_on = asked.docket.rests_on
    rules: tuple[GoverningRule, ...] | None = rests_on.get(asked.found)
    if rules is None:
        if len(rests_on) > _MOST_REMEMBERED:
            rests_on.clear()
        rules = rests_on[asked.found] = _rests_on(asked.docket, asked.found, asked.value)
    return rules


def _rests_on(docket: Docket, found: Found, value: Value) -> tuple[GoverningRule, ...]:
    wanted = UNKNOWN if value == "needs_facts" else APPLIES
    resting = made_once(docket, ("resting", value), partial(_resting, docket, value))
    return tuple([rule for at, rule in resting if found[at] & TRUTH == wanted])


def _why(entry: Entry, outcome: Outcome, docket: Docket) -> str:
    if outcome & TRUTH == UNKNOWN:
        names = [name for leaf in entry.draft.settling.waits_for(outcome) for name in fact_of(leaf)]
        return f"turns on what is not known: {', '.join(dict.fromkeys(names)) or 'whether the rule it yields to applies'}"
    if outcome == DISPLACED:
        return f"yields to {', '.join(docket.entries[at].rule.id for at in entry.draft.displacers)}"
    noted = f" ({entry.span.note})" if entry.span.note else ""
    table = {
        APPLIES: entry.sentence,
        NOT_MET: f"its conditions are not met: {entry.sentence}",
        EXCEPTED: f"an exception applies: {entry.sentence}",
        NOT_IN_FORCE: f"not in force on that day: {span_text(entry.span)}{noted}",
        NOT_BOUND: f"does not bind here: {entry.rule.binds.text or entry.rule.binds.places}",
    }
    prefix = "binds the requester, not the custodian: " if entry.rule.binds.party == "requester" else ""
    return f"{prefix}{table[outcome]}"


_APPLIED: tuple[Literal["no", "unknown", "yes"], ...] = ("no", "unknown", "yes")


class _Steps(dict[Outcome, TraceStep]):
    """The steps that one rule gives, by its outcome, each made once."""

    def __init__(self, docket: Docket, entry: Entry) -> None:
        super().__init__()
        self.docket, self.entry = docket, entry

    def __missing__(self, outcome: Outcome) -> TraceStep:
        entry = self.entry
        fields = {
            "id": entry.rule.id,
            "place": entry.place,
            "effect": entry.rule.effect,
            "applied": _APPLIED[outcome & TRUTH],
            "why": _why(entry, outcome, self.docket),
            "cite": entry.span.cite or entry.rule.cite,
        }
        if len(self) > _MOST_REMEMBERED:
            self.clear()
        step = self[outcome] = made(TraceStep, fields)
        return step


def trace_shown(asked: Asked) -> tuple[TraceStep, ...]:
    """Return every rule that was looked at, in the order of the layers, with what became of it."""
    docket = asked.docket
    steps = docket.shown.get("steps") or made_once(docket, "steps", lambda: [_Steps(docket, one) for one in docket.entries])
    return tuple([of[outcome] for of, outcome in zip(steps, asked.found, strict=True)])


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
    found = following.applies(asked.known, asked.on)
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
