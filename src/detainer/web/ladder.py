"""The ladder of receipt: sent, accepted by each channel, opened, acknowledged by a named person, answered. Pure.

One table of rungs for the request as it was last sent; the same steps in short for every message after it.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from detainer.record import when
from detainer.record.event import Event, effective
from detainer.record.views import RequestView
from detainer.web import spans, words
from detainer.web.templatetags.detainer import moment


@dataclass(frozen=True)
class Carried:
    """A message on its way to an agency by one channel, as its reader may know it.

    `opened_by` is in words; `reply`, what the receiver said, is for who sent it alone; `failing_since` is of the channel.
    """

    id: UUID
    event: UUID
    kind: str
    to: UUID
    channel: str
    sent_at: dt.datetime
    attempts: int = 0
    delivered_at: dt.datetime | None = None
    opened_at: dt.datetime | None = None
    opened_by: str = ""
    needs_person: bool = False
    next_try_at: dt.datetime | None = None
    failing_since: dt.datetime | None = None
    failure: str = ""
    reply: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a rung: what, when and by whom (in words), and how it stands: `done`, `wait` or `urgent`."""

    text: str
    at: str = ""
    who: str = ""
    tone: str = "done"
    more: str = ""


@dataclass(frozen=True)
class Rung:
    """One rung: its name, what is known of it, and whether the message has reached it."""

    name: str
    lines: tuple[Line, ...]
    is_reached: bool

    @property
    def is_urgent(self) -> bool:
        """True when something of it needs a person now."""
        return any(line.tone == "urgent" for line in self.lines)


@dataclass(frozen=True)
class Reading:
    """What the ladder is made from: a request, its events and messages, and who reads it, where, and when."""

    view: RequestView
    events: Sequence[Event]
    carried: Sequence[Carried]
    names: Mapping[Any, str]
    agency: UUID
    zone: str
    now: dt.datetime

    @property
    def leg(self) -> Sequence[Event]:
        """The events of the custodian who has the request now; the first is the request as it was sent there."""
        told = tuple(effective(self.events))
        starts = [index for index, event in enumerate(told) if event.kind in ("lodged", "relayed")]
        return told[starts[-1] :]

    def name(self, agency: UUID) -> str:
        """Return what an agency is called."""
        return self.names.get(agency, "another agency")

    def said_by(self, event: Event) -> str:
        """Return who said something: a user to the own agency, the badge or office that was given, or else the office."""
        if event.data.get("who"):
            return f"{event.data['who']}, {self.name(event.says)}"
        if event.by_user is None:
            return f"a system of {self.name(event.says)}"
        return (
            self.names.get(event.by_user, "a former user") if event.says == self.agency else f"a user of {self.name(event.says)}"
        )

    def occurred(self, event: Event) -> str:
        """Return when an event occurred, in words."""
        at = when.parse(event.occurred, self.zone)
        return moment(at.from_, self.zone) if at.is_instant else when.in_words(at, self.zone)


# --- the rungs ----------------------------------------------------------------------------------------------------------


def ladder(reading: Reading) -> list[Rung]:
    """Return the rungs of the request as it was last sent; those that say nothing here are left out."""
    found = ((name, lines(reading), always) for name, lines, always in _RUNGS)
    return [
        Rung(name, tuple(lines), any(line.tone == "done" for line in lines)) for name, lines, always in found if lines or always
    ]


def _sent(reading: Reading) -> list[Line]:
    sent = reading.leg[0]
    return [Line(reading.name(sent.says), reading.occurred(sent))]


def _accepted(reading: Reading) -> list[Line]:
    return accepted(reading, reading.leg[0].id, reading.view.custodian)


def accepted(reading: Reading, event: UUID, to: UUID) -> list[Line]:
    """Return how each channel took a message to an agency; what only the record tells of it stands there, too."""
    rows = [row for row in reading.carried if (row.event, row.to) == (event, to)]
    lines = [_by_channel(row, reading) for row in rows]
    if rows or event != reading.leg[0].id:
        return lines
    arrivals = (one for one in reading.leg if one.kind == "delivered" and str(one.data["to"]) == str(to))
    return [Line(words.CHANNELS[one.data["channel"]], reading.occurred(one)) for one in arrivals]


def _by_channel(row: Carried, reading: Reading) -> Line:
    name = words.CHANNELS[row.channel]
    tries = f"{row.attempts} tr{'y' if row.attempts == 1 else 'ies'}"
    if row.delivered_at and row.failure:
        return Line(f"{name}: could not be delivered", moment(row.delivered_at, reading.zone), more=row.failure)
    if row.delivered_at:
        return Line(name, moment(row.delivered_at, reading.zone), more=f"after {tries}" if row.attempts > 1 else "")
    if row.needs_person:
        return Line(f"{name}: could not be delivered", tone="urgent", more=_why(row, f"given up after {tries}"))
    if row.attempts == 0 and row.failing_since is None:
        return Line(f"{name}: on its way", tone="wait")
    since = f"nothing arrives there since {moment(row.failing_since, reading.zone)}" if row.failing_since else ""
    following = f"the next try is {spans.left(row.next_try_at, reading.now)}" if _is_to_come(row, reading) else ""
    told = "; ".join(filter(None, [tries if row.attempts else "", since, following]))
    return Line(f"{name}: not accepted yet", tone="wait", more=_why(row, told))


def _is_to_come(row: Carried, reading: Reading) -> bool:
    return row.next_try_at is not None and row.next_try_at > reading.now


def _why(row: Carried, told: str) -> str:
    """Return how it stands and why; what the receiver replied is there only for who may know it."""
    why = row.failure + (f" (it replied: {row.reply})" if row.reply else "")
    text = f"{told}: {why}" if why else told
    return text[:1].upper() + text[1:]


def _opened(reading: Reading) -> list[Line]:
    return opened(reading, reading.leg[0].id, reading.view.custodian)


def opened(reading: Reading, event: UUID, to: UUID) -> list[Line]:
    """Return who at an agency opened a message first, or had its system fetch it."""
    rows = [row for row in reading.carried if (row.event, row.to) == (event, to)]
    seen = [row for row in rows if row.opened_at]
    if seen:
        first = min(seen, key=lambda row: row.opened_at or reading.now)
        return [Line("Opened", moment(first.opened_at, reading.zone), first.opened_by)]
    if event != reading.leg[0].id or rows:
        return []  # who may see the message itself is told by it; to the others, such as after a relay, the record tells it
    events = (one for one in reading.leg if one.kind == "opened" and str(one.data["to"]) == str(to))
    return [Line("Opened", reading.occurred(one), reading.said_by(one)) for one in events][:1]


def _acknowledged(reading: Reading) -> list[Line]:
    """Return the acknowledgements of the request, each by whom; one by a system alone is no named person's."""
    told = [one for one in reading.leg if one.says == reading.view.custodian and _acknowledges(one, reading.leg[0].id)]
    named = [one for one in told if one.by_user or one.data.get("who")]
    lines = [Line(_ACKNOWLEDGED[one.kind], reading.occurred(one), reading.said_by(one)) for one in named[:2]]
    if lines or not told:
        return lines
    return [Line("No named person yet", reading.occurred(told[0]), reading.said_by(told[0]), tone="wait")]


_ACKNOWLEDGED: Final = {
    "acknowledged": "Acknowledged",
    "not_here": "Said that the person is not here",
    "received": "Receipt given",
}


def _acknowledges(event: Event, sent: UUID) -> bool:
    return event.kind in ("acknowledged", "not_here") or (event.kind == "received" and str(event.data["of"]) == str(sent))


def receipts(reading: Reading, event: UUID) -> list[Line]:
    """Return who said that they have a later message."""
    told = (one for one in effective(reading.events) if one.kind == "received" and str(one.data["of"]) == str(event))
    return [Line("Receipt", reading.occurred(one), reading.said_by(one)) for one in told]


def _chased(reading: Reading) -> list[Line]:
    """Return the reminders, the word to the second contact and the escalation, as the clock of the answer fired."""
    told = [one for one in reading.leg if one.kind == "clock_fired" and one.data["clock"] == "answer_due"]
    once = [one for one in told if one.data["step"] != "repeat"]
    again = [one for one in told if one.data["step"] == "repeat"]
    lines = [Line(_step(one), reading.occurred(one), tone="wait") for one in once]
    return lines + [Line(_step(one), reading.occurred(one), tone="wait") for one in again[-1:]]


def _step(event: Event) -> str:
    told = words.step(event.data["step"], event.data["number"])
    return told[:1].upper() + told[1:]


def _answered(reading: Reading) -> list[Line]:
    """Return the answer to each ask, or that it is still to come: until when, where that was promised."""
    decided = {event.data["ask"]: event for event in reading.leg if event.kind == "decided"}
    lines = [_answer(ask.ask, decided.get(ask.ask), reading) for ask in reading.view.asks]
    return [*lines, *_promised(reading)]


def _answer(ask: str, event: Event | None, reading: Reading) -> Line:
    if event is None:
        open_still = reading.view.is_live
        return Line(f"{words.ASKS[ask]}: {'not answered yet' if open_still else 'never answered'}", tone="wait")
    return Line(
        f"{words.ASKS[ask]}: {words.CHOICES[event.data['choice']][0].lower()}", reading.occurred(event), reading.said_by(event)
    )


def _promised(reading: Reading) -> list[Line]:
    by = reading.view.chase.will_answer_by
    if by is None or not reading.view.undecided or not reading.view.is_live:
        return []
    until = when.parse(by, reading.zone)
    text = f"Will answer by {when.in_words(until, reading.zone).removeprefix('on ')}"
    if until.to is not None and until.to <= reading.now:
        return [Line(f"{text}: that time has passed", tone="urgent", more=f"It passed {spans.ago(until.to, reading.now)}")]
    left = f": {spans.left(until.to, reading.now).removeprefix('in ')} left" if until.to else ""
    return [Line(text, tone="wait", more=f"In time so far{left}")]


# name, its lines, and whether it is shown though it has none
_RUNGS: Final[tuple[tuple[str, Callable[[Reading], list[Line]], bool], ...]] = (
    ("Sent", _sent, True),
    ("Accepted by the channel", _accepted, True),
    ("Fetched or opened", _opened, True),
    ("Acknowledged by a named person", _acknowledged, True),
    ("Reminded", _chased, False),
    ("Answered", _answered, True),
)


# --- what came after, and what is owed for it ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Message:
    """A message after the request, in short: what, to whom, when it was sent, and how far it came."""

    kind: str
    to: str
    sent: str
    steps: tuple[Line, ...]


def messages(reading: Reading) -> list[Message]:
    """Return the messages but the request as it was last sent, oldest first."""
    pairs = dict.fromkeys((row.event, row.to) for row in reading.carried if row.event != reading.leg[0].id)
    first = {(row.event, row.to): row for row in reversed(reading.carried)}
    return [
        Message(
            kind=first[event, to].kind,
            to=reading.name(to),
            sent=moment(first[event, to].sent_at, reading.zone),
            steps=(*accepted(reading, event, to), *opened(reading, event, to), *receipts(reading, event)),
        )
        for event, to in pairs
    ]


@dataclass(frozen=True)
class Owing:
    """A receipt that is owed: for what, by whom, since when it is there, and whether the reader owes it."""

    event: UUID
    what: str
    who: str
    since: str
    is_mine: bool


def owing(reading: Reading) -> list[Owing]:
    """Return the receipts that are owed around a request, oldest first."""
    return [
        Owing(
            event=owed.event,
            what=words.OWED[owed.kind],
            who=reading.name(owed.to),
            since=when.in_words(when.parse(owed.arrived, reading.zone), reading.zone) if owed.arrived else "",
            is_mine=owed.to == reading.agency,
        )
        for owed in reading.view.chase.owed
    ]
