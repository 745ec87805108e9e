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
    """How often a clock has fired for one moment (`due_at`), how it last did, and whether a named person has seen to it since."""

    clock: str
    rule: str
    due_at: str
    number: int
    step: str
    to: UUID
    at: dt.datetime
    answered_at: dt.datetime | None = None

    @property
    def answered(self) -> bool:
        """True once a named person has seen to it."""
        return self.answered_at is not None


class Owed(Frozen):
    """A receipt that an agency (`to`) owes for an event: since when it is there (EDTF; None: no arrival is recorded)."""

    event: UUID
    kind: Literal["cancelled", "relayed", "contested"]
    to: UUID
    arrived: str | None


class Claim(Frozen):
    """A claim against the request that an agency (`to`) has still to answer, and since when it is recorded."""

    event: UUID
    ground: str
    to: UUID
    since: dt.datetime


class Chase(Frozen):
    """What the custodian and the requester still owe each other, and which clocks have fired."""

    priority: Literal["urgent", "routine"] = "routine"
    will_answer_by: str | None = None
    received: tuple[UUID, ...] = ()
    owed: tuple[Owed, ...] = ()
    claims: tuple[Claim, ...] = ()
    comes_at: str | None = None
    coming_since: dt.datetime | None = None
    consent_until: str | None = None
    consent_since: dt.datetime | None = None
    cancelled_since: dt.datetime | None = None
    fired: tuple[Fired, ...] = ()


def chase(told: Sequence[Event], leg: Sequence[Event]) -> Chase:
    """Return what is owed around a request, from its events that count and those of its last leg (`standing`)."""
    promised, consented = last(leg, "will_answer"), last(leg, "consented")
    coming = next((event for event in reversed(leg) if event.kind == "notice_received" and event.data.get("comes_at")), None)
    cancelled, until = last(told, "cancelled"), consented.data.get("until") if consented and consented.data["given"] else None
    return Chase(
        priority=told[0].data.get("priority") or "routine",
        will_answer_by=promised.data["by"] if promised else None,
        received=tuple(UUID(str(event.data["of"])) for event in told if event.kind == "received"),
        owed=tuple(_owed(told)),
        claims=tuple(_claims(told)),
        comes_at=coming.data["comes_at"] if coming else None,
        coming_since=coming.recorded_at if coming else None,
        consent_until=until,
        consent_since=consented.recorded_at if consented and until else None,
        cancelled_since=cancelled.recorded_at if cancelled else None,
        fired=tuple(_fired(told)),
    )


def _claims(told: Sequence[Event]) -> list[Claim]:
    """Return the claims that nobody has upheld or rejected, oldest first, each with who must answer it."""
    answers = [event for event in told if event.kind == "contest_answered"]
    results = {str(event.data["contest"]): event.data["result"] for event in answers}
    return [
        Claim(event=event.id, ground=event.data["ground"], to=to, since=event.recorded_at)
        for event, to in _addressed(told)
        if event.kind == "contested" and results.get(str(event.id), "still_checking") == "still_checking"
    ]


def _addressed(told: Sequence[Event]) -> list[tuple[Event, UUID]]:
    """Return each event with the side it is told to: the custodian of its time, or of that custodian's claim the requester."""
    custodian, requester = UUID(str(told[0].data["custodian"])), told[0].by_agency
    found: list[tuple[Event, UUID]] = []
    for event in told:
        if event.kind == "relayed":
            custodian = UUID(str(event.data["custodian"]))
        found.append((event, custodian if event.kind != "contested" or event.by_agency != custodian else requester))
    return found


def _owed(told: Sequence[Event]) -> list[Owed]:
    """Return the receipts that are owed, oldest first. A receipt is any act that shows the other side has it."""
    found: list[Owed] = []
    for index, (event, to) in enumerate(_addressed(told)):
        if event.kind not in DEMANDS_RECEIPT:
            continue
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
    """Return each clock that has fired, once for each moment at which it was due: one that was set anew begins anew."""
    clocks: dict[tuple[str, str, str], Fired] = {}
    for event in told:
        data = event.data
        if event.kind == "clock_fired":
            clocks[data["clock"], data["rule"], data["due_at"]] = Fired(
                clock=data["clock"],
                rule=data["rule"],
                due_at=data["due_at"],
                number=data["number"],
                step=data["step"],
                to=UUID(str(data["to"])),
                at=event.recorded_at,
            )
        elif event.kind == "clock_answered":
            for key in [key for key in clocks if key[:2] == (data["clock"], data["rule"])]:
                clocks[key] = clocks[key].model_copy(update={"answered_at": event.recorded_at})
    return list(clocks.values())
