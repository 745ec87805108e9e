"""The read tables made again from the events, and compared with what stands in them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import transaction

from detainer.exchange import projection
from detainer.exchange.models import Request, Stream
from detainer.exchange.work import load
from detainer.record import views


def everything() -> int:
    """Write every read table again, as the worker; return how many streams there are."""
    count = 0
    with transaction.atomic():
        for stream in Stream.objects.order_by("kind", "id").iterator(chunk_size=500):
            events = load(stream.pk)
            model, row = projection.row_of(stream.kind, events)  # type: ignore[arg-type]
            model.objects.update_or_create(stream_id=row.pop("stream_id"), defaults=row)
            count += 1
        for view in Request.objects.filter(live=True).values_list("view", flat=True).iterator(chunk_size=500):
            projection.write_deadlines(views.RequestView.model_validate(view))
    return count


def differing() -> list[UUID]:
    """Return the streams whose row is not what their events add up to."""
    return [stream for stream, expected, found in rows() if expected != found]


def rows() -> Iterator[tuple[UUID, dict[str, Any], dict[str, Any] | None]]:
    """Yield for each stream the row that its events add up to, and the row that stands in its read table (None: missing)."""
    for stream in Stream.objects.order_by("id").iterator(chunk_size=500):
        model, expected = projection.row_of(stream.kind, load(stream.pk))  # type: ignore[arg-type]
        found = model.objects.filter(pk=stream.pk).values(*expected).first()
        yield stream.pk, expected, found
