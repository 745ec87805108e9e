"""The course of events around a request: its own, the stay's and the file's as one time line, and what follows from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from detainer.record import when
from detainer.record.event import Event, effective
from detainer.record.views import RequestView
from detainer.web import telling, words

Row = dict[str, Any]


@dataclass(frozen=True)
class NoticeMissed:
    """A release without the notice that the law allowed or required."""

    title: str
    text: str
    occurred: str | None


def course(
    streams: Sequence[Sequence[Event]], *, zone: str, agency: UUID, names: telling.Names, missed: NoticeMissed | None = None
) -> list[Row]:
    """Return the events of several streams (each in order of version) as rows of one time line, in the order they occurred.

    A notice that was never given has its place in it, and what an arrest is counted from stands beside it.
    """
    told = [row for events in streams for row in telling.timeline(events, zone=zone, names=names, agency=agency)]
    everything = [event for events in streams for event in events]
    again = _answered_the_same(streams) | _said_again(everything)
    since = _since_arraignment(streams, zone)
    short = {event.id: _in_short(event, names) for event in everything if event.kind in _SHORT}
    rows = [_short({**row, "since": since.get(row["id"], "")}, short) for row in told if row["id"] not in again]
    if missed and missed.occurred:
        rows.append({"kind": "", "absent": True, "title": missed.title, "occurred": missed.occurred, "note": missed.text})
    return sorted(rows, key=lambda row: _place(row, zone))


_SHORT: Final = {"delivered": "Delivered to {to}{channel}", "opened": "Opened by {to}{channel}"}


def _in_short(event: Event, names: telling.Names) -> str:
    """Return the one line that an arrival or an opening has in the course: to whom, and how when not by the inbox."""
    to, channel = names.get(UUID(str(event.data["to"])), "an agency"), event.data["channel"]
    return _SHORT[event.kind].format(to=to, channel="" if channel == "inbox" else f" ({words.channel_in_short(channel)})")


def _short(row: Row, short: dict[UUID, str]) -> Row:
    """Return a row without what the page says elsewhere: of the lodging its asks alone, of an arrival where."""
    if row["kind"] in _SHORT:
        return {**row, "title": short[row["id"]], "by": "", "details": []}
    said = [(label, value) for label, value in row["details"] if (label, value) not in _NOT_TOLD]
    return {**row, "details": [one for one in said if one[0] == "Asks"] if row["kind"] == "lodged" else said}


_NOT_TOLD: Final = (("Against answer", "no"), ("Held", "no"))


def _said_again(events: Sequence[Event]) -> set[UUID]:
    """Return what would make the course long and says nothing new.

    That is what an agency opened at one moment but for the first of it, and of an alarm that goes on all but its last.
    """
    seen, again = set[tuple[str, str, str]](), set[UUID]()
    for event in events:
        if event.kind == "opened":
            key = ("opened", str(event.data["to"]), event.occurred)
            again |= {event.id} if key in seen else set()
            seen.add(key)
    for event in reversed(events):
        if event.kind == "clock_fired" and event.data["step"] == "repeat":
            key = (event.data["clock"], event.data["rule"], event.data["due_at"])
            again |= {event.id} if key in seen else set()
            seen.add(key)
    return again


def _answered_the_same(streams: Sequence[Sequence[Event]]) -> set[UUID]:
    """Return the answers of the law that say what the answers before them said: a reader is not told twice."""
    same, before = set[UUID](), None
    for event in (event for events in streams for event in events if event.kind == "answered"):
        values = {ask: answer["value"] for ask, answer in event.data["answers"].items()}
        if values == before:
            same.add(event.id)
        before = values
    return same


def _place(row: Row, zone: str) -> tuple[float, bool, int]:
    """Return where a row stands: by its first instant, what is known better first, an end and what is absent from it last."""
    at = when.parse(row["occurred"], zone)
    last = 2 if row.get("absent") else 1 if row["kind"] == "closed" else 0
    return (at.from_.timestamp() if at.from_ else float("-inf"), at.is_rough, last)


def _since_arraignment(streams: Sequence[Sequence[Event]], zone: str) -> dict[UUID, str]:
    """Return, for each arrest by the requester whose day is known, how long after the arraignment it was."""
    days = days_to_arrest(streams, zone)
    return {arrest: f"{count} day{'s' if count != 1 else ''} after the arraignment" for arrest, count in days.items()}


def days_to_arrest(streams: Sequence[Sequence[Event]], zone: str) -> dict[UUID, int]:
    """Return the whole days from the arraignment to each later arrest by the requester, by the arrest's event."""
    told = [event for events in streams for event in effective(events)]
    arraigned = [event for event in told if event.kind == "court_appeared" and event.data.get("what") == "arraignment"]
    arrests = [event for event in told if event.stream_kind == "file" and event.kind == "arrested"]
    if not arraigned:
        return {}
    start = when.parse(arraigned[-1].occurred, zone)
    counted = {event.id: when.days_between(start, when.parse(event.occurred, zone), zone) for event in arrests}
    return {event: days for event, days in counted.items() if days is not None and days >= 0}


def notice_missed(view: RequestView, names: telling.Names, events: Sequence[Event]) -> NoticeMissed | None:
    """Return what is to be said when the person was let out without the notice that was lawful; None when that is not so."""
    ask = next((ask for ask in view.asks if ask.ask == "notify"), None)
    lawful = ask is not None and ask.answer is not None and ask.answer.value in ("may", "must")
    if not lawful or ask is None or ask.answer is None or view.outcome.value not in ("released", "released_without_notice"):
        return None
    allowed = "required" if ask.answer.value == "must" else "allowed"
    known = "was given" if view.outcome.value == "released_without_notice" else "is recorded"
    text = f"{words.ASKS['notify']}: the law's answer was {words.ANSWERS[ask.answer.value][0].lower()}. "
    return NoticeMissed(
        title=f"No notice of the release {known}, although the law {allowed} it",
        text=text + _on_whose_word(view, names, events),
        occurred=view.outcome.occurred,
    )


def _on_whose_word(view: RequestView, names: telling.Names, events: Sequence[Event]) -> str:
    """Return who says so, where it is not who did it."""
    if view.outcome.confirmed:
        return ""
    event = next(event for event in events if event.id == view.outcome.evidence[0])
    says, did = names.get(event.says, "another agency"), names.get(event.by_agency, "The custodian")
    return f"That none was given is the account of {says}; {did} has not confirmed it."
