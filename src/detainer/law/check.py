"""Checking a whole library: what one file cannot see of itself. Reading the files has checked their form already."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from detainer.law import gazetteer
from detainer.law.cases import CaseFile, run
from detainer.law.conditions import Place
from detainer.law.endless import conditions_of, endless_in
from detainer.law.errors import LawError
from detainer.law.files import read_yaml
from detainer.law.library import Library, scopes
from detainer.law.meaning import leaves
from detainer.law.rules import Jurisdiction, Provision, Rule, Span
from detainer.law.written import settling


def _line(library: Library, one: Jurisdiction, name: str) -> str:
    """Return "us/ma.yaml:42" for the item of that id; a text read again is cheap beside keeping every line in memory."""
    for file, text in library.texts.items():
        if f"id: {name}" not in text:
            continue
        data, lines = read_yaml(text, file)
        for group in ("rules", "duties", "time_limits"):
            for at, item in enumerate(data.get(group, ())):
                if item["id"] == name:
                    return f"{file}:{lines[group, at]}"
    return f"{one.path}.yaml:1"


def _items(one: Jurisdiction) -> tuple[Provision, ...]:
    return (*one.rules, *one.duties, *one.time_limits)


def _place_fault(area: str, library: Library) -> str | None:
    try:
        whole = gazetteer.canonical(area, library.layers)
    except LawError as error:
        return str(error)
    return None if whole == area else f"[{area}] is short for {whole}; write that"


def _words(library: Library, place: str, one: Jurisdiction) -> Iterator[str]:
    """Every word and offence list that a condition uses is defined here or above, and every place in it exists."""
    chain = library.chain(place)
    scope = scopes(chain, place)[chain.index(one)]
    for item in _items(one):
        areas = [*item.binds.places, *item.binds.not_places]
        found: list[str | None] = []
        try:
            for each in conditions_of(item):
                settling((each,), (), (), scope)
                areas += [area for leaf in leaves(each, scope) if isinstance(leaf, Place) for area in leaf.within]
        except LawError as error:
            found.append(str(error))
        found += [_place_fault(area, library) for area in areas]
        yield from (f"{_line(library, one, item.id)}: [{item.id}]: {fault}" for fault in found if fault)


def _meet(left: Span, right: Span) -> bool:
    def before(first: Span, second: Span) -> bool:
        return first.until is not None and second.from_ is not None and first.until.first <= second.from_.last

    return left.state == right.state == "in_force" and not before(left, right) and not before(right, left)


def _unconditional(rule: Rule) -> bool:
    return rule.when is None and rule.unless is None and not rule.unless_for and rule.strength == "firm"


def _contradictions(library: Library, one: Jurisdiction) -> Iterator[str]:
    """No two rules of a file command and forbid the same without condition."""
    for left, right in combinations(one.rules, 2):
        opposed = {left.effect, right.effect} == {"require", "forbid"} and left.authority == right.authority == "law"
        same = left.binds == right.binds and set(left.asks) & set(right.asks)
        meet = any(_meet(a, b) for a in left.spans for b in right.spans)
        yields = left.id in right.instead_of or right.id in left.instead_of
        if opposed and same and meet and not yields and _unconditional(left) and _unconditional(right):
            line = _line(library, one, right.id)
            yield f"{line}: [{right.id}] contradicts [{left.id}] without any condition; say which yields, or ask_counsel"


def _unreachable(library: Library, one: Jurisdiction) -> Iterator[str]:
    """No rule yields always to another that stands for as long and has no condition."""
    for rule in one.rules:
        for other in one.rules:
            whole = all(any(a.from_ == b.from_ and a.until == b.until for b in other.spans) for a in rule.spans)
            if rule.id in other.instead_of and _unconditional(other) and other.binds == rule.binds and whole:
                yield f"{_line(library, one, rule.id)}: [{rule.id}] can never govern: [{other.id}] always stands instead of it"


def _stale(library: Library, one: Jurisdiction, on: dt.date, days: int) -> Iterator[str]:
    for rule in one.rules:
        checked = rule.last_checked_on
        if checked is not None and (on - checked.last).days > days:
            yield f"{_line(library, one, rule.id)}: [{rule.id}] was last checked on {checked}, more than {days} days before {on}"


def _cases(library: Library, cases: Mapping[str, CaseFile]) -> Iterator[str]:
    for path in library.layers:
        if f"{path}.cases.yaml" not in cases:
            yield f"{path}.yaml:1: no cases; write {path}.cases.yaml beside it"
    for name, file in cases.items():
        for case in file.cases:
            for fault in run(case, file.place, library):
                yield f"{name}: {case.name} {fault}"


def layer_faults(library: Library, place: str, one: Jurisdiction) -> Iterator[str]:
    """Yield a line for each fault of one file that binds at a place: file, line, rule, what is wrong."""
    chain = library.chain(place)
    endless = list(endless_in(one, scopes(chain, place)[chain.index(one)]))
    yield from (f"{_line(library, one, name)}: [{name}]: {fault}" for name, fault in endless)
    if not endless:
        yield from _words(library, place, one)
    yield from _contradictions(library, one)
    yield from _unreachable(library, one)


def faults(
    library: Library, cases: Mapping[str, CaseFile], on: dt.date | None = None, stale_after_days: int = 730
) -> Iterable[str]:
    """Yield a line for each fault of a library: file, line, rule, what is wrong. Checks go stale only when a day is given."""
    for place, files in library.layers.items():
        for one in files:
            yield from layer_faults(library, place, one)
            if on is not None:
                yield from _stale(library, one, on, stale_after_days)
    yield from _cases(library, cases)
