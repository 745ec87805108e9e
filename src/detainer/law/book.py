"""The book: all provisions that could bear on one ask at one place, compiled once."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from detainer.law.answers import Adopter, adopter_of
from detainer.law.conditions import Choice, Condition
from detainer.law.dates import PartialDate
from detainer.law.english import sentence
from detainer.law.errors import LawError
from detainer.law.facts import Known
from detainer.law.library import Library, scopes
from detainer.law.meaning import Scope, fact_of, lies_in
from detainer.law.rules import Binds, Duty, Jurisdiction, Provision, Rule, TimeLimit
from detainer.law.truth import Truth
from detainer.law.words import Ask
from detainer.law.written import Settling, holding, settling


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
class Following:
    """A duty or a time limit that may follow."""

    item: Duty | TimeLimit
    place: str
    applies: Callable[[Known, dt.date], Truth]


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
    dockets: dict[int, Any] = field(default_factory=dict)


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
