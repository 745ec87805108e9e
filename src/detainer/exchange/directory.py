"""The directory: facilities found by their code, never by their name alone; agencies by their key."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from detainer.exchange.models import Agency, Facility
from detainer.exchange.refusals import FieldError, Refused
from detainer.record.said import FacilityCode

MOST = 50


def addressed(code: FacilityCode, field: str = "facility") -> Facility:
    """Return the facility of a code, whose agency takes part in the exchange.

    Raises Refused `facility-ambiguous` with the candidates when a name was given, `facility-unknown`, `not-enrolled`.
    """
    found = Facility.objects.select_related("agency").filter(pk=code.strip().upper()).first()
    if found is None:
        raise _not_a_code(code.strip(), field)
    if found.agency is None or not found.agency.enrolled:
        message = (
            f"[{found.code}] is {found.name}, {found.county} {found.state}: "
            "its agency does not take part yet, so nothing could be delivered"
        )
        raise Refused("not-enrolled", message, errors=[FieldError(field, message)])
    return found


def _not_a_code(given: str, field: str) -> Refused:
    candidates = search(given)[:10]
    if not candidates:
        message = f"no facility has the code [{given}], and none has a name like it: search the directory by place"
        return Refused("facility-unknown", message, errors=[FieldError(field, message)], candidates=[])
    message = (
        f"[{given}] is a name, not a code: a name alone does not tell places apart; choose one of {len(candidates)} by its code"
    )
    return Refused(
        "facility-ambiguous", message, errors=[FieldError(field, message)], candidates=[brief(item) for item in candidates]
    )


def search(text: str, *, state: str = "") -> Sequence[Facility]:
    """Return facilities whose code, name, city or county holds the words of `text`, enrolled ones first, MOST at most."""
    found = Facility.objects.select_related("agency")
    if state:
        found = found.filter(state=state.upper())
    for word in text.split()[:6]:
        found = found.filter(
            Q(code__istartswith=word) | Q(name__icontains=word) | Q(city__icontains=word) | Q(county__icontains=word)
        )
    return list(found.order_by("-agency__enrolled", "name", "state", "code")[:MOST])


def same_named(facility: Facility) -> Sequence[Facility]:
    """Return other facilities that carry the same name, or serve a county of the same name in another state."""
    alike = Q(name__iexact=facility.name)
    if facility.county:
        alike |= Q(county__iexact=facility.county) & ~Q(state=facility.state)
    return list(Facility.objects.filter(alike).exclude(pk=facility.pk).order_by("state", "name")[:MOST])


def brief(facility: Facility) -> dict[str, Any]:
    """Return what tells a facility from others: code, name, kind, city, county, state."""
    return {
        "code": facility.code,
        "name": facility.name,
        "kind": facility.kind,
        "city": facility.city,
        "county": facility.county,
        "state": facility.state,
        "enrolled": bool(facility.agency and facility.agency.enrolled),
    }


def names(agencies: Sequence[UUID]) -> dict[UUID, str]:
    """Return the names of agencies by id."""
    return dict(Agency.objects.filter(pk__in=set(agencies)).values_list("id", "name"))
