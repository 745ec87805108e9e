"""The routes that tell who is who: agencies, facilities by code, and the caller."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from django.db.models.functions import Upper
from django.http import HttpRequest, HttpResponse
from ninja import Query
from pydantic import StringConstraints

from detainer.api import cursors, shapes
from detainer.api.reading import LISTED, READ, After, Limit
from detainer.api.replies import answer, documented
from detainer.api.routes import router
from detainer.api.shaping import shaped
from detainer.api.tokens import actor_of, reading
from detainer.exchange.directory import brief, same_named, search
from detainer.exchange.models import Agency, Facility
from detainer.exchange.refusals import Refused
from detainer.record.said import FacilityCode, Line

State = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2}$")]


@router.get(
    "/me", operation_id="me", summary="Who calls", tags=["directory"], response={200: shapes.Me}, openapi_extra=documented()
)
@reading
def me(request: HttpRequest) -> HttpResponse:
    """The agency and the roles that the token stands for."""
    actor = actor_of(request)
    agency = shaped(shapes.AgencyShown, Agency.objects.get(pk=actor.agency))
    return answer({"agency": agency, "user": actor.user, "roles": sorted(actor.roles)})


@router.get(
    "/agencies",
    operation_id="agencies",
    summary="Agencies",
    tags=["directory"],
    response={200: shapes.Agencies},
    openapi_extra=LISTED,
)
@reading
def agencies(request: HttpRequest, after: After = None, limit: Limit = 50) -> HttpResponse:  # noqa: ARG001
    """The agencies of the directory, by key; those that are enrolled take part in the exchange."""
    rows = Agency.objects.order_by("key")
    if after:
        rows = rows.filter(key__gt=cursors.word(after))
    found = list(rows[: limit + 1])
    further = cursors.written("after", found[limit - 1].key) if len(found) > limit else None
    return answer({"agencies": [shaped(shapes.AgencyShown, row) for row in found[:limit]], "next": further})


@router.get(
    "/facilities",
    operation_id="facilities",
    summary="Search for a facility",
    tags=["directory"],
    response={200: shapes.Facilities},
    openapi_extra=LISTED,
)
@reading
def facilities(
    request: HttpRequest,  # noqa: ARG001
    q: Annotated[Line | None, Query(description="Words of its code, name, city or county.")] = None,
    state: Annotated[State | None, Query(description="Two letters, such as MA.")] = None,
) -> HttpResponse:
    """The first 50 facilities with these words, enrolled ones first, each with the others that share its name."""
    found = search(q or "", state=state or "")
    namesakes = _namesakes(found)
    shown = [{**brief(facility), "same_named": [*map(brief, namesakes[facility.code])]} for facility in found]
    return answer({"facilities": shown, "warning": _warning(shown)})


def _namesakes(found: Sequence[Facility]) -> dict[str, list[Facility]]:
    """Return, by code, the other facilities that carry the same name, in one query for all that were found."""
    alike: dict[str, list[Facility]] = defaultdict(list)
    names = {facility.name.upper() for facility in found}
    rows = (
        Facility.objects.annotate(upper=Upper("name")).filter(upper__in=names).select_related("agency").order_by("state", "code")
    )
    for row in rows:
        alike[row.name.upper()].append(row)
    return {facility.code: [row for row in alike[facility.name.upper()] if row.code != facility.code][:10] for facility in found}


def _warning(shown: Sequence[dict[str, Any]]) -> str | None:
    names = sorted({facility["name"] for facility in shown if facility["same_named"]})
    return f"several facilities share a name: {', '.join(names)}; choose by code, county and state" if names else None


@router.get(
    "/facilities/{code}",
    operation_id="facility",
    summary="A facility",
    tags=["directory"],
    response={200: shapes.FacilityShown},
    openapi_extra=READ,
)
@reading
def facility(request: HttpRequest, code: FacilityCode) -> HttpResponse:  # noqa: ARG001
    """A facility by its code, with others that could be taken for it."""
    found = Facility.objects.select_related("agency").filter(pk=code).first()
    if found is None:
        raise Refused("not-found", f"no facility has the code [{code}]")
    known: dict[str, UUID | str | None] = {"agency": found.agency_id, "jurisdiction": found.jurisdiction}
    namesakes = [brief(other) for other in same_named(found)]
    return answer({**brief(found), **known, "zone": found.zone, "source": found.source, "same_named": namesakes})
