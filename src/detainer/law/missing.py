"""Which facts that are not known would decide, and what each of their values would give."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from math import prod
from typing import Any

from pydantic import JsonValue

from detainer.law.answers import Gives, MissingFact
from detainer.law.conditions import Between, Condition, Number, Offences, Text
from detainer.law.dates import PartialDate
from detainer.law.docket import Asked, Docket, made_once, value_from
from detainer.law.facts import CHOICES, FOLLOWS, KINDS, QUESTIONS, Known, following
from detainer.law.meaning import fact_of
from detainer.law.offences import example
from detainer.law.words import VAGUE, Value
from detainer.law.written import TRUTH, UNKNOWN

# Sets larger than this are not searched: nobody is asked four things at once, the form asks one after the other.
_LARGEST_SET = 3
_MOST_TRIALS = 4000

Candidates = dict[str, list[Condition]]


def candidates(asked: Asked) -> Candidates:
    """Return the facts that leave some rule unknown, each with the conditions that read it."""
    found: Candidates = {}
    entries, known = asked.docket.entries, asked.known
    # A permission that stands instead of nothing changes no value, so nobody is asked about it.
    telling = {at for entry in entries for at in entry.draft.displacers}
    for entry, outcome in zip(entries, asked.found, strict=True):
        if outcome & TRUTH != UNKNOWN or entry.rule.binds.party == "requester":
            continue
        only_permits = entry.rule.effect == "permit" or set(entry.weight.might) == {"permit"}
        if only_permits and entry.draft.at not in telling:
            continue
        for leaf in entry.draft.settling.waits_for(outcome):
            names = fact_of(leaf)
            # A fact that is known but vague, or a list with a detail left out, can be told more exactly.
            for name in [name for name in names if known[name] is None] or names[:1]:
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


def _exact(name: str, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield what a set with vague words can turn out to be: one of them told exactly, the others as they are."""
    for vague in words:
        for exact in CHOICES[name]:
            if exact in VAGUE.get(vague, ()):
                told = (set(words) - {vague}) | {exact}
                yield tuple(word for word in CHOICES[name] if word in told)


def _values(name: str, conditions: list[Condition], known: Known, on: dt.date) -> Iterator[Any]:
    match KINDS[name]:
        case "choices":
            words = known[name]
            yield from _exact(name, words) if words else [(), *((word,) for word in CHOICES[name])]
        case "yes_no":
            yield from (True, False)
        case "choice":
            yield from CHOICES[name]
        case "number":
            yield from sorted(set(_numbers(conditions)))
        case "date":
            yield from _days(conditions, on)
        case "list":
            yield from _listed(conditions, on)
        case "text":
            yield from (*(word for one in conditions if isinstance(one, Text) for word in one.any_of), "another")


def _fits(name: str, value: Any, known: Known) -> bool:
    """Say whether a value of a fact can be so beside what is known."""
    if name not in FOLLOWS:
        return True
    try:
        following({**known, name: value})
    except ValueError:
        return False
    return True


def values_of(name: str, conditions: list[Condition], known: Known, on: dt.date) -> list[Any]:
    """Return values of a fact that between them show every way it can turn its conditions."""
    return [value for value in dict.fromkeys(_values(name, conditions, known, on)) if _fits(name, value, known)]


def _json(value: Any) -> JsonValue:
    if isinstance(value, PartialDate):
        return value.text
    if isinstance(value, tuple):
        return [one if isinstance(one, str) else one.model_dump(mode="json", by_alias=True, exclude_none=True) for one in value]
    return value  # type: ignore[no-any-return]


Readers = dict[str, tuple[int, ...]]


def _readers(docket: Docket) -> Readers:
    """Return for each fact the rules that its value can turn, in order: those that read it and those that yield to such."""
    found: dict[str, list[int]] = {name: [] for name in KINDS}
    for entry in docket.live:
        draft = entry.draft
        for name, turned in found.items():
            if name in draft.reads or any(other in turned for other in draft.displacers):
                turned.append(draft.at)
    return {name: tuple(turned) for name, turned in found.items()}


@dataclass(frozen=True)
class Trials:
    """Trying values for facts of a case: only the rules that they can turn are settled again."""

    asked: Asked
    readers: Readers

    def value(self, told: dict[str, Any]) -> Value | None:
        """Return the value of the answer with these facts as well; None when they cannot all be so."""
        docket, on = self.asked.docket, self.asked.on
        known = {**self.asked.known, **told}
        if not told.keys().isdisjoint(FOLLOWS):
            try:
                follows = following(known)
            except ValueError:
                return None
            known.update(follows)
            told = {**told, **follows}
        turned = {at for name in told for at in self.readers[name]}
        found = list(self.asked.found)
        for at in sorted(turned):
            found[at] = docket.entries[at].draft.settling.settle(known, on, found)
        return value_from(docket, tuple(found))


def trials_of(asked: Asked) -> Trials:
    """Return the trials of a case."""
    return Trials(asked, made_once(asked.docket, "readers", lambda: _readers(asked.docket)))


def _decides(trials: Trials, names: tuple[str, ...], table: dict[str, list[Any]]) -> bool:
    return all(
        trials.value(dict(zip(names, values, strict=True))) != "needs_facts"
        for values in product(*(table[name] for name in names))
    )


def deciding_sets(trials: Trials, table: dict[str, list[Any]]) -> tuple[tuple[str, ...], ...]:
    """Return the smallest sets of facts that decide whatever their values are; none when that takes more than three."""
    tried = 0
    for size in range(1, _LARGEST_SET + 1):
        found: list[tuple[str, ...]] = []
        for names in combinations(sorted(table), size):
            tried += prod(len(table[name]) for name in names)
            if tried > _MOST_TRIALS:
                return ()
            if _decides(trials, names, table):
                found.append(names)
        if found:
            return tuple(found)
    return ()


def _shown(trials: Trials, name: str, values: list[Any]) -> MissingFact:
    tried = [(value, trials.value({name: value})) for value in values]
    gives = tuple(Gives(value=_json(value), answer=answer) for value, answer in tried if answer is not None)
    return MissingFact(fact=name, question=QUESTIONS[name], kind=KINDS[name], choices=CHOICES.get(name, ()), gives=gives)


def missing_facts(asked: Asked) -> tuple[tuple[MissingFact, ...], tuple[tuple[str, ...], ...]]:
    """Return the facts worth asking for, most telling first, and the smallest sets that decide; nothing when none is needed.

    When small sets decide, only their facts are asked for. Otherwise every fact that bears on the answer is, and they are
    the set that decides.
    """
    if asked.value != "needs_facts":
        return (), ()
    found = candidates(asked)
    table = {name: values_of(name, conditions, asked.known, asked.on) for name, conditions in found.items()}
    trials = trials_of(asked)
    sets = deciding_sets(trials, table) or (tuple(sorted(table)),)
    wanted = {name for names in sets for name in names}
    shown = [_shown(trials, name, table[name]) for name in wanted]
    return tuple(sorted(shown, key=lambda one: (*_telling(one, found[one.fact]), one.fact))), sets


def _telling(one: MissingFact, conditions: list[Condition]) -> tuple[Fraction, int]:
    """Rank a fact: by the share of its values that decide, then by how many conditions wait for it."""
    decide = sum(give.answer != "needs_facts" for give in one.gives)
    return -Fraction(decide, max(len(one.gives), 1)), -len(conditions)
