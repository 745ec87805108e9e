"""The board: an agency's requests, what runs out first on top; the part that changes fetches itself anew."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Value, When, Window
from django.db.models.functions import Extract, Least, RowNumber
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET

from detainer.exchange.models import Deadline, Facility, OversightGrant, Request, Stay
from detainer.exchange.roles import Actor
from detainer.web.access import signed_in
from detainer.web.alarming import HELD, alarming
from detainer.web.board_rows import rows_of
from detainer.web.pages.home import agencies_of
from detainer.web.paging import Page, page_of

SIZE: Final = 50
FEW: Final = 20  # rows of a section on the overview
LATELY: Final = 8


@dataclass(frozen=True)
class Section:
    """A part of the board: its heading per side, and the field that orders it (the greatest first)."""

    key: str
    heading: Mapping[str, str]
    by: str


SECTIONS: Final = (
    Section("alarm", dict.fromkeys(("custodian", "requester", "reader"), "Alarms: a clock has run out"), "soon"),
    Section(
        "clock", {"custodian": "Release due, or a clock runs", **dict.fromkeys(("requester", "reader"), "A clock runs")}, "soon"
    ),
    Section("decide", {"custodian": "To decide", "requester": "Not decided yet", "reader": "Not decided yet"}, "lodged_at"),
    Section("waiting", dict.fromkeys(("custodian", "requester", "reader"), "Decided, waiting"), "lodged_at"),
    Section("ended", dict.fromkeys(("custodian", "requester", "reader"), "Ended lately"), "lodged_at"),
)
_BY_KEY: Final = {section.key: section for section in SECTIONS}
ON_A_CLOCK: Final = frozenset({"alarm", "clock"})  # sections in which what runs out first stands first
# Clocks that nearly every request has: what is only undecided stands under what is to decide.
EVERYWHERE: Final = ("answer_due", "consent_expiry")
FIRST: Final = dt.timedelta(days=36_500)  # who is held stands before whatever else has run out


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


@dataclass(frozen=True)
class Board:
    """Whose requests a board shows, read by whom and when; which of them are not over."""

    found: QuerySet[Request]
    actor: Actor
    side: str
    now: dt.datetime
    active: Q


def _in_sections(board: Board) -> QuerySet[Request]:
    """Return the requests that are not over, with the section each is in."""
    running = Deadline.objects.filter(stream=OuterRef("pk"), open=True).exclude(kind__in=EVERYWHERE)
    alarms = _alarms(board.actor, board.side, board.now).filter(stream=OuterRef("pk"))
    return board.found.filter(board.active).annotate(
        section=Case(
            When(Exists(alarms), then=Value("alarm")),
            When(Exists(running) | Exists(_due_for_release()), then=Value("clock")),
            When(undecided__gt=0, then=Value("decide")),
            default=Value("waiting"),
        )
    )


def _active(actor: Actor) -> Q:
    """Return which requests are not over: they live, somebody is held under them, or this agency owes a receipt for them."""
    owed = Deadline.objects.filter(agency=actor.agency, open=True, kind="receipt_due")
    return Q(live=True) | Q(holding=True) | Q(pk__in=list(owed.values_list("stream", flat=True)))


def _alarms(actor: Actor, side: str, now: dt.datetime) -> QuerySet[Deadline]:
    """Return the clocks of this side that have run out and that nobody has seen to; to a reader those of either side."""
    of_side = alarming(now)
    return of_side if side == "reader" else of_side.filter(agency=actor.agency)


def _due_for_release() -> QuerySet[Stay]:
    """Return the stay of a request whose release is due: only its custodian sees it."""
    return Stay.objects.filter(pk=OuterRef("stay"), in_custody=True, release_due_at__isnull=False)


def _by_due(found: QuerySet[Request]) -> QuerySet[Request]:
    """Return requests with `soon`: the greater, the sooner the release or the next clock is due. Pages stand in that order."""
    running = Deadline.objects.filter(stream=OuterRef("pk"), open=True).order_by()
    held = Case(When(kind__in=HELD, stream__request__holding=True, then=F("due_at") - Value(FIRST)), default=F("due_at"))
    first = running.values("stream").annotate(first=Min(held)).values("first")
    return found.annotate(soon=-Extract(Least(Subquery(first), Subquery(_due_for_release().values("release_due_at"))), "epoch"))


def _of(board: Board, section: Section) -> QuerySet[Request]:
    if section.key == "ended":
        return board.found.exclude(board.active)
    rows = _in_sections(board).filter(section=section.key)
    return _by_due(rows) if section.key in ON_A_CLOCK else rows


def _region(actor: Actor, side: str, asked: Mapping[str, str], now: dt.datetime) -> dict[str, Any]:
    found = _mine(actor, side)
    if asked.get("facility"):
        found = found.filter(facility=asked["facility"])
    show = asked.get("show", "")
    board = Board(found.select_related("facility"), actor, side, now, _active(actor))
    counts, pages = _pages(board, asked) if show else _overview(board)
    if not show and side != "requester":
        pages = [*pages, ("named", Page(_named(actor), ""))]
    rows = rows_of([row for _, page in pages for row in page.rows], actor, side, now)
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
    over = sum(bool(row["alarm"] and row["alarm"]["is_over_hold"]) for row in rows.values())
    total = sum(counts.values())
    return {
        "side": side,
        "asked": asked,
        "sections": sections,
        "counts": counts,
        "held_over": over,
        "total": total,
        "filters": _filters(side, asked, counts),
    }


Pages = list[tuple[str, Page]]


def _pages(board: Board, asked: Mapping[str, str]) -> tuple[dict[str, int], Pages]:
    """Return how many requests each section has, and a page of the one that is asked for."""
    counts = dict(_in_sections(board).values_list("section").annotate(Count("pk")).order_by())
    show, after = asked["show"], asked.get("after", "")
    if show == "all":
        return counts, [("all", page_of(board.found, "lodged_at", after, SIZE))]
    return counts, [(show, page_of(_of(board, _BY_KEY[show]), _BY_KEY[show].by, after, SIZE))]


def _overview(board: Board) -> tuple[dict[str, int], Pages]:
    """Return the same with the first rows of every section: those that are counted and ranked need one look at all."""
    section = {"partition_by": F("section")}
    ranked = _in_sections(board).annotate(
        rank=Window(RowNumber(), order_by=[F("lodged_at").desc(), F("pk").desc()], **section),
        total=Window(Count("pk"), **section),
    )
    first = list(ranked.filter(rank__lte=FEW).order_by("rank").values_list("pk", "section", "total"))
    by_id = board.found.in_bulk([pk for pk, section, _ in first if section not in ON_A_CLOCK])
    counts = {section: total for _, section, total in first}
    pages = {key: Page([by_id[pk] for pk, section, _ in first if section == key], "") for key in ("decide", "waiting")}
    for key in ON_A_CLOCK:
        pages[key] = page_of(_of(board, _BY_KEY[key]), "soon", "", FEW) if key in counts else Page([], "")
    pages["ended"] = page_of(_of(board, _BY_KEY["ended"]), "lodged_at", "", LATELY)
    return counts, [(section.key, pages[section.key]) for section in SECTIONS]


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
    shown = [section for section in SECTIONS if section.key != "alarm" or counts.get("alarm") or asked.get("show") == "alarm"]
    links = [("", "Overview"), *((section.key, section.heading[side]) for section in shown), ("all", "All")]
    return [
        {
            "url": f"{reverse('board')}?{urlencode({**keep, 'show': key} if key else keep)}".rstrip("?"),
            "label": {"ended": "Ended", "alarm": "Alarms"}.get(key, label),
            "count": counts.get(key, 0) if key in counts else None,
            "current": asked.get("show", "") == key,
        }
        for key, label in links
    ]
