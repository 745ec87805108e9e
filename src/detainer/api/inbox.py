"""The routes of what arrived for the agency: the inbox, and one delivery with what it carries."""

from typing import Annotated
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import Query

from detainer.api import cursors, shapes
from detainer.api.reading import LISTED, READ, After, Limit
from detainer.api.replies import answer
from detainer.api.routes import router
from detainer.api.shaping import shaped_delivery
from detainer.api.tokens import actor_of, reading
from detainer.exchange.models import Delivery
from detainer.exchange.refusals import Refused
from detainer.exchange.work import of_row


@router.get(
    "/inbox", operation_id="inbox", summary="The inbox", tags=["inbox"], response={200: shapes.Inbox}, openapi_extra=LISTED
)
@reading
def inbox(
    request: HttpRequest,
    opened: Annotated[bool | None, Query(description="Whether somebody has opened it.")] = None,
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """What was delivered to the agency, the latest first. To follow what happens, read /events."""
    rows = Delivery.objects.filter(to_agency=actor_of(request).agency, channel="inbox", delivered_at__isnull=False)
    rows = rows.order_by("-created_at", "-pk")
    if opened is not None:
        rows = rows.filter(opened_at__isnull=not opened)
    if after:
        at, last = cursors.moment(after)
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=last))
    found = list(rows[: limit + 1])
    page = found[:limit]
    further = cursors.written(page[-1].created_at.isoformat(), page[-1].pk) if len(found) > limit else None
    return answer({"deliveries": [*map(shaped_delivery, page)], "next": further})


@router.get(
    "/deliveries/{id}",
    operation_id="delivery",
    summary="A delivery",
    tags=["inbox"],
    response={200: shapes.DeliveryWithEvent},
    openapi_extra=READ,
)
@reading
def delivery(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002, ARG001
    """One delivery, to the agency or from it, with the event that it carries. To read it does not open it."""
    found = Delivery.objects.select_related("event").filter(pk=id).first()
    if found is None:
        raise Refused("not-found", f"there is no delivery [{id}]")
    return answer(shaped_delivery(found, shapes.DeliveryWithEvent, carries=of_row(found.event)))
