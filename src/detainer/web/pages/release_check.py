"""The release check: one page to read, or to print, before a person is let out; then the form of the release."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from detainer.exchange import release_checking
from detainer.exchange.commands import named, perform
from detainer.exchange.models import Event, Identity, Stay
from detainer.exchange.roles import Actor
from detainer.web import custody, findings, forms, labels
from detainer.web.access import signed_in
from detainer.web.pages import stay_commands
from detainer.web.pages.stays import hold_clock
from detainer.web.templatetags.detainer import moment


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in()
def check(request: HttpRequest, stream: UUID) -> HttpResponse:
    """Show what a release would leave undone; a POST records that somebody looked, and what was found."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = dt.datetime.now(dt.UTC)
    if request.method == "POST":
        perform(actor, named("stay", "release_check"), {}, now=now, stream=stream)
        messages.success(request, "Recorded: what waited on the stay, and what was owed, when you looked.")
        return redirect("stay-release-check", stream)
    return render(request, "stay/release_check.html", _context(actor, custody.found_stay(stream), now))


def _context(actor: Actor, found: Stay, now: dt.datetime) -> dict[str, Any]:
    zone = custody.zone_of(found)
    looked = release_checking.of_stay(found, now)
    may_act = actor.agency == found.custodian_id and bool(actor.roles & named("stay", "release").roles)
    checked = Event.objects.filter(stream=found.pk, kind="release_checked").order_by("-version").first()
    form = stay_commands.release_form(looked, zone)(initial={forms.VERSION: found.version}) if may_act else None
    return {
        "stay": found,
        "person": Identity.objects.filter(person=found.person, agency=actor.agency).first() if found.person else None,
        "at": moment(now, zone),
        "checked": moment(checked.recorded_at, zone) if checked else "",
        "check": findings.shown(looked, zone, may_settle=may_act),
        "clock": hold_clock(found, custody.requests_of(found), zone, now),
        "command": labels.COMMANDS["stay.release_check"],
        "release": labels.COMMANDS["stay.release"],
        "does": stay_commands.DOES["release"][1],
        "may_check": may_act,
        "form": form,
    }
