"""The docket: the provisions of a book as they stand on a day, and what becomes of them in a case."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from detainer.law.book import Book, Draft, Following
from detainer.law.combine import Scale, Weight, scales, value_of, weigh
from detainer.law.facts import CHOICES, Known
from detainer.law.rules import Rule, Span
from detainer.law.spans import Standing, span_on
from detainer.law.words import Value
from detainer.law.written import NOT_BOUND, NOT_IN_FORCE, NOT_MET, UNKNOWN, Outcome, truth_of

Found = tuple[Outcome, ...]

# What is remembered of one docket is forgotten when it grows larger than this.
_MOST_REMEMBERED = 4_000


@dataclass(frozen=True, eq=False)
class Entry:
    """A draft as it stands on a day. `static` is its outcome when no fact can change it."""

    draft: Draft
    span: Span
    standing: Standing
    static: Outcome | None
    weight: Weight

    @property
    def rule(self) -> Rule:
        """The rule."""
        return self.draft.rule

    @property
    def place(self) -> str:
        """The place of the file that the rule is in."""
        return self.draft.place

    @property
    def sentence(self) -> str:
        """The rule as a sentence for this ask."""
        return self.draft.sentence


class Sitting(NamedTuple):
    """A docket for one kind of facility, or for one not known: the outcomes that are fixed then, and the rules that are not."""

    start: tuple[Outcome, ...]
    live: tuple[tuple[int, Callable[..., Outcome]], ...]


@dataclass(frozen=True, eq=False)
class Docket:
    """The provisions of a book through a stretch of days on which nothing begins or ends.

    `live` are the rules that facts can turn. `sittings` has the docket as it stands for each kind of facility. `shown` keeps
    parts of answers that were made, so that each is made once; `values` and `rests_on` what outcomes add up to.
    """

    book: Book
    entries: tuple[Entry, ...]
    live: tuple[Entry, ...]
    sittings: dict[str | None, Sitting]
    layers: tuple[Scale, ...]
    duties: tuple[Following, ...]
    time_limits: tuple[Following, ...]
    values: dict[Found, Value] = field(default_factory=dict)
    rests_on: dict[Found, Any] = field(default_factory=dict)
    shown: dict[Any, Any] = field(default_factory=dict)


Part = TypeVar("Part")


def made_once(docket: Docket, key: Any, make: Callable[[], Part]) -> Part:
    """Return the part of answers that the key names, made at its first use."""
    found: Part | None = docket.shown.get(key)
    if found is None:
        if len(docket.shown) > _MOST_REMEMBERED:
            docket.shown.clear()
        found = docket.shown[key] = make()
    return found


def _weight(draft: Draft, standing: Standing) -> Weight:
    rule = draft.rule
    if standing == "doubtful" and (rule.effect != "permit" or rule.instead_of):
        # Whether it is in force is itself not known, and no fact about the person will tell.
        return Weight(layer=draft.layer, effect="ask_counsel", might=rule.might or (rule.effect,))
    return Weight(
        layer=draft.layer,
        effect=rule.effect,
        soft=rule.strength == "soft",
        court_order=rule.authority == "court_order",
        might=rule.might,
    )


def _entry(draft: Draft, on: dt.date) -> Entry:
    standing, span = span_on(draft.rule.spans, on)
    static: Outcome | None = None if draft.bound else NOT_BOUND
    if standing in ("not_yet_or_over", "suspended"):
        static = NOT_IN_FORCE
    return Entry(draft=draft, span=span, standing=standing, static=static, weight=_weight(draft, standing))


def _weighed(entries: tuple[Entry, ...]) -> tuple[Scale, ...]:
    """Return the layers of what weighs for the custodian: a rule that binds the requester weighs nothing here."""
    nothing = Weight(layer=0, effect="permit")
    return scales([entry.weight if entry.rule.binds.party == "custodian" else nothing for entry in entries])


def _sitting(entries: tuple[Entry, ...], facility: str | None) -> Sitting:
    """Most rules bind some kinds of facility only, and the kind is known of nearly every request: it is looked at first."""

    def fixed(entry: Entry) -> Outcome | None:
        bound = entry.rule.binds.facilities
        if entry.static is not None:
            return entry.static
        return NOT_MET if facility and bound and facility not in bound else None

    found = [fixed(entry) for entry in entries]

    return Sitting(
        start=tuple(UNKNOWN if outcome is None else outcome for outcome in found),
        live=tuple(
            (entry.draft.at, entry.draft.settling.settle)
            for entry, outcome in zip(entries, found, strict=True)
            if outcome is None
        ),
    )


def _docket(book: Book, on: dt.date) -> Docket:
    entries = tuple(_entry(draft, on) for draft in book.drafts)

    def stand(items: tuple[Following, ...]) -> tuple[Following, ...]:
        return tuple(one for one in items if span_on(one.item.spans, on)[0] in ("stands", "doubtful"))

    return Docket(
        book=book,
        entries=entries,
        live=tuple(entry for entry in entries if entry.static is None),
        sittings={facility: _sitting(entries, facility) for facility in (None, *CHOICES["facility"])},
        layers=_weighed(entries),
        duties=stand(book.duties),
        time_limits=stand(book.time_limits),
    )


def docket_on(book: Book, on: dt.date) -> Docket:
    """Return the docket of a day, compiled once for all days of its stretch."""
    stretch = bisect_right(book.changes, on)
    docket = book.dockets.get(stretch)
    if docket is None:
        docket = book.dockets[stretch] = _docket(book, on)
    return docket


def outcomes(docket: Docket, known: Known, on: dt.date) -> Found:
    """Return for each rule on the docket what became of it."""
    start, live = docket.sittings[known["facility"]]
    found = list(start)
    for at, settle in live:
        found[at] = settle(known, on, found)
    return tuple(found)


def value_from(docket: Docket, found: Found) -> Value:
    """Return the value that the outcomes add up to."""
    value = docket.values.get(found)
    if value is None:
        if len(docket.values) > _MOST_REMEMBERED:
            docket.values.clear()
        value = docket.values[found] = value_of(weigh(docket.layers, [truth_of(outcome) for outcome in found]))
    return value


class Asked(NamedTuple):
    """One ask of one case, weighed: what is known, what became of each rule, and the value. `place` is as it was asked for."""

    docket: Docket
    place: str
    on: dt.date
    known: Known
    found: Found
    value: Value


def weighed(book: Book, place: str, on: dt.date, known: Known) -> Asked:
    """Return the weighed case of an ask on a day."""
    docket = docket_on(book, on)
    found = outcomes(docket, known, on)
    return Asked(docket, place, on, known, found, value_from(docket, found))
