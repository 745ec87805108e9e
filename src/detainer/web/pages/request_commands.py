"""What may be said of a request: each command on a page of its own, for the side and the role that may give it now."""

import datetime as dt
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from detainer.exchange.commands import COMMANDS, Command, named
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.exchange.session import acting
from detainer.record.event import Event
from detainer.web import forms, labels, offers, telling
from detainer.web.access import signed_in
from detainer.web.board_rows import people_of
from detainer.web.dossier import Dossier, dossier
from detainer.web.pages import request_asks, request_forms
from detainer.web.pages.stay_commands import event_words, flat

NAMES: Final = frozenset(command.name for command in COMMANDS if command.stream == "request" and not command.begins)
# What the page says before the form.
BEFORE: Final[dict[str, str]] = {
    "acknowledge": "It tells the requester that you have the request. It decides nothing.",
    "not_here": "It tells the requester that the person is not in your custody. It is not a refusal.",
    "give_notice": "It goes to the requester at once.",
    "start_hold": "From now on the person is kept past the moment of release. The earlier of the two deadlines governs.",
    "end_hold": "The person is no longer kept for this request.",
    "hand_over": "It ends the stay, and every other request that waits on it.",
    "relay": "The same request goes on to the custodian of another facility, with who it is about.",
    "cancel": "The request ends. The custodian is told.",
    "contest": "It opens a duty to check on both sides.",
    "correct": "What was said first stays readable, with the correction beside it.",
    "close": "No more is to come. Use it when no stay of yours closes the request.",
    "will_answer": "The requester is told. Until then it counts as answered in time, and no reminder comes.",
    "receive": "It tells who sent it that a named person has it. It decides nothing.",
    "answer_clock": "The clock does not fire again for what it fired for. It changes nothing for the person.",
    "state": "A statement is what your agency says. It is not a finding.",
}
AGAINST: Final = "Recorded as a proposal: it goes against the law's answer, so a supervisor other than you must confirm it."


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in()
def command(request: HttpRequest, request_id: UUID, name: str) -> HttpResponse:
    """Show the form of one command on a request, and carry it out."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    with acting(actor.agency, actor.user):
        told = dossier(actor, request_id)
        chosen = _checked(told, actor, name)
        event = _corrected(request, told) if name == "correct" else None
        if name == "correct" and event is None:
            return _choose_event(request, told, actor)
        form_class = request_forms.of(told, actor, chosen, event)
    if request.method != "POST":
        initial = {forms.VERSION: told.view.version, **_initial(request, event)}
        return _shown(request, told, actor, name, form_class(initial=initial))
    sent = forms.send(
        actor,
        chosen,
        form_class(request.POST),
        now=dt.datetime.now(dt.UTC),
        stream=request_id,
        shape=forms.mending(event) if event else request_forms.SHAPES.get(name, dict),
    )
    if sent.done is None:
        return _shown(request, told, actor, name, sent.form, sent.problem, sent.status)
    messages.success(request, _done(told, name, sent.form))
    return redirect("request", request_id)


def _checked(told: Dossier, actor: Actor, name: str) -> Command:
    """Return the command of a name. Raises Refused: `not-found`; `not-allowed` for this side or role; `state` for not now."""
    if name not in NAMES:
        raise Refused("not-found", f"there is no command [{name}] on a request")
    chosen = named("request", name)
    what = labels.COMMANDS[f"request.{name}"].text.lower()
    if told.side == "reader" or chosen.side not in ("party", told.side):
        raise Refused("not-allowed", f"to {what} is not this agency's to do here")
    if not actor.roles & chosen.roles:
        raise Refused("not-allowed", f"to {what} takes the role {' or '.join(sorted(chosen.roles))}")
    if not offers.may_give(chosen, told.view, told.side, actor.roles):
        state = told.view.state
        raise Refused("state", f"to {what} does not fit the record as it is now: the request is [{state}]", state=state)
    return chosen


def _initial(request: HttpRequest, event: Event | None) -> dict[str, Any]:
    """Return what stands in a form when it is opened: the part of the request, the event that is corrected."""
    if event is not None:
        return {"corrects": event.id, **flat({"data": event.data})}
    return {key: request.GET[key] for key in ("ask", "of", "clock") if request.GET.get(key)}


def _shown(
    request: HttpRequest, told: Dossier, actor: Actor, name: str, form: Form, problem: str = "", status: int = 200
) -> HttpResponse:
    ask = (form.data.get("ask") if form.is_bound else form.initial.get("ask")) or ""
    context = {
        "request_id": told.view.id,
        "name": name,
        "label": labels.COMMANDS[f"request.{name}"],
        "before": BEFORE.get(name, ""),
        "about": _about(told, actor),
        "parts": [
            {"ask": one.ask, "answer": one.answer, "before": request_asks.before_deciding(one), "proposal": one.proposal}
            for one in told.view.asks
            if name in ("decide", "confirm_decision") and one.ask == (ask or one.ask)
        ],
        "form": form,
        "problem": problem,
    }
    return render(request, "request_command.html", context, status=status)


def _about(told: Dossier, actor: Actor) -> str:
    """Return which request it is: the person as this agency knows them, the facility."""
    with acting(actor.agency, actor.user):
        person = people_of([told.view.person], actor).get(told.view.person)
    return ", ".join(filter(None, [person.name if person else "", f"{told.facility.name} ({told.facility.code})"]))


def _done(told: Dossier, name: str, form: Form) -> str:
    if name == "decide":
        ask = next((one for one in told.view.asks if one.ask == form.cleaned_data["ask"]), None)
        chosen = (ask.answer.value if ask and ask.answer else "", form.cleaned_data["choice"])
        return AGAINST if chosen in request_asks.AGAINST else "The decision is recorded. The requester is told."
    return _DONE.get(name, "Recorded.")


_DONE: Final = {
    "acknowledge": "Acknowledged. The requester is told.",
    "not_here": "Recorded. The requester is told that the person is not here.",
    "confirm_decision": "Confirmed. The decision has effect from now on.",
    "give_notice": "The notice is on its way to the requester.",
    "cancel": "The request is withdrawn. The custodian is told.",
    "will_answer": "The requester is told until when you will answer.",
    "receive": "The receipt is on its way.",
    "answer_clock": "Recorded that you have seen to it.",
    "consent": "Recorded. The requester is told.",
    "relay": "The request is on its way to the other custodian.",
    "record_facts": "Recorded. The law has answered again on what is known now.",
    "correct": "The correction is recorded. What was said first stays readable.",
    "hand_over": "The hand-over is recorded. The request has ended.",
}


# --- corrections --------------------------------------------------------------------------------------------------------


def _corrected(request: HttpRequest, told: Dossier) -> Event | None:
    """Return the event that a correction is of, by `event` in the address or `corrects` in the form."""
    given = request.POST.get("corrects") or request.GET.get("event", "")
    return next((event for event in told.events if str(event.id) == given and event.kind != "corrected"), None)


def _choose_event(request: HttpRequest, told: Dossier, actor: Actor) -> HttpResponse:
    zone = told.facility.zone
    address = reverse("request-command", args=[told.view.id, "correct"])
    own = [event for event in told.events if event.says == actor.agency and event.kind not in ("corrected", "answered")]
    context = {
        "back_url": reverse("request", args=[told.view.id]),
        "back_label": "The request",
        "events": telling.timeline(told.events, zone=zone, agency=actor.agency),
        "own": [{"words": event_words(event, zone), "url": f"{address}?event={event.id}"} for event in own],
    }
    return render(request, "choose_event.html", context)
