"""Files: a requester's own history of a person, with the requests about the same person."""

import datetime as dt
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.forms import Form, HiddenInput
from django.forms.fields import CharField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from detainer.exchange import work
from detainer.exchange.commands import named
from detainer.exchange.commands.files import FileKind
from detainer.exchange.models import File, Identity, Request, Stream
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.exchange.session import acting
from detainer.record import lifecycle
from detainer.record.event import Event
from detainer.record.kinds import KINDS
from detainer.web import forms, labels, telling, words
from detainer.web.access import signed_in
from detainer.web.afterwards import afterwards, zone_of_person
from detainer.web.pages.stay_commands import event_words, flat
from detainer.web.paging import cut, page_of

READERS: Final = ("requester", "oversight")
PAGE: Final = 50
KINDS_OF_EVENT: Final = FileKind.__args__  # type: ignore[attr-defined]
# command -> what it does, as the file's page says it
DOES: Final = {
    "record": "Adds what happened: a hearing, an arrest, an order, how it ended.",
    "state": "Adds your agency's word without changing what happened.",
    "correct": "Mends what your agency recorded wrongly. What was said first stays readable.",
}


@signed_in(kinds=READERS)
def files(request: HttpRequest) -> HttpResponse:
    """Show an agency's files: those open, then those closed, the latest begun first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = File.objects.select_related("requester")
    if "oversight" not in actor.kinds:
        found = found.filter(requester=actor.agency)
    page = page_of(found, "state", request.GET.get("after", ""), PAGE)
    people = dict(
        Identity.objects.filter(agency=actor.agency, person__in=[item.person for item in page.rows if item.person]).values_list(
            "person", "name"
        )
    )
    context = {
        "files": [{"file": item, "name": people.get(item.person)} for item in page.rows],
        "next_url": page.next_url(request),
        "previous_url": request.path + cut(request, "after") if request.GET.get("after") else "",
        "may_begin": may_begin(actor),
    }
    return render(request, "files.html", context)


def may_begin(actor: Actor) -> bool:
    """Return whether an actor may begin a file."""
    return "requester" in actor.kinds and bool(actor.roles & named("file", "begin").roles)


@signed_in()
def file(request: HttpRequest, stream: UUID) -> HttpResponse:
    """Show one file to who may see it, with the requests about the same person."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = found_file(stream)
    zone = zone_of_person(found.person)
    followed = afterwards(found.person)
    rows = telling.timeline(work.load(stream), zone=zone, agency=actor.agency)
    for row in rows:
        if followed and row["id"] == followed.event:
            row["since"] = followed.words
    requests = (
        Request.objects.filter(person=found.person).select_related("facility", "requester", "custodian") if found.person else []
    )
    own = found.requester_id == actor.agency
    context = {
        "file": found,
        "zone": zone,
        "person": Identity.objects.filter(person=found.person, agency=actor.agency).first() if found.person else None,
        "events": rows,
        "followed": followed,
        "requests": [{"request": item, "url": reverse("request", args=[item.pk])} for item in requests],
        "commands": _open_to(actor, found),
        "lodge_url": f"{reverse('lodge')}?file={found.pk}" if own and may_begin(actor) and found.person else "",
    }
    return render(request, "file.html", context)


def found_file(stream: UUID) -> File:
    """Return a file that the session may see. Raises Refused `not-found`, the same for one that is not there."""
    found = File.objects.select_related("requester").filter(pk=stream).first()
    if found is None:
        raise Refused("not-found", f"there is no file [{stream}]")
    return found


def _open_to(actor: Actor, found: File) -> list[dict[str, str]]:
    """Return what an actor may record of a file as it now is."""
    return [
        {
            "name": name,
            "label": labels.COMMANDS[f"file.{name}"].text,
            "does": does,
            "url": reverse("file-command", args=[found.pk, name]),
        }
        for name, does in DOES.items()
        if _may(actor, found, name)
    ]


def _may(actor: Actor, found: File, name: str) -> bool:
    parties = Stream.objects.filter(pk=found.pk).values_list("parties", flat=True).first() or []
    is_ours = parties[:1] == [actor.agency] and bool(actor.roles & named("file", name).roles)
    return is_ours and (name != "record" or "hearing" in lifecycle.TABLE["file"][found.state])


# --- writing -------------------------------------------------------------------------------------------------------------


@signed_in(kinds=("requester",))
def begin(request: HttpRequest) -> HttpResponse:
    """Show the form that begins a file with its first event, and begin it."""
    if not may_begin(request.actor):  # type: ignore[attr-defined]
        raise Refused("not-allowed", "an officer or a supervisor begins a file")
    kind = _kind(request, "encountered")
    form = forms.form_for(
        named("file", "begin"), nested={"data": KINDS["file"][kind]}, leave_out=("data.person", "kind"), also=_kind_field(kind)
    )
    context: dict[str, Any] = {"command": labels.COMMANDS["file.begin"], "back_url": reverse("files"), "back_label": "Files"}
    return _sent(request, "begin", form, context, None, kind)


@signed_in()
def command(request: HttpRequest, stream: UUID, name: str) -> HttpResponse:
    """Show the form of one command on a file, and carry it out."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if name not in DOES:
        raise Refused("not-found", f"there is no command [{name}] on a file")
    with acting(actor.agency, actor.user):
        found = found_file(stream)
        if not _may(actor, found, name):
            raise Refused("not-allowed", f"to {labels.COMMANDS[f'file.{name}'].text.lower()} is not this account's to do here")
        events = work.load(stream)
        zone = zone_of_person(found.person)
    context: dict[str, Any] = {
        "command": labels.COMMANDS[f"file.{name}"],
        "does": DOES[name],
        "back_url": reverse("file", args=[stream]),
        "back_label": "The file",
    }
    if name == "correct":
        return _correct(request, found, events, zone, context)
    if name == "state":
        about = [(str(event.id), event_words(event, zone)) for event in events if event.kind not in ("stated", "corrected")]
        form = forms.form_for(named("file", "state"), zone=zone, choices={"about": about})
        return _sent(request, name, form, context, found)
    kind = _kind(request, "hearing")
    form = forms.form_for(
        named("file", "record"),
        zone=zone,
        nested={"data": KINDS["file"][kind]},
        leave_out=("data.person", "kind"),
        also=_kind_field(kind),
    )
    return _sent(request, name, form, context, found, kind)


def _kind(request: HttpRequest, otherwise: str) -> str:
    """Return the kind of event that the form is for, by the address or the form."""
    given = request.POST.get("kind") or request.GET.get("kind", "")
    return given if given in KINDS_OF_EVENT else otherwise


def _kind_field(kind: str) -> dict[str, CharField]:
    return {"kind": CharField(widget=HiddenInput, initial=kind)}


def _sent(
    request: HttpRequest,
    name: str,
    form: type[Form],
    context: dict[str, Any],
    found: File | None,
    kind: str = "",
    initial: dict[str, Any] | None = None,
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    status = 200
    if kind:
        context |= {"kinds": [(item, words.said(item)) for item in KINDS_OF_EVENT], "kind": kind}
    if request.method == "POST":
        stream = found.pk if found else None
        sent = forms.send(actor, named("file", name), form(request.POST), now=dt.datetime.now(dt.UTC), stream=stream)
        if sent.done:
            messages.success(request, "The file is begun." if name == "begin" else "Recorded.")
            return redirect("file", sent.done.stream)
        context |= {"form": sent.form, "problem": sent.problem}
        status = sent.status
    else:
        context["form"] = form(initial={**({forms.VERSION: found.version} if found else {}), **(initial or {})})
    return render(request, "file/command.html", context, status=status)


def _correct(request: HttpRequest, found: File, events: list[Event], zone: str, context: dict[str, Any]) -> HttpResponse:
    given = request.POST.get("corrects") or request.GET.get("event", "")
    wrong = next((event for event in events if str(event.id) == given and event.kind != "corrected"), None)
    if wrong is None:
        own = [event for event in events if event.says == found.requester_id and event.kind != "corrected"]
        listed = [{"words": event_words(event, zone), "url": f"{request.path}?event={event.id}"} for event in own]
        return render(request, "choose_event.html", {**context, "own": listed})
    form = forms.form_for(named("file", "correct"), zone=zone, nested={"data": KINDS["file"][wrong.kind]})
    return _sent(request, "correct", form, context, found, initial={"corrects": wrong.id, **flat({"data": wrong.data})})
