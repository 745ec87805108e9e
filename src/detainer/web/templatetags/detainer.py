"""Filters and tags of the pages: `{% load detainer %}`. Pure: they say what they are given."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms, template
from django.forms.boundfield import BoundField, BoundWidget
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from detainer.record import when
from detainer.web import words as word_lists

register = template.Library()

Tags = Mapping[str, tuple[str, str]]

_MACHINE: Final = re.compile(r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?)?)?")


@register.simple_tag
def tag(text: str, tone: str = "plain") -> SafeString:
    """Return a small label: `{% tag "Late" "urgent" %}`. The words say it; the tone only helps the eye."""
    return format_html('<span class="det-tag det-tag--{}">{}</span>', tone, text)


def _listed(value: object, tags: Tags) -> SafeString | str:
    if value in (None, ""):
        return ""
    text, tone = tags.get(str(value), (word_lists.said(str(value)), "plain"))
    return tag(text, tone)


@register.filter
def answer_tag(value: str | None) -> SafeString | str:
    """The law's answer to an ask as a label: `must_not` is `Must not`."""
    return _listed(value, word_lists.ANSWERS)


@register.filter
def choice_tag(value: str | None) -> SafeString | str:
    """What the custodian chose for an ask as a label."""
    return _listed(value, word_lists.CHOICES)


@register.filter
def disposition_tag(value: str | None) -> SafeString | str:
    """What became of an ask as a label."""
    return _listed(value, word_lists.DISPOSITIONS)


@register.filter
def outcome_tag(value: str | None) -> SafeString | str:
    """How a request ended as a label."""
    return _listed(value, word_lists.OUTCOMES)


@register.filter
def state_tag(value: str | None) -> SafeString | str:
    """The state of a request, a stay or a delivery as a label."""
    return _listed(value, word_lists.STATES)


@register.filter
def words(code: str | None) -> str:
    """A code of the record as words, to begin a sentence: an ask, an event's kind, a reason."""
    return word_lists.said(code) if code else ""


@register.filter
def sentence(text: object) -> str:
    """A detail such as `nothing is at this address` as a sentence."""
    said = str(text or "").strip()
    return f"{said[:1].upper()}{said[1:]}{'' if said.endswith(('.', '!', '?')) else '.'}" if said else ""


@register.filter
def in_order(names: Iterable[str]) -> str:
    """Names from a set, always in the same order: `clerk, supervisor`."""
    return ", ".join(sorted(names))


# address, its label, and the kinds of agency that have it (none: every agency)
PLACES: Final[tuple[tuple[str, str, frozenset[str]], ...]] = (
    ("board", "Board", frozenset()),
    ("inbox", "Inbox", frozenset()),
    ("deliveries", "Not delivered", frozenset()),
    ("stays", "Stays", frozenset({"custodian", "court", "oversight"})),
    ("files", "Files", frozenset({"requester", "oversight"})),
    ("directory", "Directory", frozenset()),
    ("law", "Law", frozenset()),
    ("reconciliation", "Reconciliation", frozenset({"custodian", "court", "requester", "oversight"})),
    ("proof", "Proof", frozenset()),
)
# What the number beside a place counts; a place that is only there while something is.
COUNTED: Final = {"inbox": "unread", "board": "alarms", "deliveries": "need a person"}
ONLY_WITH: Final = frozenset({"deliveries"})
URGENT: Final = frozenset({"board", "deliveries"})


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> list[dict[str, Any]]:
    """The places of the main navigation: the context's own `nav`, else every address of PLACES that the actor's agency has.

    `nav_counts` in the context, such as `{"inbox": 3}`, puts a number beside a place.
    """
    if context.get("nav") is not None:
        return list(context["nav"])
    path = getattr(context.get("request"), "path", "")
    counts = context.get("nav_counts") or {}
    kinds = getattr(context.get("actor"), "kinds", frozenset())
    places = []
    for name, label in ((name, label) for name, label, whose in PLACES if not whose or whose & kinds):
        with suppress(NoReverseMatch):
            url = reverse(name)
            current = path == url or (url != "/" and path.startswith(url))
            count = counts.get(name)
            if count or current or name not in ONLY_WITH:
                told = {"count": count, "count_words": COUNTED.get(name, ""), "is_urgent": name in URGENT}
                places.append({"url": url, "label": label, "current": current, **told})
    return places


@register.filter
def in_words(occurred: str | None, zone: str | None = "UTC") -> str:
    """An EDTF text as a person reads it, in the time of a place: `{{ event.occurred|in_words:facility.zone }}`."""
    place = zone or "UTC"
    return when.in_words(when.parse(occurred, place), place) if occurred else ""


@register.filter
def is_rough(occurred: str | None) -> bool:
    """True when not even the day of an EDTF text is known."""
    return bool(occurred) and when.parse(str(occurred)).is_rough


@register.filter
def machine_time(occurred: str | None) -> str:
    """An EDTF text as the `datetime` of a `<time>`, or nothing when HTML has no way to write it."""
    return occurred if occurred and _MACHINE.fullmatch(occurred) else ""


@register.filter
def moment(at: dt.datetime | None, zone: str | None = "UTC") -> str:
    """An aware datetime in the time of a place: `29 January 2024, 09:30 EST`."""
    if at is None:
        return ""
    local = at.astimezone(ZoneInfo(zone or "UTC"))
    return f"{local.day} {local:%B %Y, %H:%M} {local.tzname()}"


_CLASSES: Final[tuple[tuple[type[forms.Widget], str], ...]] = (
    (forms.CheckboxInput, "usa-checkbox__input"),
    (forms.Textarea, "usa-textarea"),
    (forms.RadioSelect, ""),
    (forms.FileInput, "det-file"),
    (forms.SelectMultiple, "usa-input det-select-many"),
    (forms.Select, "usa-select"),
    (forms.widgets.Input, "usa-input"),
)


@register.filter
def shape(field: BoundField) -> str:
    """How a field is laid out: `hidden`, `checkbox`, `choices` (radio buttons or checkboxes), `group` or `plain`."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, forms.RadioSelect):  # and CheckboxSelectMultiple, which is one
        return "choices"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    return "group" if widget.use_fieldset else "plain"


@register.filter
def choice_shape(field: BoundField) -> str:
    """`checkbox` where several choices may be taken, else `radio`."""
    return "checkbox" if isinstance(field.field.widget, forms.CheckboxSelectMultiple) else "radio"


@register.filter
def control(field: BoundField) -> SafeString:
    """A field's control with the design system's classes beside the widget's own; Django adds the `aria-` attributes."""
    widget = field.field.widget
    found = next((name for kind, name in _CLASSES if isinstance(widget, kind)), "")
    error = f"{found.split(' ')[0]}--error" if field.errors and found.startswith("usa-input") else ""
    attrs = {"class": " ".join(filter(None, [widget.attrs.get("class", ""), found, error]))}
    if not widget.use_fieldset and widget.attrs.get("placeholder"):
        attrs["placeholder"] = ""  # a placeholder is no label, and the label is always shown
    return field.as_widget(attrs={key: value for key, value in attrs.items() if value or key == "placeholder"})


@register.filter
def choice_control(choice: BoundWidget, name: str) -> SafeString:
    """One radio button or checkbox of a group with a class."""
    attrs: dict[str, Any] = choice.data["attrs"]
    attrs["class"] = " ".join(filter(None, [attrs.get("class", ""), name]))
    return choice.tag()
