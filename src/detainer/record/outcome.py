"""How a request ended: the one closed list of outcomes, and how it follows from the events of a live record."""

from collections.abc import Iterable
from typing import Final, Literal, get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from detainer.record.event import Event, effective
from detainer.record.said import Ask

OutcomeValue = Literal[
    "handed_over",
    "released_with_notice",
    "released_without_notice",
    "released",
    "declined",
    "withdrawn",
    "superseded",
    "duplicate",
    "not_in_custody",
    "passed_on",
    "died",
    "open",
    "unknown",
]
OUTCOMES: Final[tuple[OutcomeValue, ...]] = get_args(OutcomeValue)

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

# `closed` by its cause; a release is told apart by the notice.
_CLOSED: Final[dict[str, OutcomeValue]] = {
    "died": "died",
    "passed_on": "passed_on",
    "superseded": "superseded",
    "duplicate": "duplicate",
    "handed_over": "handed_over",
    "not_in_custody": "not_in_custody",
    "other": "unknown",
}
_WITHDRAWN_AS: Final[dict[str, OutcomeValue]] = {"superseded": "superseded", "duplicate": "duplicate"}


def of_request(events: Iterable[Event]) -> Outcome:
    """Return the outcome of a request from its events alone; `open` until one of them ends it.

    Silence is never a refusal: a request that nobody answered stays `open`, and one whose release is known but not
    whether notice was given is `released`. A live record never ends as `declined`.
    """
    ended = OPEN
    notice: Event | None = None
    for event in effective(events):
        if event.kind == "notice_given" and event.data.get("of", "release") == "release":
            notice = event
        found = _ends(event, notice, ended)
        ended = found if found is not None else ended
    return ended


def _ends(event: Event, notice: Event | None, before: Outcome) -> Outcome | None:
    """Return the outcome that this event brings, or None when it leaves it as it was."""
    if event.kind == "handed_over":
        return _outcome("handed_over", event)
    if event.kind == "cancelled":
        reason = str(event.data["reason"])
        return _outcome(_WITHDRAWN_AS.get(reason, "withdrawn"), event, reason=reason)
    if event.kind == "not_here":
        return _outcome("not_in_custody", event, reason=str(event.data["reason"]))
    if event.kind in ("relayed", "acknowledged"):
        return OPEN if before.value == "not_in_custody" else None
    if event.kind == "closed":
        cause = str(event.data["cause"])
        if cause == "cancelled":
            return None
        if cause == "released":
            return _released(event, notice)
        return before if before.value == _CLOSED[cause] else _outcome(_CLOSED[cause], event)
    return None


def _released(event: Event, notice: Event | None) -> Outcome:
    given = event.data.get("notice_given")
    if notice is not None:
        return _outcome("released_with_notice", event, notice)
    if given is None:
        return _outcome("released", event)
    return _outcome("released_with_notice" if given else "released_without_notice", event)


def _outcome(value: OutcomeValue, event: Event, *more: Event, reason: str | None = None) -> Outcome:
    return Outcome(
        value=value,
        reason=reason,
        occurred=event.occurred,
        evidence=(event.id, *(other.id for other in more)),
        confirmed=event.is_confirmed,
    )


_DONE_BY: Final[dict[Ask, str]] = {"notify": "notice_given", "hold": "hold_started", "transfer": "handed_over"}


def disposition(ask: Ask, events: Iterable[Event], outcome: Outcome) -> Disposition:
    """Return what became of one ask: `honoured`, `declined`, `open`, or `overtaken` by how the request ended.

    An ask is declined only by a decision that says so.
    """
    told = effective(events)
    choices = [event.data["choice"] for event in told if event.kind == "decided" and event.data["ask"] == ask]
    done = _DONE_BY.get(ask)
    if done and any(event.kind == done for event in told):
        return "honoured"
    if choices and choices[-1] == "decline":
        return "declined"
    if choices and done is None:
        return "honoured"
    return "open" if outcome.value == "open" else "overtaken"
