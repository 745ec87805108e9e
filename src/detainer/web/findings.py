"""A release check as a page shows it: judge-signed warrants, what is owed, what is to know; the fields that going on takes."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.urls import reverse

from detainer.record import release_check, when
from detainer.record.release_check import Check, Finding, Waiting
from detainer.web import labels

WARRANTS: Final = {"criminal": "Criminal warrant", "civil": "Civil warrant of a judge"}


def shown(found: Check, zone: str, *, may_settle: bool) -> dict[str, Any]:
    """Return a check in the parts of `stay/findings.html`, each finding with the request it is of and what settles it."""
    of = {one.id: one for one in found.requests}
    rows = [_row(one, of.get(one.request) if one.request else None, zone, may_settle=may_settle) for one in found.findings]
    return {
        "count": sum(one.live for one in found.requests),
        "warrants": [row for row in rows if row["kind"] == "judicial_warrant"],
        "owed": [row for row in rows if row["duty"] and row["kind"] != "judicial_warrant"],
        "to_know": [row for row in rows if not row["duty"]],
        "is_owed": bool(found.duties),
    }


def _row(found: Finding, of: Waiting | None, zone: str, *, may_settle: bool) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "duty": found.duty,
        "alarm": found.kind in ("held_past_end", "held_without_request"),
        "words": found.words,
        "rule": found.rule,
        "of": _name(of) if of else "",
        "number": of.reference if of else "",
        "lodged": when.in_words(when.parse(of.lodged, zone), zone) if of else "",
        "url": reverse("request", args=[found.request]) if found.request else f"{reverse('board')}?show=all",
        "settle": _settle(found) if may_settle and found.command and found.request else None,
    }


def _name(of: Waiting) -> str:
    return f"{of.form} of {of.requester_name}"


def _settle(found: Finding) -> dict[str, str]:
    name = (found.command or "").partition(".")[2]
    told = {"ask": found.ask} if name in ("decide", "confirm_decision") else {"of": found.of} if name == "receive" else {}
    asked = urlencode({key: value for key, value in told.items() if value})
    url = reverse("request-command", args=[found.request, name])
    return {"url": f"{url}?{asked}" if asked else url, "label": labels.COMMANDS[f"request.{name}"].text}


def fields(duties: Iterable[Finding], requests: Iterable[Waiting]) -> tuple[tuple[str, ...], Mapping[str, forms.Field]]:
    """Return the fields that a form of going on leaves out, and those that it has beside its own: none where nothing is owed.

    What is owed for every cause of a release must be told; of the rest the command says whether a reason is needed.
    """
    told, of = list(duties), {one.id: one for one in requests}
    if not told:
        return ("against_duty",), {}
    wrong = dict(release_check.not_told(told, None, ()))
    label = labels.LABELS["against_duty"]
    reason = forms.CharField(
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        required=any(release_check.whatever_the_cause(found) for found in told),
        label=label.text,
        help_text=label.hint,
        error_messages={"required": _sentence(wrong["against_duty"])},
    )
    signed = [of[found.request] for found in told if found.kind == "judicial_warrant" and found.request]
    return (), {"against_duty": reason, **({"over_warrants": _warrants(signed, wrong["over_warrants"])} if signed else {})}


def _warrants(signed: list[Waiting], wrong: str) -> forms.Field:
    label = labels.LABELS["over_warrants"]
    return forms.MultipleChoiceField(
        choices=[(str(one.id), _warrant(one)) for one in signed],
        widget=forms.CheckboxSelectMultiple,
        label=label.text,
        help_text=label.hint,
        error_messages={"required": _sentence(wrong)},
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _warrant(of: Waiting) -> str:
    number = f", reference {of.reference}" if of.reference else ""
    return f"{WARRANTS[of.warrant or 'civil']}: {_name(of)}{number}"
