"""The read tables: each row is a fold of its stream's events, and can be made from them again at any time."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from detainer.exchange import clocks, writing
from detainer.exchange.models import Facility, File, Request, Stay
from detainer.record import views, when
from detainer.record.event import Event
from detainer.record.said import Stream as StreamKind


def begin(kind: StreamKind, streams: Iterable[tuple[Sequence[Event], Any]]) -> None:
    """Write the first rows of streams of a kind, each from its events and the view that they add up to."""
    rows = [_ROWS[kind](events, view) for events, view in streams]
    writing.insert(TABLES[kind], rows)


def update(kind: StreamKind, streams: Iterable[tuple[Sequence[Event], Any]]) -> None:
    """Write the rows of streams of a kind anew."""
    writing.update(TABLES[kind], [_ROWS[kind](events, view) for events, view in streams])


def row_of(kind: StreamKind, events: Sequence[Event]) -> tuple[Any, dict[str, Any]]:
    """Return the read table of a stream and the row that its events add up to."""
    return TABLES[kind], _ROWS[kind](events, VIEWS[kind](events))


def _request(events: Sequence[Event], view: views.RequestView) -> dict[str, Any]:
    told = view.model_dump(mode="json")
    return {
        "stream_id": view.id,
        "version": view.version,
        "state": view.state,
        "outcome": view.outcome.value,
        "person": view.person,
        "requester_id": view.requester,
        "custodian_id": view.custodian,
        "facility_id": view.facility,
        "stay": view.stay,
        "form": view.form,
        "reference": view.reference or "",
        "asks": told["asks"],
        "live": view.is_live,
        "holding": view.is_holding,
        "undecided": len(view.undecided),
        "lodged_at": events[0].recorded_at,
        "lodged": view.lodged,
        "view": told,
    }


def _stay(events: Sequence[Event], view: views.StayView) -> dict[str, Any]:
    return {
        "stream_id": view.id,
        "version": view.version,
        "state": view.state,
        "custodian_id": custodian_of(events),
        "facility_id": view.facility,
        "person": view.person,
        "booking_number": view.booking_number or "",
        "in_custody": view.in_custody,
        "began_at": when.parse(view.began).from_,
        "release_planned": view.release_planned or "",
        "release_due_at": when.parse(view.release_due).from_ if view.release_due else None,
        "ended": view.ended or "",
        "view": view.model_dump(mode="json"),
    }


def custodian_of(events: Sequence[Event]) -> UUID:
    """Return whose stay it is: the agency that booked the person; before that, the one of the last event."""
    booked = [event for event in events if event.kind in ("booked", "released")]
    return (booked[-1] if booked else events[-1]).by_agency


def _file(events: Sequence[Event], view: views.FileView) -> dict[str, Any]:
    return {
        "stream_id": view.id,
        "version": view.version,
        "state": view.state,
        "requester_id": events[0].says,
        "person": view.person,
        "view": view.model_dump(mode="json"),
    }


# For each kind of stream its read table, what its events add up to, and the row that tells it.
TABLES: Final[dict[StreamKind, Any]] = {"request": Request, "stay": Stay, "file": File}
VIEWS: Final[dict[StreamKind, Callable[[Sequence[Event]], Any]]] = {
    "request": views.request,
    "stay": views.stay,
    "file": views.file,
}
_ROWS: Final[dict[StreamKind, Callable[[Sequence[Event], Any], dict[str, Any]]]] = {
    "request": _request,
    "stay": _stay,
    "file": _file,
}


def write_deadlines(view: views.RequestView, *, sees_stay: bool) -> None:
    """Write the clocks of a request as they now stand; those that need the stay only where whoever acts may see it."""
    has_ended = not (view.is_live or view.is_holding)
    stay = Stay.objects.filter(pk=view.stay).first() if view.stay and sees_stay and not has_ended else None
    place, terms_at = place_of(view.facility), clocks.terms_of(view)
    if has_ended or sees_stay:
        found = clocks.all_of(view, stay.view if stay else {}, place, terms_at)
    else:
        found = clocks.of_request(view, place, terms_at)
    clocks.write(view, found, sees_stay=sees_stay)


def place_of(code: str | None) -> clocks.Place:
    """Return the time zone of a facility and the calendar of its state's courts; UTC and the nation's for none."""
    found = Facility.objects.filter(pk=code).values_list("zone", "jurisdiction").first() if code else None
    return clocks.placed(*found) if found else clocks.Place()
