"""Who has a request and what came of it, for its page: the ladder of receipt, the messages after it, what is owed, the alarms."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.urls import reverse

from detainer.exchange import deliveries
from detainer.exchange.models import Deadline, Delivery
from detainer.exchange.roles import SPEAKING, Actor
from detainer.record.views import RequestView
from detainer.web import alarms, ladder, telling
from detainer.web.dossier import Dossier
from detainer.web.pages import request_asks


def receipt(
    told: Dossier, sent: Sequence[Delivery], names: telling.Names, actor: Actor, now: dt.datetime, allowed: set[str]
) -> dict[str, Any]:
    """Return what the page shows of the receipt of a request; as it was known once, what the record alone then told."""
    at = told.as_of or now
    carried = [] if told.as_of else _carried(sent, names, actor)
    reading = ladder.Reading(told.view, told.events, carried, names, actor.agency, told.facility.zone, at)
    return {
        "rungs": ladder.ladder(reading),
        "messages_sent": ladder.messages(reading),
        "may_hand_out": not told.as_of and told.view.is_live and actor.roles & SPEAKING and reading.leg[0].says == actor.agency,
        "owing": [_owing(one, told.view, allowed) for one in ladder.owing(reading)],
    }


def _carried(sent: Sequence[Delivery], names: telling.Names, actor: Actor) -> list[ladder.Carried]:
    """Return messages as this reader may know them: what a receiver replied is for who sent it alone."""
    waiting = {row.to_agency_id for row in sent if row.delivered_at is None and row.channel not in ("inbox", "paper")}
    failing = deliveries.failing(waiting) if waiting else {}
    return [
        ladder.Carried(
            id=row.pk,
            event=row.event_id,
            kind=row.kind,
            to=row.to_agency_id,
            channel=row.channel,
            sent_at=row.created_at,
            attempts=row.attempts,
            delivered_at=row.delivered_at,
            opened_at=row.opened_at,
            opened_by=_opened_by(row, names, actor),
            needs_person=row.needs_person,
            next_try_at=row.next_try_at,
            failing_since=failing.get((row.to_agency_id, row.channel)) if row.delivered_at is None else None,
            failure=row.failure,
            reply=row.reply_head if row.from_agency_id == actor.agency else "",
        )
        for row in sent
    ]


def _opened_by(row: Delivery, names: telling.Names, actor: Actor) -> str:
    to = names.get(row.to_agency_id, "another agency")
    return request_asks.user_words(row.opened_by, names, to, is_ours=row.to_agency_id == actor.agency)


# A receipt that another command gives as well says more than the bare one: that command is offered first.
_GIVES: dict[str, str] = {"the withdrawal": "cancel_received", "the request that was passed on": "acknowledge"}


def _owing(one: ladder.Owing, view: RequestView, allowed: set[str]) -> dict[str, Any]:
    command = next((name for name in (_GIVES.get(one.what, ""), "receive") if name in allowed), "")
    url = reverse("request-command", args=[view.id, command]) if one.is_mine and command else ""
    return {**asdict(one), "url": f"{url}?of={one.event}" if url and command == "receive" else url}


def alarms_of(
    told: Dossier, running: Sequence[Deadline], actor: Actor, now: dt.datetime, allowed: set[str]
) -> list[dict[str, Any]]:
    """Return the alarms of a request, each with the form that says who saw to it, where this reader may say so."""
    found = alarms.alarms(told.view, running, agency=actor.agency, zone=told.facility.zone, now=now)
    return [
        {**asdict(one), "form": _answer(one, told.view, number) if _may_answer(one, allowed) else None}
        for number, one in enumerate(found)
    ]


def _may_answer(one: alarms.Alarm, allowed: set[str]) -> bool:
    return one.is_mine and one.may_be_answered and "answer_clock" in allowed


def _answer(one: alarms.Alarm, view: RequestView, number: int) -> Any:
    initial = {"clock": request_asks.clock_key(one.clock, one.rule), "version": view.version}
    return request_asks.answer_clock_form()(initial=initial, auto_id=f"id_alarm_{number}_%s")


def open_now(request: UUID, actor: Actor, now: dt.datetime) -> bool:
    """Open what came to the reader's inbox about a request, and return whether there was anything.

    Whoever acts for the agency and looks at the request has opened it.
    """
    unopened = Delivery.objects.filter(stream=request, to_agency=actor.agency, channel="inbox", opened_at=None)
    found = list(unopened.order_by("created_at", "pk"))
    for delivery in found:
        deliveries.open_inbox(delivery, actor.user, now)
    return bool(found)
