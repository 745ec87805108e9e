"""The routes that read requests, stays and files: lists in pages, one as it stands, what was known by an instant."""

import datetime as dt
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query
from pydantic import AwareDatetime

from detainer.api import cursors, shapes
from detainer.api.replies import PAGE, answer, documented
from detainer.api.routes import router
from detainer.api.shaping import identity_of, shaped, shaped_delivery
from detainer.api.tokens import actor_of, reading
from detainer.exchange import answers, work
from detainer.exchange.models import Deadline, Delivery, Event, File, Request, Stay
from detainer.exchange.refusals import Refused
from detainer.record import event as record_event
from detainer.record import lifecycle, views
from detainer.record.said import FacilityCode, Line
from detainer.record.said import Stream as StreamKind

Limit = Annotated[int, Query(ge=1, le=PAGE, description="Rows of a page at most.")]
After = Annotated[str | None, Query(max_length=200, description="The `next` of the page before.")]
Code = Annotated[FacilityCode | None, Query(description="The facility's code.")]
RequestState = Literal[tuple(filter(None, lifecycle.TABLE["request"]))]  # type: ignore[misc]  (the life-cycle's own list)
StayState = Literal[tuple(filter(None, lifecycle.TABLE["stay"]))]  # type: ignore[misc]
FileState = Literal[tuple(filter(None, lifecycle.TABLE["file"]))]  # type: ignore[misc]
LISTED: Final = documented(HTTPStatus.UNPROCESSABLE_ENTITY)
SHOWN: Final = documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY, etag_of=HTTPStatus.OK)
READ: Final = documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)

# Which event answers for an event that was delivered, and by which field it names it.
ANSWERED_BY: Final[dict[str, tuple[tuple[str, ...], str | None]]] = {
    "lodged": (("acknowledged", "not_here"), None),
    "relayed": (("acknowledged", "not_here"), None),
    "notice_given": (("notice_received",), "notice"),
    "cancelled": (("cancel_received",), "cancel"),
    "contested": (("contest_answered",), "contest"),
}
VIEWS: Final[dict[StreamKind, Callable[..., views.View]]] = {"request": views.request, "stay": views.stay, "file": views.file}


@router.get(
    "/requests",
    operation_id="requests",
    summary="Requests",
    tags=["requests"],
    response={200: shapes.Requests},
    openapi_extra=LISTED,
)
@reading
def requests(
    request: HttpRequest,
    side: Annotated[Literal["custodian", "requester"] | None, Query(description="The side of the caller's agency.")] = None,
    live: bool | None = None,
    state: RequestState | None = None,
    undecided: Annotated[bool | None, Query(description="Whether an ask still waits for a decision.")] = None,
    facility: Code = None,
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """The requests that the agency is a party of (an oversight body: those it may read), the latest first."""
    rows = Request.objects.order_by("-lodged_at", "-pk")
    if side:
        rows = rows.filter(**{side: actor_of(request).agency})
    rows = _with(rows, live=live, state=state, facility=facility)
    if undecided is not None:
        rows = rows.filter(undecided__gt=0) if undecided else rows.filter(undecided=0)
    if after:
        at, stream = cursors.moment(after)
        rows = rows.filter(Q(lodged_at__lt=at) | Q(lodged_at=at, pk__lt=stream))
    found = list(rows.defer("view")[: limit + 1])
    page = found[:limit]
    further = cursors.written(page[-1].lodged_at.isoformat(), page[-1].pk) if len(found) > limit else None
    return answer({"requests": [shaped(shapes.RequestRow, row) for row in page], "next": further})


@router.get(
    "/requests/{id}",
    operation_id="request",
    summary="A request",
    tags=["requests"],
    response={200: shapes.RequestShown},
    openapi_extra=SHOWN,
)
@reading
def request(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """A request as it stands: asks with answers and decisions, its clocks, what was delivered, opened and acknowledged."""
    found = _one(Request, id)
    shown = {
        "request": found.view,
        "identity": identity_of(found.person, actor_of(request).agency),
        "deadlines": [shaped(shapes.DeadlineShown, row) for row in Deadline.objects.filter(stream=id).order_by("due_at", "id")],
        "deliveries": _ladder(id),
    }
    return answer(shown, version=found.version)


def _ladder(stream: UUID) -> list[dict[str, Any]]:
    """Return a request's deliveries, each with the moment at which an event answered for it."""
    told = list(
        Event.objects.filter(stream=stream).order_by("version").only("version", "kind", "data", "recorded_at", "stream_id")
    )
    rows = Delivery.objects.filter(stream=stream).order_by("created_at", "pk")
    places = {event.pk: event.version for event in told}
    return [
        shaped_delivery(row, shapes.DeliveryLadder, acknowledged_at=_answered_at(row, told, places.get(row.event_id, 0)))
        for row in rows
    ]


def _answered_at(row: Delivery, told: list[Event], version: int) -> dt.datetime | None:
    kinds, names = ANSWERED_BY.get(row.kind, ((), None))
    return next(
        (
            event.recorded_at
            for event in told
            if event.version > version
            and event.kind in kinds
            and (names is None or str(event.data.get(names)) == str(row.event_id))
        ),
        None,
    )


@router.get(
    "/requests/{id}/answers",
    operation_id="request_answers",
    summary="What the law says to a request",
    tags=["requests"],
    response={200: shapes.AnswersShown},
    openapi_extra=READ,
    by_alias=True,
)
@reading
def request_answers(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002, ARG001
    """The law's whole answer to each ask, with every rule looked at and the questions that would decide it. Not legal advice."""
    found = _one(Request.objects.select_related("facility"), id)
    today = dt.datetime.now(ZoneInfo(found.facility.zone)).date()
    asked = [answers.now_with_questions(found.facility, ask["ask"], found.view["facts"], today) for ask in found.asks]
    return answer({"request": id, "on": today, "answers": [item.model_dump(mode="json", by_alias=True) for item in asked]})


@router.get("/stays", operation_id="stays", summary="Stays", tags=["stays"], response={200: shapes.Stays}, openapi_extra=LISTED)
@reading
def stays(
    request: HttpRequest,  # noqa: ARG001
    in_custody: bool | None = None,
    state: StayState | None = None,
    facility: Code = None,
    booking_number: Annotated[Line | None, Query(description="The whole number, as it was booked.")] = None,
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """The custodian's stays, those that began last in the record first."""
    rows = _with(
        Stay.objects.order_by("-pk"), in_custody=in_custody, state=state, facility=facility, booking_number=booking_number
    )
    page, further = _page(rows.defer("view"), after, limit)
    return answer({"stays": [shaped(shapes.StayRow, row) for row in page], "next": further})


@router.get(
    "/stays/{id}", operation_id="stay", summary="A stay", tags=["stays"], response={200: shapes.StayShown}, openapi_extra=SHOWN
)
@reading
def stay(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """A stay as it stands, who it is, and the requests that are linked to it."""
    found = _one(Stay, id)
    linked = list(Request.objects.filter(stay=id).order_by("lodged_at", "pk").values_list("pk", flat=True))
    identity = identity_of(found.person, actor_of(request).agency)
    return answer({"stay": found.view, "identity": identity, "requests": linked}, version=found.version)


@router.get("/files", operation_id="files", summary="Files", tags=["files"], response={200: shapes.Files}, openapi_extra=LISTED)
@reading
def files(
    request: HttpRequest,  # noqa: ARG001
    state: FileState | None = None,
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """The requester's files, those that began last in the record first."""
    page, further = _page(_with(File.objects.order_by("-pk"), state=state).defer("view"), after, limit)
    return answer({"files": [shaped(shapes.FileRow, row) for row in page], "next": further})


@router.get(
    "/files/{id}", operation_id="file", summary="A file", tags=["files"], response={200: shapes.FileShown}, openapi_extra=SHOWN
)
@reading
def file(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """A file as it stands, and who it is about."""
    found = _one(File, id)
    return answer({"file": found.view, "identity": identity_of(found.person, actor_of(request).agency)}, version=found.version)


def _events_of(model: type[Request] | type[Stay] | type[File], kind: StreamKind) -> Callable[..., HttpResponse]:
    def events(
        request: HttpRequest,  # noqa: ARG001
        id: UUID,  # noqa: A002
        as_of: Annotated[
            AwareDatetime | None, Query(description="An instant with its offset, such as 2024-03-28T12:00:00Z.")
        ] = None,
    ) -> HttpResponse:
        """The events with their hashes, in order; with `as_of` those that were recorded by that instant: what was known then."""
        _one(model, id)
        told: tuple[record_event.Event, ...] = tuple(work.load(id))
        if as_of is not None:
            told = record_event.known_at(told, as_of)
        view = VIEWS[kind](told).model_dump(mode="json") if told else None
        return answer({"as_of": as_of, "events": told, "view": view})

    return events


for _kind, _model in (("request", Request), ("stay", Stay), ("file", File)):
    router.get(
        f"/{_kind}s/{{id}}/events",
        operation_id=f"{_kind}_events",
        summary=f"The record of a {_kind}",
        tags=[f"{_kind}s"],
        response={200: shapes.Told},
        openapi_extra=READ,
    )(reading(_events_of(_model, _kind)))  # type: ignore[arg-type]


def _one(rows: Any, stream: UUID) -> Any:
    """Return the row of a stream. Raises Refused `not-found` in the same words where it is absent and where it is another's."""
    rows = rows if isinstance(rows, QuerySet) else rows.objects
    found = rows.filter(pk=stream).first()
    if found is None:
        raise Refused("not-found", f"there is no {rows.model._meta.db_table} [{stream}]")
    return found


def _with(rows: Any, **wanted: Any) -> Any:
    """Return the rows that have these values; None is any."""
    return rows.filter(**{name: value for name, value in wanted.items() if value is not None})


def _page(rows: Any, after: str | None, limit: int) -> tuple[list[Any], str | None]:
    """Return a page of rows in falling order of their ids, and the cursor of the next one."""
    if after:
        rows = rows.filter(pk__lt=cursors.stream(after))
    found = list(rows[: limit + 1])
    return found[:limit], cursors.written("after", found[limit - 1].pk) if len(found) > limit else None
