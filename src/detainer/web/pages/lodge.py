"""Lodging a request: one form, with the facility found by its code and the law's answers shown before it is sent."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.forms import ChoiceField, Form, RadioSelect
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from pydantic import ValidationError

from detainer.exchange import directory, refusals
from detainer.exchange.commands import named
from detainer.exchange.models import Facility, File, Identity, Request
from detainer.exchange.refusals import FieldError, Refused
from detainer.exchange.roles import Actor
from detainer.exchange.session import acting
from detainer.record.forms import contradictions
from detainer.record.kinds import Lodged
from detainer.web import forms, labels
from detainer.web.access import signed_in
from detainer.web.lawful import AnswerRow, answers_here, shown
from detainer.web.pages.directory import alike, like, rows

NOBODY: Final = UUID(int=0)  # stands for a person where only the law's answer is asked
MOST_REPLACED: Final = 50

# The form's parts: heading, and the paths of fields (or what they begin with) that stand in it.
_SECTIONS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("Person", ("person", "person_id")),
    (
        "What is asked",
        (
            "form",
            "form_edition",
            "asks",
            "priority",
            "prepared_on",
            "relay_requested",
            "notify_events_requested",
            "upon_conviction",
        ),
    ),
    ("Papers", ("basis",)),
    (
        "From whom",
        ("requester_unit", "issuing_office", "reference", "contact", "replaces", "cancels_prepared_on", "note"),
    ),
)
_LAW_FIELDS: Final = ("facility", "form", "asks", "basis", "requester_unit")  # what an answer of the law turns on


@signed_in(kinds=("requester",))
def lodge(request: HttpRequest) -> HttpResponse:
    """Show the form that lodges a request; search, pick and check only show it again, and nothing that was typed is lost."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    command = named("request", "lodge")
    if not actor.roles & command.roles:
        raise Refused("not-allowed", "an officer or a supervisor lodges a request")
    with acting(actor.agency, actor.user):
        page = _Page(request, actor)
    if request.method != "POST":
        return page.shown(page.form(initial=page.initial))
    if "send" not in request.POST:
        return page.shown_again(_action(request.POST))
    form = page.form(request.POST)
    sent = forms.send(actor, command, form, now=dt.datetime.now(dt.UTC))
    if sent.done:
        messages.success(request, "The request is sent. This page shows when it arrives, is opened and is answered.")
        return redirect("request", sent.done.stream)
    return page.shown(sent.form, problem=sent.problem, status=sent.status)


@signed_in(kinds=("requester",))
def choices(request: HttpRequest) -> HttpResponse:
    """Show the facilities that a search finds, as choices beside the form."""
    find = request.GET.get("find", "").strip()[:200]
    return render(request, "lodge/choices.html", {"candidates": _found(find), "find": find})


def _action(posted: QueryDict) -> str:
    """Return which button was pressed; the return key in a field searches when something is to be found, else checks."""
    pressed = next((name for name in ("pick", "search", "check") if name in posted), "")
    return pressed or ("search" if posted.get("find", "").strip() and not posted.get("facility", "").strip() else "check")


def _found(find: str) -> list[dict[str, Any]]:
    return rows(directory.search(find)[:10]) if find else []


class _Page:
    """The form as it is shown to one requester: what it offers, and the facility that is chosen so far."""

    def __init__(self, request: HttpRequest, actor: Actor) -> None:
        self.request = request
        self.given = request.POST if request.method == "POST" else request.GET
        self.chosen = _chosen(self.given.get("facility", ""))
        self.zone = self.chosen.zone if self.chosen else "UTC"
        self.person = _known_person(actor, request)
        self.replaced = _replaceable(actor)

    @property
    def form(self) -> type[Form]:
        leave_out = ["occurred", "person" if self.person else "person_id", *([] if self.replaced else ["replaces"])]
        return forms.form_for(
            named("request", "lodge"),
            zone=self.zone,
            leave_out=leave_out,
            required=() if self.person else ("person.name",),
            also={"priority": _priority()} | self.replacing,
        )

    @property
    def replacing(self) -> dict[str, ChoiceField]:
        return (
            {"replaces": ChoiceField(label="Replaces the request", required=False, choices=self.replaced)}
            if self.replaced
            else {}
        )

    @property
    def initial(self) -> dict[str, Any]:
        return {
            "facility": self.given.get("facility", "").strip()[:200],
            "person_id": self.person.person if self.person else None,
            "form": "I-247A",
            "asks": ["notify", "hold"],
            "replaces": self.given.get("replaces", ""),
        }

    def shown_again(self, action: str) -> HttpResponse:
        """Show the form as typed, with what a search found, the facility that was picked, or the law's answers."""
        posted = self.request.POST.copy()
        find = posted.get("find", "").strip()[:200]
        if action == "pick":
            posted["facility"] = posted["pick"]
            self.chosen = _chosen(posted["facility"])
            find = ""
        if action in ("pick", "search"):
            form = self.form(posted)
            form.errors.clear()
            return self.shown(form, candidates=_found(find), find=find, focus="facility" if action == "pick" else "find")
        form = self.form(posted)
        answers, problem = _checked(form)
        return self.shown(form, answers=answers, problem=problem, status=200 if answers else 422, find=find)

    def shown(
        self,
        form: Form,
        *,
        answers: list[AnswerRow] | None = None,
        problem: str = "",
        status: int = 200,
        candidates: list[dict[str, Any]] | None = None,
        find: str = "",
        focus: str = "",
    ) -> HttpResponse:
        """Show the page of the form."""
        typed = str(form["facility"].value() or "").strip()
        if candidates is None and "facility" in form.errors:
            candidates = _found(typed[:200])
        context = {
            "command": labels.COMMANDS["request.lodge"],
            "form": form,
            "facility_field": form["facility"],
            "sections": list(_sections(form)),
            "hidden": form.hidden_fields(),
            "chosen": self.chosen if not candidates else None,
            "alike": alike(self.chosen, like([self.chosen]).get(self.chosen.code, ())) if self.chosen else "",
            "candidates": candidates or [],
            "find": find,
            "focus": focus,
            "person": self.person,
            "is_checked": answers is not None,
            **shown(answers or []),
            "verdict": _verdict(answers) if answers else None,
            "problem": problem,
        }
        return render(self.request, "lodge.html", context, status=status)


def _sections(form: Form) -> Iterator[dict[str, Any]]:
    for title, begins in _SECTIONS:
        fields = [field for field in form.visible_fields() if field.name.split(".")[0] in begins]
        if fields:
            yield {"title": title, "fields": fields}


def _priority() -> ChoiceField:
    """Return how soon an answer is asked for: a request is routine unless its requester says otherwise."""
    said = labels.label("lodge", "priority")
    choices = [(value, labels.choice("priority", value)) for value in ("routine", "urgent")]
    return ChoiceField(
        label=said.text, help_text=said.hint, choices=choices, initial="routine", required=False, widget=RadioSelect
    )


def _chosen(code: str) -> Facility | None:
    return Facility.objects.select_related("agency").filter(pk=code.strip().upper()).first() if code.strip() else None


def _known_person(actor: Actor, request: HttpRequest) -> Identity | None:
    """Return the agency's own identity of the person of a file (`file` in the address), of whom the request is lodged."""
    given = request.GET.get("file", "")
    try:
        stream = UUID(given)
    except ValueError:
        return None
    found = File.objects.filter(pk=stream, requester=actor.agency).first()
    if found is None or found.person is None:
        return None
    return Identity.objects.filter(person=found.person, agency=actor.agency, destroyed_at=None).first()


def _replaceable(actor: Actor) -> list[tuple[str, str]]:
    """Return the agency's latest live requests as choices, the one named in the address among them."""
    found = (
        Request.objects.filter(requester=actor.agency, live=True)
        .select_related("facility")
        .order_by("-lodged_at")[:MOST_REPLACED]
    )
    told = [(str(item.pk), f"{item.reference or item.form} to {item.facility.name}, {item.lodged_at:%Y-%m-%d}") for item in found]
    return [("", "None"), *told] if told else []


# --- what the law would answer ---------------------------------------------------------------------------------------


def _checked(form: Form) -> tuple[list[AnswerRow] | None, str]:
    """Return the law's answers on what a form says so far; else None, with the errors next to the fields that it turns on."""
    form.is_valid()
    for name in [name for name in form.errors if name.split(".")[0] not in _LAW_FIELDS]:
        del form.errors[name]
    if form.errors:
        return None, ""
    try:
        return _answers(forms.said(form)), ""
    except Refused as refused:
        return None, forms.refuse(form, refused)


def _answers(said: Mapping[str, Any]) -> list[AnswerRow]:
    facility = directory.addressed(said.get("facility", ""))
    told = {name: said[name] for name in ("form", "asks", "basis", "requester_unit") if name in said}
    try:
        lodged = Lodged(**{"basis": {}, **told}, person=NOBODY, custodian=NOBODY, facility=facility.code)
    except ValidationError as error:
        raise refusals.invalid(error) from error
    found = contradictions(lodged)
    if found:
        errors = [FieldError(field, message) for field, message in found]
        raise Refused("contradiction", "; ".join(f"{item.field}: {item.message}" for item in errors), errors=errors)
    today = dt.datetime.now(ZoneInfo(facility.zone)).date()
    return answers_here(
        facility, today, asks=lodged.asks, form=lodged.form, basis=lodged.basis, requester_unit=lodged.requester_unit
    )


def _verdict(answers: list[AnswerRow]) -> dict[str, list[str]]:
    """Return the asks by what the law lets the facility do: `can`, `cannot`, `unsettled`."""
    kinds = {"must": "can", "may": "can", "must_not": "cannot"}
    told: dict[str, list[str]] = {"can": [], "cannot": [], "unsettled": []}
    for row in answers:
        told[kinds.get(row["answer"].value, "unsettled")].append(row["ask"])
    return told
