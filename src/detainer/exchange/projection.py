"""The read tables: each row is a fold of its stream's events, and can be made from them again at any time."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from detainer.exchange import clocks
from detainer.exchange.models import Facility, File, Request, Stay
from detainer.record import views, when
from detainer.record.event import Event
from detainer.record.said import Stream as StreamKind


def write(kind: StreamKind, events: Sequence[Event], *, new: bool) -> None:
    """Write the rows that the events of one stream add up to."""
    model, row = row_of(kind, events)
    if new:
        model.objects.bulk_create([model(**row)])
    else:
        model.objects.filter(pk=row["stream_id"]).update(**row)


def row_of(kind: StreamKind, events: Sequence[Event]) -> tuple[Any, dict[str, Any]]:
    """Return the read table of a stream and the row that its events add up to."""
    return {"request": _request, "stay": _stay, "file": _file}[kind](events)


def _request(events: Sequence[Event]) -> tuple[Any, dict[str, Any]]:
    view = views.request(events)
    return Request, {
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
        "asks": [ask.model_dump(mode="json") for ask in view.asks],
        "live": view.is_live,
        "holding": view.is_holding,
        "undecided": len(view.undecided),
        "lodged_at": events[0].recorded_at,
        "lodged": view.lodged,
        "view": view.model_dump(mode="json"),
    }


def _stay(events: Sequence[Event]) -> tuple[Any, dict[str, Any]]:
    view = views.stay(events)
    return Stay, {
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


def _file(events: Sequence[Event]) -> tuple[Any, dict[str, Any]]:
    view = views.file(events)
    return File, {
        "stream_id": view.id,
        "version": view.version,
        "state": view.state,
        "requester_id": events[0].says,
        "person": view.person,
        "view": view.model_dump(mode="json"),
    }


def write_deadlines(view: views.RequestView) -> None:
    """Write the deadlines of a request whose custodian acts, or stop them when the request has ended."""
    if not (view.is_live or view.is_holding):
        clocks.stop([view.id])
        return
    stay = Stay.objects.filter(pk=view.stay).first() if view.stay else None
    clocks.write(view, stay, zone_of(view.facility))


def zone_of(code: str | None) -> str:
    """Return the time zone of a facility, UTC for none."""
    return (Facility.objects.filter(pk=code).values_list("zone", flat=True).first() if code else None) or "UTC"
