"""What the agency sent and could not be delivered: why, what the receiver said, to be tried again or told by telephone."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from pydantic import ValidationError

from detainer.exchange import by_telephone, deliveries, directory, refusals
from detainer.exchange.by_telephone import ToldByTelephone
from detainer.exchange.models import Delivery, Request
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import SPEAKING, Actor
from detainer.exchange.session import acting
from detainer.web import spans, words
from detainer.web.access import signed_in
from detainer.web.board_rows import people_of
from detainer.web.forms import refuse
from detainer.web.templatetags.detainer import moment

MOST: Final = 100


class TelephoneForm(forms.Form):
    """Who took the call."""

    use_required_attribute = False
    delivery = forms.UUIDField(widget=forms.HiddenInput)
    who = forms.CharField(label="Who took the call?", help_text="Badge number or office, not a name.", max_length=200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in()
def show(request: HttpRequest) -> HttpResponse:
    """Show what needs a person, and what is still being tried; a POST tries one again, or says that it was told by telephone."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.method != "POST":
        return _page(request, actor)
    return _tell(request, actor) if request.POST.get("do") == "told" else _try_again(request, actor)


def _try_again(request: HttpRequest, actor: Actor) -> HttpResponse:
    if not actor.roles & SPEAKING:
        raise Refused("not-allowed", f"to have a delivery tried again takes the role {', '.join(sorted(SPEAKING))}")
    try:
        delivery = UUID(request.POST.get("delivery", ""))
    except ValueError as error:
        raise Refused("invalid", "say which delivery") from error
    with acting(actor.agency, actor.user):
        tried = deliveries.try_again(delivery, dt.datetime.now(dt.UTC))
    if tried:
        messages.success(request, "It is tried again now. If it fails again it comes back here.")
    else:
        messages.info(request, "Nothing to do: it arrived meanwhile, or it is being tried.")
    return redirect("deliveries")


def _tell(request: HttpRequest, actor: Actor) -> HttpResponse:
    form = TelephoneForm(request.POST, auto_id=f"id_{request.POST.get('delivery', '')[:36]}_%s")
    if not form.is_valid():
        return _page(request, actor, form=form, status=422)
    try:
        by_telephone.tell(actor, ToldByTelephone.model_validate(form.cleaned_data), dt.datetime.now(dt.UTC))
    except ValidationError as error:
        return _page(request, actor, form=form, problem=refuse(form, refusals.invalid(error)), status=422)
    except Refused as refused:
        if refused.kind in ("not-found", "not-allowed"):
            raise
        return _page(request, actor, form=form, problem=refuse(form, refused), status=refused.status)
    messages.success(request, "Recorded on the request that the other agency was told by telephone.")
    return redirect("deliveries")


def _page(
    request: HttpRequest, actor: Actor, *, form: forms.Form | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    now = dt.datetime.now(dt.UTC)
    with acting(actor.agency, actor.user):
        sent = Delivery.objects.filter(from_agency=actor.agency, delivered_at=None)
        stuck = list(sent.filter(needs_person=True).order_by("-created_at")[:MOST])
        trying = list(sent.filter(needs_person=False, attempts__gt=0).order_by("created_at")[:MOST])
        about = _about([*stuck, *trying], actor)
        since = deliveries.failing({row.to_agency_id for row in trying})
        context = {
            "stuck": [{**_row(row, about, now), "form": _form(row, form)} for row in stuck],
            "trying": [
                {**_row(row, about, now), "since": moment(since.get((row.to_agency_id, row.channel)), "UTC")} for row in trying
            ],
            "may": bool(actor.roles & SPEAKING),
            "form": form,  # whose errors stand at the top
            "problem": problem,
        }
        return render(request, "deliveries.html", context, status=status)


def _form(row: Delivery, wrong: forms.Form | None) -> forms.Form:
    if wrong is not None and wrong.data.get("delivery") == str(row.pk):
        return wrong
    return TelephoneForm(initial={"delivery": row.pk}, auto_id=f"id_{row.pk}_%s")


def _about(rows: Sequence[Delivery], actor: Actor) -> dict[str, Any]:
    requests = {row.pk: row for row in Request.objects.filter(pk__in={one.stream_id for one in rows}).select_related("facility")}
    return {
        "requests": requests,
        "names": directory.names(list({one.to_agency_id for one in rows})),
        "people": people_of([row.person for row in requests.values()], actor),
    }


def _row(row: Delivery, about: dict[str, Any], now: dt.datetime) -> dict[str, Any]:
    request = about["requests"].get(row.stream_id)
    zone = request.facility.zone if request else "UTC"
    return {
        "delivery": row,
        "request": request,
        "person": about["people"].get(request.person) if request else None,
        "to": about["names"].get(row.to_agency_id, "another agency"),
        "channel": words.CHANNELS[row.channel],
        "sent": moment(row.created_at, zone),
        "next_try": spans.left(row.next_try_at, now) if row.next_try_at and row.next_try_at > now else "",
    }
