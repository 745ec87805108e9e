"""An agency's own law: what it adopted and withdrew, a layer looked at before it is adopted, and the forms that change it."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from pydantic import ValidationError

from detainer.exchange import law_layers, refusals
from detainer.exchange.law_layers import LONGEST, AdoptLayer, Looked, WithdrawLayer
from detainer.exchange.models import Facility, LawLayer, User
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import Actor
from detainer.exchange.session import acting
from detainer.law import gazetteer
from detainer.law.reading import ProvisionShown
from detainer.law.voided import Voided
from detainer.web import words
from detainer.web.access import signed_in
from detainer.web.forms import refuse
from detainer.web.pages import law as shared

STANDS: Final = {
    "in_force": ("In force", "done"),
    "to_come": ("To come", "wait"),
    "over": ("No longer", "plain"),
    "withdrawn": ("Withdrawn", "plain"),
}


def _day(label: str) -> forms.Field:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), initial=shared.today)


class AdoptForm(forms.Form):
    """A layer as a file or as text, with its first day and who adopted it."""

    use_required_attribute = False
    file = forms.FileField(
        label="File",
        required=False,
        help_text="A file of law (YAML). It takes the place of what stands in the field below.",
        widget=forms.FileInput(attrs={"accept": ".yaml,.yml,.txt"}),
    )
    text = forms.CharField(
        label="Text", required=False, strip=False, widget=forms.Textarea(attrs={"class": "law-text", "spellcheck": "false"})
    )
    from_day = _day("In force from")
    person = forms.CharField(label="Adopted by", max_length=200, help_text="The office or the person that may: the sheriff.")
    note = forms.CharField(label="Note", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


class WithdrawForm(forms.Form):
    """The place whose layer is taken out of force, from which day, and by whom."""

    use_required_attribute = False
    place = forms.CharField(label="Layer of")
    from_day = _day("No longer in force from")
    person = forms.CharField(label="Withdrawn by", max_length=200)
    note = forms.CharField(label="Note", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


def _withdrawing(rows: Sequence[LawLayer]) -> type[forms.Form]:
    places = sorted({row.place for row in rows if row.hash})
    return type(
        "WithdrawLayerForm",
        (WithdrawForm,),
        {
            "place": forms.ChoiceField(
                label="Layer of", choices=[(place, f"{shared.full_name(place)} ({place})") for place in places]
            )
        },
    )


# --- the page ----------------------------------------------------------------------------------------------------------


@signed_in(kinds=law_layers.CUSTODIANS)
def show(request: HttpRequest) -> HttpResponse:
    """Show the agency's own law with its history; look at a layer, or adopt it."""
    if request.method in ("GET", "HEAD"):
        return _page(request)
    actor, form = _may(request), AdoptForm(request.POST, request.FILES)
    if not _read(form):
        return _page(request, adopt=form, status=422)
    said = {name: form.cleaned_data[name] for name in ("text", "from_day", "person")} | _note(form)
    if request.POST.get("do") == "adopt":

        def adopt() -> LawLayer:
            return law_layers.adopt(actor, AdoptLayer.model_validate(said), dt.datetime.now(dt.UTC))

        done, problem = _done(actor, form, adopt)
        if done:
            messages.success(request, f"The layer of {shared.full_name(done.place)} is adopted from {done.from_day} on.")
            return redirect("agency-law")
        return _page(request, adopt=form, problem=problem, status=422)
    looked, problem = _done(actor, form, lambda: law_layers.look(actor.agency, AdoptLayer.model_validate(said)))
    return _page(request, adopt=form, looked=looked, problem=problem, status=200 if looked else 422)


@signed_in(kinds=law_layers.CUSTODIANS)
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take a layer out of force; its page for who only looks."""
    if request.method in ("GET", "HEAD"):
        return redirect("agency-law")
    actor = _may(request)
    with acting(actor.agency, actor.user):
        form = _withdrawing(law_layers.history(actor.agency))(request.POST, auto_id="id_withdraw_%s")
    if not form.is_valid():
        return _page(request, withdrawal=form, status=422)
    said = {name: form.cleaned_data[name] for name in ("place", "from_day", "person")} | _note(form)

    def take() -> LawLayer:
        return law_layers.withdraw(actor, WithdrawLayer.model_validate(said), dt.datetime.now(dt.UTC))

    done, problem = _done(actor, form, take)
    if done:
        messages.success(request, f"The layer of {shared.full_name(done.place)} is withdrawn from {done.from_day} on.")
        return redirect("agency-law")
    return _page(request, withdrawal=form, problem=problem, status=422)


def _may(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    law_layers.check_who(actor)
    return actor


def _note(form: forms.Form) -> dict[str, str]:
    return {"note": form.cleaned_data["note"]} if form.cleaned_data["note"].strip() else {}


def _read(form: AdoptForm) -> bool:
    """Return whether the form is whole; what a file holds then stands in its text, and is shown there again."""
    form.is_valid()
    file = form.cleaned_data.get("file")
    if file is not None:
        if (file.size or 0) > 4 * LONGEST:
            form.add_error("file", f"The file is too large: a layer has {LONGEST} characters at most.")
            return False
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            form.add_error("file", "The file is not text in UTF-8.")
            return False
        form.cleaned_data["text"] = text
        form.data = form.data.copy()
        form.data["text"] = text
    if not form.cleaned_data.get("text", "").strip() and "file" not in form.errors:
        form.add_error("text", "Choose a file, or write the layer here.")
    return not form.errors


def _done(actor: Actor, form: forms.Form, do: Callable[[], Any]) -> tuple[Any, str]:
    """Return what was done; or None, with what is said at the top, and each fault next to its field."""
    try:
        with acting(actor.agency, actor.user):
            return do(), ""
    except ValidationError as error:
        return None, refuse(form, refusals.invalid(error))
    except Refused as refused:
        if refused.kind in ("not-allowed", "unavailable"):
            raise
        return None, refuse(form, refused)


def _page(
    request: HttpRequest,
    *,
    adopt: forms.Form | None = None,
    withdrawal: forms.Form | None = None,
    looked: Looked | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    with acting(actor.agency, actor.user):
        rows = law_layers.history(actor.agency)
        facilities = list(Facility.objects.filter(agency=actor.agency).order_by("code"))
        entries = _entries(rows)
        context = {
            "part": "own",
            "entries": entries,
            "own_places": list(dict.fromkeys(place for facility in facilities for place in law_layers.places_of(facility))),
            "adopters": [(entry["name"], _adopter(entry["row"])) for entry in entries if entry["is"] == "in_force"],
            "may_adopt": law_layers.may_adopt(actor),
            "adopt": adopt or AdoptForm(),
            "withdrawal": withdrawal or _withdrawing(rows)(auto_id="id_withdraw_%s"),
            "may_withdraw": any(entry["is"] in ("in_force", "to_come") for entry in entries),
            "form": adopt or withdrawal,  # whose errors stand at the top
            "problem": problem,
            "looked": _looked(looked) if looked else None,
        }
        return render(request, "law/own.html", context, status=status)


# --- what it shows -----------------------------------------------------------------------------------------------------


def _entries(rows: Sequence[LawLayer]) -> list[dict[str, Any]]:
    """Return the history as rows of a table, the latest first, each with how it stands today."""
    users = {row.by_user for row in rows if row.by_user}
    names = {user.id: user.get_full_name() or user.username for user in User.objects.filter(pk__in=users)}
    found = []
    for row in rows:
        how = stands(row, rows, shared.today())
        text, tone = STANDS[how]
        told = {
            "name": shared.full_name(row.place),
            "is": how,
            "stands": text,
            "tone": tone,
            "entered_by": names.get(row.by_user, ""),
        }
        found.append({"row": row, **told})
    return found


def _adopter(row: LawLayer) -> dict[str, Any]:
    return {"agency": "this agency", "person": row.adopted_by, "on": row.from_day}


def stands(row: LawLayer, rows: Sequence[LawLayer], today: dt.date) -> str:
    """Return how an entry stands on a day; `rows` are all entries, the latest first."""
    day = max(row.from_day, today)
    latest = next(one for one in rows if one.place == row.place and one.from_day <= day)
    if not row.hash:
        return "withdrawn"
    if latest.id != row.id:
        return "over"
    return "to_come" if row.from_day > today else "in_force"


def _looked(looked: Looked) -> dict[str, Any]:
    return {
        "name": shared.full_name(looked.place),
        "summary": looked.shown.summary,
        "items": [{**shared.shown(one), "vain": _vain(one, looked.voided)} for one in looked.shown.provisions],
    }


def _vain(one: ProvisionShown, voided: Sequence[Voided]) -> list[str]:
    """Return what leaves a rule without effect, in words: one line for each rule above it."""
    lines: dict[str, str] = {}
    for each in voided:
        if each.id == one.id:
            asks = ", ".join(words.ASKS[other.ask] for other in voided if (other.id, other.by) == (one.id, each.by))
            where = "always" if each.always else "wherever it applies"
            lines[each.by] = f"On {asks}: {each.by} of {gazetteer.name_of(each.place)} ({each.cite}) stands above it, {where}."
    return list(lines.values())
