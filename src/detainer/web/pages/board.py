"""The board: an agency's requests, what runs out first on top; the part that changes fetches itself anew."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Case, Count, Exists, Min, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Extract, Least
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET

from detainer.exchange import directory
from detainer.exchange.models import Deadline, Delivery, Facility, Identity, OversightGrant, Request, Stay
from detainer.exchange.roles import Actor
from detainer.record import when
from detainer.web import spans, words
from detainer.web.access import signed_in
from detainer.web.pages.home import agencies_of
from detainer.web.paging import Page, page_of
from detainer.web.templatetags.detainer import moment

ACTIVE: Final = Q(live=True) | Q(holding=True)
SIZE: Final = 50
FEW: Final = 20  # rows of a section on the overview
LATELY: Final = 8
LONG_AGO: Final = dt.timedelta(days=60)  # from then on a date says more than a length


@dataclass(frozen=True)
class Section:
    """A part of the board: its heading per side, the field that orders it (the greatest first), how many the overview shows."""

    key: str
    heading: Mapping[str, str]
    by: str
    few: int = FEW


SECTIONS: Final = (
    Section(
        "clock", {"custodian": "Release due, or a clock runs", **dict.fromkeys(("requester", "reader"), "A clock runs")}, "soon"
    ),
    Section("decide", {"custodian": "To decide", "requester": "Not decided yet", "reader": "Not decided yet"}, "lodged_at"),
    Section("waiting", dict.fromkeys(("custodian", "requester", "reader"), "Decided, waiting"), "lodged_at"),
    Section("ended", dict.fromkeys(("custodian", "requester", "reader"), "Ended lately"), "lodged_at", LATELY),
)
_BY_KEY: Final = {section.key: section for section in SECTIONS}


@require_GET
@signed_in()
def board(request: HttpRequest) -> HttpResponse:
    """Show the board; to htmx only its changing part, and nothing (204) when that is as the browser has it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = dt.datetime.now(dt.UTC)
    side = _side(actor, request.GET.get("side", ""))
    asked = _asked(request, side)
    told = _region(actor, side, asked, now)
    region = render_to_string("board/region.html", told, request)
    seen = hashlib.sha256(region.encode()).hexdigest()[:16]
    is_live = bool(request.htmx)  # type: ignore[attr-defined]
    if is_live and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    url = f"{reverse('board')}?{urlencode({**asked, 'seen': seen})}"
    context = {**told, "region": region, "live_url": url}
    if is_live:
        return render(request, "board/live.html", context)
    return render(request, "board.html", {**context, "agencies": agencies_of(actor), "facilities": _facilities(actor, side)})


def _side(actor: Actor, wanted: str) -> str:
    """Return whose board it is: an agency of both kinds may ask for either."""
    sides = [
        *(["custodian"] if actor.kinds & {"custodian", "court"} else []),
        *(["requester"] if "requester" in actor.kinds else []),
    ]
    return wanted if wanted in sides else (sides or ["reader"])[0]


def _asked(request: HttpRequest, side: str) -> dict[str, str]:
    """Return what of the address chooses rows: the section (or all), the facility, the page."""
    show = request.GET.get("show", "")
    told = {
        "show": show if show in (*_BY_KEY, "all") else "",
        "facility": request.GET.get("facility", "")[:12],
        "after": request.GET.get("after", "")[:200],
        "side": side if request.GET.get("side") else "",
    }
    return {key: value for key, value in told.items() if value and not (key == "after" and not told["show"])}


def _facilities(actor: Actor, side: str) -> list[Facility]:
    return list(Facility.objects.filter(agency=actor.agency).order_by("name")) if side == "custodian" else []


# --- which rows ---------------------------------------------------------------------------------------------------------


def _mine(actor: Actor, side: str) -> QuerySet[Request]:
    if side == "reader":
        granted = OversightGrant.objects.filter(oversight=actor.agency, ended_at=None).values("agency")
        return Request.objects.filter(Q(custodian__in=granted) | Q(requester__in=granted))
    return Request.objects.filter(**{side: actor.agency})


def _in_sections(found: QuerySet[Request]) -> QuerySet[Request]:
    """Return requests with the section each is in, and when its next clock runs out."""
    running = Deadline.objects.filter(stream=OuterRef("pk"), open=True)
    return found.annotate(
        section=Case(
            When(~ACTIVE, then=Value("ended")),
            When(Exists(running) | Exists(_due_for_release()), then=Value("clock")),
            When(undecided__gt=0, then=Value("decide")),
            default=Value("waiting"),
        )
    )


def _due_for_release() -> QuerySet[Stay]:
    """Return the stay of a request whose release is due: only its custodian sees it."""
    return Stay.objects.filter(pk=OuterRef("stay"), in_custody=True, release_due_at__isnull=False)


def _by_due(found: QuerySet[Request]) -> QuerySet[Request]:
    """Return requests with `soon`: the greater, the sooner the release or the next clock is due. Pages stand in that order."""
    running = Deadline.objects.filter(stream=OuterRef("pk"), open=True).order_by()
    first = running.values("stream").annotate(first=Min("due_at")).values("first")
    return found.annotate(soon=-Extract(Least(Subquery(first), Subquery(_due_for_release().values("release_due_at"))), "epoch"))


def _of(found: QuerySet[Request], section: Section) -> QuerySet[Request]:
    if section.key == "ended":
        return found.exclude(ACTIVE)
    rows = _in_sections(found.filter(ACTIVE)).filter(section=section.key)
    return _by_due(rows) if section.key == "clock" else rows


def _region(actor: Actor, side: str, asked: Mapping[str, str], now: dt.datetime) -> dict[str, Any]:
    found = _mine(actor, side)
    if asked.get("facility"):
        found = found.filter(facility=asked["facility"])
    counts = dict(_in_sections(found.filter(ACTIVE)).values_list("section").annotate(Count("pk")).order_by())
    show = asked.get("show", "")
    pages = _pages(found, asked)
    if not show and side != "requester":
        pages = [*pages, ("named", Page(_named(actor), ""))]
    rows = _rows([row for _, page in pages for row in page.rows], actor, side, now)
    url = reverse("board")
    sections = [
        {
            "key": key,
            "heading": _heading(key, side),
            "rows": [rows[request.pk] for request in page.rows],
            "count": counts.get(key),
            "all_url": f"{url}?{urlencode({**asked, 'show': key})}" if not show and counts.get(key, 0) > len(page.rows) else "",
            "next_url": f"{url}?{urlencode({**asked, 'after': page.after})}" if show and page.after else "",
            "first_url": f"{url}?{urlencode({**asked, 'after': ''})}" if asked.get("after") else "",
        }
        for key, page in pages
        if page.rows or show
    ]
    total = sum(counts.values())
    return {
        "side": side,
        "asked": asked,
        "sections": sections,
        "counts": counts,
        "total": total,
        "filters": _filters(side, asked, counts),
    }


def _pages(found: QuerySet[Request], asked: Mapping[str, str]) -> list[tuple[str, Page]]:
    show, after = asked.get("show", ""), asked.get("after", "")
    found = found.select_related("facility")
    if show == "all":
        return [("all", page_of(found, "lodged_at", after, SIZE))]
    if show:
        return [(show, page_of(_of(found, _BY_KEY[show]), _BY_KEY[show].by, after, SIZE))]
    return [(section.key, page_of(_of(found, section), section.by, "", section.few)) for section in SECTIONS]


def _named(actor: Actor) -> list[Request]:
    """Return the requests that name the agency although it is neither side of them: an earlier custodian, or an account's."""
    taking_part = Request.objects.filter(stream__parties__contains=[actor.agency])
    return list(
        taking_part.exclude(custodian=actor.agency)
        .exclude(requester=actor.agency)
        .select_related("facility")
        .order_by("-lodged_at")[:FEW]
    )


def _heading(key: str, side: str) -> str:
    more = {"all": "All requests", "named": "Requests that name your agency"}
    return more.get(key) or _BY_KEY[key].heading[side]


def _filters(side: str, asked: Mapping[str, str], counts: Mapping[str, int]) -> list[dict[str, Any]]:
    keep = {key: value for key, value in asked.items() if key not in ("show", "after")}
    links = [("", "Overview"), *((section.key, section.heading[side]) for section in SECTIONS), ("all", "All")]
    return [
        {
            "url": f"{reverse('board')}?{urlencode({**keep, 'show': key} if key else keep)}".rstrip("?"),
            "label": "Ended" if key == "ended" else label,
            "count": counts.get(key, 0) if key in counts else None,
            "current": asked.get("show", "") == key,
        }
        for key, label in links
    ]


# --- what a row says ----------------------------------------------------------------------------------------------------


def _rows(requests: Sequence[Request], actor: Actor, side: str, now: dt.datetime) -> dict[UUID, dict[str, Any]]:
    """Return the rows of requests by id: names, clocks and receipts come in one query each."""
    ids = [request.pk for request in requests]
    names = directory.names([agency for request in requests for agency in (request.requester_id, request.custodian_id)])
    people = people_of([request.person for request in requests], actor)
    clocks = _clocks(ids)
    receipts = _receipts(ids) if side == "requester" else {}
    stays = _stays(requests) if side == "custodian" else {}
    return {
        request.pk: {
            "id": request.pk,
            "person": people.get(request.person),
            "is_shown": side != "reader",
            "facility": request.facility,
            "requester": names.get(request.requester_id, ""),
            "custodian": names.get(request.custodian_id, ""),
            "reference": request.reference,
            "asks": [_ask(ask) for ask in request.asks],
            "undecided": request.undecided if request.live else 0,
            "clock": _clock(clocks.get(request.pk), request, now),
            "release": _release(stays.get(request.stay), request.facility.zone, now),
            "age": age(request.lodged, request.facility.zone, now),
            "state": request.state,
            "outcome": None if request.live else request.outcome,
            "confirmed": request.view["outcome"]["confirmed"],
            "rungs": _rungs(request, receipts.get(request.pk)) if side == "requester" else (),
        }
        for request in requests
    }


def people_of(persons: Iterable[UUID], actor: Actor) -> dict[UUID, Identity]:
    """Return who people are as the actor's own agency knows them; who is not known, or was destroyed, is not among them."""
    own = Identity.objects.filter(person__in=set(persons), agency=actor.agency, destroyed_at=None)
    return {identity.person: identity for identity in own}


def _ask(ask: Mapping[str, Any]) -> dict[str, Any]:
    answer = ask["answer"]["value"] if ask["answer"] else None
    return {
        "ask": ask["ask"],
        "answer": answer,
        "choice": ask["choice"],
        "waits": ask["choice"] is None and ask["proposal"] is not None,
        "disposition": ask["disposition"],
    }


def _clocks(ids: Iterable[UUID]) -> dict[UUID, Deadline]:
    """Return the clock of each request that runs out next."""
    rows = Deadline.objects.filter(stream__in=list(ids), open=True).order_by("-due_at")
    return {row.stream_id: row for row in rows}


def _clock(row: Deadline | None, request: Request, now: dt.datetime) -> dict[str, Any] | None:
    if row is None:
        return None
    late = row.due_at <= now and (request.holding or row.kind != "hold_expiry")
    name = clock_name(row.kind, is_holding=request.holding)
    return {"name": name, "due": moment(row.due_at, request.facility.zone), "left": spans.left(row.due_at, now), "late": late}


def clock_name(kind: str, *, is_holding: bool) -> str:
    """Return what a clock is called. While nobody is held, the hold's deadline says only how long a hold could last."""
    names = {"hold_expiry": "Hold must end" if is_holding else "A hold could last until", "notice_lead": "Notice due"}
    return names.get(kind) or words.said(kind)


def _stays(requests: Sequence[Request]) -> dict[UUID, Stay]:
    """Return the stays, still in custody, to which requests are linked."""
    return {stay.pk: stay for stay in Stay.objects.filter(pk__in=[row.stay for row in requests if row.stay], in_custody=True)}


def _release(stay: Stay | None, zone: str, now: dt.datetime) -> dict[str, Any] | None:
    """Return what a row says of the person's release: that it is due, or when it is planned."""
    if stay is None:
        return None
    if stay.release_due_at:
        return {"is_due": True, "words": spans.ago(stay.release_due_at, now)}
    return (
        {"is_due": False, "words": when.in_words(when.parse(stay.release_planned, zone), zone)} if stay.release_planned else None
    )


def age(occurred: str, zone: str, now: dt.datetime) -> str:
    """Return how long ago something lately occurred where its instant is known, else when, as far as that is known."""
    at = when.parse(occurred, zone)
    is_late = at.from_ is not None and at.is_instant and now - at.from_ < LONG_AGO
    return spans.ago(at.from_, now) if is_late and at.from_ else when.in_words(at, zone)


def _receipts(ids: Iterable[UUID]) -> dict[UUID, Delivery]:
    sent = Delivery.objects.filter(stream__in=list(ids), kind__in=("lodged", "relayed")).order_by("created_at")
    return {row.stream_id: row for row in sent}


def _rungs(request: Request, sent: Delivery | None) -> list[tuple[str, bool]]:
    view = request.view
    return [
        ("Delivered", view["delivered"] is not None),
        ("Opened", sent is not None and sent.opened_at is not None),
        ("Acknowledged", view["acknowledged"] is not None or request.state == "not_here"),
        ("Decided", request.undecided == 0),
    ]
