"""The routes of agreements between agencies: what there is, proposing terms, agreeing to them."""

import datetime as dt
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from detainer.api import bodies, shapes
from detainer.api.replies import answer, documented
from detainer.api.routes import router
from detainer.api.shaping import shaped
from detainer.api.tokens import actor_of, known_only, reading
from detainer.exchange import agreements
from detainer.exchange.agreements import AgreeTo, ProposeAgreement
from detainer.exchange.models import Agreement
from detainer.exchange.session import acting


def _documented(body: str, *refused: HTTPStatus) -> dict[str, Any]:
    also = (HTTPStatus.FORBIDDEN, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    schema = {"schema": {"$ref": f"#/components/schemas/command.{body}"}}
    content = {"required": True, "content": {"application/json": schema}}
    return documented(*also, *refused, HTTPStatus.UNPROCESSABLE_ENTITY, requestBody=content)


def _entry(row: Agreement, *, agreed: bool) -> dict[str, Any]:
    return shaped(shapes.AgreementShown, row, agreed=agreed)


@router.get(
    "/agreements",
    operation_id="agreements",
    summary="Agreements with other agencies",
    tags=["directory"],
    response={200: shapes.Agreements},
    openapi_extra=documented(),
)
@reading
def listed(request: HttpRequest) -> HttpResponse:
    """Return everything that the agency proposed, was proposed, or agreed to, the latest first."""
    rows = agreements.of_agency(actor_of(request).agency)
    agreed = {row.agrees_to_id for row in rows}
    return answer({"agreements": [_entry(row, agreed=row.agrees_to_id is not None or row.pk in agreed) for row in rows]})


@router.post(
    "/agreements",
    operation_id="agreement_propose",
    summary="Propose terms to another agency",
    tags=["directory"],
    response={201: shapes.AgreementShown},
    openapi_extra=_documented("ProposeAgreement"),
)
@known_only
def propose(request: HttpRequest) -> HttpResponse:
    """Propose how soon what is due. The same again is the same entry. Takes a supervisor, by name."""
    actor, said = actor_of(request), ProposeAgreement.model_validate(bodies.json_object(request))
    with acting(actor.agency, actor.user):
        return answer(_entry(agreements.propose(actor, said, dt.datetime.now(dt.UTC)), agreed=False), status=HTTPStatus.CREATED)


@router.post(
    "/agreements/agree",
    operation_id="agreement_agree",
    summary="Agree to proposed terms",
    tags=["directory"],
    response={201: shapes.AgreementShown},
    openapi_extra=_documented("AgreeTo", HTTPStatus.CONFLICT),
)
@known_only
def agree(request: HttpRequest) -> HttpResponse:
    """Agree to what the other side proposed last: in force from now on. Takes a supervisor, by name."""
    actor, said = actor_of(request), AgreeTo.model_validate(bodies.json_object(request))
    with acting(actor.agency, actor.user):
        return answer(_entry(agreements.agree(actor, said, dt.datetime.now(dt.UTC)), agreed=True), status=HTTPStatus.CREATED)
