"""The tables of a published build of outcomes as a page shows them: one row a group, filtered by state, place and time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from detainer.outcomes.counting.groups import Measure
from detainer.outcomes.counting.of_record import EVERY
from detainer.outcomes.manifest import Manifest
from detainer.outcomes.manifest import read as read_manifest
from detainer.outcomes.publishing.writing import name_of
from detainer.outcomes.report.built import Built, count_and_share, number
from detainer.outcomes.report.figures import PLACE_COLUMNS, any_of, ends, enough
from detainer.outcomes.report.findings import county, state
from detainer.outcomes.report.why import ANSWERS

GROUPS: Final[dict[str, str]] = {
    "state": "State",
    "county": "County",
    "facility": "Facility code",
    "area": "Area of responsibility",
    "year": "Year",
    "month": "Month",
    "detainer_type": "Form",
    "office": "Office",
    "criminality": "Criminality, as ICE has it",
    "law_hold": "Hold",
    "law_notify": "Notice",
}
MEASURES: Final = EVERY
WHOLE: Final = "all"  # what the table without groups is called in an address
Group = tuple[str | None, ...]
Parts = Mapping[Group, Mapping[str, dict[str, Any]]]


def manifest(folder: Path) -> Manifest:
    """Return what the build was made of and by."""
    return read_manifest(folder)


def offered(folder: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return, by measure, the groups that the build has it by, under the name that an address has: `state_year`."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for file in Built(folder).files():
        measure, _, by = file.partition("_by_")
        groups = _groups(by)
        if measure in MEASURES and groups is not None:
            found.setdefault(measure, {})[by or WHOLE] = groups
    return {name: found[name] for name in MEASURES if name in found}


def _groups(by: str) -> tuple[str, ...] | None:
    """Return the names that a file's name is made of; None when one of them is no group."""
    if not by:
        return ()
    for name in GROUPS:
        rest = by.removeprefix(name)
        if rest != by and (not rest or rest[0] == "_") and (more := _groups(rest[1:])) is not None:
            return (name, *more)
    return None


def measure(name: str) -> Measure:
    """Return a measure in words."""
    return MEASURES[name]


def by_words(groups: Sequence[str]) -> str:
    """Return what a table is counted by: `state and year`."""
    return " and ".join(GROUPS[name].lower() for name in groups) or "all together"


@lru_cache(maxsize=16)
def parts(folder: Path, name: str, groups: tuple[str, ...], _made: int) -> Parts:
    """Return the rows of a table by group and part; `_made` is when the build was, so that another one is read anew."""
    found = Built(folder).parts(name, *groups)
    return {group if len(groups) != 1 else (group,): told for group, told in found.items()}


def file_name(name: str, groups: Sequence[str]) -> str:
    """Return the name of the file that has a table."""
    return f"{name_of(name, groups)}.csv"


def kept(found: Parts, groups: Sequence[str], filters: Mapping[str, str]) -> list[Group]:
    """Return the groups of the state, the place and the time that were asked for, in the order of their names."""
    chosen = [group for group in found if _is_asked(dict(zip(groups, group, strict=True)), filters)]
    named = {group: [called(key, value) for key, value in zip(groups, group, strict=True)] for group in chosen}
    return sorted(chosen, key=lambda group: ([value is None for value in group], named[group]))


def _is_asked(group: Mapping[str, str | None], filters: Mapping[str, str]) -> bool:
    """Return whether a row fulfils every filter that its table can answer: a place is a code, or how a county begins."""
    name, code = county(group.get("county")).upper(), group.get("facility") or ""
    state_there = (group.get("state") or name.rpartition(", ")[2]).upper()
    time = group.get("month") or group.get("year") or ""
    asked_state, place = filters["state"].upper(), filters["place"].upper()
    since, until = filters["from"][: len(time)], filters["to"][: len(time)]
    of_state = not asked_state or not {"state", "county"} & group.keys() or state_there == asked_state
    of_place = not place or not {"county", "facility"} & group.keys() or name.startswith(place) or code.upper() == place
    of_time = not {"month", "year"} & group.keys() or (since <= time and (not until or time[: len(until)] <= until))
    return of_state and of_place and of_time


def columns(name: str, groups: Iterable[str]) -> list[str]:
    """Return the columns of a table."""
    told = (*(title.capitalize() for title in MEASURES[name].parts.values()), "Not known", "May be open")
    return [*(GROUPS[group] for group in groups), *(PLACE_COLUMNS if name == "outcome_mix" else ("Known", *told))]


def row(name: str, groups: Sequence[str], group: Group, told: Mapping[str, dict[str, Any]]) -> list[str]:
    """Return one row of a table as text."""
    cells = ends(told) if name == "outcome_mix" else _cells(name, told)
    return [*(called(key, value) for key, value in zip(groups, group, strict=True)), *cells]


def _cells(name: str, told: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    whole, many = any_of(told), enough(told)
    yield number(whole["denominator"])
    for part in MEASURES[name].parts:
        found = told.get(part)
        yield count_and_share(found) if many or found is None else number(found["numerator"])
    yield from (number(whole["unknown"]), number(whole["open"]))


def called(group: str, value: str | None) -> str:
    """Return a value of a group in words."""
    if group in ("law_hold", "law_notify"):
        return ANSWERS.get(value, str(value))
    named = {"state": state, "county": county}.get(group)
    return named(value) if named else value or "not known"
