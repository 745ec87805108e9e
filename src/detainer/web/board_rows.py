"""What a row of the board says: who, where, what was asked and answered, what runs out next, who has it."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from detainer.exchange import directory
from detainer.exchange.models import Deadline, Delivery, Identity, Request, Stay
from detainer.exchange.roles import Actor
from detainer.record import when
from detainer.record.views import RequestView
from detainer.web import alarms, spans, words
from detainer.web.alarming import HELD
from detainer.web.templatetags.detainer import moment

SIDES: Final = frozenset({"custodian", "court", "requester"})  # kinds of agency whose own clocks run
LONG_AGO: Final = dt.timedelta(days=60)  # from then on a date says more than a length


def rows_of(requests: Sequence[Request], actor: Actor, side: str, now: dt.datetime) -> dict[UUID, dict[str, Any]]:
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
            "clocks": [_clock(row, request, now) for row in _shown(clocks.get(request.pk, []))],
            "alarm": _alarm(clocks.get(request.pk, []), request, actor, now),
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


def _clocks(ids: Iterable[UUID]) -> dict[UUID, list[Deadline]]:
    """Return the clocks of each request that run, what runs out first before the others."""
    found: dict[UUID, list[Deadline]] = {}
    for row in Deadline.objects.filter(stream__in=list(ids), open=True).order_by("due_at"):
        found.setdefault(row.stream_id, []).append(row)
    return found


def _shown(running: Sequence[Deadline]) -> list[Deadline]:
    """Return the clocks that a row shows: the one that runs out first, and the hold's where that is another."""
    hold = next((row for row in running if row.kind == "hold_expiry"), None)
    return [*running[:1], *([hold] if hold and hold is not running[0] else [])]


def _clock(row: Deadline, request: Request, now: dt.datetime) -> dict[str, Any]:
    late = row.due_at <= now and (request.holding or row.kind != "hold_expiry")
    name = clock_name(row.kind, is_holding=request.holding)
    return {"name": name, "due": moment(row.due_at, request.facility.zone), "left": spans.left(row.due_at, now), "late": late}


def _alarm(running: Sequence[Deadline], request: Request, actor: Actor, now: dt.datetime) -> dict[str, Any] | None:
    """Return what a row says of its worst alarm; only of requests whose clocks have fired the view is read."""
    if not any(row.fired or row.kind in HELD for row in running if row.due_at <= now):
        return None
    view = RequestView.model_validate(request.view)
    found = alarms.alarms(view, running, agency=actor.agency, zone=request.facility.zone, now=now)
    worst = next((one for one in found if one.is_urgent and (one.is_mine or not actor.kinds & SIDES)), None)
    return {"title": worst.title, "is_over_hold": worst.is_over_hold} if worst else None


def clock_name(kind: str, *, is_holding: bool) -> str:
    """Return what a clock is called. While nobody is held, the hold's deadline says only how long a hold could last."""
    if kind == "hold_expiry" and not is_holding:
        return "A hold could last until"
    return words.clock(kind)


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
