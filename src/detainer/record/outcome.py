"""How a request ended (`ends`), as it follows from the events of a live record."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from detainer.record import when
from detainer.record.account import unconfirmed
from detainer.record.ends import OutcomeValue
from detainer.record.event import Event
from detainer.record.said import Ask
from detainer.record.standing import is_of_release, standing

Disposition = Literal["honoured", "declined", "overtaken", "open"]


class Outcome(BaseModel):
    """How a request ended, and on whose word.

    `confirmed` is False when only somebody else than the agency that did it says so. `reason` is the withdrawal's.
    """

    model_config = ConfigDict(frozen=True)

    value: OutcomeValue
    reason: str | None = None
    occurred: str | None = None
    evidence: tuple[UUID, ...] = ()
    confirmed: bool = True


OPEN: Final = Outcome(value="open")
_Step = Callable[[Event, Outcome, Event | None], Outcome]


def of_request(events: Iterable[Event]) -> Outcome:
    """Return the outcome of a request from its events alone (in order of version); `open` until one of them ends it.

    Silence is never a refusal: a request that nobody answered stays `open`, and one whose release is known but not
    whether notice was given is `released`. A live record never ends as `declined`. The outcome belongs to the custodian
    who had the person at the end (process.md section 6, F3): a notice by an earlier one was of another release and does
    not count. What ended a request first stands when it is closed later; only `not_here` gives way to what is then known.
    """
    return of_standing(standing("request", events).told)


def of_standing(told: Sequence[Event]) -> Outcome:
    """Return the outcome of a request from those of its events that count (`standing`)."""
    outcome, notice = OPEN, None
    for event in told:
        if event.kind == "relayed":
            notice = None
        elif event.kind == "notice_given" and is_of_release(event):
            notice = event
        step = _STEPS.get(event.kind)
        outcome = step(event, outcome, notice) if step else outcome
    doubtful = set(unconfirmed(told)) & set(outcome.evidence)
    return outcome.model_copy(update={"confirmed": False}) if doubtful else outcome


def _handed_over(event: Event, _before: Outcome, _notice: Event | None) -> Outcome:
    return _outcome("handed_over", event)


def _not_here(event: Event, _before: Outcome, _notice: Event | None) -> Outcome:
    return _outcome("not_in_custody", event, reason=str(event.data["reason"]))


def _reopened(_event: Event, _before: Outcome, _notice: Event | None) -> Outcome:
    return OPEN


_WITHDRAWN_AS: Final[dict[str, OutcomeValue]] = {"superseded": "superseded", "duplicate": "duplicate"}


def _cancelled(event: Event, _before: Outcome, _notice: Event | None) -> Outcome:
    reason = str(event.data["reason"])
    return _outcome(_WITHDRAWN_AS.get(reason, "withdrawn"), event, reason=reason)


# `closed` by its cause; a release is told apart by the notice.
_CLOSED: Final[dict[str, OutcomeValue]] = {
    "died": "died",
    "passed_on": "passed_on",
    "superseded": "superseded",
    "duplicate": "duplicate",
    "cancelled": "withdrawn",
    "handed_over": "handed_over",
    "not_in_custody": "not_in_custody",
    "other": "unknown",
}


def _closed(event: Event, before: Outcome, notice: Event | None) -> Outcome:
    cause = str(event.data["cause"])
    if before.value not in ("open", "not_in_custody"):
        return before
    if before.value == "not_in_custody" and cause in ("not_in_custody", "cancelled", "other"):
        return before
    return _released(event, notice) if cause == "released" else _outcome(_CLOSED[cause], event)


def _released(event: Event, notice: Event | None) -> Outcome:
    """Return how a release ended it. A notice in the record counts over what is said of it, if it was not given after."""
    if notice is not None and not _wholly_after(notice, event):
        return _outcome("released_with_notice", event, notice)
    given = event.data.get("notice_given")
    return _outcome(_RELEASED[given if given is None else bool(given)], event)


_RELEASED: Final[dict[bool | None, OutcomeValue]] = {
    None: "released",
    True: "released_with_notice",
    False: "released_without_notice",
}


_ANY_ZONE: Final = dt.timedelta(hours=14)  # a day that was said without its zone may begin and end that much earlier or later


def _wholly_after(one: Event, other: Event) -> bool:
    first, second = when.parse(one.occurred), when.parse(other.occurred)
    doubt = dt.timedelta() if first.is_instant and second.is_instant else _ANY_ZONE
    return first.from_ is not None and second.to is not None and first.from_ > second.to + doubt


_STEPS: Final[dict[str, _Step]] = {
    "handed_over": _handed_over,
    "not_here": _not_here,
    "relayed": _reopened,
    "acknowledged": _reopened,
    "cancelled": _cancelled,
    "closed": _closed,
}


def _outcome(value: OutcomeValue, event: Event, *more: Event, reason: str | None = None) -> Outcome:
    return Outcome(value=value, reason=reason, occurred=event.occurred, evidence=(event.id, *(other.id for other in more)))


def disposition(ask: Ask, events: Iterable[Event], outcome: Outcome) -> Disposition:
    """Return what became of one ask: `honoured`, `declined`, `open`, or `overtaken` by how the request ended.

    It speaks of the custodian who had the request last. A deed counts over a decision. An ask is declined only by a
    decision that says so.
    """
    return disposition_in_leg(ask, standing("request", events).leg, outcome)


def disposition_in_leg(ask: Ask, leg: Sequence[Event], outcome: Outcome) -> Disposition:
    """Return what became of one ask from the events of the custodian who has the request now (`standing`)."""
    done = _DONE.get(ask)
    choice = next((event.data["choice"] for event in reversed(leg) if event.kind == "decided" and event.data["ask"] == ask), None)
    if done is not None and done(leg, outcome):
        return "honoured"
    if choice == "decline":
        return "declined"
    if choice == "honour" and done is None:
        return "honoured"  # nothing in the record does `share` and `interview`: the decision is all there is
    return "open" if outcome.value == "open" else "overtaken"


def _was_told(leg: Sequence[Event], outcome: Outcome) -> bool:
    if outcome.value in _RELEASED.values():
        return outcome.value == "released_with_notice"  # a notice that came after the release does not honour the ask
    return any(event.kind == "notice_given" and is_of_release(event) for event in leg)


def _was_held(leg: Sequence[Event], _outcome: Outcome) -> bool:
    return any(event.kind == "hold_started" or (event.kind == "handed_over" and event.data.get("held")) for event in leg)


def _was_handed_over(_leg: Sequence[Event], outcome: Outcome) -> bool:
    return outcome.value == "handed_over"


_DONE: Final[dict[Ask, Callable[[Sequence[Event], Outcome], bool]]] = {
    "notify": _was_told,
    "hold": _was_held,
    "transfer": _was_handed_over,
}
