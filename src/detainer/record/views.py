"""What the events of a stream add up to: a request, a stay, a file."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from detainer.record import lifecycle
from detainer.record.event import Event, effective
from detainer.record.outcome import Disposition, Outcome, disposition, of_request
from detainer.record.said import AnswerSaid, Ask, Basis, Choice, Form


class View(BaseModel):
    """Frozen, like the events that it is made from."""

    model_config = ConfigDict(frozen=True)


class Proposal(View):
    """A decision against the law's answer that waits for a second person."""

    event: UUID
    choice: Choice
    reason: str
    by_user: UUID | None


class AskView(View):
    """One part of a request: the law's answer, the decision, and what became of it."""

    ask: Ask
    answer: AnswerSaid | None = None
    choice: Choice | None = None
    reason: str | None = None
    against_answer: bool = False
    decided_by: UUID | None = None
    second_person: UUID | None = None
    proposal: Proposal | None = None
    disposition: Disposition = "open"


class RequestView(View):
    """A request as its events tell it. Times are EDTF texts as said; ids name rows elsewhere."""

    id: UUID
    version: int
    state: str
    outcome: Outcome
    person: UUID
    requester: UUID
    custodian: UUID
    facility: str
    form: Form
    basis: Basis
    requester_unit: str
    reference: str | None
    contact: str | None
    replaces: UUID | None
    lodged: str
    asks: tuple[AskView, ...]
    facts: dict[str, Any]
    answered_on: str | None = None
    delivered: str | None = None
    acknowledged: str | None = None
    acknowledged_by: UUID | None = None
    stay: UUID | None = None
    booking_number: str | None = None
    served: str | None = None
    notices: tuple[UUID, ...] = ()
    notices_received: tuple[UUID, ...] = ()
    hold_started: str | None = None
    hold_ended: str | None = None
    cancelled: UUID | None = None
    cancel_received: bool = False
    contests_open: tuple[UUID, ...] = ()
    legs: tuple[UUID, ...] = ()
    unconfirmed: tuple[UUID, ...] = ()

    @property
    def is_live(self) -> bool:
        """True while something may still be done about it."""
        return self.state in lifecycle.LIVE

    @property
    def undecided(self) -> tuple[Ask, ...]:
        """The asks that nobody has decided."""
        return tuple(ask.ask for ask in self.asks if ask.choice is None)


class StayView(View):
    """A custody episode as its events tell it."""

    id: UUID
    version: int
    state: str
    person: UUID | None = None
    facility: str | None = None
    booking_number: str | None = None
    began: str
    charges: tuple[dict[str, Any], ...] = ()
    release_planned: str | None = None
    release_due: str | None = None
    release_cause: str | None = None
    ended: str | None = None
    unconfirmed: tuple[UUID, ...] = ()

    @property
    def in_custody(self) -> bool:
        """True while the custodian has the person."""
        return self.state in lifecycle.IN_CUSTODY


class FileView(View):
    """A requester's history of a person as its events tell it."""

    id: UUID
    version: int
    state: str
    person: UUID | None = None
    last_kind: str
    last_occurred: str
    unconfirmed: tuple[UUID, ...] = ()


def request(events: Sequence[Event]) -> RequestView:
    """Return the request that these events (in order of version) add up to. Raises ValueError when they are not one's."""
    told = effective(events)
    if not told or told[0].kind != "lodged":
        raise ValueError("a request begins with [lodged]")
    lodged = told[0]
    outcome = of_request(events)
    leg = next((event for event in reversed(told) if event.kind == "relayed"), lodged)
    since = told[told.index(leg) :]
    acknowledged = _last(since, "acknowledged")
    answered = _last(since, "answered")
    cancelled = _last(told, "cancelled")
    answered_contests = {
        event.data["contest"] for event in told if event.kind == "contest_answered" and event.data["result"] != "still_checking"
    }
    return RequestView(
        id=lodged.stream,
        version=events[-1].version,
        state=lifecycle.reached("request", (event.kind for event in told)),
        outcome=outcome,
        person=lodged.data["person"],
        requester=lodged.by_agency,
        custodian=leg.data["custodian"],
        facility=leg.data["facility"],
        form=lodged.data["form"],
        basis=lodged.data["basis"],
        requester_unit=lodged.data.get("requester_unit", "civil_enforcement"),
        reference=lodged.data.get("reference"),
        contact=lodged.data.get("contact"),
        replaces=lodged.data.get("replaces"),
        lodged=lodged.occurred,
        asks=tuple(_ask(ask, since, told, outcome) for ask in lodged.data["asks"]),
        facts=answered.data["facts"] if answered else {},
        answered_on=answered.data["on"] if answered else None,
        delivered=_occurred(since, "delivered"),
        acknowledged=acknowledged.occurred if acknowledged else None,
        acknowledged_by=acknowledged.by_user if acknowledged else None,
        stay=acknowledged.data.get("stay") if acknowledged else None,
        booking_number=acknowledged.data.get("booking_number") if acknowledged else None,
        served=_occurred(since, "served"),
        notices=tuple(event.id for event in told if event.kind == "notice_given"),
        notices_received=tuple(event.data["notice"] for event in told if event.kind == "notice_received"),
        hold_started=_occurred(since, "hold_started"),
        hold_ended=_occurred(since, "hold_ended"),
        cancelled=cancelled.id if cancelled else None,
        cancel_received=_last(told, "cancel_received") is not None,
        contests_open=tuple(event.id for event in told if event.kind == "contested" and str(event.id) not in answered_contests),
        legs=(lodged.data["custodian"], *(event.data["custodian"] for event in told if event.kind == "relayed")),
        unconfirmed=unconfirmed(told),
    )


def _ask(ask: Ask, since: Sequence[Event], told: Sequence[Event], outcome: Outcome) -> AskView:
    """Return one ask: its last answer and decision by the custodian who now has the request, and its proposal if one waits."""
    answer = next(
        (event.data["answers"][ask] for event in reversed(since) if event.kind == "answered" and ask in event.data["answers"]),
        None,
    )
    decided = next((event for event in reversed(since) if event.kind == "decided" and event.data["ask"] == ask), None)
    proposed = next((event for event in reversed(since) if event.kind == "decision_proposed" and event.data["ask"] == ask), None)
    if proposed and decided and decided.version > proposed.version:
        proposed = None
    return AskView(
        ask=ask,
        answer=answer,
        choice=decided.data["choice"] if decided else None,
        reason=decided.data.get("reason") if decided else None,
        against_answer=bool(decided and decided.data.get("against_answer")),
        decided_by=decided.by_user if decided else None,
        second_person=decided.data.get("second_person") if decided else None,
        proposal=Proposal(
            event=proposed.id, choice=proposed.data["choice"], reason=proposed.data["reason"], by_user=proposed.by_user
        )
        if proposed
        else None,
        disposition=disposition(ask, told, outcome),
    )


_STAY_ENDS = ("released", "transferred", "died", "escaped")


def stay(events: Sequence[Event]) -> StayView:
    """Return the stay that these events (in order of version) add up to. Raises ValueError for none."""
    told = effective(events)
    if not told:
        raise ValueError("a stay begins with [arrested] or [booked]")
    due = _last(told, "release_due")
    planned = _last(told, "release_planned")
    charged = _last(told, "charged")
    arrested = _last(told, "arrested")
    state = lifecycle.reached("stay", (event.kind for event in told))
    ended = next((event for event in reversed(told) if event.kind in _STAY_ENDS), None)
    charges = (
        charged.data["charges"]
        if charged
        else [{"offence": name} for name in arrested.data.get("charges", ())]
        if arrested
        else []
    )
    return StayView(
        id=told[0].stream,
        version=events[-1].version,
        state=state,
        person=_last_said(told, "person"),
        facility=_last_said(told, "facility"),
        booking_number=_last_said(told, "booking_number"),
        began=told[0].occurred,
        charges=tuple(charges),
        release_planned=planned.data["at"] if planned else None,
        release_due=due.occurred if due else None,
        release_cause=due.data["cause"] if due else None,
        ended=ended.occurred if ended and state not in lifecycle.IN_CUSTODY else None,
        unconfirmed=unconfirmed(told),
    )


def file(events: Sequence[Event]) -> FileView:
    """Return the file that these events (in order of version) add up to. Raises ValueError for none."""
    told = effective(events)
    if not told:
        raise ValueError("a file begins with an event")
    return FileView(
        id=told[0].stream,
        version=events[-1].version,
        state=lifecycle.reached("file", (event.kind for event in told)),
        person=_last_said(told, "person"),
        last_kind=told[-1].kind,
        last_occurred=told[-1].occurred,
        unconfirmed=unconfirmed(told),
    )


def unconfirmed(told: Iterable[Event]) -> tuple[UUID, ...]:
    """Return the events that only somebody else than the agency that did it tells, and that it has not confirmed since."""
    events = tuple(told)
    confirmed = {
        (str(event.data["about"]), event.says)
        for event in events
        if event.kind == "stated" and event.data.get("about") and event.data.get("confirms")
    }
    return tuple(event.id for event in events if not event.is_confirmed and (str(event.id), event.by_agency) not in confirmed)


def _last(events: Sequence[Event], kind: str) -> Event | None:
    return next((event for event in reversed(events) if event.kind == kind), None)


def _occurred(events: Sequence[Event], kind: str) -> str | None:
    event = _last(events, kind)
    return event.occurred if event else None


def _last_said(events: Sequence[Event], key: str) -> Any:
    return next((event.data[key] for event in reversed(events) if event.data.get(key) is not None), None)


__all__ = [
    "OPEN",
    "AskView",
    "FileView",
    "Proposal",
    "RequestView",
    "StayView",
    "file",
    "request",
    "stay",
    "unconfirmed",
]
