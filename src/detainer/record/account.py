"""Whose word an event is: told by the agency that did it, by somebody else, confirmed or denied since."""

from collections.abc import Iterable
from uuid import UUID

from detainer.record.event import Event


def unconfirmed(told: Iterable[Event]) -> tuple[UUID, ...]:
    """Return the events that only somebody else than the agency that did it tells, and that it has not confirmed since."""
    events = tuple(told)
    confirmed = _answered_by_the_doer(events, confirms=True)
    return tuple(event.id for event in events if not event.is_confirmed and event.id not in confirmed)


def denied(told: Iterable[Event]) -> tuple[UUID, ...]:
    """Return the events told by somebody else of which the agency that is said to have done it says that it is not so."""
    events = tuple(told)
    denials = _answered_by_the_doer(events, confirms=False)
    return tuple(event.id for event in events if not event.is_confirmed and event.id in denials)


def _answered_by_the_doer(events: Iterable[Event], *, confirms: bool) -> frozenset[UUID]:
    """Return the events of which the agency that did them last said that they are (or are not) so."""
    doers = {event.id: event.by_agency for event in events}
    answers = {
        UUID(str(event.data["about"])): event.data["confirms"]
        for event in events
        if event.kind == "stated" and event.data.get("about") and event.data.get("confirms") is not None
        if doers.get(UUID(str(event.data["about"]))) == event.says
    }
    return frozenset(about for about, answer in answers.items() if answer is confirms)
