"""An agency's channels: where it is told of events beside its inbox, each set, switched, tried and given a new secret here."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from pydantic import ValidationError

from detainer.exchange import refusals
from detainer.exchange.channels import own
from detainer.exchange.channels.kinds import WAYS
from detainer.exchange.channels.own import ChangeChannel, RotateSecret, SaveChannel, Tried
from detainer.exchange.models import Channel
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.exchange.session import acting
from detainer.web import spans
from detainer.web.access import signed_in
from detainer.web.forms import refuse
from detainer.web.templatetags.detainer import moment

KINDS: Final = ("custodian", "court", "requester")


@dataclass(frozen=True)
class Kind:
    """How the page says a kind of channel: its heading, what it is for, and the label and hint of its address."""

    heading: str
    says: str
    label: str
    hint: str
    input_type: str = "text"


SAID: Final[dict[str, Kind]] = {
    "webhook": Kind(
        "Your own system (webhook)",
        "Each event is sent to your server as it happens, signed so that your server can tell that it comes from here.",
        "Address of your server",
        "Such as https://records.example.org/detainer. The exchange calls no private address unless its operator allows it.",
        "url",
    ),
    "email": Kind(
        "E-mail",
        "A link and a reference, never a person's data.",
        "E-mail address",
        "A desk that somebody reads day and night, not one person's own address.",
        "email",
    ),
    "second_email": Kind(
        "E-mail of the second contact",
        "Only when the first does not act: reminders that nobody answered, and a hold that has run out.",
        "E-mail address",
        "A supervisor or a watch commander.",
        "email",
    ),
    "fax": Kind(
        "Fax",
        "A cover sheet with a reference and a code; whoever takes it acknowledges with them.",
        "Fax number",
        "With the country, such as +1 978 555 0100.",
        "tel",
    ),
}
assert SAID.keys() == WAYS.keys()  # noqa: S101


def _form(kind: str) -> type[forms.Form]:
    said = SAID[kind]
    widget = forms.TextInput(attrs={"type": said.input_type, "autocomplete": "off"})
    return type(
        "ChannelForm",
        (forms.Form,),
        {
            "use_required_attribute": False,
            "kind": forms.CharField(widget=forms.HiddenInput, initial=kind),
            "address": forms.CharField(label=said.label, help_text=said.hint, max_length=500, widget=widget),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(kinds=KINDS)
def show(request: HttpRequest) -> HttpResponse:
    """Show the channels; a POST does one thing to one of them. A secret that was made is shown once, with the reply to it."""
    if request.method != "POST":
        return _page(request)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    own.check_who(actor)
    kind, do = request.POST.get("kind", ""), request.POST.get("do", "")
    if kind not in WAYS or do not in _DO:
        raise Refused("invalid", "this is nothing that can be done to a channel")
    return _DO[do](request, actor, kind)


def _save(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:
    form = _form(kind)(request.POST, auto_id=f"id_{kind}_%s")
    if not form.is_valid():
        return _page(request, wrong=(kind, form, ""), status=422)
    try:
        with acting(actor.agency, actor.user):
            saved = own.save(actor.agency, SaveChannel(kind=kind, address=form.cleaned_data["address"]), _now())  # type: ignore[arg-type]
    except ValidationError as error:
        return _page(request, wrong=(kind, form, refuse(form, refusals.invalid(error))), status=422)
    except Refused as refused:
        return _page(request, wrong=(kind, form, refuse(form, refused)), status=refused.status)
    if saved.secret:
        return _page(request, secret=(kind, saved.secret))
    return _done(request, f"{SAID[kind].heading}: from now on it leads to {saved.channel.address}.")


def _switch(active: bool) -> Callable[[HttpRequest, Actor, str], HttpResponse]:
    def do(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:
        with acting(actor.agency, actor.user):
            own.change(actor.agency, kind, ChangeChannel(active=active), _now())
        return _done(request, f"{SAID[kind].heading}: switched {'on; what waits is sent now' if active else 'off'}.")

    return do


def _rotate(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:
    """Make a new secret, unless the page that asks for it has been overtaken: a page sent again makes no other."""
    with acting(actor.agency, actor.user):
        channel = own.one(actor.agency, kind)
        if request.POST.get("newest", "") != _newest(channel):
            return _done(request, "A new secret was made already. Make another if nobody has it.")
        saved = own.rotate(actor.agency, kind, RotateSecret(end_others=request.POST.get("end_others") == "true"), _now())
    return _page(request, secret=(kind, saved.secret or ""))


def _test(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:
    with acting(actor.agency, actor.user):
        channel = own.one(actor.agency, kind)
    return _page(request, tried=(kind, own.test(channel, _now())))  # outside of the transaction: it waits for the receiver


def _remove(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:
    with acting(actor.agency, actor.user):
        own.remove(actor.agency, kind)
    return _done(request, f"{SAID[kind].heading}: removed. What still waited for it is shown to who sent it.")


_DO: Final[dict[str, Callable[[HttpRequest, Actor, str], HttpResponse]]] = {
    "save": _save,
    "on": _switch(active=True),
    "off": _switch(active=False),
    "rotate": _rotate,
    "test": _test,
    "remove": _remove,
}


def _done(request: HttpRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("agency-channels")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


# --- the page ----------------------------------------------------------------------------------------------------------


def _page(
    request: HttpRequest,
    *,
    wrong: tuple[str, forms.Form, str] | None = None,
    secret: tuple[str, str] | None = None,
    tried: tuple[str, Tried] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now, may_set = _now(), bool(actor.roles & own.SETTING)
    with acting(actor.agency, actor.user):
        rows = {row.kind: row for row in own.of_agency(actor.agency)}
        context: dict[str, Any] = {
            "part": "channels",
            "may_set": may_set,
            "channels": [
                {
                    "kind": kind,
                    "said": said,
                    **_state(rows.get(kind), now),
                    "form": wrong[1] if wrong and wrong[0] == kind else _blank(kind, rows.get(kind)),
                    "is_open": bool(wrong and wrong[0] == kind),
                    "secret": secret[1] if secret and secret[0] == kind else "",
                    "tried": tried[1] if tried and tried[0] == kind else None,
                }
                for kind, said in SAID.items()
            ],
            "form": wrong[1] if wrong else None,  # whose errors stand at the top
            "problem": wrong[2] if wrong else "",
        }
        return render(request, "agency/channels.html", context, status=status)


def _blank(kind: str, row: Channel | None) -> forms.Form:
    return _form(kind)(initial={"kind": kind, "address": row.address if row else ""}, auto_id=f"id_{kind}_%s")


def _state(row: Channel | None, now: dt.datetime) -> dict[str, Any]:
    """Return how a channel stands: `none`, `off`, `failing` or `on`; since when it fails, and its live secrets."""
    if row is None:
        return {"state": "none"}
    made = [dt.datetime.fromisoformat(entry["made_at"]) for entry in row.secrets]
    return {
        "state": "off" if not row.active else "failing" if row.failing_since else "on",
        "address": row.address,
        "since": f"{moment(row.failing_since)} ({spans.ago(row.failing_since, now)})" if row.failing_since else "",
        "failure": row.failure,
        "next_try": spans.left(row.next_try_at, now) if row.active and row.next_try_at and row.next_try_at > now else "",
        "secrets": [moment(at) for at in made],
        "newest": _newest(row),
    }


def _newest(row: Channel) -> str:
    return str(row.secrets[0]["made_at"]) if row.secrets else ""
