"""Whether a conviction or a charge is of a listed kind, recent enough and not cancelled: in three truth values."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from detainer.law import truth
from detainer.law.conditions import Offences
from detainer.law.dates import PartialDate, years_before
from detainer.law.facts import Known, Offence
from detainer.law.rules import OffenceList
from detainer.law.truth import FALSE, TRUE, UNKNOWN, Truth

OffenceTest = Callable[[Offence, Known, dt.date], Truth]

_MOST_JUDGED = 1_000
_SECTION = re.compile(r"^(.*?)\s*(?:§+\s*)?(\d[\w.:-]*(?:\([\w]+\))*)$")


@lru_cache(maxsize=4096)
def _statute(text: str) -> tuple[str, str]:
    """Return the code's letters and the section: "Cal. Penal Code § 211" is ("calpenalcode", "211")."""
    shape = _SECTION.match(text.strip())
    code, section = shape.groups() if shape else (text, "")
    return re.sub(r"[^a-z]", "", code.casefold()), section.casefold()


@lru_cache(maxsize=4096)
def _word(text: str) -> str:
    return re.sub(r"[\s_-]+", "_", text.strip().casefold())


def _sections(listed: tuple[str, ...]) -> Callable[[str], bool]:
    """Return the test whether a statute is among those listed. A listed section takes in its subsections: 211 has 211(a)."""
    known = frozenset(_statute(one) for one in listed)

    def test(given: str) -> bool:
        code, section = _statute(given)
        while (code, section) not in known:
            section, cut, _ = section.rpartition("(")
            if not cut:
                return False
        return True

    return test


def _in_list(name: str, listed: OffenceList) -> Callable[[Offence], Truth]:
    known = {_word(offence) for offence in (name, *listed.offences)}
    listed_statute = _sections(listed.statutes)
    by_statute, by_word = bool(listed.statutes), bool(listed.offences)

    def member(offence: Offence) -> Truth:
        if offence.offence is not None and _word(offence.offence) in known:
            return TRUE
        if offence.statute is not None and listed_statute(offence.statute):
            return TRUE
        # A list that its own law calls open, or a charge told in other words, does not exclude.
        told = (offence.statute is not None or not by_statute) and (offence.offence is not None or not by_word)
        return FALSE if listed.complete and told else UNKNOWN

    return member


def _kind(condition: Offences, lists: Mapping[str, OffenceList]) -> OffenceTest:
    if "any" in condition.of:
        return lambda _offence, _known, _on: TRUE
    members = tuple(_in_list(name, lists[name]) for name in condition.of)
    # The same few offences come again and again; each is looked for in the lists once.
    judged: dict[tuple[str | None, str | None], Truth] = {}

    def test(offence: Offence, _known: Known, _on: dt.date) -> Truth:
        key = (offence.offence, offence.statute)
        found = judged.get(key)
        if found is None:
            if len(judged) > _MOST_JUDGED:
                judged.clear()
            found = judged[key] = truth.some(member(offence) for member in members)
        return found

    return test


def _among(field: str, wanted: tuple[str, ...]) -> OffenceTest:
    def test(offence: Offence, _known: Known, _on: dt.date) -> Truth:
        value = getattr(offence, field)
        return UNKNOWN if value is None else truth.of(value in wanted)

    return test


def _flag(field: str, *, wanted: bool) -> OffenceTest:
    def test(offence: Offence, _known: Known, _on: dt.date) -> Truth:
        value: bool | None = getattr(offence, field)
        return UNKNOWN if value is None else truth.of(value is wanted)

    return test


def _finding(wanted: tuple[str, ...]) -> OffenceTest:
    def test(offence: Offence, _known: Known, _on: dt.date) -> Truth:
        # Listed among the convictions and nothing else said of it, it is a conviction.
        return truth.of((offence.finding or "conviction") in wanted)

    return test


def _recent(condition: Offences, years: int) -> OffenceTest:
    def test(offence: Offence, known: Known, on: dt.date) -> Truth:
        start: PartialDate | None = getattr(offence, condition.counted_from)
        if condition.counted_to == "asked_on":
            ends = (on, on)
        else:
            arrested: PartialDate | None = known["arrested_on"]
            if arrested is None:
                return UNKNOWN
            ends = (arrested.first, arrested.last)
        if start is None:
            return UNKNOWN
        earliest, latest = (years_before(end, years) for end in ends)
        if start.first >= latest:
            return TRUE
        if condition.time_inside == "does_not_count":
            if offence.days_inside_since is None:
                return UNKNOWN
            inside = dt.timedelta(days=offence.days_inside_since)
            earliest, latest = earliest - inside, latest - inside
        if start.first >= latest:
            return TRUE
        return FALSE if start.last < earliest else UNKNOWN

    return test


def offence_test(condition: Offences, lists: Mapping[str, OffenceList]) -> OffenceTest:
    """Return the test of one conviction or charge; each line of the condition must hold."""
    tests = [_kind(condition, lists)]
    if condition.level:
        tests.append(_among("level", condition.level))
    if condition.degree:
        tests.append(_among("degree", condition.degree))
    if condition.is_ == "conviction":
        tests.append(_finding(condition.findings))
    tests += [
        _flag(field, wanted=True)
        for field in ("wobbler", "punishable_by_state_prison", "probable_cause_found")
        if getattr(condition, field)
    ]
    tests += [_flag(field, wanted=False) for field in condition.cancelled_by]
    if condition.within_years is not None:
        tests.append(_recent(condition, condition.within_years))

    def whole(offence: Offence, known: Known, on: dt.date) -> Truth:
        found = TRUE
        for test in tests:
            value = test(offence, known, on)
            if value < found:
                if value == FALSE:
                    return FALSE
                found = value
        return found

    return whole


def example(condition: Offences, on: dt.date) -> Offence:
    """Return an offence that the condition holds of, to show what such a one would change."""
    day = PartialDate(text=on.isoformat(), first=on, last=on)
    return Offence(
        offence=None if "any" in condition.of else condition.of[0],
        level=condition.level[0] if condition.level else "felony",
        degree=condition.degree[0] if condition.degree else None,
        on=day,
        offence_on=day,
        finding=condition.findings[0] if condition.is_ == "conviction" else None,
        probable_cause_found=True,
        wobbler=True,
        punishable_by_state_prison=True,
        reduced=False,
        vacated=False,
        days_inside_since=0,
    )
