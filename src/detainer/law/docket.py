"""The docket: all provisions that could bear on one ask at one place on one day, compiled and with their texts made."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal, TypeVar

from detainer.law import truth
from detainer.law.combine import Weight, combine, value_of
from detainer.law.conditions import Choice, Condition
from detainer.law.english import sentence
from detainer.law.errors import LawError
from detainer.law.facts import Facts
from detainer.law.library import Library, scopes
from detainer.law.meaning import (
    Node,
    Scope,
    Test,
    conjunction,
    disjunction,
    fact_of,
    leaf_tests,
    lies_in,
    meaning,
    node,
    open_leaves,
)
from detainer.law.rules import Binds, Duty, Jurisdiction, Provision, Rule, Span, TimeLimit
from detainer.law.spans import Standing, span_on
from detainer.law.truth import FALSE, TRUE, Truth
from detainer.law.words import Ask, Value

Outcome = Literal["applies", "unknown", "not_met", "excepted", "displaced", "not_bound", "not_in_force"]


TRUTH_OF: dict[Outcome, Truth] = {
    "applies": TRUE,
    "unknown": truth.UNKNOWN,
    "not_met": FALSE,
    "excepted": FALSE,
    "displaced": FALSE,
    "not_bound": FALSE,
    "not_in_force": FALSE,
}


@dataclass(frozen=True, eq=False)
class Entry:
    """A rule on the docket. `static` is its outcome when no fact can change it; `displacers` are entries by position."""

    rule: Rule
    place: str
    span: Span
    sentence: str
    standing: Standing
    static: Outcome | None
    when: Test
    unless: Test | None
    displacers: tuple[int, ...]
    weight: Weight
    nodes: tuple[Node, ...]
    leaf_tests: tuple[Test, ...]


@dataclass(frozen=True, eq=False)
class Following:
    """A duty or a time limit on the docket."""

    item: Duty | TimeLimit
    place: str
    when: Test


@dataclass(frozen=True, eq=False)
class Docket:
    """Everything on the docket: rules in the order they are weighed, duties, time limits, and the notes that stand anyway."""

    place: str
    ask: Ask
    on: dt.date
    chain: tuple[Jurisdiction, ...]
    entries: tuple[Entry, ...]
    duties: tuple[Following, ...]
    time_limits: tuple[Following, ...]


P = TypeVar("P", bound=Provision)


def _bound_here(binds: Binds, place: str) -> bool:
    inside = not binds.places or any(lies_in(place, area) for area in binds.places)
    return inside and not any(lies_in(place, area) for area in binds.not_places)


def _about_custodian(binds: Binds) -> tuple[Condition, ...]:
    """Return whom a rule binds as conditions on the facts."""
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


def _all(conditions: tuple[Condition, ...], scope: Scope) -> Test:
    return conjunction(tuple(meaning(one, scope) for one in conditions)) if conditions else (lambda _facts, _on: TRUE)


def _static(rule: Rule, place: str, standing: Standing) -> Outcome | None:
    if standing in ("not_yet_or_over", "suspended"):
        return "not_in_force"
    if rule.binds.towards == "public" or not _bound_here(rule.binds, place):
        return "not_bound"
    return None


def _weight(rule: Rule, layer: int, standing: Standing) -> Weight:
    if standing == "doubtful" and (rule.effect != "permit" or rule.instead_of):
        # Whether it is in force is itself not known, and no fact about the person will tell.
        return Weight(layer=layer, effect="ask_counsel", might=(rule.effect,))
    return Weight(
        layer=layer,
        effect=rule.effect,
        soft=rule.strength == "soft",
        court_order=rule.authority == "court_order",
        might=rule.might,
    )


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


def _entries(one: Jurisdiction, scope: Scope, ask: Ask, on: dt.date, *, layer: int, offset: int) -> list[Entry]:
    rules = _displacers_first(tuple(rule for rule in one.rules if ask in rule.asks))
    found: list[Entry] = []
    for rule in rules:
        standing, span = span_on(rule.spans, on)
        exceptions = _exceptions(rule, ask)
        conditions = _conditions(rule)
        nodes = tuple(node(each, scope) for each in (*conditions, *exceptions))
        found.append(
            Entry(
                rule=rule,
                place=one.path,
                span=span,
                sentence=sentence(rule, ask, scope),
                standing=standing,
                static=_static(rule, scope.place, standing),
                when=_all(conditions, scope),
                unless=disjunction(tuple(meaning(each, scope) for each in exceptions)) if exceptions else None,
                displacers=tuple(offset + at for at, other in enumerate(rules) if rule.id in other.instead_of),
                weight=_weight(rule, layer, standing),
                nodes=nodes,
                leaf_tests=tuple(test for each in nodes for test in leaf_tests(each)),
            )
        )
    return found


def _following(
    items: tuple[Duty, ...] | tuple[TimeLimit, ...], one: Jurisdiction, scope: Scope, docket: tuple[Ask, dt.date]
) -> list[Following]:
    ask, on = docket
    found: list[Following] = []
    for item in items:
        if ask in item.asks and span_on(item.spans, on)[0] in ("stands", "doubtful") and _bound_here(item.binds, scope.place):
            when = _all(_conditions(item), scope)
            if item.unless:
                when = conjunction((when, _not(meaning(item.unless, scope))))
            found.append(Following(item=item, place=one.path, when=when))
    return found


def _not(test: Test) -> Test:
    return lambda facts, on: truth.NOT[test(facts, on)]


def compile_docket(library: Library, place: str, ask: Ask, on: dt.date) -> Docket:
    """Return the docket of an ask at a place (canonical path) on a day. Raises LawError when a rule uses an undefined word."""
    chain = library.chain(place)
    entries: list[Entry] = []
    duties: list[Following] = []
    limits: list[Following] = []
    for layer, (one, scope) in enumerate(zip(chain, scopes(chain, place), strict=True)):
        entries += _entries(one, scope, ask, on, layer=layer, offset=len(entries))
        duties += _following(one.duties, one, scope, (ask, on))
        limits += _following(one.time_limits, one, scope, (ask, on))
    return Docket(place, ask, on, chain, tuple(entries), tuple(duties), tuple(limits))


def _outcome(entry: Entry, facts: Facts, on: dt.date, before: list[Outcome]) -> Outcome:
    if entry.static is not None:
        return entry.static
    when = entry.when(facts, on)
    if when == FALSE:
        return "not_met"
    excepted = entry.unless(facts, on) if entry.unless else FALSE
    if excepted == TRUE:
        return "excepted"
    displaced = truth.some([TRUTH_OF[before[at]] for at in entry.displacers]) if entry.displacers else FALSE
    if displaced == TRUE:
        return "displaced"
    return "applies" if when == TRUE and excepted == FALSE and displaced == FALSE else "unknown"


def outcomes(docket: Docket, facts: Facts) -> tuple[Outcome, ...]:
    """Return for each rule on the docket what became of it."""
    found: list[Outcome] = []
    for entry in docket.entries:
        found.append(_outcome(entry, facts, docket.on, found))
    return tuple(found)


def value_from(docket: Docket, found: tuple[Outcome, ...]) -> Value:
    """Return the value that the outcomes add up to. A rule that binds the requester weighs nothing for the custodian."""
    applies = [
        FALSE if entry.rule.binds.party == "requester" else TRUTH_OF[outcome]
        for entry, outcome in zip(docket.entries, found, strict=True)
    ]
    return value_of(combine([entry.weight for entry in docket.entries], applies))


def waits_for(entry: Entry, facts: Facts, on: dt.date) -> tuple[Condition, ...]:
    """Return the conditions about single facts that a rule waits for, each once."""
    return tuple(dict.fromkeys(leaf for each in entry.nodes for leaf in open_leaves(each, facts, on)))


def facts_waited_for(entry: Entry, facts: Facts, on: dt.date) -> tuple[str, ...]:
    """Return the names of the facts that a rule waits for."""
    return tuple(dict.fromkeys(name for leaf in waits_for(entry, facts, on) for name in fact_of(leaf)))
