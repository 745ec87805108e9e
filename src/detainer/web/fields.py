"""The table from what a payload takes to the field of a form that takes it from a person."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args, get_origin
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms

from detainer.record.said import FacilityCode, Line, Occurred, PersonId, Text
from detainer.web import labels

Choices = Sequence[tuple[str, str]]

FEW: Final = 6  # as many choices stand open as radio buttons; more go into a list
_LOCAL_TIME: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{1,2}:\d{2}(?::\d{2})?)")


@dataclass(frozen=True)
class Slot:
    """One field to be made: its path, what it takes, whether it must be filled, what stands in it, and its label."""

    path: str
    takes: Any
    required: bool
    default: Any
    label: labels.Label
    zone: str = "UTC"

    @property
    def kwargs(self) -> dict[str, Any]:
        """What every Django field takes."""
        return {"label": self.label.text, "help_text": self.label.hint, "required": self.required, "initial": self.default}


def at_facility(text: str, zone: str) -> str:
    """Return a local day and time such as `2024-01-29 09:30` with the offset of its zone; any other text as it is.

    A time that the clocks pass twice is the first of the two: a hold counted from it is the shorter one.
    """
    found = _LOCAL_TIME.fullmatch(text)
    if found is None:
        return text
    day, time = found.groups()
    try:
        return (
            dt.datetime.fromisoformat(f"{day}T{time.zfill(len(time) + (time[1] == ':'))}")
            .replace(tzinfo=ZoneInfo(zone))
            .isoformat()
        )
    except ValueError:
        return text  # the record says what is wrong with it


class OccurredField(forms.CharField):
    """A day, a time at the facility, or an uncertain date, as EDTF."""

    def __init__(self, *, zone: str, **more: Any) -> None:
        super().__init__(**more)
        self.zone = zone

    def clean(self, value: Any) -> str:
        """Return the text with the facility's offset where a local time was typed."""
        return at_facility(super().clean(value), self.zone)


def line(slot: Slot) -> forms.Field:
    return forms.CharField(max_length=200, **slot.kwargs)


def _text(slot: Slot) -> forms.Field:
    return forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), **slot.kwargs)


def _code(slot: Slot) -> forms.Field:
    return forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocapitalize": "characters"}), **slot.kwargs)


def occurred(slot: Slot) -> forms.Field:
    return OccurredField(zone=slot.zone, max_length=64, **slot.kwargs)


def _hidden(slot: Slot) -> forms.Field:
    return forms.UUIDField(widget=forms.HiddenInput, **slot.kwargs)


def _date(slot: Slot) -> forms.Field:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **slot.kwargs)


def _number(slot: Slot) -> forms.Field:
    return forms.IntegerField(min_value=0, **slot.kwargs)


def _checkbox(slot: Slot) -> forms.Field:
    return forms.BooleanField(**{**slot.kwargs, "required": False})


def yes_no(slot: Slot) -> forms.Field:
    """Return a field of three answers: yes, no, not known."""
    last = slot.path.rsplit(".", 1)[-1]
    choices = [("true", labels.YES.get(last, "Yes")), ("false", labels.NO.get(last, "No")), ("", "Not known")]
    initial = {True: "true", False: "false"}.get(slot.default, "")
    return forms.TypedChoiceField(
        choices=choices,
        coerce=lambda text: text == "true",
        empty_value=None,
        widget=forms.RadioSelect,
        **{**slot.kwargs, "initial": initial, "required": False},
    )


def one_of(slot: Slot, values: Iterable[str] | None = None, choices: Choices | None = None) -> forms.Field:
    """Return a field of one value of a closed list: radio buttons for few, a list for many."""
    told = list(choices or [(value, labels.choice(slot.path, value)) for value in values or get_args(slot.takes)])
    few = len(told) <= FEW
    if not slot.required and slot.default is None:
        told = [*told, ("", "Not known")] if few else [("", "Not known"), *told]
    elif not few and slot.default is None:
        told = [("", "Choose one"), *told]
    widget = forms.RadioSelect if few else forms.Select
    initial = slot.default if slot.default is not None or slot.required else ""
    return forms.ChoiceField(choices=told, widget=widget, **{**slot.kwargs, "initial": initial})


def some_of(slot: Slot, values: Iterable[str] | None = None) -> forms.Field:
    """Return a field of any values of a closed list, as checkboxes."""
    told = [(value, labels.choice(slot.path, value)) for value in values or get_args(get_args(slot.takes)[0])]
    return forms.MultipleChoiceField(choices=told, widget=forms.CheckboxSelectMultiple, **slot.kwargs)


# What a payload's annotation is -> the field that takes it. The first that fits.
_FIELDS: Final[tuple[tuple[Callable[[Any], bool], Callable[[Slot], forms.Field]], ...]] = (
    (lambda takes: takes == Line, line),
    (lambda takes: takes == Text, _text),
    (lambda takes: takes == FacilityCode, _code),
    (lambda takes: takes == Occurred, occurred),
    (lambda takes: takes in (UUID, PersonId), _hidden),
    (lambda takes: takes is dt.date, _date),
    (lambda takes: takes is int, _number),
    (lambda takes: takes is str, line),
    (lambda takes: get_origin(takes) is Literal, one_of),
    (lambda takes: get_origin(takes) is tuple and get_origin(get_args(takes)[0]) is Literal, some_of),
)


def field_of(slot: Slot, *, is_optional: bool) -> forms.Field | None:
    """Return the field of a slot, or None for what no form asks (the law's answers, free JSON)."""
    if slot.takes is bool:
        return yes_no(slot) if is_optional else _checkbox(slot)
    make = next((make for fits, make in _FIELDS if fits(slot.takes)), None)
    return make(slot) if make else None
