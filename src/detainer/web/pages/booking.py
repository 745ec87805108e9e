"""Booking: one person by a form, or a whole roster from a file of JSON lines."""

import datetime as dt
import re
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from detainer.exchange.commands import named
from detainer.exchange.commands.batch import book_all
from detainer.exchange.models import Facility
from detainer.exchange.refusals import FieldError, Refused
from detainer.exchange.roles import Actor
from detainer.exchange.session import acting
from detainer.web import custody, forms, labels
from detainer.web.access import signed_in
from detainer.web.pages.stay_commands import may_book

CUSTODIANS: Final = ("custodian", "court")
_LINE: Final = re.compile(r"line (\d+)(?:\.(.+))?")


@signed_in(kinds=CUSTODIANS)
def book(request: HttpRequest) -> HttpResponse:
    """Show the form that books a person, and book them."""
    actor = _may(request)
    with acting(actor.agency, actor.user):
        own = custody.facilities_of(actor.agency)
        zone = Facility.objects.filter(agency=actor.agency).values_list("zone", flat=True).first() or "UTC"
    command = named("stay", "book")
    form = forms.form_for(command, zone=zone, choices={"facility": own})
    context: dict[str, Any] = {"command": labels.COMMANDS["stay.book"], "status": 200}
    if request.method == "POST":
        sent = forms.send(actor, command, form(request.POST), now=dt.datetime.now(dt.UTC))
        if sent.done:
            messages.success(request, "The person is booked.")
            return redirect("stay", sent.done.stream)
        context |= {"form": sent.form, "problem": sent.problem, "status": sent.status}
    else:
        context["form"] = form(initial={"facility": own[0][0] if len(own) == 1 else None})
    return render(request, "stay/book.html", context, status=context["status"])


@signed_in(kinds=CUSTODIANS)
def roster(request: HttpRequest) -> HttpResponse:
    """Show the form that takes a roster, and book everybody in it: all, or nobody and every wrong line by its number."""
    actor = _may(request)
    context: dict[str, Any] = {"most": settings.MAX_BATCH_LINES, "example": EXAMPLE, "wrong": [], "problem": ""}
    status = 200
    if request.method == "POST":
        try:
            done = book_all(actor, _uploaded(request), now=dt.datetime.now(dt.UTC))
        except Refused as refused:
            if refused.kind in ("not-allowed", "unavailable"):
                raise
            context |= {"problem": refused.detail, "wrong": [_located(error) for error in refused.errors]}
            status = refused.status
        else:
            messages.success(request, _told(done))
            return redirect("stays")
    return render(request, "stay/roster.html", context, status=status)


def _may(request: HttpRequest) -> Actor:
    """Return the actor, who may book. Raises Refused `not-allowed` for who only reads."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not may_book(actor):
        raise Refused("not-allowed", "a clerk or a supervisor of a custodian books")
    return actor


# One line of a roster, as the page shows it.
EXAMPLE: Final = (
    '{"facility": "ESSEXMA", "booking_number": "2026-00417", "person": {"name": "DOE, JANE", "date_of_birth": "1990-05-01"}, '
    '"charges": [{"offence": "larceny", "level": "misdemeanor"}], "occurred": "2026-03-02T09:30-05:00"}'
)


def _uploaded(request: HttpRequest) -> bytes:
    file = request.FILES.get("roster")
    if file is None:
        raise Refused("invalid", "choose a file")
    if (file.size or 0) > settings.MAX_BATCH_BODY:
        raise Refused("too-large", f"the file holds more than {settings.MAX_BATCH_BODY // 2**20} MiB")
    body = file.read()
    if not body.strip():
        raise Refused("invalid", "the file is empty")
    return body


def _located(error: FieldError) -> dict[str, str]:
    found = _LINE.fullmatch(error.field)
    line, field = found.groups() if found else ("", error.field)
    return {"line": line, "field": (field or "").replace(".", " "), "message": error.message}


def _told(done: dict[str, Any]) -> str:
    booked = f"{done['booked']} {'person is' if done['booked'] == 1 else 'people are'} booked."
    return f"{booked} {done['known']} with a booking number already in use were left as they are." if done["known"] else booked
