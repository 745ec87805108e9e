"""Which clocks the law's limits start: a limit that was kept with an answer, as a rule that counts from an event."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from detainer import clock
from detainer.record import when
from detainer.record.said import LimitSaid
from detainer.record.views import AskView, RequestView

StayTold = Mapping[str, Any]  # a stay's view as its row keeps it; empty where none is linked, or it is another's

# What a limit is of -> the kind of clock that it starts. What is not here starts none: the bounds of a transfer (California's
# court days, Texas' seven) say how early it may be, and what ends them is the release itself; reports, records and checks of
# status are the custodian's duties whatever is asked, and no event of a request ends them.
_OF_HOLD: Final = frozenset({"limit", "outer_bound", "release_when"})
_OF_NOTICE: Final = frozenset({"limit", "outer_bound", "lead_time"})
_OF_SERVICE: Final = frozenset({"serve_copy", "inform_rights"})


def kind_of(ask: str, limit: LimitSaid) -> clock.Kind | None:
    """Return the kind of clock that a limit starts with the answer to an ask, or None."""
    if limit.actor != "custodian":
        return None
    if limit.what in _OF_SERVICE:
        return "service_due"
    if ask == "hold" and limit.what in _OF_HOLD and limit.direction == "forward":
        return "hold_expiry"
    return "notice_due" if ask == "notify" and limit.what in _OF_NOTICE else None


def is_window(limit: LimitSaid) -> bool:
    """Return whether a limit is a time before a moment within which something is done, not one by which it is."""
    return limit.what == "outer_bound" and limit.direction == "backward"


# How a limit's word for its start is told from the record, as an EDTF text. A word that is not here starts no clock: no event
# of a request or a stay says when a court ordered, when a year ends, when a prison took the person in, or when the requester or
# the police arrested. A booking is the first that a stay tells of; where an arrest was told before it, that is the earlier.
STARTS: Final[Mapping[str, Callable[[RequestView, AskView, StayTold], str | None]]] = {
    "otherwise_released": lambda _view, _ask, stay: stay.get("release_due"),
    "bond_posted": lambda _view, _ask, stay: stay.get("release_due") if stay.get("release_cause") == "bail_posted" else None,
    "release_date": lambda _view, _ask, stay: stay.get("release_due") or stay.get("release_planned"),
    "booking": lambda _view, _ask, stay: stay.get("began"),
    "receipt_of_papers": lambda view, _ask, _stay: received(view),
    "receipt_of_request": lambda view, _ask, _stay: received(view),
    "service": lambda view, _ask, _stay: view.served,
    "decision": lambda _view, ask, _stay: ask.decided,
}
OF_STAY: Final = frozenset({"otherwise_released", "bond_posted", "release_date", "booking"})


def received(view: RequestView) -> str | None:
    """Return when the custodian had the request: when it arrived, else when it was acknowledged."""
    return view.delivered or view.acknowledged


class Limit(NamedTuple):
    """A limit of the law that runs: the kind of its clock, the instant from which it counts, and how."""

    kind: clock.Kind
    said: LimitSaid
    starts_at: dt.datetime
    rule: clock.CountingRule


def limits(view: RequestView, stay: StayTold, zone: str, calendar: str) -> Iterator[Limit]:
    """Yield each limit of the answers to a request that starts a clock on what the record tells, once.

    A start that is only roughly known counts from its earliest instant, which no law exceeds.
    """
    seen: set[str] = set()
    for ask in view.asks:
        for said in ask.answer.limits if ask.answer else ():
            kind = kind_of(ask.ask, said)
            start = _start(STARTS[said.starts_at](view, ask, stay), zone) if kind and said.starts_at in STARTS else None
            if kind and start and said.id not in seen:
                seen.add(said.id)
                yield Limit(kind, said, start, counting(said, calendar))


def _start(text: str | None, zone: str) -> dt.datetime | None:
    return when.parse(text, zone).from_ if text else None


# "Holidays" are the nation's wherever a law says no more: of a state's own holidays one too many would lengthen a hold.
DAYS: Final[Mapping[str, clock.DayKind]] = {
    "sat": "saturday",
    "sun": "sunday",
    "holiday": "federal_holiday",
    "federal_holiday": "federal_holiday",
    "judicial_holiday": "judicial_holiday",
}
LONGEST_LABEL: Final = 200


def counting(said: LimitSaid, calendar: str) -> clock.CountingRule:
    """Return how a limit counts. `calendar` is the state's, by its path."""
    label = said.text if len(said.text) <= LONGEST_LABEL else f"{said.text[: LONGEST_LABEL - 3]}..."
    return clock.CountingRule(
        rule=said.id,
        label=label,
        minutes=said.minutes,
        hours=said.hours,
        days=said.days,
        until="end_of_day" if said.until else None,
        direction=said.direction,
        excluded=tuple(DAYS[day] for day in said.excludes),
        calendar=calendar,
        cite=said.cite or "",
        source=said.source or "",
    )
