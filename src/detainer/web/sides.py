"""On which side of a request an agency stands, and which commands it may give on it now. Pure: no Django, no database."""

from collections.abc import Callable, Collection, Iterable
from typing import Final, Literal
from uuid import UUID

from detainer.exchange.commands import COMMANDS, Command
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
    "correct": "corrected",
    "close": "closed",
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
}


def may_give(command: Command, view: RequestView, side: Side, roles: Collection[str]) -> bool:
    """Return whether a command on a request is this side's, of one of these roles, and fits the state that it is in."""
    if command.stream != "request" or command.begins or side == "reader":
        return False
    its_side = command.side in ("party", side)
    takes = _EVENTS.get(command.name, command.name) in lifecycle.TABLE["request"][view.state]
    needs = _NEEDS.get(command.name, lambda _view: True)
    return its_side and bool(command.roles & set(roles)) and takes and needs(view)


def commands_now(view: RequestView, side: Side, roles: Iterable[str]) -> list[Command]:
    """Return the commands that this side may give on a request now, in the order of the table of commands."""
    held = frozenset(roles)
    return [command for command in COMMANDS if may_give(command, view, side, held)]
