"""The directory: a facility found by its code, or by what tells it from others of its name."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.db.models.functions import Upper
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from detainer.exchange import directory, law_layers
from detainer.exchange.models import Facility, LawLayer
from detainer.exchange.refusals import Refused
from detainer.exchange.register import ZONE_OF_STATE
from detainer.web.access import signed_in
from detainer.web.lawful import answers_here, shown

STATES: Final = sorted(ZONE_OF_STATE)


@signed_in()
def search(request: HttpRequest) -> HttpResponse:
    """Show the facilities that a search finds, each with its place and a warning of others like it."""
    text, state = request.GET.get("q", "").strip()[:200], request.GET.get("state", "").strip()[:2].upper()
    asked = bool(text or state)
    found = list(directory.search(text, state=state)) if asked else []
    context = {
        "q": text,
        "state": state,
        "states": STATES,
        "asked": asked,
        "found": rows(found),
        "is_cut": len(found) == directory.MOST,
        "most": directory.MOST,
        "may_lodge": "requester" in request.actor.kinds,  # type: ignore[attr-defined]
    }
    return render(request, "directory.html", context)


@signed_in()
def facility(request: HttpRequest, code: str) -> HttpResponse:
    """Show one facility: whose it is, where, what is like it elsewhere, and what the law there answers today."""
    found = Facility.objects.select_related("agency").filter(pk=code.upper()).first()
    if found is None:
        raise Refused("not-found", f"no facility has the code [{code}]: search the directory by name or place")
    today = dt.datetime.now(ZoneInfo(found.zone)).date()
    context = {
        "facility": found,
        "alike": directory.same_named(found),
        "today": today,
        "layers": _own_layers(found, today),
        "is_ours": found.agency_id == request.actor.agency,  # type: ignore[attr-defined]
        **shown(answers_here(found, today)),
        "may_lodge": "requester" in request.actor.kinds and found.agency and found.agency.enrolled,  # type: ignore[attr-defined]
        "lodge_url": lodge_url(found.code),
    }
    return render(request, "directory/facility.html", context)


def _own_layers(facility: Facility, on: dt.date) -> list[LawLayer]:
    """Return the layers of its agency's own law that bind at a facility on a day."""
    stand = law_layers.in_force(facility.agency_id, on) if facility.agency_id else {}
    return [stand[place] for place in law_layers.places_of(facility) if place in stand]


def lodge_url(code: str) -> str:
    """Return the address of the form that lodges a request with a facility."""
    return f"{reverse('lodge')}?{urlencode({'facility': code})}"


def rows(facilities: Iterable[Facility]) -> list[dict[str, Any]]:
    """Return facilities as a list shows them: what tells each apart, and in which other states a like one is."""
    found = list(facilities)
    elsewhere = like(found)
    return [
        {**directory.brief(item), "alike": alike(item, elsewhere.get(item.code, [])), "lodge_url": lodge_url(item.code)}
        for item in found
    ]


def like(facilities: Iterable[Facility]) -> dict[str, list[Facility]]:
    """Return, by code, the other facilities of the same name, or of a county of the same name in another state: in one query."""
    found = list(facilities)
    names, counties = {item.name.upper() for item in found}, {item.county.upper() for item in found if item.county}
    if not found:
        return {}
    others = Facility.objects.annotate(name_upper=Upper("name"), county_upper=Upper("county"))
    others = others.filter(Q(name_upper__in=names) | Q(county_upper__in=counties)).order_by("state", "name")
    candidates = list(others)
    return {item.code: [other for other in candidates if _is_like(item, other)] for item in found}


def _is_like(one: Facility, other: Facility) -> bool:
    if one.code == other.code:
        return False
    same_county = bool(one.county) and one.county.upper() == other.county.upper() and one.state != other.state
    return same_county or one.name.upper() == other.name.upper()


def alike(facility: Facility, others: Iterable[Facility]) -> str:
    """Return a warning of like places: `also named so: OHJEFFE (OH). Jefferson County is in PA, TX too.`; empty for none."""
    told = list(others)
    same_name = [other for other in told if other.name.upper() == facility.name.upper()]
    states = sorted(
        {other.state for other in told if other.state and other.county.upper() == facility.county.upper()} - {facility.state}
    )
    warnings = []
    if same_name:
        listed = ", ".join(f"{other.code} ({other.state or 'state not known'})" for other in same_name[:6])
        warnings.append(f"{len(same_name)} more of this name: {listed}{' and others' if len(same_name) > 6 else ''}.")
    if facility.county and states:
        more = f" and {len(states) - 8} more states" if len(states) > 8 else ""
        warnings.append(f"A county of this name is also in {', '.join(states[:8])}{more}.")
    return " ".join(warnings)
