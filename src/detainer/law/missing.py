"""Which facts that are not known would decide, and what each of their values would give."""

import datetime as dt
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, product
from typing import Any

from pydantic import JsonValue

from detainer.law.answers import Gives, MissingFact
from detainer.law.conditions import Between, Condition, Number, Offences, Text
from detainer.law.dates import PartialDate
from detainer.law.docket import Docket, outcomes, value_from, waits_for
from detainer.law.facts import CHOICES, KINDS, QUESTIONS, Facts
from detainer.law.meaning import fact_of
from detainer.law.offences import example
from detainer.law.words import VAGUE, Value

# Sets larger than this are not searched: nobody is asked four things at once, the form asks one after the other.
_LARGEST_SET = 3
_MOST_TRIALS = 4000

Candidates = dict[str, list[Condition]]


def value_under(docket: Docket, facts: Facts) -> Value:
    """Return only the value of the answer."""
    return value_from(docket, outcomes(docket, facts))


def candidates(docket: Docket, facts: Facts) -> Candidates:
    """Return the facts that leave some rule unknown, each with the conditions that read it."""
    found: Candidates = {}
    # A permission that stands instead of nothing changes no value, so nobody is asked about it.
    telling = {at for entry in docket.entries for at in entry.displacers}
    for at, (entry, outcome) in enumerate(zip(docket.entries, outcomes(docket, facts), strict=True)):
        if outcome != "unknown" or entry.rule.binds.party == "requester":
            continue
        only_permits = entry.rule.effect == "permit" or set(entry.weight.might) == {"permit"}
        if only_permits and at not in telling:
            continue
        for leaf in waits_for(entry, facts, docket.on):
            names = fact_of(leaf)
            # A fact that is known but vague, or a list with a detail left out, can be told more exactly.
            for name in [name for name in names if getattr(facts, name) is None] or names[:1]:
                found.setdefault(name, []).append(leaf)
    return found


def _day(day: dt.date) -> PartialDate:
    return PartialDate(text=day.isoformat(), first=day, last=day)


def _numbers(conditions: list[Condition]) -> Iterator[int]:
    for one in conditions:
        if isinstance(one, Number):
            for bound, step in ((one.under, -1), (one.at_least, -1), (one.at_most, 1)):
                if bound is not None:
                    yield from (max(bound + min(step, 0), 0), bound + max(step, 0))


def _days(conditions: list[Condition], on: dt.date) -> Iterator[PartialDate]:
    for one in conditions:
        if isinstance(one, Between):
            for bound in (one.since, one.before):
                if bound is not None:
                    yield from (_day(bound.first - dt.timedelta(days=1)), _day(bound.last))
        if (isinstance(one, Between) and one.within_years) or isinstance(one, Offences):
            yield _day(on)


def _listed(conditions: list[Condition], on: dt.date) -> list[Any]:
    examples = [(example(one, on),) for one in conditions if isinstance(one, Offences)]
    return [(), *dict.fromkeys(examples)]


def values_of(name: str, conditions: list[Condition], facts: Facts, on: dt.date) -> list[Any]:
    """Return values of a fact that between them show every way it can turn its conditions."""
    kind = KINDS[name]
    known = getattr(facts, name)
    if kind == "choices":
        vague = [exact for word in known or () for exact in CHOICES[name] if exact in VAGUE.get(word, ())]
        return [(word,) for word in vague] if known else [(), *((word,) for word in CHOICES[name])]
    table: dict[str, list[Any]] = {
        "yes_no": [True, False],
        "choice": list(CHOICES.get(name, ())),
        "number": sorted(set(_numbers(conditions))),
        "date": list(dict.fromkeys(_days(conditions, on))),
        "list": _listed(conditions, on) if kind == "list" else [],
        "text": [*(word for one in conditions if isinstance(one, Text) for word in one.any_of), "another"],
    }
    return list(dict.fromkeys(table[kind]))


def _json(value: Any) -> JsonValue:
    if isinstance(value, PartialDate):
        return value.text
    if isinstance(value, tuple):
        return [one if isinstance(one, str) else one.model_dump(mode="json", by_alias=True, exclude_none=True) for one in value]
    return value  # type: ignore[no-any-return]


def _with(facts: Facts, names: tuple[str, ...], values: tuple[Any, ...]) -> Facts:
    return facts.model_copy(update=dict(zip(names, values, strict=True)))


def _decides(docket: Docket, facts: Facts, names: tuple[str, ...], table: dict[str, list[Any]]) -> bool:
    return all(
        value_under(docket, _with(facts, names, values)) != "needs_facts" for values in product(*(table[name] for name in names))
    )


def deciding_sets(docket: Docket, facts: Facts, table: dict[str, list[Any]]) -> tuple[tuple[str, ...], ...]:
    """Return the smallest sets of facts that decide whatever their values are; none when that takes more than three."""
    trials = 0
    for size in range(1, _LARGEST_SET + 1):
        found: list[tuple[str, ...]] = []
        for names in combinations(sorted(table), size):
            cost = 1
            for name in names:
                cost *= len(table[name])
            trials += cost
            if trials > _MOST_TRIALS:
                return ()
            if _decides(docket, facts, names, table):
                found.append(names)
        if found:
            return tuple(found)
    return ()


def _shown(docket: Docket, facts: Facts, name: str, values: list[Any]) -> MissingFact:
    gives = tuple(Gives(value=_json(value), answer=value_under(docket, _with(facts, (name,), (value,)))) for value in values)
    return MissingFact(fact=name, question=QUESTIONS[name], kind=KINDS[name], choices=CHOICES.get(name, ()), gives=gives)


def missing_facts(docket: Docket, facts: Facts) -> tuple[tuple[MissingFact, ...], tuple[tuple[str, ...], ...]]:
    """Return the facts worth asking for, most telling first, and the smallest sets that decide.

    When small sets decide, only their facts are asked for. Otherwise every fact that bears on the answer is, and they are
    the set that decides.
    """
    found = candidates(docket, facts)
    table = {name: values_of(name, conditions, facts, docket.on) for name, conditions in found.items()}
    sets = deciding_sets(docket, facts, table) or (tuple(sorted(table)),)
    wanted = {name for names in sets for name in names}
    shown = [_shown(docket, facts, name, table[name]) for name in wanted]
    return tuple(sorted(shown, key=lambda one: (*_telling(one, found[one.fact]), one.fact))), sets


def _telling(one: MissingFact, conditions: list[Condition]) -> tuple[Fraction, int]:
    """Rank a fact: by the share of its values that decide, then by how many conditions wait for it."""
    decide = sum(give.answer != "needs_facts" for give in one.gives)
    return -Fraction(decide, max(len(one.gives), 1)), -len(conditions)
