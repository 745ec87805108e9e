"""Clocks that fired and that no named person has seen to: what stands on top of a request's page and of the board. Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from detainer.clock.kinds import KINDS
from detainer.record import when
from detainer.record.chasing import Fired
from detainer.record.views import RequestView
from detainer.web import spans, words
from detainer.web.templatetags.detainer import moment


class Running(Protocol):
    """A clock that runs for a request, as its row tells it."""

    kind: str
    rule: str
    label: str
    agency_id: UUID
    due_at: dt.datetime
    open: bool
    fired: int


@dataclass(frozen=True)
class Alarm:
    """A clock that fired: what it is, since when (in words), how it last fired, whose it is, what ends it.

    `is_urgent` from the hour itself on; before that it is a warning. `is_over_hold`: a person is held past the hour.
    """

    clock: str
    rule: str
    title: str
    text: str
    is_urgent: bool
    is_over_hold: bool
    is_mine: bool
    may_be_answered: bool


def alarms(view: RequestView, running: Iterable[Running], *, agency: UUID, zone: str, now: dt.datetime) -> list[Alarm]:
    """Return the alarms around a request for who reads it, what is worst first: held past the hour, run out, warnings.

    A hold that has run out is one whether or not its clock has fired, and whoever saw to it, until the hold is ended.
    """
    told = [(row, _fired(view.chase.fired, row)) for row in sorted(running, key=lambda row: row.due_at) if row.open]
    found = [
        _alarm(row, fired, agency, zone, now)
        for row, fired in told
        if _is_over_hold(row, view, now) or (row.fired and not (fired and fired.answered))
    ]
    return sorted(found, key=lambda one: (not one.is_over_hold, not one.is_urgent))


def _is_over_hold(row: Running, view: RequestView, now: dt.datetime) -> bool:
    return (row.kind == "hold_expiry" and view.is_holding and row.due_at <= now) or row.kind == "hold_without_request"


def _fired(fired: Sequence[Fired], row: Running) -> Fired | None:
    """Return how a clock last fired for the moment at which it is due now."""
    due = when.instant(row.due_at)
    return next((one for one in fired if (one.clock, one.rule, one.due_at) == (row.kind, row.rule, due)), None)


def _alarm(row: Running, fired: Fired | None, agency: UUID, zone: str, now: dt.datetime) -> Alarm:
    is_due, over = row.due_at <= now, row.kind in _HELD and row.due_at <= now
    due = f"{moment(row.due_at, zone)} ({spans.left(row.due_at, now)})"
    told = f" Last told {spans.ago(fired.at, now)}: {words.step(fired.step, fired.number)}." if fired else ""
    kind = KINDS.get(row.kind)  # type: ignore[call-overload]
    return Alarm(
        clock=row.kind,
        rule=row.rule,
        title=_HELD[row.kind] if over else words.clock(row.kind),
        text=f"{'It ran out' if is_due else 'It runs out'} {due}. {row.label[:1].upper()}{row.label[1:]}.{told}",
        is_urgent=is_due,
        is_over_hold=over,
        is_mine=row.agency_id == agency,
        may_be_answered=bool(row.fired) and not (fired and fired.answered) and not (kind and kind.only_the_act_ends_it),
    )


_HELD = {"hold_expiry": "Held past the hour", "hold_without_request": "Held without a request"}
