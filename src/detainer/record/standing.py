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
    state, told, leg = lifecycle.BEGIN, list[Event](), 0
    for event in effective(events):
        moves = lifecycle.TABLE[stream].get(state, {})
        if event.kind not in moves:
            continue
        if event.kind == "relayed":
            leg = len(told)
        told.append(event)
        state = moves[event.kind] if _moves_on(event, told[leg]) else state
    return Standing(state, tuple(told), tuple(told[leg:]))


def _moves_on(event: Event, leg: Event) -> bool:
    """Return False for what is only said beside the course of a request.

    The request is delivered when the custodian has it, not when the requester has word of a relay; and notice of a
    hospital stay or a transfer is no notice of release.
    """
    if event.stream_kind != "request":
        return True
    if event.kind == "delivered":
        return str(event.data["to"]) == str(leg.data["custodian"])
    if event.kind == "notice_given":
        return is_of_release(event)
    return True


def is_of_release(notice: Event) -> bool:
    """Return True for a notice of release, the one that the ask `notify` asks for."""
    return str(notice.data.get("of", "release")) == "release"


def last(events: Sequence[Event], kind: str) -> Event | None:
    """Return the last event of a kind, or None."""
    return next((event for event in reversed(events) if event.kind == kind), None)


def first(events: Sequence[Event], kind: str) -> Event | None:
    """Return the first event of a kind, or None."""
    return next((event for event in events if event.kind == kind), None)
