"""The read tables made again from the events, and compared with what stands in them."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from detainer.exchange import clocks, projection
from detainer.exchange.models import Deadline, Request, Stay, Stream
from detainer.exchange.work import load
from detainer.record import views

BATCH: Final = 500


def everything() -> int:
    """Write every read table again, as the worker; return how many streams there are.

    A stream at a time, each locked while its row is written: it may run while the exchange is served.
    """
    streams = list(Stream.objects.order_by("kind", "id").values_list("id", flat=True))
    for stream in streams:
        with transaction.atomic():
            row = Stream.objects.select_for_update().get(pk=stream)
            model, told = projection.row_of(row.kind, load(stream))  # type: ignore[arg-type]
            model.objects.update_or_create(stream_id=told.pop("stream_id"), defaults=told)
    for stream in Request.objects.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            Stream.objects.select_for_update().get(pk=stream)
            view = Request.objects.values_list("view", flat=True).get(pk=stream)
            projection.write_deadlines(views.RequestView.model_validate(view), sees_stay=True)
    return len(streams)


def differing() -> list[UUID]:
    """Return the streams whose row, or whose deadlines, are not what their events add up to."""
    found = [stream for stream, expected, row in rows() if expected != row]
    return found + [stream for stream in other_deadlines() if stream not in found]


def rows() -> Iterator[tuple[UUID, dict[str, Any], dict[str, Any] | None]]:
    """Yield for each stream the row that its events add up to, and the row that stands in its read table (None: missing)."""
    for stream in Stream.objects.order_by("id").iterator(chunk_size=BATCH):
        model, expected = projection.row_of(stream.kind, load(stream.pk))  # type: ignore[arg-type]
        found = model.objects.filter(pk=stream.pk).values(*expected).first()
        yield stream.pk, expected, found


def other_deadlines() -> Iterator[UUID]:
    """Yield the requests whose deadlines are not those that their rows and their stays' add up to."""
    for row in Request.objects.order_by("pk").iterator(chunk_size=BATCH):
        view = views.RequestView.model_validate(row.view)
        standing = Deadline.objects.filter(stream=row.pk)
        if not (view.is_live or view.is_holding):
            standing = standing.filter(open=True)  # those that were stopped stay as they ran
        stay = Stay.objects.filter(pk=view.stay).first() if view.stay else None
        expected = clocks.running(view, stay, projection.place_of(view.facility), clocks.terms_of(view))
        found = list(standing.values(*_FIELDS))
        if sorted(found, key=_order) != sorted(expected, key=_order):
            yield row.pk


_FIELDS: Final = ("stream_id", "agency_id", "kind", "rule", *clocks.COLUMNS)


def _order(row: dict[str, Any]) -> tuple[str, str]:
    return str(row["kind"]), str(row["rule"])
