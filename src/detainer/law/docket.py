"""The docket: all provisions that could bear on one ask at one place, compiled once, and how they stand on a day."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Literal, NamedTuple, TypeVar

from detainer.law import truth
from detainer.law.answers import Adopter, adopter_of
from detainer.law.combine import Scale, Weight, scales, value_of, weigh
from detainer.law.conditions import AllOf, AnyOf, Choice, Condition, Defined, Offences
from detainer.law.dates import PartialDate
from detainer.law.english import sentence
from detainer.law.errors import LawError
from detainer.law.facts import CHOICES, KINDS, Known
from detainer.law.library import Library, scopes
from detainer.law.meaning import (
    Node,
    Scope,
    Test,
    Waiting,
    conjunction,
    defined,
    fact_of,
    leaves,
    lies_in,
    meaning,
    node,
    open_leaves,
    opposite,
    waiting,
)
from detainer.law.rules import Binds, Duty, Jurisdiction, Provision, Rule, Span, TimeLimit
from detainer.law.spans import Standing, span_on
from detainer.law.truth import FALSE, TRUE, Truth
from detainer.law.words import Ask, Value

Outcome = Literal["applies", "unknown", "not_met", "excepted", "displaced", "not_bound", "not_in_force"]
Found = tuple[Outcome, ...]
Settle = Callable[[Known, dt.date, list[Outcome]], Outcome]

TRUTH_OF: dict[Outcome, Truth] = {
    "applies": TRUE,
    "unknown": truth.UNKNOWN,
    "not_met": FALSE,
    "excepted": FALSE,
    "displaced": FALSE,
    "not_bound": FALSE,
    "not_in_force": FALSE,
}
# What is remembered of one docket is forgotten when it grows larger than this.
_MOST_REMEMBERED = 4_000


@dataclass(frozen=True, eq=False)
class Draft:
    """A rule as it reads for one ask at one place, whatever the day. `displacers` are drafts by position.

    `settle` finds its outcome from the facts, the day, and the outcomes of the rules before it. `nodes` are its conditions,
    `waits` tells what these wait for, `reads` the facts they read; where those have few values each, `told` gives the values.
    """

    at: int
    rule: Rule
    place: str
    layer: int
    sentence: str
    bound: bool
    settle: Settle
    displacers: tuple[int, ...]
    nodes: tuple[Node, ...]
    waits: tuple[Waiting, ...]
    reads: frozenset[str]
    told: Callable[[Known], Hashable] | None


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
    when: Test


class Sitting(NamedTuple):
    """A docket for one kind of facility, or for one not known: the outcomes that are fixed then, and the rules that are not."""

    start: tuple[Outcome, ...]
    live: tuple[tuple[int, Settle], ...]


@dataclass(frozen=True, eq=False)
class Docket:
    """The provisions of a book through a stretch of days on which nothing begins or ends.

    `live` are the rules that facts can turn. `sittings` has the docket as it stands for each kind of facility. `shown` keeps
    parts of answers that were made, so that each is made once.
    """

    book: "Book"
    entries: tuple[Entry, ...]
    live: tuple[Entry, ...]
    sittings: dict[str | None, Sitting]
    layers: tuple[Scale, ...]
    duties: tuple[Following, ...]
    time_limits: tuple[Following, ...]
    values: dict[Found, Value] = field(default_factory=dict)
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


def _flat(conditions: tuple[Condition, ...], scope: Scope, kind: type[AllOf] | type[AnyOf]) -> Iterator[Condition]:
    """Yield the parts of nested conjunctions (or disjunctions), so that they are walked in one loop."""
    for one in conditions:
        spelled = defined(one.word, scope) if isinstance(one, Defined) else one
        if isinstance(spelled, kind):
            yield from _flat(spelled.of, scope, kind)
        elif spelled is not one:
            yield from _flat((spelled,), scope, kind)
        else:
            yield one


def _cost(condition: Condition, scope: Scope) -> int:
    """Return about how long a condition takes to test: lists of offences take longest."""
    return sum(20 if isinstance(leaf, Offences) else 1 for leaf in leaves(condition, scope))


def _tests(conditions: tuple[Condition, ...], scope: Scope, kind: type[AllOf] | type[AnyOf]) -> tuple[Test, ...]:
    """Return the tests of a conjunction or disjunction, the quickest first: their order changes nothing else."""
    return tuple(meaning(one, scope) for one in sorted(_flat(conditions, scope, kind), key=lambda one: _cost(one, scope)))


def _settling(when: tuple[Test, ...], unless: tuple[Test, ...], displacers: tuple[int, ...]) -> Settle:  # noqa: C901
    """Return how a rule's outcome is found. It is called for every rule of every answer, so it is one plain loop."""

    def settle(known: Known, on: dt.date, before: list[Outcome]) -> Outcome:
        holds = TRUE
        for test in when:
            value = test(known, on)
            if value < holds:
                if value == FALSE:
                    return "not_met"
                holds = value
        yields = FALSE
        for test in unless:
            value = test(known, on)
            if value > yields:
                if value == TRUE:
                    return "excepted"
                yields = value
        for at in displacers:
            value = TRUTH_OF[before[at]]
            if value > yields:
                if value == TRUE:
                    return "displaced"
                yields = value
        return "applies" if holds == TRUE and yields == FALSE else "unknown"

    return settle


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
        exceptions = _exceptions(rule, ask)
        conditions = _conditions(rule)
        displacers = tuple(offset + at for at, other in enumerate(rules) if rule.id in other.instead_of)
        nodes = tuple(node(each, scope) for each in (*conditions, *exceptions))
        reads = frozenset(name for each in (*conditions, *exceptions) for leaf in leaves(each, scope) for name in fact_of(leaf))
        few = all(KINDS[name] in ("yes_no", "choice", "choices") for name in reads)
        yield Draft(
            at=offset + place_in_layer,
            rule=rule,
            place=one.path,
            layer=layer,
            sentence=sentence(rule, ask, scope),
            bound=rule.binds.towards != "public" and bound_here(rule.binds, scope.place),
            settle=_settling(_tests(conditions, scope, AllOf), _tests(exceptions, scope, AnyOf), displacers),
            displacers=displacers,
            nodes=nodes,
            waits=tuple(waiting(each) for each in nodes),
            reads=reads,
            told=itemgetter(*sorted(reads)) if few and reads else None,
        )


def _following(items: tuple[Duty, ...] | tuple[TimeLimit, ...], one: Jurisdiction, scope: Scope, ask: Ask) -> Iterator[Following]:
    for item in items:
        if ask in item.asks and bound_here(item.binds, scope.place):
            tests = _tests(_conditions(item), scope, AllOf)
            if item.unless:
                tests = (*tests, opposite(meaning(item.unless, scope)))
            yield Following(item=item, place=one.path, when=conjunction(tests))


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
    static: Outcome | None = None if draft.bound else "not_bound"
    if standing in ("not_yet_or_over", "suspended"):
        static = "not_in_force"
    return Entry(draft=draft, span=span, standing=standing, static=static, weight=_weight(draft, standing))


def _weighed(entries: tuple[Entry, ...]) -> tuple[Scale, ...]:
    """Return the layers of what weighs for the custodian: a rule that binds the requester weighs nothing here."""
    nothing = Weight(layer=0, effect="permit")
    return scales([entry.weight if entry.rule.binds.party == "custodian" else nothing for entry in entries])


def _sitting(entries: tuple[Entry, ...], facility: str | None) -> Sitting:
    """Most rules bind some kinds of facility only, and the kind is known of nearly every request: it is looked at first."""

    def fixed(entry: Entry) -> Outcome | None:
        bound = entry.rule.binds.facilities
        return entry.static or ("not_met" if facility and bound and facility not in bound else None)

    return Sitting(
        start=tuple(fixed(entry) or "unknown" for entry in entries),
        live=tuple((entry.draft.at, entry.draft.settle) for entry in entries if fixed(entry) is None),
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
        value = docket.values[found] = value_of(weigh(docket.layers, [TRUTH_OF[outcome] for outcome in found]))
    return value


def facts_waited_for(entry: Entry, known: Known, on: dt.date) -> tuple[str, ...]:
    """Return the names of the facts that a rule waits for; one may stand more than once."""
    names: tuple[str, ...] = ()
    for waits in entry.draft.waits:
        names += waits(known, on)[1]
    return names


def waits_for(entry: Entry, known: Known, on: dt.date) -> tuple[Condition, ...]:
    """Return the conditions about single facts that a rule waits for, each once."""
    return tuple(dict.fromkeys(leaf for each in entry.draft.nodes for leaf in open_leaves(each, known, on)))


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
