"""Stays: who is in custody, and one custody episode with its clock, its requests and what may be recorded of it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from detainer import clock
from detainer.exchange import clocks, work
from detainer.exchange.models import Identity, Request, Stay
from detainer.exchange.roles import Actor
from detainer.record import when
from detainer.web import custody, spans, telling
from detainer.web.access import signed_in
from detainer.web.afterwards import afterwards
from detainer.web.lawful import answers_here, shown
from detainer.web.pages import stay_commands
from detainer.web.paging import cut, page_of
from detainer.web.templatetags.detainer import moment

CUSTODIANS: Final = ("custodian", "court")
READERS: Final = (*CUSTODIANS, "oversight")
PAGE: Final = 50

# show -> (the stays, the field in whose order they stand, latest first)
_LISTS: Final[dict[str, tuple[Q, str]]] = {
    "in-custody": (Q(in_custody=True), "began_at"),
    "ended": (Q(in_custody=False), "ended"),
}


@signed_in(kinds=READERS)
def stays(request: HttpRequest) -> HttpResponse:
    """Show who is in custody now, or whose stay ended lately; an agency finds its own by booking number."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    show = request.GET.get("show", "in-custody")
    number = request.GET.get("number", "").strip()[:200]
    chosen, order = _LISTS.get(show, _LISTS["in-custody"])
    found = Stay.objects.select_related("facility", "custodian")
    if number:
        found = found.filter(custodian=actor.agency, booking_number__istartswith=number)
        order = "began_at"
    else:
        found = found.filter(chosen)
    if "oversight" not in actor.kinds:
        found = found.filter(custodian=actor.agency)
    page = page_of(found, order, request.GET.get("after", ""), PAGE)
    context = {
        "show": show if show in _LISTS else "in-custody",
        "number": number,
        "stays": _rows(page.rows, actor),
        "next_url": page.next_url(request),
        "previous_url": request.path + cut(request, "after") if request.GET.get("after") else "",
        "may_book": stay_commands.may_book(actor),
        "is_oversight": not actor.kinds & set(CUSTODIANS),
    }
    return render(request, "stays.html", context)


def _rows(found: list[Stay], actor: Actor) -> list[dict[str, Any]]:
    names = dict(
        Identity.objects.filter(agency=actor.agency, person__in=[stay.person for stay in found if stay.person]).values_list(
            "person", "name"
        )
    )
    counted = Request.objects.filter(stay__in=[stay.pk for stay in found], live=True).order_by()
    live = {
        row["stay"]: row
        for row in counted.values("stay").annotate(requests=Count("pk"), undecided=Count("pk", filter=Q(undecided__gt=0)))
    }
    return [
        {
            "stay": stay,
            "name": names.get(stay.person) or ("" if stay.person in names else None),
            "zone": custody.zone_of(stay),
            "live": live.get(stay.pk, {}),
            "release_due": stay.view.get("release_due"),
            "charges": [telling.charge(item) for item in stay.view.get("charges", ())],
        }
        for stay in found
    ]


@signed_in()
def stay(request: HttpRequest, stream: UUID) -> HttpResponse:
    """Show one stay to who may see it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = dt.datetime.now(dt.UTC)
    found = custody.found_stay(stream)
    zone = custody.zone_of(found)
    events = work.load(stream)
    linked = custody.requests_of(found)
    own = Identity.objects.filter(person=found.person, agency=actor.agency).first() if found.person else None
    context = {
        "stay": found,
        "view": found.view,
        "zone": zone,
        "person": own,
        "charges": [telling.charge(item) for item in found.view.get("charges", ())],
        "events": telling.timeline(events, zone=zone, agency=actor.agency),
        "requests": [_request_row(item, found) for item in linked],
        "clock": hold_clock(found, linked, zone, now),
        "law": _law_without_request(found, linked, zone, now),
        "commands": stay_commands.open_to(actor, found),
        "next": stay_commands.next_of(actor, found, linked, zone),
        "followed": afterwards(found.person),
        "may_see_list": bool(actor.kinds & set(READERS)),
    }
    return render(request, "stay.html", context)


def _request_row(item: Request, found: Stay) -> dict[str, Any]:
    return {
        "request": item,
        "url": reverse("request", args=[item.pk]),
        "asks": [{**ask, "cite": _cite(ask["answer"])} for ask in item.asks],
        "is_linked": item.stay == found.pk,
        "is_elsewhere": item.custodian_id != found.custodian_id,
    }


def _cite(answer: Mapping[str, Any] | None) -> str:
    """Return the rule that decides an answer; none where the law leaves it open."""
    rules = answer["rules"] if answer and answer["value"] != "may" else []
    return str(rules[0]["cite"]) if rules else ""


def hold_clock(found: Stay, linked: list[Request], zone: str, now: dt.datetime) -> dict[str, Any] | None:
    """Return the hold's deadlines under both counting rules once a release is due: reckoned whether or not anybody is held."""
    due = found.view.get("release_due")
    if not due:
        return None
    form = next((item.form for item in linked if item.live and item.form in clock.HOLD_RULES), clocks.SHORTEST)
    is_held = any(item.state == "holding" for item in linked)
    return {
        "is_held": is_held,
        "rows": [
            {
                "name": item.label,
                "governs": item.governs,
                "due": moment(item.due_at, zone),
                "left": spans.left(item.due_at, now) if found.in_custody and item.due_at > now else "",
                "state": ("running" if item.due_at > now else "late" if is_held else "stopped")
                if found.in_custody
                else "stopped",
                "arithmetic": item.arithmetic,
                "rule": item.cite,
            }
            for item in clocks.hold_deadlines(form, due, zone)
        ],
    }


def _law_without_request(found: Stay, linked: list[Request], zone: str, now: dt.datetime) -> dict[str, Any] | None:
    """Return what the law here answered on the day of the release, for a stay of which no request reached the custodian."""
    facility = custody.facility_of(found)
    if facility is None or any(item.custodian_id == found.custodian_id for item in linked):
        return None
    on, is_first_day = _day_of_release(found.view, zone, now)
    told = shown(answers_here(facility, on))
    return {"facility": facility, "on": on, "is_first_day": is_first_day, "ended": bool(found.ended), **told}


def _day_of_release(view: Mapping[str, Any], zone: str, now: dt.datetime) -> tuple[dt.date, bool]:
    """Return the local day of the release (else when it is due, planned, or today), and whether it is the first of several."""
    told = next((view[key] for key in ("ended", "release_due", "release_planned") if view.get(key)), None)
    at = when.parse(told, zone) if told else None
    started = (at.from_ or at.to) if at else None
    return (started or now).astimezone(ZoneInfo(zone)).date(), bool(at and at.is_rough)
