"""When a clock fires: its warnings, the hour itself, the reminders after it, its repeats. It is told when it last did."""

from datetime import datetime, timedelta
from typing import NamedTuple

from detainer.clock.deadlines import Deadline
from detainer.clock.kinds import KINDS, Step
from detainer.clock.moments import utc

WRONG_BY = timedelta(hours=1)
"""A next firing further ahead than its period and this says that the machine's clock was ahead when it last fired."""


class Firing(NamedTuple):
    """One firing: its instant (UTC), what it is, and its number, the how manieth of this clock's firings it is.

    `missed` are those before it that nobody was told of.
    """

    instant: datetime
    step: Step
    number: int
    missed: int = 0


def schedule(deadline: Deadline) -> tuple[tuple[datetime, Step], ...]:
    """What a clock does once each, in order: the warnings that do not lie before its start, then the steps of its ladder."""
    kind = KINDS[deadline.kind]
    warnings = (deadline.due_at - before for before in kind.warns)
    return (
        *((moment, "warning") for moment in warnings if moment >= deadline.starts_at),
        *((deadline.due_at + index * deadline.every, step) for index, step in enumerate(kind.ladder)),
    )


def firing_times(deadline: Deadline) -> tuple[datetime, ...]:
    """The instants, in UTC and in order, of what a clock does once each."""
    return tuple(moment for moment, _ in schedule(deadline))


def next_firing(
    deadline: Deadline, fired_number: int, last_fired_at: datetime | None, answered_at: datetime | None
) -> Firing | None:
    """What a clock does next after it has fired `fired_number` times, or None when it does nothing more.

    After the last step of its schedule it repeats, a period after it last fired. A named person who saw to it once it was
    due ends the repeats, where its kind lets anything but the act itself end them; before it is due the next warning and
    the hour itself still come.
    Raises ValueError for a number below nought, or a number without the moment at which it fired.
    """
    steps, kind = schedule(deadline), KINDS[deadline.kind]
    if fired_number < 0 or (fired_number > 0 and last_fired_at is None):
        raise ValueError(f"a clock that has fired {fired_number} times says when it last did")
    is_due = fired_number >= len(steps) - len(kind.ladder) + 1
    seen_to = answered_at is not None and utc(answered_at, "answered_at") >= deadline.due_at
    if is_due and seen_to and not kind.only_the_act_ends_it:
        return None
    if fired_number < len(steps):
        moment, step = steps[fired_number]
        return Firing(moment, step, fired_number + 1)
    if not kind.repeats or last_fired_at is None:
        return None
    return Firing(utc(last_fired_at, "last_fired_at") + deadline.every, "repeat", fired_number + 1)


def fires_now(
    deadline: Deadline, fired_number: int, last_fired_at: datetime | None, answered_at: datetime | None, now: datetime
) -> Firing | None:
    """What a clock does now, if anything: of all that is due and not yet fired the last, the others counted as missed.

    The hour itself is never passed over for a repeat. A clock that last fired while the machine's own was more than an hour
    ahead repeats at once when it is due, and does not wait for the hour that was not one.
    """
    at = utc(now, "now")
    first = next_firing(deadline, fired_number, last_fired_at, answered_at)
    if first is None:
        return None
    if first.step == "repeat" and first.instant > at + deadline.every + WRONG_BY and at >= deadline.due_at:
        return first._replace(instant=at)
    if first.instant > at:
        return None
    if first.step == "repeat":
        return first._replace(missed=(at - first.instant) // deadline.every)
    steps = schedule(deadline)
    reached = sum(moment <= at for moment, _ in steps)
    moment, step = steps[reached - 1]
    return Firing(moment, step, reached, missed=reached - first.number)
