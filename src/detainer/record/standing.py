"""The events of a stream that count as it now stands, and the state that they have reached."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from detainer.record import lifecycle
from detainer.record.event import Event, effective
from detainer.record.said import Stream


class Standing(NamedTuple):
    """The events that count, as corrected; those of the custodian who has the request now; the state."""

    state: lifecycle.State
    told: tuple[Event, ...]
    leg: tuple[Event, ...]


def standing(stream: Stream, events: Iterable[Event]) -> Standing:
    """Return how the events of one stream (in order of version) stand.

    An event that the life-cycle does not take is left out: after a correction voids one, those that stood on it may
    not follow. A leg begins with `lodged` and with each `relayed`; a stay or a file is one leg.
    """
    table = lifecycle.TABLE[stream]
    state, told, leg = lifecycle.BEGIN, list[Event](), 0
    for event in effective(events):
        to = table[state].get(event.kind)
        if to is None:
            continue
        if event.kind == "relayed":
            leg = len(told)
        told.append(event)
        # A state is passed over only for one that takes the same: who reads the table alone refuses the same events.
        stays = _is_said_beside(event, told[leg]) and table[state].keys() == table[to].keys()
        state = state if stays else to
    return Standing(state, tuple(told), tuple(told[leg:]))


def _is_said_beside(event: Event, leg: Event) -> bool:
    """Return True for what is said beside the course of a request.

    The request is delivered when the custodian has it, not when the requester has word of a relay; and notice of a
    hospital stay or a transfer is no notice of release.
    """
    if event.kind == "delivered":
        return str(event.data["to"]) != str(leg.data["custodian"])
    return event.kind == "notice_given" and not is_of_release(event)


def is_of_release(notice: Event) -> bool:
    """Return True for a notice of release, the one that the ask `notify` asks for."""
    return str(notice.data.get("of", "release")) == "release"


def last(events: Sequence[Event], kind: str) -> Event | None:
    """Return the last event of a kind, or None."""
    return next((event for event in reversed(events) if event.kind == kind), None)


def first(events: Sequence[Event], kind: str) -> Event | None:
    """Return the first event of a kind, or None."""
    return next((event for event in events if event.kind == kind), None)
