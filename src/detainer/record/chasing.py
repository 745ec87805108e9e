"""What is still owed around a request: receipts that nobody gave, until when an answer was promised, which clocks fired. Pure."""

import datetime as dt
from collections.abc import Sequence
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from detainer.record.event import Event
from detainer.record.standing import last

DEMANDS_RECEIPT: Final = ("cancelled", "relayed", "contested")
"""Whoever is told of these must say that they have it (process.md section 7: receipts are mandatory)."""


class Frozen(BaseModel):
    """Frozen, like the events that it is made from."""

    model_config = ConfigDict(frozen=True)


class Fired(Frozen):
    """How often a clock has fired so far, how it last did, and whether a named person has seen to it since."""

    clock: str
    rule: str
    due_at: str
    number: int
    step: str
    at: dt.datetime
    answered: bool


class Owed(Frozen):
    """A receipt that an agency (`to`) owes for an event: since when it is there (EDTF; None: no arrival is recorded)."""

    event: UUID
    kind: Literal["cancelled", "relayed", "contested"]
    to: UUID
    arrived: str | None


class Chase(Frozen):
    """What the custodian and the requester still owe each other, and which clocks have fired."""

    priority: Literal["urgent", "routine"] = "routine"
    will_answer_by: str | None = None
    received: tuple[UUID, ...] = ()
    owed: tuple[Owed, ...] = ()
    comes_at: str | None = None
    consent_until: str | None = None
    fired: tuple[Fired, ...] = ()


def chase(told: Sequence[Event], leg: Sequence[Event]) -> Chase:
    """Return what is owed around a request, from its events that count and those of its last leg (`standing`)."""
    promised, consented = last(leg, "will_answer"), last(leg, "consented")
    coming = [event.data["comes_at"] for event in leg if event.kind == "notice_received" and event.data.get("comes_at")]
    return Chase(
        priority=told[0].data.get("priority") or "routine",
        will_answer_by=promised.data["by"] if promised else None,
        received=tuple(UUID(str(event.data["of"])) for event in told if event.kind == "received"),
        owed=tuple(_owed(told)),
        comes_at=coming[-1] if coming else None,
        consent_until=consented.data.get("until") if consented and consented.data["given"] else None,
        fired=tuple(_fired(told)),
    )


def _owed(told: Sequence[Event]) -> list[Owed]:
    """Return the receipts that are owed, oldest first. A receipt is any act that shows the other side has it."""
    custodian, requester = UUID(str(told[0].data["custodian"])), told[0].by_agency
    found: list[Owed] = []
    for index, event in enumerate(told):
        if event.kind == "relayed":
            custodian = UUID(str(event.data["custodian"]))
        if event.kind not in DEMANDS_RECEIPT:
            continue
        to = custodian if event.kind != "contested" or event.by_agency != custodian else requester
        after = told[index + 1 :]
        if to != event.by_agency and not any(_receipt(event, to, later) for later in after):
            arrived = next((later.occurred for later in after if _arrival(later, to)), None)
            found.append(Owed(event=event.id, kind=event.kind, to=to, arrived=arrived))
    return found


def _arrival(event: Event, to: UUID) -> bool:
    return event.kind == "delivered" and str(event.data["to"]) == str(to)


_ALSO_A_RECEIPT: Final[dict[str, dict[str, str | None]]] = {
    "cancelled": {"cancel_received": "cancel"},
    "contested": {"contest_answered": "contest"},
    "relayed": {"acknowledged": None, "not_here": None},
}


def _receipt(owed: Event, to: UUID, event: Event) -> bool:
    """Return whether an event shows that the agency has what was sent to it."""
    if event.says != to:
        return False
    if event.kind == "received":
        return str(event.data["of"]) == str(owed.id)
    ways = _ALSO_A_RECEIPT[owed.kind]
    if event.kind not in ways:
        return False
    names = ways[event.kind]
    return names is None or str(event.data[names]) == str(owed.id)


def _fired(told: Sequence[Event]) -> list[Fired]:
    clocks: dict[tuple[str, str], Fired] = {}
    for event in told:
        if event.kind not in ("clock_fired", "clock_answered"):
            continue
        key = (event.data["clock"], event.data["rule"])
        if event.kind == "clock_fired":
            clocks[key] = Fired(
                clock=key[0],
                rule=key[1],
                due_at=event.data["due_at"],
                number=event.data["number"],
                step=event.data["step"],
                at=event.recorded_at,
                answered=False,
            )
        elif key in clocks:
            clocks[key] = clocks[key].model_copy(update={"answered": True})
    return list(clocks.values())
