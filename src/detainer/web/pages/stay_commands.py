"""What may be recorded of a stay: each command on a page of its own, and the one thing to do next."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from detainer.exchange import release_checking, work
from detainer.exchange.commands import COMMANDS, Command, named
from detainer.exchange.commands.registry import BEGINNERS
from detainer.exchange.models import Request, Stay, Stream
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.exchange.session import acting
from detainer.record import lifecycle, when
from detainer.record.event import Event
from detainer.record.kinds import KINDS
from detainer.record.release_check import Check
from detainer.web import custody, findings, forms, labels, telling, titles
from detainer.web.access import signed_in

# command -> (the event that it records, what it does beside it). In the order in which a clerk needs them.
DOES: Final[dict[str, tuple[str, str]]] = {
    "charge": ("charged", "Replaces the whole list of charges. Acknowledge a request again to answer it on the new ones."),
    "appear_in_court": (
        "court_appeared",
        "Says which hearing and what came of it. A release that was ordered is recorded on its own.",
    ),
    "plan_release": ("release_planned", "Sets when the release is expected, and from it when a notice is best given."),
    "release_due": ("release_due", "Fixes the moment at which criminal custody ended, and why. The hold clock runs from it."),
    "move": ("moved", "Says that the person is elsewhere for now and stays in your custody."),
    "transfer": ("transferred", "Ends the stay: another custodian has the person. Pass each live request on, or close it."),
    "release": (
        "released",
        "Ends the stay: the person is let out. It ends a hold and closes each request that waits on the stay.",
    ),
    "die": ("died", "Ends the stay, and closes each request that waits on it."),
    "escape": ("escaped", "Ends custody without a release. Requests stay open."),
    "state": ("stated", "Adds your agency's word to the record without changing what happened."),
    "correct": ("corrected", "Mends what your agency recorded wrongly. What was said first stays readable."),
}
LEAVING: Final = ("release", "transfer", "die", "escape")  # what waits on the stay is shown before each


def may_book(actor: Actor) -> bool:
    """Return whether an actor may begin a stay."""
    return bool(actor.roles & named("stay", "book").roles and actor.kinds & BEGINNERS["stay"])


def open_to(actor: Actor, found: Stay) -> list[dict[str, str]]:
    """Return what an actor may record of a stay as it now is: name, label, what it does, address."""
    takes = lifecycle.TABLE["stay"][found.state]
    return [
        {
            "name": command.name,
            "label": labels.COMMANDS[f"stay.{command.name}"].text,
            "does": DOES[command.name][1],
            "url": reverse("stay-release-check", args=[found.pk])
            if command.name == "release"
            else reverse("stay-command", args=[found.pk, command.name]),
        }
        for command in _of_stay(actor, found.pk)
        if DOES[command.name][0] in takes
    ]


def _of_stay(actor: Actor, stream: UUID) -> Iterator[Command]:
    parties = Stream.objects.filter(pk=stream).values_list("parties", flat=True).first() or []
    known = {command.name: command for command in COMMANDS if command.stream == "stay" and not command.begins}
    for name in DOES:
        command = known[name]
        is_ours = parties[:1] == [actor.agency] if command.side == "owner" else actor.agency in parties
        if is_ours and actor.roles & command.roles:
            yield command


def next_of(actor: Actor, found: Stay, linked: list[Request], zone: str) -> dict[str, Any] | None:
    """Return the one thing to do next about a stay (web/next.html), for its custodian; None for another reader."""
    open_now = {item["name"]: item["url"] for item in open_to(actor, found)}
    if actor.agency != found.custodian_id or "release" not in open_now:
        return None
    ours = [item for item in linked if item.live and item.custodian_id == actor.agency]
    undecided = next((item for item in ours if item.undecided), None)
    owed = next((item for item in ours if custody.owes_notice(item)), None)
    due, planned = found.view.get("release_due"), found.view.get("release_planned")
    if undecided:
        return {
            "title": f"Decide the request of {undecided.requester.name}",
            "text": f"{undecided.undecided} of {len(undecided.asks)} parts are undecided.",
            "url": reverse("request", args=[undecided.pk]),
            "label": "Open the request",
        }
    if owed and (due or planned):
        return {
            "title": f"Give {owed.requester.name} notice of the release",
            "text": f"You decided to give it. The release is {'due since' if due else 'planned:'} {_said(due or planned, zone)}.",
            "url": reverse("request-command", args=[owed.pk, "give_notice"]),
            "label": "Give notice",
        }
    if due:
        return {
            "title": "Let the person out, or record the hand-over",
            "text": f"The release is due since {_said(due, zone)}.",
            "url": open_now["release"],
            "label": "Record the release",
            "also": [
                {"label": f"Hand over to {item.requester.name}", "url": reverse("request", args=[item.pk])} for item in ours
            ],
        }
    if planned:
        return {
            "title": "Record the moment at which the release is due",
            "text": f"The release is planned: {_said(planned, zone)}.",
            "url": open_now["release_due"],
            "label": "Record the moment",
        }
    return {
        "title": "Plan the release when it is known",
        "text": "A notice can then be given in time." if ours else "",
        "url": open_now["plan_release"],
        "label": "Plan the release",
    }


def _said(occurred: str | None, zone: str) -> str:
    return when.in_words(when.parse(occurred or "", zone), zone)


# --- one command ---------------------------------------------------------------------------------------------------------


@signed_in()
def command(request: HttpRequest, stream: UUID, name: str) -> HttpResponse:
    """Show the form of one command on a stay, and carry it out."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = dt.datetime.now(dt.UTC)
    if name not in DOES:
        raise Refused("not-found", f"there is no command [{name}] on a stay")
    with acting(actor.agency, actor.user):
        found = custody.found_stay(stream)
        if not any(item.name == name for item in _of_stay(actor, stream)):
            raise Refused("not-allowed", f"to {labels.COMMANDS[f'stay.{name}'].text.lower()} is not this account's to do here")
        events = work.load(stream)
        check = release_checking.of_stay(found, now) if name in LEAVING and found.in_custody else None
        if name == "correct" and not _corrected(request, events):
            return _choose_event(request, found, events, actor)
        kind_of_form = _form(request, name, found, events, actor, check)
    if request.method == "POST":
        corrected = _corrected(request, events) if name == "correct" else None
        shape = forms.mending(corrected) if corrected else dict
        sent = forms.send(actor, named("stay", name), kind_of_form(request.POST), now=now, stream=stream, shape=shape)
        if sent.done:
            messages.success(request, _done(name))
            return redirect("stay", stream)
        return _shown(request, found, name, sent.form, check, sent.problem, sent.status)
    initial = {forms.VERSION: found.version, **_initial(request, name, found, events)}
    return _shown(request, found, name, kind_of_form(initial=initial), check)


def _shown(
    request: HttpRequest, found: Stay, name: str, form: Form, check: Check | None, problem: str = "", status: int = 200
) -> HttpResponse:
    zone = custody.zone_of(found)
    label = labels.COMMANDS[f"stay.{name}"]
    context = {
        "stay": found,
        "zone": zone,
        "name": name,
        "command": label,
        "does": DOES[name][1],
        "form": form,
        "problem": problem,
        "check": findings.shown(check, zone, may_settle=True) if check else None,
        "ends": check is not None,
    }
    return render(request, "stay/command.html", context, status=status)


def _form(request: HttpRequest, name: str, found: Stay, events: list[Event], actor: Actor, check: Check | None) -> type[Form]:
    zone = custody.zone_of(found)
    choices: dict[str, list[tuple[str, str]]] = {}
    nested = {}
    if name == "state":
        choices["about"] = [
            (str(event.id), event_words(event, zone)) for event in events if event.kind not in ("stated", "corrected")
        ]
    if name == "move":
        choices["facility"] = custody.facilities_of(actor.agency)
    corrected = _corrected(request, events) if name == "correct" else None
    if corrected:
        nested["data"] = KINDS["stay"][corrected.kind]
    if name == "release":
        return release_form(check, zone)
    return forms.form_for(
        named("stay", name),
        zone=zone,
        choices=choices,
        nested=nested,
        leave_out=_LEAVE_OUT.get(name, ()),
        rows=max(forms.ROWS, len(found.view.get("charges") or ()) + 1),
    )


def release_form(check: Check | None, zone: str) -> type[Form]:
    """Return the form of a release: with a reason, and the warrants that it is about, where something is owed."""
    leave_out, also = findings.fields(check.duties, check.requests) if check else (("against_duty",), {})
    return forms.form_for(named("stay", "release"), zone=zone, leave_out=("notice_given", *leave_out), also=also)


_LEAVE_OUT: Final[dict[str, tuple[str, ...]]] = {"transfer": ("to_agency",)}


def _initial(request: HttpRequest, name: str, found: Stay, events: list[Event]) -> Mapping[str, Any]:
    """Return what stands in a form when it is opened: the charges as they are, the event that is corrected."""
    if name == "charge":
        return flat({"charges": found.view.get("charges") or []})
    corrected = _corrected(request, events) if name == "correct" else None
    if corrected:
        return {"corrects": corrected.id, **flat({"data": corrected.data})}
    return {}


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Return a JSON value as fields of a form by their paths: `{"charges": [{"offence": ..}]}` is `charges.0.offence`."""
    if isinstance(value, dict):
        parts: list[tuple[str, Any]] = list(value.items())
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        parts = [(str(number), item) for number, item in enumerate(value)]
    else:
        return {path: {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value}
    return {key: item for name, part in parts for key, item in flat(part, f"{path}.{name}" if path else name).items()}


def _corrected(request: HttpRequest, events: list[Event]) -> Event | None:
    """Return the event that a correction is of, by `event` in the address or `corrects` in the form."""
    given = request.POST.get("corrects") or request.GET.get("event", "")
    return next((event for event in events if str(event.id) == given and event.kind != "corrected"), None)


def _choose_event(request: HttpRequest, found: Stay, events: list[Event], actor: Actor) -> HttpResponse:
    zone = custody.zone_of(found)
    own = [event for event in events if event.says == actor.agency and event.kind != "corrected"]
    address = reverse("stay-command", args=[found.pk, "correct"])
    context = {
        "back_url": reverse("stay", args=[found.pk]),
        "back_label": "The stay",
        "events": telling.timeline(events, zone=zone, agency=actor.agency),
        "own": [{"words": event_words(event, zone), "url": f"{address}?event={event.id}"} for event in own],
    }
    return render(request, "choose_event.html", context)


def event_words(event: Event, zone: str) -> str:
    """Return an event as a choice of a form: what, and when."""
    return f"{titles.title(event, zone=zone)}, {when.in_words(when.parse(event.occurred, zone), zone)}"


def _done(name: str) -> str:
    return _DONE.get(name, "Recorded.")


_DONE: Final = {
    "release": "The release is recorded. Each request that waited on the stay is closed.",
    "transfer": "The transfer is recorded. Pass each live request on, or close it.",
    "release_due": "The moment is recorded. The hold clock runs from it.",
    "plan_release": "The plan is recorded.",
    "correct": "The correction is recorded. What was said first stays readable.",
}
