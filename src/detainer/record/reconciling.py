"""What one agency sent another in a period against what the other received, opened, answered, and how each ended. Pure.

It is a fold of the events that both sides have, so both come to the same figures, and what was so at an earlier moment can be
told again. It counts what the record shows: silence is never a refusal, and only a decision declines (process.md section 6, F4).
"""

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from detainer.record import lifecycle
from detainer.record.canonical import canonical
from detainer.record.ends import OutcomeValue
from detainer.record.event import Event
from detainer.record.outcome import Disposition, Outcome, disposition_in_leg, of_standing
from detainer.record.said import Ask
from detainer.record.standing import last, standing

Difference = Literal[
    "held_without_request",
    "never_delivered",
    "not_opened",
    "not_acknowledged",
    "misdirected",
    "not_here",
    "relayed",
    "awaiting",
    "ended_before_answer",
]
DIFFERENCES: Final[tuple[Difference, ...]] = get_args(Difference)
PASSED_ON: Final = Outcome(value="passed_on")
# That the person is somewhere else than the requester thought; the other reasons of `not_here` say that the person was here.
_WRONG_PLACE: Final = frozenset({"never_here", "another_person", "not_found"})
# An act of the custodian that shows that a person there has the request.
_ACKNOWLEDGES: Final = frozenset(
    {"acknowledged", "not_here", "decision_proposed", "decided", "notice_given", "served"}
    | {"hold_started", "hold_ended", "handed_over", "will_answer", "cancel_received"}
)


class Frozen(BaseModel):
    """Frozen, like the events that it is made from."""

    model_config = ConfigDict(frozen=True)


class Entry(Frozen):
    """A request as it came to one custodian: a relay brings the same request to another, as a leg of its own.

    The moments are those at which the exchange recorded it; None: the record shows none. `sent` decides to which day it
    belongs, in the zone of the facility that it was sent to.
    """

    request: UUID
    leg: int
    reference: str | None
    facility: str
    came: Literal["lodged", "relayed"]
    sent: dt.datetime
    received: dt.datetime | None
    opened: dt.datetime | None
    acknowledged: dt.datetime | None
    answered: dt.datetime | None
    ended: OutcomeValue
    reason: str | None
    confirmed: bool
    asks: dict[Ask, Disposition]
    undecided: tuple[Ask, ...]
    difference: Difference | None


class Content(Frozen):
    """What is signed: the two sides, the period (`until_day` is the first day after it), an entry for each request and leg."""

    custodian: UUID
    requester: UUID
    from_day: dt.date
    until_day: dt.date
    entries: tuple[Entry, ...]

    @property
    def sha256(self) -> str:
        """The hash of its canonical JSON: what a signature names."""
        return hashlib.sha256(canonical(self.model_dump(mode="json"))).hexdigest()


class Sums(Frozen):
    """What the entries add up to: `sent` is `received` and `not_received`, and `agreed` and all of `differences`."""

    sent: int
    received: int
    not_received: int
    opened: int
    acknowledged: int
    answered: int
    agreed: int
    differences: dict[Difference, int]
    endings: dict[OutcomeValue, int]
    asks: dict[Ask, dict[Disposition, int]]


class Change(Frozen):
    """What became otherwise in an entry since it was signed: the field, what stood, what stands; an entry that is new or gone."""

    request: UUID
    leg: int
    field: str
    before: str | None
    after: str | None


# --- one request -----------------------------------------------------------------------------------------------------------


def entries(events: Sequence[Event], custodian: UUID) -> list[Entry]:
    """Return the legs in which a request (its events in order of version) was `custodian`'s."""
    state, told, _ = standing("request", events)
    outcome = of_standing(told)
    begins = [index for index, event in enumerate(told) if event.kind in ("lodged", "relayed")]
    ends = [*begins[1:], len(told)]
    return [
        _entry(number, told[0], told[begin:end], told[end] if end < len(told) else None, state, outcome, custodian)
        for number, (begin, end) in enumerate(zip(begins, ends, strict=True), start=1)
        if str(told[begin].data["custodian"]) == str(custodian)
    ]


def _entry(
    number: int,
    lodged: Event,
    leg: Sequence[Event],
    relayed: Event | None,
    state: lifecycle.State,
    outcome: Outcome,
    custodian: UUID,
) -> Entry:
    asks: tuple[Ask, ...] = tuple(lodged.data["asks"])
    ended = PASSED_ON if relayed else outcome
    own = [event for event in leg if event.by_agency == event.says == custodian]  # an account of somebody else is no answer
    decided = {event.data["ask"]: event for event in reversed(own) if event.kind == "decided"}
    undecided = tuple(ask for ask in asks if ask not in decided)
    answers = [event.recorded_at for event in own if event.kind in ("not_here", "handed_over")]
    answers += [max(decided[ask].recorded_at for ask in asks)] if not undecided else []
    answered = min(answers, default=relayed.recorded_at if relayed and relayed.by_agency == custodian else None)
    acknowledged = _first(leg, lambda event: _acknowledges(event, leg[0], custodian), answered)
    opened = _first(leg, lambda event: event.kind == "opened" and _is_to(event, custodian), acknowledged)
    received = _first(leg, lambda event: event.kind == "delivered" and _is_to(event, custodian), opened)
    found = {"received": received, "opened": opened, "acknowledged": acknowledged, "answered": answered}
    return Entry(
        request=lodged.stream,
        leg=number,
        reference=lodged.data.get("reference"),
        facility=leg[0].data["facility"],
        came="relayed" if leg[0].kind == "relayed" else "lodged",
        sent=leg[0].recorded_at,
        **found,
        ended=ended.value,
        reason=relayed.data["reason"] if relayed else ended.reason,
        confirmed=ended.confirmed,
        asks={ask: disposition_in_leg(ask, leg, ended) for ask in asks},
        undecided=undecided,
        difference=_difference(leg, relayed, state, found, ended),
    )


def _first(leg: Sequence[Event], shows: Callable[[Event], bool], later: dt.datetime | None) -> dt.datetime | None:
    """Return when the record first shows something; what comes later in the ladder shows it, too."""
    return min(filter(None, (next((event.recorded_at for event in leg[1:] if shows(event)), None), later)), default=None)


def _is_to(event: Event, agency: UUID) -> bool:
    return str(event.data["to"]) == str(agency)


def _acknowledges(event: Event, begun: Event, custodian: UUID) -> bool:
    if not event.by_agency == event.says == custodian:
        return False  # an account of somebody else is no receipt
    return event.kind in _ACKNOWLEDGES or (event.kind == "received" and str(event.data["of"]) == str(begun.id))


def _difference(
    leg: Sequence[Event],
    relayed: Event | None,
    state: lifecycle.State,
    found: Mapping[str, dt.datetime | None],
    ended: Outcome,
) -> Difference | None:
    """Return why the two sides' books differ; None where it was sent, received, opened, acknowledged and answered."""
    if relayed is not None:
        return "misdirected" if relayed.data["reason"] == "misdirected" else "relayed"
    if state == "cancelled" and last(leg, "hold_started") and not last(leg, "hold_ended"):
        return "held_without_request"
    if ended.value == "not_in_custody":
        return "misdirected" if ended.reason in _WRONG_PLACE else "not_here"
    missing = next((name for name, at in found.items() if at is None), None)
    if missing in ("acknowledged", "answered") and ended.value != "open":
        return "ended_before_answer"
    return _MISSING[missing] if missing else None


_MISSING: Final[dict[str, Difference]] = {
    "received": "never_delivered",
    "opened": "not_opened",
    "acknowledged": "not_acknowledged",
    "answered": "awaiting",
}


# --- a period ---------------------------------------------------------------------------------------------------------------


def content(
    custodian: UUID,
    requester: UUID,
    from_day: dt.date,
    until_day: dt.date,
    requests: Iterable[Sequence[Event]],
    zones: Mapping[str, str],
) -> Content:
    """Return what a requester sent a custodian in a period, from the events of each request; `zones` are the facilities'."""
    told = [entry for events in requests for entry in entries(events, custodian)]
    mine = [entry for entry in told if from_day <= entry.sent.astimezone(ZoneInfo(zones[entry.facility])).date() < until_day]
    return Content(
        custodian=custodian,
        requester=requester,
        from_day=from_day,
        until_day=until_day,
        entries=tuple(sorted(mine, key=lambda entry: (entry.sent, entry.request, entry.leg))),
    )


def sums(told: Sequence[Entry]) -> Sums:
    """Return what entries add up to."""
    differences = Counter(entry.difference for entry in told if entry.difference)
    received = sum(entry.received is not None for entry in told)
    asks: dict[Ask, Counter[Disposition]] = {}
    for entry in told:
        for ask, disposition in entry.asks.items():
            asks.setdefault(ask, Counter())[disposition] += 1
    return Sums(
        sent=len(told),
        received=received,
        not_received=len(told) - received,
        opened=sum(entry.opened is not None for entry in told),
        acknowledged=sum(entry.acknowledged is not None for entry in told),
        answered=sum(entry.answered is not None for entry in told),
        agreed=len(told) - differences.total(),
        differences={one: differences[one] for one in DIFFERENCES if differences[one]},
        endings=dict(Counter(entry.ended for entry in told)),
        asks={ask: dict(found) for ask, found in asks.items()},
    )


def changes(before: Sequence[Entry], after: Sequence[Entry]) -> list[Change]:
    """Return what became otherwise between two readings of the same period, entry by entry and field by field."""
    then, now = ({(entry.request, entry.leg): entry for entry in told} for told in (before, after))
    found: list[Change] = []
    for key in sorted(then.keys() | now.keys()):
        one, other = then.get(key), now.get(key)
        if one is None or other is None:
            told = ("in it", "not in it") if one else ("not in it", "in it")
            found.append(Change(request=key[0], leg=key[1], field="entry", before=told[0], after=told[1]))
            continue
        stood, stands = one.model_dump(mode="json"), other.model_dump(mode="json")
        found += [
            Change(request=key[0], leg=key[1], field=name, before=_shown(stood[name]), after=_shown(stands[name]))
            for name in stood
            if stood[name] != stands[name]
        ]
    return found


def _shown(value: object) -> str | None:
    if isinstance(value, dict):
        return ", ".join(f"{key} {told}" for key, told in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value)) or None
    return None if value is None else str(value)


def why(entry: Entry, failure: str = "") -> str:
    """Return why an entry differs, in words; `failure` is what is known of a delivery that did not arrive. Empty: it agrees."""
    undecided = ", ".join(entry.undecided)
    ended = entry.ended.replace("_", " ") + (f" ({entry.reason.replace('_', ' ')})" if entry.reason else "")
    words: dict[Difference, str] = {
        "held_without_request": "the request was withdrawn, and the record shows no end of the hold",
        "never_delivered": f"no arrival is recorded{f': {failure}' if failure else ''}",
        "not_opened": "delivered; the record shows nobody who opened it",
        "not_acknowledged": "opened; the record shows nobody who acknowledged it",
        "misdirected": f"it went to the wrong place ({(entry.reason or 'not told').replace('_', ' ')}): no refusal",
        "not_here": f"the person was no longer there ({(entry.reason or 'not told').replace('_', ' ')}): no refusal",
        "relayed": "it went on to another custodian: the outcome is that one's",
        "awaiting": f"waits for a decision on {undecided}",
        "ended_before_answer": f"ended as {ended} before {f'a decision on {undecided}' if undecided else 'it was acknowledged'}",
    }
    return words[entry.difference] if entry.difference else ""
