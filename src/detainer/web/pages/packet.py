"""A packet on paper: the request as one PDF, handed out and handed over by who sent it when nothing else works."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from detainer.exchange.channels import paper
from detainer.exchange.models import Delivery
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import SPEAKING, Actor
from detainer.exchange.session import acting
from detainer.record.event import Event
from detainer.web.access import signed_in
from detainer.web.dossier import Dossier, dossier
from detainer.web.templatetags.detainer import moment


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in()
def hand_out(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Say what a packet is for; a POST makes its PDF, or records that it was handed over."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = dt.datetime.now(dt.UTC)
    with acting(actor.agency, actor.user):
        told = dossier(actor, request_id)
        sent = _sent(told, actor)
        packet = Delivery.objects.filter(event=sent.id, channel="paper", from_agency=actor.agency).first()
        if request.method != "POST":
            return render(request, "packet.html", _about(told, packet))
    if request.POST.get("do") == "handed" and packet is not None:
        paper.handed_over(actor, packet.pk, now)
        messages.success(request, "Recorded that the packet was handed over.")
        return redirect("request", request_id)
    made = paper.hand_out(actor, sent.id, now)
    headers = {"Content-Disposition": f'attachment; filename="packet-{made.reference}.pdf"'}
    return HttpResponse(made.pdf, content_type="application/pdf", headers=headers)


def _sent(told: Dossier, actor: Actor) -> Event:
    """Return the request as this agency sent it last. Raises Refused `not-allowed` for who did not send it, or may not speak."""
    if not actor.roles & SPEAKING:
        raise Refused("not-allowed", f"to hand out a packet takes the role {', '.join(sorted(SPEAKING))}")
    sent = [event for event in told.events if event.kind in ("lodged", "relayed") and event.says == actor.agency]
    if not sent:
        raise Refused("not-allowed", "a packet is handed out by who sent the request")
    return sent[-1]


def _about(told: Dossier, packet: Delivery | None) -> dict[str, Any]:
    zone = told.facility.zone
    return {
        "request_id": told.view.id,
        "facility": told.facility,
        "packet": packet,
        "made": moment(packet.created_at, zone) if packet else "",
        "handed": moment(packet.delivered_at, zone) if packet else "",
    }
