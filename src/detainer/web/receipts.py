"""Who has a request, as its events prove it: the rungs of receipt, and the gaps, said plainly. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from detainer.record.event import Event, effective


@dataclass(frozen=True)
class Rung:
    """One rung of receipt: what, when (EDTF; None: not recorded), and who where that is known."""

    name: str
    occurred: str | None
    who: str = ""


@dataclass(frozen=True)
class Opened:
    """When a delivery of the request was opened at its custodian, by whom: as the reader may know it."""

    occurred: str
    who: str


_CUSTODY_ACTS: Final = frozenset({"acknowledged", "not_here", "decided", "notice_given", "hold_started", "handed_over"})


def rungs(events: Iterable[Event], custodian: UUID, opened: Opened | None, who: Mapping[UUID, str]) -> list[Rung]:
    """Return the rungs of a request's last leg: sent, delivered, opened, acknowledged, answered."""
    leg = _leg(list(effective(events)))
    sent = leg[0]
    delivered = next((event for event in leg if event.kind == "delivered" and str(event.data["to"]) == str(custodian)), None)
    acknowledged = next((event for event in leg if event.kind in ("acknowledged", "not_here")), None)
    decisions = [event for event in leg if event.kind == "decided"]
    asks = {event.data["ask"] for event in decisions}
    return [
        Rung("Sent", sent.occurred, who.get(sent.says, "")),
        Rung("Delivered", delivered.occurred if delivered else None, _channel(delivered)),
        Rung("Opened", opened.occurred if opened else None, opened.who if opened else ""),
        Rung(
            "Acknowledged",
            acknowledged.occurred if acknowledged else None,
            who.get(acknowledged.says, "") if acknowledged else "",
        ),
        Rung(
            "Decided" if not decisions else f"Decided ({len(asks)})",
            decisions[-1].occurred if decisions else None,
            who.get(decisions[-1].says, "") if decisions else "",
        ),
    ]


def _channel(delivered: Event | None) -> str:
    names = {"inbox": "to the inbox of this exchange", "webhook": "to its own system", "email": "by e-mail"}
    return names.get(delivered.data["channel"], f"by {delivered.data['channel']}") if delivered else ""


def _leg(events: Sequence[Event]) -> Sequence[Event]:
    starts = [index for index, event in enumerate(events) if event.kind in ("lodged", "relayed")]
    return events[starts[-1] :]


def never_reached(events: Iterable[Event], requester: UUID) -> list[UUID]:
    """Return the agencies that the record names as acting on a request, or as its custodian, although nothing shows they had it.

    Neither a delivery to them nor an acknowledgement or another act by their own word. It is a gap, not a refusal.
    """
    told = list(effective(events))
    named = [UUID(str(event.data["custodian"])) for event in told if event.kind in ("lodged", "relayed")]
    named += [event.by_agency for event in told]
    reached = {UUID(str(event.data["to"])) for event in told if event.kind == "delivered"}
    reached |= {event.says for event in told if event.kind in _CUSTODY_ACTS and event.is_confirmed}
    return [agency for agency in dict.fromkeys(named) if agency not in reached | {requester}]
