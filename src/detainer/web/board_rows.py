"""What a row of the board says: who, where, what was asked and answered, what runs out next, who has it."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from detainer.exchange import directory
from detainer.exchange.models import Deadline, Delivery, Identity, Request, Stay
from detainer.exchange.roles import Actor
from detainer.record import when
from detainer.web import spans, words
from detainer.web.templatetags.detainer import moment

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
    return names.get(kind) or words.clock(kind)


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
