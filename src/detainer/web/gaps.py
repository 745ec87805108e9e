"""Who never had a request, as far as its events prove: a gap, said plainly. Pure."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from detainer.record.event import Event, effective

_CUSTODY_ACTS: Final = frozenset({"acknowledged", "not_here", "decided", "notice_given", "hold_started", "handed_over"})


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
