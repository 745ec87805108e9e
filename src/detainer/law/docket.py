"""The docket: all provisions that could bear on one ask at one place, compiled once, and how they stand on a day."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from detainer.law.answers import Adopter, adopter_of
from detainer.law.combine import Scale, Weight, scales, value_of, weigh
from detainer.law.conditions import Choice, Condition
from detainer.law.dates import PartialDate
from detainer.law.english import sentence
from detainer.law.errors import LawError
from detainer.law.facts import CHOICES, Known
from detainer.law.library import Library, scopes
from detainer.law.meaning import Scope, fact_of, lies_in
from detainer.law.rules import Binds, Duty, Jurisdiction, Provision, Rule, Span, TimeLimit
from detainer.law.spans import Standing, span_on
from detainer.law.truth import Truth
from detainer.law.words import Ask, Value
from detainer.law.written import NOT_BOUND, NOT_IN_FORCE, NOT_MET, UNKNOWN, Settling, holding, settling, truth_of

Outcome = int
Found = tuple[Outcome, ...]

# What is remembered of one docket is forgotten when it grows larger than this.
_MOST_REMEMBERED = 4_000


@dataclass(frozen=True, eq=False)
class Draft:
    """A rule as it reads for one ask at one place, whatever the day. `displacers` are drafts by position.

    `settling` finds its outcome from the facts, the day, and the outcomes of the rules before it.
    """

    at: int
    rule: Rule
    place: str
    layer: int
    sentence: str
    bound: bool
    settling: Settling
    displacers: tuple[int, ...]

    @property
    def reads(self) -> frozenset[str]:
        """The facts that its conditions read."""
        return frozenset(name for leaf in self.settling.leaves for name in fact_of(leaf))


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


@dataclass(frozen=True, eq=False)
class Following:
    """A duty or a time limit that may follow."""

    item: Duty | TimeLimit
    place: str
    applies: Callable[[Known, dt.date], Truth]


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

    book: "Book"
    entries: tuple[Entry, ...]
    live: tuple[Entry, ...]
    sittings: dict[str | None, Sitting]
    layers: tuple[Scale, ...]
    duties: tuple[Following, ...]
    time_limits: tuple[Following, ...]
    values: dict[Found, Value] = field(default_factory=dict)
    rests_on: dict[Found, Any] = field(default_factory=dict)
    shown: dict[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Book:
    """Everything that bears on an ask at a place (canonical path): its dockets by the stretch of days they hold for."""

    library: Library
    place: str
    ask: Ask
    chain: tuple[Jurisdiction, ...]
    drafts: tuple[Draft, ...]
    duties: tuple[Following, ...]
    time_limits: tuple[Following, ...]
    changes: tuple[dt.date, ...]
    adopter: Adopter | None
    dockets: dict[int, Docket] = field(default_factory=dict)


Part = TypeVar("Part")


def made_once(docket: Docket, key: Any, make: Callable[[], Part]) -> Part:
    """Return the part of answers that the key names, made at its first use."""
    found: Part | None = docket.shown.get(key)
    if found is None:
        if len(docket.shown) > _MOST_REMEMBERED:
            docket.shown.clear()
        found = docket.shown[key] = make()
    return found


def bound_here(binds: Binds, place: str) -> bool:
    """Say whether a provision binds at a place."""
    inside = not binds.places or any(lies_in(place, area) for area in binds.places)
    return inside and not any(lies_in(place, area) for area in binds.not_places)


def _about_custodian(binds: Binds) -> tuple[Condition, ...]:
    table: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("facility", binds.facilities),
        ("custodian_role", binds.custodian_roles),
        ("custodian_government", binds.governments),
    )
    return tuple(Choice(**{"is": "choice"}, fact=fact, any_of=values) for fact, values in table if values)


def _conditions(item: Provision) -> tuple[Condition, ...]:
    return (*_about_custodian(item.binds), *((item.when,) if item.when else ()))


def _exceptions(rule: Provision, ask: Ask) -> tuple[Condition, ...]:
    own = (rule.unless,) if rule.unless else ()
    return (*own, rule.unless_for[ask]) if isinstance(rule, Rule) and ask in rule.unless_for else own


def _displacers_first(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Order rules so that each comes after those that stand instead of it."""
    ordered: list[Rule] = []
    waiting = list(rules)
    while waiting:
        free = [one for one in waiting if not any(one.id in other.instead_of for other in waiting if other is not one)]
        if not free:
            raise LawError(f"rules stand instead of each other in a circle: {', '.join(one.id for one in waiting)}")
        ordered += free
        waiting = [one for one in waiting if one not in free]
    return tuple(ordered)


def _drafts(one: Jurisdiction, scope: Scope, ask: Ask, *, layer: int, offset: int) -> Iterator[Draft]:
    rules = _displacers_first(tuple(rule for rule in one.rules if ask in rule.asks))
    for place_in_layer, rule in enumerate(rules):
        displacers = tuple(offset + at for at, other in enumerate(rules) if rule.id in other.instead_of)
        yield Draft(
            at=offset + place_in_layer,
            rule=rule,
            place=one.path,
            layer=layer,
            sentence=sentence(rule, ask, scope),
            bound=rule.binds.towards != "public" and bound_here(rule.binds, scope.place),
            settling=settling(_conditions(rule), _exceptions(rule, ask), displacers, scope),
            displacers=displacers,
        )


def _following(items: tuple[Duty, ...] | tuple[TimeLimit, ...], one: Jurisdiction, scope: Scope, ask: Ask) -> Iterator[Following]:
    for item in items:
        if ask in item.asks and bound_here(item.binds, scope.place):
            yield Following(item=item, place=one.path, applies=holding(_conditions(item), _exceptions(item, ask), scope))


def _days(date: PartialDate | None) -> tuple[dt.date, ...]:
    return () if date is None else (date.first, date.last)


def _changes(chain: tuple[Jurisdiction, ...]) -> tuple[dt.date, ...]:
    """Return the days on which a provision of these files begins, ends, or comes into doubt."""
    spans = [span for one in chain for item in (*one.rules, *one.duties, *one.time_limits) for span in item.spans]
    return tuple(sorted({day for span in spans for date in (span.from_, span.until) for day in _days(date)}))


def compile_book(library: Library, place: str, ask: Ask) -> Book:
    """Return the book of an ask at a place (canonical path). Raises LawError when a rule uses an undefined word."""
    chain = library.chain(place)
    drafts: list[Draft] = []
    duties: list[Following] = []
    limits: list[Following] = []
    for layer, (one, scope) in enumerate(zip(chain, scopes(chain, place), strict=True)):
        drafts += _drafts(one, scope, ask, layer=layer, offset=len(drafts))
        duties += _following(one.duties, one, scope, ask)
        limits += _following(one.time_limits, one, scope, ask)
    # The local layer nearest to the custodian is the one that the answer names.
    adopter = next((adopter_of(one.adopted_by) for one in reversed(chain) if one.adopted_by), None)
    return Book(library, place, ask, chain, tuple(drafts), tuple(duties), tuple(limits), _changes(chain), adopter)


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
