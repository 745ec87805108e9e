"""The routes of reconciliation: what two agencies' records of a month add up to, and the signatures of both."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query

from detainer.api import bodies, shapes
from detainer.api.replies import answer, documented
from detainer.api.routes import router
from detainer.api.shaping import shaped
from detainer.api.tokens import actor_of, known_only, reading
from detainer.exchange import reconciliation, refusals
from detainer.exchange.reconciliation import Reconciled, SignReconciliation
from detainer.exchange.session import acting

Side = Annotated[UUID | None, Query(description="The agency's id; both sides and the month, or none of them.")]
MonthAsked = Annotated[str | None, Query(max_length=20, description="A month such as 2026-10.")]


def told(found: Reconciled) -> dict[str, Any]:
    """Return a reconciliation as a reply shows it."""
    return {
        **found.content.model_dump(mode="json", exclude={"entries"}),
        "sha256": found.content.sha256,
        "sums": found.sums.model_dump(mode="json"),
        "entries": [{**entry.model_dump(mode="json"), "why": found.why(entry)} for entry in found.content.entries],
        "signatures": [
            {**{name: getattr(one, name) for name in ("id", "agency", "signed_at", "sha256", "stands")}, "changes": one.changes}
            for one in found.signatures
        ],
        "holds": [
            {name: getattr(one, name) for name in shapes.HoldAgainstRequest.model_fields if name != "alarm"}
            | {"alarm": one.is_alarm}
            for one in found.holds
        ],
    }


@router.get(
    "/reconciliations",
    operation_id="reconciliations",
    summary="Reconciliation",
    tags=["reconciliation"],
    response={200: shapes.Reconciliations},
    openapi_extra=documented(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY),
)
@reading
def reconciliations(
    request: HttpRequest, custodian: Side = None, requester: Side = None, month: MonthAsked = None
) -> HttpResponse:
    """What a requester sent a custodian in a month against what the other received, one by one; and who signed.

    A request belongs to the day, in the zone of the facility that it was sent to, on which the exchange recorded that it was
    sent. Without the two sides and the month: only the signatures that your agency may see, the latest first.
    """
    signed = [shaped(shapes.ReconciliationSigned, row) for row in reconciliation.signatures_of()]
    if custodian is None and requester is None and month is None:
        return answer({"reconciliation": None, "signed": signed})
    if custodian is None or requester is None or month is None:
        missing = next(
            name for name, value in (("custodian", custodian), ("requester", requester), ("month", month)) if not value
        )
        raise refusals.one_field(missing, "give the custodian, the requester and the month together")
    found = reconciliation.between(actor_of(request), custodian, requester, reconciliation.month(month))
    return answer({"reconciliation": told(found), "signed": signed})


_BODY = {
    "required": True,
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/command.SignReconciliation"}}},
}


@router.post(
    "/reconciliations",
    operation_id="reconciliation_sign",
    summary="Sign a reconciliation",
    tags=["reconciliation"],
    response={201: shapes.ReconciliationShown},
    openapi_extra=documented(
        *(HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        *(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, HTTPStatus.UNPROCESSABLE_ENTITY),
        requestBody=_BODY,
    ),
)
@known_only
def sign(request: HttpRequest) -> HttpResponse:
    """Sign for your agency what was shown, by its hash: 409 when the record is no more that. Takes a supervisor by name."""
    actor, said = actor_of(request), SignReconciliation.model_validate(bodies.json_object(request))
    with acting(actor.agency, actor.user):
        found = reconciliation.sign(actor, said, dt.datetime.now(dt.UTC))
        return answer(told(found), status=HTTPStatus.CREATED)
