"""An agency's agreements: how soon an answer, a receipt and a claim's answer are due between it and another agency."""

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

from detainer.exchange import agreements, refusals
from detainer.exchange.agreements import CUSTODIANS, DEFAULT, REQUESTERS, AgreeTo, ProposeAgreement
from detainer.exchange.models import Agency, Agreement, User
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import CONFIRMING, Actor
from detainer.exchange.session import acting
from detainer.web.access import signed_in
from detainer.web.forms import refuse
from detainer.web.templatetags.detainer import moment

KINDS: Final = ("custodian", "court", "requester")
MOST: Final = 500  # agencies that the form offers


def _minutes(label: str, hint: str, initial: int) -> forms.Field:
    return forms.IntegerField(label=label, help_text=hint, initial=initial)


class ProposeForm(forms.Form):
    """What is proposed, and to whom."""

    use_required_attribute = False
    other = forms.ChoiceField(label="To which agency?")
    urgent_minutes = _minutes("An urgent request is answered within", "Minutes.", DEFAULT.urgent_minutes)
    routine_minutes = _minutes("A routine request is answered within", "Minutes.", DEFAULT.routine_minutes)
    receipt_minutes = _minutes(
        "What demands a receipt is acknowledged within",
        "Minutes: a withdrawal, a request that was passed on, a claim.",
        DEFAULT.receipt_minutes,
    )
    contest_hours = _minutes("A claim against a request is answered within", "Hours.", DEFAULT.contest_hours)
    purposes = forms.CharField(
        label="What may be asked and shared, and under what",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _proposing(actor: Actor) -> type[forms.Form]:
    """Return the form with the agencies that this one can agree with, each on the side on which it would stand."""
    found = []
    for side, mine, theirs in (("requester", CUSTODIANS, REQUESTERS), ("custodian", REQUESTERS, CUSTODIANS)):
        if actor.kinds & mine:
            others = Agency.objects.filter(enrolled=True, kinds__overlap=list(theirs)).exclude(pk=actor.agency)
            found += [(f"{side} {one.pk}", f"{one.name}, as the {side}") for one in others.order_by("name")[:MOST]]
    field = forms.ChoiceField(label="To which agency?", choices=[("", "Choose one"), *sorted(found, key=lambda row: row[1])])
    return type("ProposeAgreementForm", (ProposeForm,), {"other": field})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(kinds=KINDS)
def show(request: HttpRequest) -> HttpResponse:
    """Show what is in force with whom, what waits for either side, and the history; a POST proposes, or agrees."""
    if request.method != "POST":
        return _page(request)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    agreements.check_who(actor)
    return _agree(request, actor) if request.POST.get("do") == "agree" else _propose(request, actor)


def _agree(request: HttpRequest, actor: Actor) -> HttpResponse:
    try:
        said = AgreeTo.model_validate({"proposal": request.POST.get("proposal", "")})
        with acting(actor.agency, actor.user):
            agreements.agree(actor, said, dt.datetime.now(dt.UTC))
    except ValidationError as error:
        raise refusals.invalid(error) from error
    messages.success(request, "Agreed. It is in force from now on.")
    return redirect("agency-agreements")


def _propose(request: HttpRequest, actor: Actor) -> HttpResponse:
    with acting(actor.agency, actor.user):
        form = _proposing(actor)(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    told = dict(form.cleaned_data)
    side, _, other = told.pop("other").partition(" ")
    sides = {side: other, {"custodian": "requester", "requester": "custodian"}[side]: str(actor.agency)}
    try:
        said = ProposeAgreement.model_validate({**told, **sides})
        with acting(actor.agency, actor.user):
            agreements.propose(actor, said, dt.datetime.now(dt.UTC))
    except ValidationError as error:
        return _page(request, form=form, problem=refuse(form, refusals.invalid(error)), status=422)
    except Refused as refused:
        return _page(request, form=form, problem=refuse(form, refused), status=refused.status)
    messages.success(request, "Proposed. It is in force once the other agency agrees.")
    return redirect("agency-agreements")


def _page(request: HttpRequest, *, form: forms.Form | None = None, problem: str = "", status: int = 200) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    with acting(actor.agency, actor.user):
        rows = agreements.of_agency(actor.agency)
        may = bool(actor.roles & CONFIRMING)
        context = {
            "part": "agreements",
            "pairs": _pairs(rows, actor),
            "defaults": DEFAULT,
            "may": may,
            "propose": (form or _proposing(actor)()) if may else None,
            "form": form,  # whose errors stand at the top
            "problem": problem,
        }
        return render(request, "agency/agreements.html", context, status=status)


def _pairs(rows: Sequence[Agreement], actor: Actor) -> list[dict[str, Any]]:
    """Return, for each agency with which something was ever proposed, what is in force, what waits, and the history."""
    users = {row.by_user for row in rows if row.by_user and row.by_agency_id == actor.agency}
    names = {user.id: user.get_full_name() or user.username for user in User.objects.filter(pk__in=users)}
    found: dict[tuple[UUID, UUID], list[Agreement]] = {}
    for row in rows:
        found.setdefault((row.custodian_id, row.requester_id), []).append(row)
    return [_pair(told, actor, names) for told in found.values()]


def _pair(told: Sequence[Agreement], actor: Actor, names: dict[UUID, str]) -> dict[str, Any]:
    """Return how it stands between two agencies; `told` is everything that they ever said, the latest first."""
    first = told[0]
    is_custodian = first.custodian_id == actor.agency
    in_force = next((row for row in told if row.agrees_to_id), None)
    waiting = [row for row in told if _is_open(row, told)]
    return {
        "other": first.requester if is_custodian else first.custodian,
        "side": "requester" if is_custodian else "custodian",
        "in_force": in_force,
        "theirs": next((row for row in waiting if row.by_agency_id != actor.agency), None),
        "ours": next((row for row in waiting if row.by_agency_id == actor.agency), None),
        "history": [{"row": row, "at": moment(row.recorded_at), "by": names.get(row.by_user, "")} for row in told],
    }


def _is_open(row: Agreement, told: Sequence[Agreement]) -> bool:
    """Return whether a proposal still waits: nobody agreed to it, its agency made none since, and nothing newer is in force."""
    if row.agrees_to_id or hasattr(row, "agreed"):
        return False
    newer = told[: told.index(row)]
    return not any(one.agrees_to_id or one.by_agency_id == row.by_agency_id for one in newer)
