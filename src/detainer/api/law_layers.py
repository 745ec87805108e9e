"""The routes of an agency's own law: what it adopted, a layer looked at before, adopting and withdrawing one."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated, Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query
from pydantic_core import to_jsonable_python

from detainer.api import bodies, shapes
from detainer.api.law import FIRST, LAST
from detainer.api.replies import answer, documented
from detainer.api.routes import router
from detainer.api.shaping import shaped
from detainer.api.tokens import actor_of, known_only, reading
from detainer.exchange import law_layers
from detainer.exchange.law_layers import AdoptLayer, WithdrawLayer
from detainer.exchange.models import Agency, LawLayer
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.exchange.session import acting

PATH: Final = "/agencies/{id}/law-layers"
Day = Annotated[dt.date | None, Query(ge=FIRST, le=LAST, description="The day of `in_force`; today (UTC) unless said.")]


def _documented(body: str) -> dict[str, Any]:
    refused = (
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    )
    schema = {"schema": {"$ref": f"#/components/schemas/command.{body}"}}
    return documented(*refused, requestBody={"required": True, "content": {"application/json": schema}})


def _entry(row: LawLayer, stand: set[UUID]) -> dict[str, Any]:
    return shaped(shapes.LawLayerShown, row, withdrawn=not row.hash, in_force=row.id in stand)


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


@router.get(
    PATH,
    operation_id="law_layers",
    summary="An agency's own law",
    tags=["directory"],
    response={200: shapes.LawLayers},
    openapi_extra=documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)
@reading
def layers(request: HttpRequest, id: UUID, on: Day = None) -> HttpResponse:  # noqa: A002, ARG001
    """Every layer that an agency adopted or withdrew. Each agency of the exchange may read it: it is answered under it."""
    if not Agency.objects.filter(pk=id).exists():
        raise Refused("not-found", f"there is no agency [{id}]")
    day = on or _today()
    stand = {row.id for row in law_layers.in_force(id, day).values()}
    return answer({"agency": id, "on": day, "layers": [_entry(row, stand) for row in law_layers.history(id)]})


def _own(request: HttpRequest, agency: UUID) -> Actor:
    """Return who calls, who may change this agency's law. Raises Refused in the same words where there is no such agency."""
    actor = actor_of(request)
    if agency != actor.agency:
        raise Refused("not-allowed", "an agency's own law is its own to change")
    law_layers.check_who(actor)
    return actor


@router.post(
    f"{PATH}/look",
    operation_id="law_layer_look",
    summary="Look at a layer before it is adopted",
    tags=["directory"],
    by_alias=True,
    response={200: shapes.LawLayerLooked},
    openapi_extra=_documented("AdoptLayer"),
)
@known_only
def look(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Check a layer, and show its rules as sentences and which are without effect. Nothing is written."""
    actor, said = _own(request, id), AdoptLayer.model_validate(bodies.json_object(request))
    with acting(actor.agency, actor.user):
        looked = law_layers.look(actor.agency, said)
    told = {"place": looked.place, "text": looked.text, "layer": looked.shown, "voided": looked.voided}
    return answer(to_jsonable_python(told, by_alias=True))


@router.post(
    PATH,
    operation_id="law_layer_adopt",
    summary="Adopt a layer",
    tags=["directory"],
    response={201: shapes.LawLayerShown},
    openapi_extra=_documented("AdoptLayer"),
)
@known_only
def adopt(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Put a layer in force for the agency, below the package's law. The same again is the same entry. Takes a supervisor."""
    actor, said = _own(request, id), AdoptLayer.model_validate(bodies.json_object(request))
    with acting(actor.agency, actor.user):
        return _entered(law_layers.adopt(actor, said, dt.datetime.now(dt.UTC)))


@router.post(
    f"{PATH}/withdraw",
    operation_id="law_layer_withdraw",
    summary="Withdraw a layer",
    tags=["directory"],
    response={201: shapes.LawLayerShown},
    openapi_extra=_documented("WithdrawLayer"),
)
@known_only
def withdraw(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Take a layer out of force from a day on. What was adopted and answered stays told. Takes a supervisor."""
    actor, said = _own(request, id), WithdrawLayer.model_validate(bodies.json_object(request))
    with acting(actor.agency, actor.user):
        return _entered(law_layers.withdraw(actor, said, dt.datetime.now(dt.UTC)))


def _entered(row: LawLayer) -> HttpResponse:
    stand = {one.id for one in law_layers.in_force(row.agency_id, _today()).values()}
    return answer(_entry(row, stand), status=HTTPStatus.CREATED)
