"""The answers that were written on a packet in an outage, entered afterwards by its code: each as it occurred, and late."""

import datetime as dt
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from pydantic import ValidationError

from detainer.exchange import receipt_codes, refusals
from detainer.exchange.channels import paper
from detainer.exchange.channels.paper import EnterPaper
from detainer.exchange.refusals import FieldError, Refused
from detainer.exchange.roles import SPEAKING, Actor
from detainer.exchange.session import acting
from detainer.web import labels, words
from detainer.web.access import signed_in
from detainer.web.dossier import Dossier, dossier
from detainer.web.fields import OccurredField
from detainer.web.forms import refuse
from detainer.web.pages.receipt import ReceiptForm


class PaperForm(ReceiptForm):
    """The packet; once it is found its code is kept, and `zone` is that of the facility."""

    def __init__(self, *args: Any, zone: str = "UTC", is_found: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["occurred"] = _moment("When did the packet come?", zone)
        self.order_fields(["reference", "code", "who", "occurred"])
        if is_found:
            for name in ("reference", "code"):
                self.fields[name].widget = forms.HiddenInput()


def _moment(label: str, zone: str) -> forms.Field:
    return OccurredField(zone=zone, max_length=64, label=label, help_text=labels.TIME_HINT)


_CHOICES: Final = [
    ("", "Not answered on the paper"),
    ("honour", words.CHOICES["honour"][0]),
    ("decline", words.CHOICES["decline"][0]),
]


def _answers(told: Dossier, *args: Any, **kwargs: Any) -> forms.Form:
    """Return the form of what was written on a packet about a request: the acknowledgement, and an answer to each part."""
    fields: dict[str, Any] = {
        "acknowledged": forms.BooleanField(label="The paper acknowledges the request", required=False, initial=True),
        "booking_number": forms.CharField(label="Booking number", required=False, max_length=200),
    }
    for ask in told.view.asks:
        name = words.ASKS[ask.ask]
        fields[f"{ask.ask}.choice"] = forms.ChoiceField(label=name, choices=_CHOICES, required=False, widget=forms.RadioSelect)
        fields[f"{ask.ask}.reason"] = forms.CharField(label=f"Reason: {name.lower()}", required=False, max_length=4000)
    fields["answered"] = _moment("When was it answered?", told.facility.zone)
    kind = type("AnswersForm", (PaperForm,), fields)
    return kind(*args, zone=told.facility.zone, is_found=True, **kwargs)  # type: ignore[no-any-return]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(kinds=("custodian", "court", "requester"))
def answers(request: HttpRequest) -> HttpResponse:
    """Ask for the packet by its code, then for what was written on it, and enter that as it occurred."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.roles & SPEAKING:
        raise Refused("not-allowed", f"to enter a paper takes the role {', '.join(sorted(SPEAKING))}")
    if request.method != "POST":
        return _shown(request, PaperForm(initial={"who": ""}))
    first = PaperForm(request.POST)
    if not first.is_valid():
        return _shown(request, first, status=422)
    try:
        told = _opened(actor, first)
    except Refused as refused:
        return _shown(request, first, refuse(first, refused), status=refused.status)
    if request.POST.get("do") != "enter":
        return _shown(request, _answers(told, initial={**_given(first), "acknowledged": True}), told=told)
    return _enter(request, actor, told)


def _enter(request: HttpRequest, actor: Actor, told: Dossier) -> HttpResponse:
    form = _answers(told, request.POST)
    if not form.is_valid():
        return _shown(request, form, told=told, status=422)
    try:
        paper.enter(actor, _said(form, told), dt.datetime.now(dt.UTC))
    except ValidationError as error:
        return _shown(request, form, refuse(form, _placed(refusals.invalid(error), form, told)), told=told, status=422)
    except Refused as refused:
        return _shown(request, form, refuse(form, _placed(refused, form, told)), told=told, status=refused.status)
    messages.success(request, "Entered. Each answer stands where it occurred, and says that it was entered late.")
    return redirect("request", told.view.id)


def _opened(actor: Actor, form: forms.Form) -> Dossier:
    """Return the request that the packet is about. Raises Refused for a code that opens none of this agency's."""
    found = receipt_codes.opened(form.cleaned_data["reference"], form.cleaned_data["code"], dt.datetime.now(dt.UTC))
    if found.agency != actor.agency or found.channel != "paper":
        raise refusals.one_field("code", "this is no code of a packet for this agency")
    with acting(actor.agency, actor.user):
        return dossier(actor, found.stream)


def _given(form: forms.Form) -> dict[str, str]:
    return {name: form.data.get(name, "") for name in ("reference", "code", "who", "occurred")}


def _commands(form: forms.Form, told: Dossier) -> list[tuple[str, str, dict[str, Any]]]:
    """Return what the paper answers, in order: the field that says it, the command, and what the command takes."""
    typed = form.cleaned_data
    found: list[tuple[str, str, dict[str, Any]]] = []
    if typed["acknowledged"]:
        number = {"booking_number": typed["booking_number"]} if typed["booking_number"] else {}
        found.append(("acknowledged", "acknowledge", number))
    for ask in (one.ask for one in told.view.asks if typed[f"{one.ask}.choice"]):
        reason = {"reason": typed[f"{ask}.reason"]} if typed[f"{ask}.reason"] else {}
        found.append((f"{ask}.choice", "decide", {"ask": ask, "choice": typed[f"{ask}.choice"], **reason}))
    return found


def _said(form: forms.Form, told: Dossier) -> EnterPaper:
    typed = form.cleaned_data
    answers = [{"command": name, "occurred": typed["answered"], "data": data} for _, name, data in _commands(form, told)]
    return EnterPaper.model_validate(
        {name: typed[name] for name in ("reference", "code", "who", "occurred")} | {"answers": answers}
    )


def _placed(refused: Refused, form: forms.Form, told: Dossier) -> Refused:
    """Return a refusal whose errors stand at the fields of the form that said the answer."""
    fields = [field for field, _, _ in _commands(form, told)]

    def place(path: str) -> str:
        head, _, rest = path.partition("answers.")
        number, _, field = rest.partition(".")
        if head or not number.isdigit() or int(number) >= len(fields):
            return path
        name = field.rsplit(".", 1)[-1]
        own = f"{fields[int(number)].partition('.')[0]}.{name}"
        return "answered" if name == "occurred" else own if own in form.fields else fields[int(number)]

    errors = [FieldError(place(error.field), error.message) for error in refused.errors]
    return Refused(refused.kind, refused.detail, errors=errors, **refused.more)


def _shown(
    request: HttpRequest, form: forms.Form, problem: str = "", *, told: Dossier | None = None, status: int = 200
) -> HttpResponse:
    about = f"{told.facility.name} ({told.facility.code})" if told else ""
    context = {"form": form, "problem": problem, "about": about, "request_id": told.view.id if told else None}
    return render(request, "paper_answers.html", context, status=status)
