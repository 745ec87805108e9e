"""What pages tell of the record: events as rows of a time line (web/timeline.html), with the names of who did and said it."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from detainer.exchange import directory
from detainer.exchange.models import Facility, User
from detainer.record import when
from detainer.record.account import denied, unconfirmed
from detainer.record.event import Event
from detainer.web import words
from detainer.web.templatetags.detainer import moment
from detainer.web.titles import SAID_BY_TITLE, entered_late, title

Names = Mapping[Any, str]
Row = dict[str, Any]

# Fields that say nothing to a reader, or that a row shows elsewhere.
_HIDDEN: Final = frozenset(
    {"person", "note", "text", "delivery", "proposal", "notice", "cancel", "contest", "about", "corrects", "stay", "replaces"}
    | {"versions", "facts", "document", "of_version"}
)
_TIMES: Final = frozenset(
    {"at", "on", "occurred", "prepared_on", "cancels_prepared_on", "estimated_release", "latest_charge_on", "release_due"}
    | {"due_at", "comes_at", "until"}
)
_CODE: Final = re.compile(r"[a-z]+(_[a-z0-9]+)*")
_LABELS: Final = {
    "at": "When",
    "of": "Notice of",
    "how": "How",
    "what": "Hearing",
    "to": "To",
    "asks": "Asks",
    "basis": "Papers",
    "cause": "Cause",
    "against_duty": "Although something was owed",
    "over_warrants": "Over the judge's warrants of requests",
    "dhs_transferred_custody": "DHS handed the person over",
    "notice_given": "Notice given",
    "second_person": "Second person",
    "on": "Law as of",
    "place": "Place",
    "served_by": "Served by",
    "matched_on": "Agreed on",
    "occurred": "When, instead",
    "data": "Instead",
    "who": "By",
    "due_at": "It was due",
    "missed": "Missed before it",
    "comes_at": "Somebody comes",
    "sha256": "SHA-256",
    "warrants": "Warrants that a judge signed",
    "duties": "Still owed",
}
_LABELS_OF_KIND: Final = {("answered", "place"): "Law of", ("clock_fired", "to"): "Told"}


def names_of(events: Iterable[Event]) -> Names:
    """Return the names of the agencies, facilities and users that events name, by their ids and codes."""
    told = list(events)
    ids = {event.by_agency for event in told} | {event.says for event in told}
    codes: set[str] = set()
    users = {event.by_user for event in told if event.by_user}
    for event in told:
        for key in ("custodian", "to_agency", "to"):
            if _is_id(event.data.get(key)):
                ids.add(UUID(event.data[key]))
        codes |= {event.data[key] for key in ("facility", "to_facility") if event.data.get(key)}
        if _is_id(event.data.get("second_person")):
            users.add(UUID(event.data["second_person"]))
    found: dict[Any, str] = dict(directory.names(list(ids)))
    found |= {code: f"{name} ({code})" for code, name in Facility.objects.filter(pk__in=codes).values_list("code", "name")}
    found |= {user.id: user.get_full_name() or user.username for user in User.objects.filter(pk__in=users)}
    return found


def _is_id(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(UUID(value))
    except ValueError:
        return False


def timeline(
    events: Iterable[Event], *, zone: str, names: Names | None = None, without: Collection[str] = (), agency: UUID | None = None
) -> list[Row]:
    """Return events (one stream's, in order of version) as rows, in the order in which they occurred as far as that is known.

    `without` are kinds left out; users are named only where they work for `agency`.
    """
    told = list(events)
    named = names if names is not None else names_of(told)
    kinds = {event.id: event.kind for event in told}
    is_live = bool(told) and not entered_late(told[0])  # what was told as a whole afterwards is not late piece by piece
    doubted, disputed = set(unconfirmed(told)), set(denied(told))
    corrected = {UUID(str(event.data["corrects"])) for event in told if event.kind == "corrected"}
    return [
        {
            "id": event.id,
            "kind": event.kind,
            "title": title(event, kinds, zone),
            "occurred": event.occurred,
            "by": named.get(event.by_agency, "An agency"),
            "says": named.get(event.says, "An agency"),
            "unconfirmed_by": named.get(event.by_agency, "that agency") if event.id in doubted else "",
            "denied": event.id in disputed,
            "corrected": event.id in corrected,
            "correction": event.kind == "corrected",
            "late": is_live and entered_late(event),
            "details": details(event, named, zone),
            "note": event.data.get("note") or event.data.get("text") or "",
            "recorded": moment(event.recorded_at, zone),
            "recorded_by": named.get(event.by_user, "") if event.says == agency else "",
        }
        for event in _in_order(told)
        if event.kind not in without
    ]


def _in_order(events: Iterable[Event]) -> list[Event]:
    """Return events by the first instant at which each can have occurred; what has none keeps its place in the record."""
    dated: list[tuple[Any, int, Event]] = []
    latest = None
    for event in events:
        latest = when.parse(event.occurred).from_ or latest
        dated.append((latest.timestamp() if latest else float("-inf"), event.version, event))
    return [event for _, _, event in sorted(dated, key=lambda row: row[:2])]


def details(event: Event, names: Names, zone: str) -> list[tuple[str, str]]:
    """Return what an event carries as (label, words) for a reader; ids become names, codes become words."""
    shown = []
    for key, value in event.data.items():
        if key in _HIDDEN or value in (None, "", [], (), {}) or _is_told_by_title(event, key):
            continue
        text = _value(key, value, names, zone)
        if text:
            shown.append((_label(event.kind, key), text))
    return shown


def _is_told_by_title(event: Event, key: str) -> bool:
    if key in SAID_BY_TITLE.get(event.kind, ()) or (key == "missed" and not event.data[key]):
        return True
    if key in ("cause", "claim") and event.data[key] == "other":
        return True  # says nothing
    return key == "claim" or (key == "at_large" and bool(event.data[key]))


def _label(kind: str, key: str) -> str:
    return _LABELS_OF_KIND.get((kind, key)) or _LABELS.get(key) or words.said(key)


def _value(key: str, value: Any, names: Names, zone: str) -> str:
    if key in _TIMES:
        return when.in_words(when.parse(value, zone), zone)
    reader = _READERS.get(key)
    return reader(value, names) if reader else _plain(value, names)


def _plain(value: Any, names: Names) -> str:
    """Return any value of JSON as words: `yes` and `no`, names for ids, words for codes, other texts as they are."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_plain(item, names) for item in value)
    if isinstance(value, dict):
        told = ((name, item) for name, item in value.items() if item not in (None, [], ""))
        return "; ".join(f"{words.plain(name)}: {_plain(item, names)}" for name, item in told)
    if _is_id(value):
        return names.get(UUID(str(value)), "somebody whose name is not known here")
    text = str(value)
    return names.get(text) or (words.plain(text) if _CODE.fullmatch(text) else text)


def _asks(value: Any, _names: Names) -> str:
    return ", ".join(words.ASKS[ask].lower() for ask in value)


def _answers(value: Any, _names: Names) -> str:
    return "; ".join(
        f"{words.ASKS[ask].lower()}: {words.ANSWERS[answer['value']][0].lower()}{_cited(answer)}" for ask, answer in value.items()
    )


def _cited(answer: Mapping[str, Any]) -> str:
    rules = answer.get("rules") or []
    return f" ({rules[0]['cite']})" if rules and answer["value"] in ("must", "must_not", "conflict") else ""


def _answer(value: Any, _names: Names) -> str:
    return words.ANSWERS[value["value"]][0] + _cited(value)


def charge(value: Any) -> str:
    """Return one charge as words: `assault (felony, c. 265 s. 13A)`."""
    if isinstance(value, str):
        return value
    told = [value.get("level"), value.get("statute")]
    if value.get("probable_cause_found") is not None:
        told.append("probable cause found" if value["probable_cause_found"] else "no probable cause found")
    more = ", ".join(str(item) for item in told if item)
    return f"{value['offence']} ({more})" if more else str(value["offence"])


def _charges(value: Any, _names: Names) -> str:
    return "; ".join(charge(item) for item in value) or "none"


def basis(value: Mapping[str, Any], _names: Names | None = None) -> str:
    """Return the papers of a request as words."""
    warrant = value.get("warrant")
    told = (
        [_WARRANTS.get(str(warrant), "") + (f" ({value['warrant_form']})" if value.get("warrant_form") else "")]
        if warrant
        else []
    )
    if value.get("warrant_dated"):
        told.append(f"dated {when.in_words(when.parse(str(value['warrant_dated'])), 'UTC').removeprefix('on ')}")
    if value.get("warrant_signed_by"):
        told.append(f"signed by {value['warrant_signed_by']}")
    if value.get("probable_cause"):
        told.append("probable cause by " + ", ".join(words.plain(box) for box in value["probable_cause"]))
    if value.get("dhs_transferred_custody"):
        told.append("DHS handed the person over and means to take them back")
    return "; ".join(told)


_WARRANTS: Final = {
    "none": "no warrant",
    "administrative": "administrative warrant",
    "judicial_civil": "a judge's civil warrant",
    "judicial_criminal": "a judge's criminal warrant",
}


def _deadlines(value: Any, _names: Names) -> str:
    return "; ".join(f"{item['arithmetic']}{' (governs)' if item['governs'] else ''}" for item in value)


_READERS: Final[dict[str, Callable[[Any, Names], str]]] = {
    "asks": _asks,
    "answers": _answers,
    "answer": _answer,
    "charges": _charges,
    "basis": basis,
    "deadlines": _deadlines,
}
