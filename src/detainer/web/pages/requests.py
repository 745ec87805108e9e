"""The page of one request: what to do next, the law's answer and the decision to each part, its clocks, receipts and course."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from detainer import law
from detainer.exchange import clocks
from detainer.exchange.commands import named
from detainer.exchange.models import Deadline, Delivery, Stay, User
from detainer.exchange.roles import SPEAKING, Actor
from detainer.record.views import RequestView, StayView
from detainer.web import alarms, course, gaps, labels, offers, questions, spans, telling
from detainer.web.access import signed_in
from detainer.web.board_rows import clock_name, people_of
from detainer.web.dossier import Dossier, dossier
from detainer.web.next_step import Situation, Step, next_step
from detainer.web.pages import request_asks, request_receipt
from detainer.web.templatetags.detainer import moment

ON_THE_PAGE: Final = (
    "make_document",  # has pages of its own
    "decide",
    "confirm_decision",
    "record_facts",
    "answer_clock",
)  # commands whose forms stand on the page itself


# --- the page -----------------------------------------------------------------------------------------------------------


@require_GET
@signed_in()
def show(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show a request; `?as_of=` shows it as it was known then. Whoever acts for an agency that it was sent to has opened it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = dt.datetime.now(dt.UTC)
    as_of = request.GET.get("as_of", "")
    told = dossier(actor, request_id, as_of)
    if not as_of and actor.roles & SPEAKING and request_receipt.open_now(request_id, actor, now):
        told = dossier(actor, request_id)
    sent = list(Delivery.objects.filter(stream=request_id).order_by("created_at", "pk"))
    return render(request, "request.html", _context(actor, told, sent, now))


def _context(actor: Actor, told: Dossier, sent: Sequence[Delivery], now: dt.datetime) -> dict[str, Any]:
    view, zone = told.view, told.facility.zone
    running = _clocks(told)
    rules = Counter(row.kind for row in running)
    names = _names(told, sent)
    missed = course.notice_missed(view, names, told.events)
    derived = {ask.ask: request_asks.derived(view, told.facility, ask) for ask in view.asks}
    open_now = [] if told.as_of else offers.commands_now(view, told.side, actor.roles)
    allowed = {command.name for command in open_now}
    missing = questions.missing_of(answer for answer in derived.values() if answer) if "record_facts" in allowed else []
    return {
        "request_id": view.id,
        "view": view,
        "told": told,
        "zone": zone,
        "names": names,
        "person": None if told.side == "reader" else people_of([view.person], actor).get(view.person),
        "requester": names.get(view.requester, ""),
        "custodian": names.get(view.custodian, ""),
        "outcome": None if view.is_live else view.outcome,
        "next": None if told.as_of else _next(told, actor, running, now),
        "asks": [request_asks.part(view, ask, derived[ask.ask], names, actor, allowed) for ask in view.asks],
        "must_acknowledge": "acknowledge" in allowed and view.state in ("lodged", "delivered"),
        "cautions": list(dict.fromkeys(note for ask in view.asks if ask.answer for note in ask.answer.notes)),
        "questions": request_asks.questions_form(view, missing),
        "facts": [(law.facts.QUESTIONS.get(key, key), questions.in_words(value)) for key, value in view.facts.items()],
        "papers": telling.basis(view.basis.model_dump(mode="json")),
        "clocks": [_clock(row, view, zone, now, rules[row.kind]) for row in running],
        **request_receipt.receipt(told, sent, names, actor, now, allowed),
        "alarms": [] if told.as_of else request_receipt.alarms_of(told, running, actor, now, allowed),
        "gaps": [_gap(names.get(agency, "an agency"), is_reader=agency == actor.agency) for agency in _gaps(told)],
        "events": course.course(
            (*told.files, *told.stays, told.events), zone=zone, agency=actor.agency, names=names, missed=missed
        ),
        "missed": missed,
        "days": _days(told),
        "stay_url": _stay_url(told),
        "release": _release(told.stay),
        "actions": [_action(view, command.name) for command in open_now if command.name not in ON_THE_PAGE],
        "as_of": moment(told.as_of, zone),
        "today": now.astimezone(ZoneInfo(zone)).date(),
    }


def _names(told: Dossier, sent: Sequence[Delivery]) -> telling.Names:
    """Return the names of all that the page names, in few queries; users are named where they stand for their own agency."""
    names = dict(telling.names_of(told.everything))
    opened = {delivery.opened_by for delivery in sent if delivery.opened_by} - names.keys()
    proposers = {ask.proposal.by_user for ask in told.view.asks if ask.proposal and ask.proposal.by_user} - names.keys()
    for user in User.objects.filter(pk__in=opened | proposers) if opened | proposers else ():
        names[user.pk] = user.get_full_name() or user.username
    return names


def _next(told: Dossier, actor: Actor, running: Sequence[Deadline], now: dt.datetime) -> dict[str, Any]:
    due = {
        kind: min((row.due_at for row in running if row.kind == kind and row.open), default=None)
        for kind in ("hold_expiry", "notice_lead", "notice_due", "answer_due")
    }
    told_of = alarms.alarms(told.view, running, agency=actor.agency, zone=told.facility.zone, now=now)
    at = Situation(
        view=told.view,
        side=told.side,
        now=now,
        stay=told.stay,
        hold_due_at=due["hold_expiry"],
        notice_due_at=min(filter(None, (due["notice_lead"], due["notice_due"])), default=None),
        answer_due_at=due["answer_due"],
        alarms=tuple(one.title for one in told_of if one.is_mine and one.may_be_answered),
        zone=told.facility.zone,
        user=actor.user,
        roles=actor.roles,
    )
    return next_box(next_step(at), told, actor, now)


def next_box(step: Step, told: Dossier, actor: Actor, now: dt.datetime) -> dict[str, Any]:
    """Return a step as the box of web/next.html, without what this reader's role may not do."""
    may = {command.name for command in offers.commands_now(told.view, told.side, actor.roles)}
    zone = told.facility.zone
    box: dict[str, Any] = {"title": step.title, "text": step.text, "late": step.is_late}
    if step.due_at:
        box["due"] = f"{moment(step.due_at, zone)} ({spans.left(step.due_at, now)})"
    if step.command in may:
        box |= {"url": _command_url(told.view, step.command, step.ask), "label": step.label}
    elif step.command and actor.roles:
        box["text"] = f"{step.text} This is not for your role."
    stay_url = _stay_url(told) if step.on_stay else ""
    if stay_url and "url" not in box:
        box |= {"url": stay_url, "label": "Open the stay"}
    box["also"] = [
        {"url": _command_url(told.view, name), "label": labels.COMMANDS[f"request.{name}"].text}
        for name in step.also
        if name in may
    ]
    return box


def _command_url(view: RequestView, name: str | None, ask: str | None = None) -> str:
    if name == "decide" and ask:
        return f"#ask-{ask}"
    url = reverse("request-command", args=[view.id, name])
    return f"{url}?ask={ask}" if ask else url


def _stay_url(told: Dossier) -> str:
    return reverse("stay", args=[told.view.stay]) if told.stay else ""


# --- clocks, receipts, course -------------------------------------------------------------------------------------------


def _clocks(told: Dossier) -> list[Deadline]:
    if not told.as_of:
        return list(Deadline.objects.filter(stream=told.view.id).order_by("due_at"))
    stay = Stay(view=told.stay.model_dump(mode="json")) if told.stay else None
    if stay is not None:
        stay.release_planned = stay.view["release_planned"] or ""
    return [Deadline(**row) for row in clocks.running(told.view, stay, clocks.place_at(told.facility))]


def _clock(row: Deadline, view: RequestView, zone: str, now: dt.datetime, rules: int) -> dict[str, Any]:
    """Return a clock as the page shows it; of several rules (`rules`) about one thing it says which governs."""
    state = (
        "stopped"
        if not row.open
        else "late"
        if row.due_at <= now and (view.is_holding or row.kind != "hold_expiry")
        else "running"
    )
    return {
        "name": f"{clock_name(row.kind, is_holding=view.is_holding)}: {row.label}",
        "due": moment(row.due_at, zone),
        "left": spans.left(row.due_at, now) if row.open else "",
        "governs": row.governs and rules > 1,
        "state": state,
        "arithmetic": row.arithmetic,
    }


def _gaps(told: Dossier) -> list[UUID]:
    """Return who never had the request as far as is recorded; one that was just sent is on its way, not a gap."""
    never = gaps.never_reached(told.events, told.view.requester)
    return [agency for agency in never if not (told.view.is_live and agency == told.view.custodian)]


def _gap(name: str, *, is_reader: bool) -> str:
    who = f"{name} (your agency)" if is_reader else name
    return f"No delivery to {who} and no acknowledgement by {who} is recorded. That is a gap in the record, not a refusal."


def _release(stay: StayView | None) -> dict[str, Any] | None:
    """Return when the person is to be let out, where the reader may see the stay and they are still here."""
    if stay is None or not stay.in_custody:
        return None
    at = stay.release_due or stay.release_planned
    return {"is_due": stay.release_due is not None, "at": at} if at else None


def _days(told: Dossier) -> int | None:
    days = course.days_to_arrest((*told.stays, *told.files), told.facility.zone)
    return next(iter(days.values()), None)


def _action(view: RequestView, name: str) -> dict[str, str]:
    return {
        "url": _command_url(view, name),
        "label": labels.COMMANDS[f"request.{name}"].text,
        "does": named("request", name).says,
    }
