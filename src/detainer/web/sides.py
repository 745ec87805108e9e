"""On which side of a request an agency stands, and which commands fit the state that it is in. Pure: no Django, no database."""

from collections.abc import Callable, Collection
from typing import Final, Literal
from uuid import UUID

from detainer.record import lifecycle
from detainer.record.views import RequestView

# `party`: takes part without being either side now: an earlier custodian, or one whom an account names. `reader`: oversight.
Side = Literal["custodian", "requester", "party", "reader"]

# The event that a command appends first, where its name is not the event's.
_EVENTS: Final = {
    "acknowledge": "acknowledged",
    "record_facts": "answered",
    "serve": "served",
    "decide": "decided",
    "confirm_decision": "decided",
    "give_notice": "notice_given",
    "start_hold": "hold_started",
    "end_hold": "hold_ended",
    "hand_over": "handed_over",
    "relay": "relayed",
    "cancel": "cancelled",
    "contest": "contested",
    "answer_contest": "contest_answered",
    "state": "stated",
    "make_document": "document_made",
    "correct": "corrected",
    "close": "closed",
    "receive": "received",
    "answer_clock": "clock_answered",
    "consent": "consented",
}


def side_of(view: RequestView, agency: UUID, parties: Collection[UUID]) -> Side:
    """Return on which side of a request an agency stands."""
    if agency == view.custodian:
        return "custodian"
    if agency == view.requester:
        return "requester"
    return "party" if agency in parties else "reader"


def decided(view: RequestView, ask: str) -> str | None:
    """Return what the custodian chose for an ask, or None: not decided, or not asked."""
    return next((item.choice for item in view.asks if item.ask == ask), None)


# What a command needs beside the state that takes its event: otherwise it would be refused.
_NEEDS: Final[dict[str, Callable[[RequestView], bool]]] = {
    "confirm_decision": lambda view: any(ask.proposal for ask in view.asks),
    "give_notice": lambda view: decided(view, "notify") == "honour",
    "notice_received": lambda view: set(view.notices) > set(view.notices_received),
    "start_hold": lambda view: decided(view, "hold") == "honour" and view.served is not None,
    "end_hold": lambda view: view.is_holding,
    "hand_over": lambda view: decided(view, "transfer") != "decline",
    "cancel_received": lambda view: view.cancelled is not None and not view.cancel_received,
    "answer_contest": lambda view: bool(view.contests_open),
    "will_answer": lambda view: bool(view.undecided),
    "consent": lambda view: any(ask.ask == "interview" for ask in view.asks),
}
# What it needs of the agency that gives it, where both sides may.
_NEEDS_OF_AGENCY: Final[dict[str, Callable[[RequestView, UUID | None], bool]]] = {
    "receive": lambda view, agency: any(owed.to == agency for owed in view.chase.owed),
    "answer_clock": lambda view, agency: any(one.to == agency and not one.answered for one in view.chase.fired),
}


def agency_of(view: RequestView, side: Side) -> UUID | None:
    """Return the agency that stands on a side; None for one that is neither."""
    return {"custodian": view.custodian, "requester": view.requester}.get(side)


def fits(name: str, view: RequestView, side: Side) -> bool:
    """Return whether a command fits the state that a request is in, given by who stands on a side."""
    takes = _EVENTS.get(name, name) in lifecycle.TABLE["request"][view.state]
    needs, of_agency = _NEEDS.get(name), _NEEDS_OF_AGENCY.get(name)
    return takes and (needs is None or needs(view)) and (of_agency is None or of_agency(view, agency_of(view, side)))
