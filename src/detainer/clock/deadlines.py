"""Deadlines: made from counting rules, the earliest governs; how long is left, and whether they warn or have passed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, model_validator

from detainer.clock.calendars import DayKind
from detainer.clock.counting import days_left_out
from detainer.clock.kinds import KINDS, Kind
from detainer.clock.moments import utc, zone_named
from detainer.clock.rules import CountingRule
from detainer.clock.wording import moment_in_words, reckoning

Instant = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]

State = Literal["running", "warning", "passed"]

WARNING_STEPS: Mapping[Kind, tuple[timedelta, ...]] = MappingProxyType({name: kind.warns for name, kind in KINDS.items()})
"""How long before each kind of deadline people are warned, the first warning first."""


class Deadline(BaseModel):
    """One time limit that runs from one event: when it started, when it is due, how that was reckoned and under what.

    `starts_at` and `due_at` are in UTC; `arithmetic` says them in the time of the facility. `excluded` are the kinds of day
    left out of it. `every` is the length after which it fires again. Of several deadlines for the same thing one `governs`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    rule: str
    label: str
    starts_at: Instant
    due_at: Instant
    every: timedelta
    excluded: tuple[DayKind, ...] = ()
    governs: bool = True
    arithmetic: str
    cite: str
    source: str

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.due_at < self.starts_at:
            raise ValueError("due_at must not be before starts_at")
        return self


def deadlines(
    kind: Kind, starts_at: datetime, rules: Sequence[CountingRule], *, zone: str, argument: str = "starts_at"
) -> tuple[Deadline, ...]:
    """The deadline under each rule, in the order of the rules; the earliest governs, and of equal ones the first.

    `zone` is the facility's. `argument` is what the caller calls the start, for the message of an error. A rule that counts
    backward gives a deadline that starts when it is due: it cannot be known how long before it began to run.
    No rules give an empty tuple.
    Raises ValueError when the start has no time zone or the zone is unknown.
    """
    start = utc(starts_at, argument)
    return governed([deadline(kind, start, rule, zone=zone) for rule in rules])


def deadline(kind: Kind, starts_at: datetime, rule: CountingRule, *, zone: str, known_at: datetime | None = None) -> Deadline:
    """The deadline under one rule. One that counts backward is due at once where it became known, at `known_at`, too late.

    Raises ValueError when a moment has no time zone or the zone is unknown.
    """
    start, place = utc(starts_at, "starts_at"), zone_named(zone)
    target = rule.due(start, zone)
    known = utc(known_at, "known_at") if known_at else min(start, target)
    due = max(target, known)
    left_out = days_left_out(min(start, target), max(start, target), zone, rule.leaves_out)
    at_once = f"; known only at {moment_in_words(known, place)}, so due at once" if known > target else ""
    return Deadline(
        kind=kind,
        rule=rule.rule,
        label=rule.label,
        starts_at=known if rule.direction == "backward" else start,
        due_at=due,
        every=KINDS[kind].every or max(due - start, SHORTEST_PERIOD),
        excluded=rule.excluded,
        arithmetic=reckoning(rule.length_in_words, start, target, place, left_out, rule.calendar) + at_once,
        cite=rule.cite,
        source=rule.source,
    )


def window(kind: Kind, closes_at: datetime, rule: CountingRule, *, zone: str) -> Deadline:
    """The deadline of what is done within a time before a moment: it starts when the time begins, and is due at the moment.

    `rule` counts back from it. Raises ValueError as `deadline` does.
    """
    opens = deadline(kind, closes_at, rule, zone=zone)
    return opens.model_copy(
        update={"starts_at": opens.due_at, "due_at": utc(closes_at, "closes_at"), "arithmetic": f"not before {opens.arithmetic}"}
    )


SHORTEST_PERIOD = timedelta(minutes=1)
"""No clock fires again sooner, however short its own length is."""


def promised(kind: Kind, at: datetime, *, since: datetime, words: str, rule: str, zone: str) -> Deadline:
    """The deadline of what was said to be done by a moment; said at `since`, `words` saying by whom."""
    due, said = utc(at, "at"), utc(since, "since")
    return Deadline(
        kind=kind,
        rule=rule,
        label=KINDS[kind].label,
        starts_at=min(said, due),
        due_at=due,
        every=KINDS[kind].every or SHORTEST_PERIOD,
        arithmetic=f"{words}: {moment_in_words(due, zone_named(zone))}",
        cite="",
        source="",
    )


def put_off(deadline: Deadline, until: datetime, *, words: str, zone: str) -> Deadline:
    """The same deadline, due at a later moment, because somebody said so: `words` says who. It repeats as it did."""
    due = utc(until, "until")
    return deadline.model_copy(update={"due_at": due, "arithmetic": f"{words}: {moment_in_words(due, zone_named(zone))}"})


def governed(found: Sequence[Deadline]) -> tuple[Deadline, ...]:
    """Deadlines for the same thing, of which the earliest governs, and of equal ones the first."""
    governing = min(range(len(found)), key=lambda index: found[index].due_at, default=None)
    return tuple(each.model_copy(update={"governs": index == governing}) for index, each in enumerate(found))


def remaining(deadline: Deadline, now: datetime) -> timedelta:
    """The elapsed time that is left until the deadline; negative when it has passed.

    Raises ValueError when `now` has no time zone.
    """
    return deadline.due_at - utc(now, "now")


def warning_step(deadline: Deadline, now: datetime) -> timedelta | None:
    """The last warning step of the deadline's kind that has been reached, or None before the first one.

    Raises ValueError when `now` has no time zone.
    """
    left = remaining(deadline, now)
    return min((step for step in WARNING_STEPS[deadline.kind] if left <= step), default=None)


def state(deadline: Deadline, now: datetime) -> State:
    """`running`, `warning` from the first warning step on, `passed` from the very instant at which it is due.

    A hold may last for at most its hours, so at the due instant itself it has ended.
    Raises ValueError when `now` has no time zone.
    """
    if remaining(deadline, now) <= timedelta(0):
        return "passed"
    return "running" if warning_step(deadline, now) is None else "warning"
