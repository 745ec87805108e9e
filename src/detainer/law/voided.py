"""What a layer says in vain: its rules that the layers above void, told before anybody asks."""

import datetime as dt
from collections.abc import Iterator
from typing import Final

from detainer.law.answers import Frozen
from detainer.law.book import bound_here
from detainer.law.library import Library
from detainer.law.rules import Jurisdiction, Rule
from detainer.law.spans import span_on
from detainer.law.words import Ask, Effect

# Of a layer's rule, by its effect: the effects of higher rules that leave it without any (combine.weigh).
_VOIDED_BY: Final[dict[Effect, tuple[Effect, ...]]] = {
    "permit": ("forbid",),
    "require": ("forbid",),
    "forbid": ("require", "bars_restriction"),
}


class Voided(Frozen):
    """A rule without effect on an ask, from the day `on`: always, or where the higher rule `by` applies."""

    id: str
    ask: Ask
    on: dt.date
    by: str
    place: str
    cite: str
    always: bool


def _days(rule: Rule, on: dt.date) -> Iterator[dt.date]:
    """Yield the day asked about if the rule stands on it, and the first day of each later span in which it will."""
    if span_on(rule.spans, on)[0] == "stands":
        yield on
    for span in rule.spans:
        if span.state == "in_force" and span.from_ and span.from_.first > on:
            yield span.from_.first


def _about(rule: Rule) -> tuple[set[str], set[str], set[str]]:
    return set(rule.binds.facilities), set(rule.binds.custodian_roles), set(rule.binds.governments)


def _meet(rule: Rule, higher: Rule) -> bool:
    """Say whether both can bind the same custodian; an empty list is everyone."""
    return all(not own or not other or own & other for own, other in zip(_about(rule), _about(higher), strict=True))


def _always(rule: Rule, higher: Rule, ask: Ask) -> bool:
    """Say whether the higher rule applies wherever the lower one can."""
    wide = all(not other or (own and own <= other) for own, other in zip(_about(rule), _about(higher), strict=True))
    return wide and higher.when is None and higher.unless is None and ask not in higher.unless_for


def _voids(rule: Rule, higher: Rule, ask: Ask, on: dt.date) -> bool:
    ordered = higher.authority == "court_order" and rule.effect != "permit"  # then both stand: a conflict
    return (
        ask in higher.asks
        and higher.effect in _VOIDED_BY[rule.effect]
        and higher.strength == "firm"
        and not ordered
        and higher.binds.party == "custodian"
        and higher.binds.towards != "public"
        and _meet(rule, higher)
        and span_on(higher.spans, on)[0] == "stands"
    )


def voided(library: Library, place: str, layer: Jurisdiction, on: dt.date) -> tuple[Voided, ...]:
    """Return what of a layer that binds at a place (full path) is without effect, as the law is known, from a day on."""
    chain = library.chain(place)
    above = chain[: chain.index(layer)]
    higher = [(one, rule) for one in above for rule in one.rules if bound_here(rule.binds, place)]
    found = {
        (rule.id, ask, by.id): Voided(
            id=rule.id, ask=ask, on=day, by=by.id, place=one.path, cite=by.cite, always=_always(rule, by, ask)
        )
        for rule in layer.rules
        if rule.effect in _VOIDED_BY and (rule.authority == "law" or rule.effect == "permit")
        for ask in rule.asks
        for day in _days(rule, on)
        for one, by in higher
        if _voids(rule, by, ask, day)
    }
    return tuple(found.values())
