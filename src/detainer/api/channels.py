"""The routes of an agency's channels beside its inbox, of what it sent that needs a person, and of a paper's receipt."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated, Any, Final
from uuid import UUID

from allauth.core import ratelimit
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import Query
from ninja.errors import HttpError

from detainer.api import bodies, cursors, replies, shapes
from detainer.api.reading import LISTED, After, Limit
from detainer.api.replies import answer, documented
from detainer.api.routes import router
from detainer.api.shaping import shaped, shaped_delivery
from detainer.api.tokens import actor_of, known_only, reading
from detainer.exchange import deliveries, receipt_codes
from detainer.exchange.channels import own
from detainer.exchange.channels.kinds import Kind
from detainer.exchange.models import Channel, Delivery
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import SPEAKING, Actor
from detainer.exchange.session import acting

REFUSED: Final = (
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
)
OF_ONE: Final = (*REFUSED, HTTPStatus.NOT_FOUND)


def _body(name: str) -> dict[str, Any]:
    schema = {"schema": {"$ref": f"#/components/schemas/command.{name}"}}
    return {"requestBody": {"required": True, "content": {"application/json": schema}}}


def _shown(channel: Channel) -> dict[str, Any]:
    return shaped(shapes.ChannelShown, channel, secrets=[entry["made_at"] for entry in channel.secrets])


def _setting(request: HttpRequest) -> Actor:
    """Return who calls, who may set the agency's channels."""
    actor = actor_of(request)
    own.check_who(actor)
    return actor


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@router.get(
    "/channels",
    operation_id="channels",
    summary="Channels",
    tags=["channels"],
    response={200: shapes.Channels},
    openapi_extra=documented(HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY),
)
@reading
def channels(request: HttpRequest) -> HttpResponse:
    """How the agency is told of events beside its inbox, and since when nothing arrives there. Takes a supervisor."""
    return answer({"channels": [_shown(one) for one in own.of_agency(_setting(request).agency)]})


@router.post(
    "/channels",
    operation_id="channel_save",
    summary="Set a channel",
    tags=["channels"],
    response={200: shapes.ChannelSaved},
    openapi_extra=documented(*REFUSED, **_body("SaveChannel")),
)
@known_only
def save(request: HttpRequest) -> HttpResponse:
    """Set where a kind of channel leads. A new webhook's secret is told this once. Takes a supervisor."""
    actor, said = _setting(request), own.SaveChannel.model_validate(bodies.json_object(request))
    with acting(actor.agency, actor.user):
        saved = own.save(actor.agency, said, _now())
    return answer({**_shown(saved.channel), "secret": saved.secret})


@router.patch(
    "/channels/{kind}",
    operation_id="channel_change",
    summary="Change a channel",
    tags=["channels"],
    response={200: shapes.ChannelShown},
    openapi_extra=documented(*OF_ONE, **_body("ChangeChannel")),
)
@known_only
def change(request: HttpRequest, kind: Kind) -> HttpResponse:
    """Change where a channel leads, or switch it off and on. It is tried at once. Takes a supervisor."""
    actor, said = _setting(request), own.ChangeChannel.model_validate(bodies.json_object(request))
    with acting(actor.agency, actor.user):
        return answer(_shown(own.change(actor.agency, kind, said, _now())))


@router.delete(
    "/channels/{kind}",
    operation_id="channel_remove",
    summary="Remove a channel",
    tags=["channels"],
    response={204: None},
    openapi_extra=documented(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)
@known_only
def remove(request: HttpRequest, kind: Kind) -> HttpResponse:
    """Remove a channel. What still waits for it is shown to who sent it. Takes a supervisor."""
    actor = _setting(request)
    with acting(actor.agency, actor.user):
        own.remove(actor.agency, kind)
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


@router.post(
    "/channels/{kind}/rotate",
    operation_id="channel_rotate",
    summary="Make a new secret",
    tags=["channels"],
    response={200: shapes.ChannelSaved},
    openapi_extra=documented(*OF_ONE, HTTPStatus.CONFLICT, **_body("RotateSecret")),
)
@known_only
def rotate(request: HttpRequest, kind: Kind) -> HttpResponse:
    """Make a new secret of a webhook, which is told this once. Until the next one what is sent bears the signatures of both."""
    actor, said = _setting(request), own.RotateSecret.model_validate(bodies.json_object(request))
    with acting(actor.agency, actor.user):
        saved = own.rotate(actor.agency, kind, said, _now())
    return answer({**_shown(saved.channel), "secret": saved.secret})


@router.post(
    "/channels/{kind}/test",
    operation_id="channel_test",
    summary="Try a channel",
    tags=["channels"],
    response={200: shapes.ChannelTried},
    openapi_extra=documented(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)
@known_only
def test(request: HttpRequest, kind: Kind) -> HttpResponse:
    """Send a signed event of a test now, and tell what came of it. Nothing is recorded. Takes a supervisor."""
    actor = _setting(request)
    with acting(actor.agency, actor.user):
        channel = own.one(actor.agency, kind)
    tried = own.test(channel, _now())  # outside of the transaction: it waits for the receiver
    outcome = tried.outcome
    told = {"failure": outcome.failure, "said": outcome.said, "reply": outcome.reply}
    return answer({"accepted": outcome.is_accepted, **told, "seconds": round(tried.seconds, 3)})


@router.get(
    "/deliveries",
    operation_id="deliveries",
    summary="What was sent",
    tags=["inbox"],
    response={200: shapes.Sent},
    openapi_extra=LISTED,
)
@reading
def sent(
    request: HttpRequest,
    needs_person: Annotated[bool | None, Query(description="Whether it is not tried again, and somebody must see to it.")] = None,
    after: After = None,
    limit: Limit = 50,
) -> HttpResponse:
    """What the agency sent, by each channel, the latest first: whether it arrived, how often it was tried, why it did not."""
    rows = Delivery.objects.filter(from_agency=actor_of(request).agency).order_by("-created_at", "-pk")
    if needs_person is not None:
        rows = rows.filter(needs_person=needs_person)
    if after:
        at, last = cursors.moment(after)
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=last))
    found = list(rows[: limit + 1])
    page = found[:limit]
    since = deliveries.failing({row.to_agency_id for row in page if row.delivered_at is None})
    told = [
        shaped_delivery(
            row, shapes.DeliverySent, failing_since=None if row.delivered_at else since.get((row.to_agency_id, row.channel))
        )
        for row in page
    ]
    further = cursors.written(page[-1].created_at.isoformat(), page[-1].pk) if len(found) > limit else None
    return answer({"deliveries": told, "next": further})


@router.post(
    "/deliveries/{id}/try-again",
    operation_id="delivery_try_again",
    summary="Try a delivery again",
    tags=["inbox"],
    response={200: shapes.DeliveryShown},
    openapi_extra=documented(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY),
)
@known_only
def try_again(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Have a delivery that needs a person tried again; it goes out within seconds where its receiver takes it."""
    actor = actor_of(request)
    if not actor.roles & SPEAKING:
        raise Refused("not-allowed", f"to have a delivery tried again takes the role {', '.join(sorted(SPEAKING))}")
    with acting(actor.agency, actor.user):
        if not Delivery.objects.filter(pk=id, from_agency=actor.agency).exists():
            raise Refused("not-found", f"this agency has sent no delivery [{id}]")
        if not deliveries.try_again(id, _now()):
            raise Refused("state", "this delivery needs no person: it arrived, or it is being tried")
        return answer(shaped_delivery(Delivery.objects.get(pk=id)))


@router.post(
    "/receipts",
    operation_id="receipt_give",
    summary="Acknowledge a paper",
    tags=["inbox"],
    auth=None,
    response={200: shapes.ReceiptShown},
    openapi_extra={
        "responses": replies.open_to_all(*REFUSED, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE),
        **_body("GiveReceipt"),
    },
)
@known_only
def give_receipt(request: HttpRequest) -> HttpResponse:
    """Acknowledge what a fax or a packet told, by the reference and the code on it. Takes no token: who has the paper may.

    Ten wrong codes lock a reference; an address may call thirty times a minute.
    """
    said = receipt_codes.GiveReceipt.model_validate(bodies.json_object(request))
    if not ratelimit.consume(request, action="receipt_code"):
        raise HttpError(HTTPStatus.TOO_MANY_REQUESTS, "too many codes were typed from this address: wait a minute")
    receipt = receipt_codes.use(said.reference, said.code, said.who, _now())
    return answer({"request": receipt.stream, "event": receipt.event, "recorded_at": receipt.at, "is_new": receipt.is_new})
