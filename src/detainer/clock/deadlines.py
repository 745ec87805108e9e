"""Deadlines: made from counting rules, the earliest governs; how long is left, and when they warn and fire."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, PositiveInt, model_validator

from detainer.clock.calendars import DAY_KINDS, DayKind
from detainer.clock.counting import counted_except, days_left_out, elapsed
from detainer.clock.moments import utc, zone_named
from detainer.clock.wording import reckoning

Instant = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]

Kind = Literal["hold_expiry", "notice_lead"]
State = Literal["running", "warning", "passed"]

WARNING_STEPS: Mapping[Kind, tuple[timedelta, ...]] = MappingProxyType(
    {
        "hold_expiry": (timedelta(hours=12), timedelta(hours=4), timedelta(hours=1)),
        "notice_lead": (timedelta(hours=12), timedelta(hours=4), timedelta(hours=1)),
    }
)
"""How long before each kind of deadline people are warned, the first warning first."""


class CountingRule(BaseModel):
    """How one rule of law counts a time limit: its length in hours and the kinds of day left out of the count."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    label: str
    hours: PositiveInt
    excluded: tuple[DayKind, ...] = ()
    cite: str
    source: str

    def leaves_out(self, day: date) -> bool:
        """Whether the clock stands still on that local calendar day."""
        return any(DAY_KINDS[kind](day) for kind in self.excluded)


class Deadline(BaseModel):
    """One time limit that runs from one event: when it started, when it is due, how that was reckoned and under what.

    `starts_at` and `due_at` are in UTC; `arithmetic` says them in the time of the facility. `hours` is the length of
    the limit, `excluded` the kinds of day left out of it. Of several deadlines for the same thing one `governs`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    rule: str
    label: str
    starts_at: Instant
    due_at: Instant
    hours: PositiveInt
    excluded: tuple[DayKind, ...]
    governs: bool
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

    `zone` is the facility's. `argument` is what the caller calls the start, for the message of an error.
    No rules give an empty tuple.
    Raises ValueError when the start has no time zone or the zone is unknown.
    """
    start, place = utc(starts_at, argument), zone_named(zone)
    dues = [_due(rule, start, zone) for rule in rules]
    governing = dues.index(min(dues)) if dues else None
    return tuple(
        Deadline(
            kind=kind,
            rule=rule.rule,
            label=rule.label,
            starts_at=start,
            due_at=due,
            hours=rule.hours,
            excluded=rule.excluded,
            governs=index == governing,
            arithmetic=reckoning(rule.hours, start, due, place, days_left_out(start, due, zone, rule.leaves_out)),
            cite=rule.cite,
            source=rule.source,
        )
        for index, (rule, due) in enumerate(zip(rules, dues, strict=True))
    )


def _due(rule: CountingRule, start: datetime, zone: str) -> datetime:
    if not rule.excluded:
        return elapsed(start, rule.hours)
    return counted_except(start, rule.hours, zone, rule.leaves_out)


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


def firing_times(deadline: Deadline) -> tuple[datetime, ...]:
    """The instants, in UTC and in order, at which the deadline warns, and last the one at which it is due.

    Warnings that would lie before the start are not among them.
    """
    warnings = (deadline.due_at - step for step in WARNING_STEPS[deadline.kind])
    return (*(moment for moment in warnings if moment >= deadline.starts_at), deadline.due_at)
