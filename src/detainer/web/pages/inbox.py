"""The inbox: what other agencies sent, latest first."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from detainer.exchange import directory, work
from detainer.exchange.models import Delivery, Facility, Request, User
from detainer.exchange.roles import Actor
from detainer.web import spans, titles
from detainer.web.access import signed_in
from detainer.web.board_rows import people_of
from detainer.web.paging import cut, page_of
from detainer.web.templatetags.detainer import moment

SIZE: Final = 50


@require_GET
@signed_in()
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the deliveries to the agency: what kind, from whom, about which request, and who opened it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = dt.datetime.now(dt.UTC)
    found = Delivery.objects.filter(to_agency=actor.agency, channel="inbox", delivered_at__isnull=False).select_related("event")
    only_new = request.GET.get("show") == "unopened"
    if only_new:
        found = found.filter(opened_at=None)
    page = page_of(found, "created_at", request.GET.get("after", ""), SIZE)
    context = {
        "rows": _rows(page.rows, actor, now),
        "only_new": only_new,
        "next_url": page.next_url(request),
        "previous_url": request.path + cut(request, "after") if request.GET.get("after") else "",
    }
    return render(request, "inbox.html", context)


def _rows(page: Sequence[Delivery], actor: Actor, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the rows of deliveries: requests, people, agencies and users come in one query each."""
    requests = {row.pk: row for row in Request.objects.filter(pk__in=[one.stream_id for one in page]).select_related("facility")}
    names = directory.names([one.from_agency_id for one in page])
    people = people_of([row.person for row in requests.values()], actor)
    opened_by = {one.opened_by for one in page if one.opened_by}
    users = {user.pk: user.get_full_name() or user.username for user in User.objects.filter(pk__in=opened_by)}
    once = _each_alarm_once(page)
    return [{**_row(one, requests.get(one.stream_id), names, people, users, now), "before": before} for one, before in once]


def _each_alarm_once(page: Sequence[Delivery]) -> list[tuple[Delivery, int]]:
    """Return the deliveries of a page, of each clock that fired the last alone, with how many of it stand for that one."""
    found: dict[Any, tuple[Delivery, int]] = {}
    for one in page:
        data = one.event.data
        key = (one.stream_id, data["clock"], data["rule"], data["due_at"]) if one.kind == "clock_fired" else one.pk
        last, before = found.get(key, (one, -1))
        found[key] = (last, before + 1)
    return list(found.values())


def _row(one: Delivery, about: Request | None, names: Any, people: Any, users: Any, now: dt.datetime) -> dict[str, Any]:
    facility: Facility | None = about.facility if about else None
    zone = facility.zone if facility else "UTC"
    assert one.delivered_at is not None  # noqa: S101  (only what has arrived is listed)
    return {
        "title": titles.title(work.of_row(one.event), zone=zone),
        "is_alarm": one.kind == "clock_fired",
        "from": "" if one.from_agency_id == one.to_agency_id else names.get(one.from_agency_id, "another agency"),
        "request": one.stream_id if about else None,
        "person": people.get(about.person) if about else None,
        "facility": facility,
        "reference": about.reference if about else "",
        "came": moment(one.delivered_at, zone),
        "ago": spans.ago(one.delivered_at, now) if _is_recent(one.delivered_at, now, zone) else "",
        "opened": moment(one.opened_at, zone),
        "opened_by": users.get(one.opened_by, "a former user") if one.opened_by else "",
    }


def _is_recent(at: dt.datetime, now: dt.datetime, zone: str) -> bool:
    """Return whether an instant is of the last seven days, which a reader counts rather than looks up."""
    return (now.astimezone(ZoneInfo(zone)) - at) < dt.timedelta(days=7)
