"""Whether a conviction or a charge is of a listed kind, recent enough and not cancelled: in three truth values."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from detainer.law import truth
from detainer.law.conditions import Offences
from detainer.law.dates import PartialDate, years_before
from detainer.law.errors import LawError, nearest
from detainer.law.facts import Known, Offence
from detainer.law.rules import OffenceList
from detainer.law.statutes import degree_of, statute_of
from detainer.law.truth import FALSE, TRUE, UNKNOWN, Truth
from detainer.law.writing import Writing

OffencesTest = Callable[[Known, dt.date], Truth]

_MOST_JUDGED = 1_000


@lru_cache(maxsize=4096)
def _word(text: str) -> str:
    return re.sub(r"[\s_-]+", "_", text.strip().casefold())


def _sections(listed: tuple[str, ...]) -> Callable[[str], bool]:
    """Return the test whether a statute is among those listed; one told without its code is, if its section is.

    A listed section takes in its subsections: 211 has 211(a).
    """
    coded = frozenset(statute_of(one) for one in listed)
    known = coded | {("", section) for _, section in coded if section}

    def test(given: str) -> bool:
        code, section = statute_of(given)
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
    never, never_statute = frozenset(map(_word, listed.not_offences)), _sections(listed.not_statutes)

    def member(offence: Offence) -> Truth:
        if offence.offence is not None and _word(offence.offence) in never:
            return FALSE
        if offence.statute is not None and never_statute(offence.statute):
            return FALSE
        if offence.offence is not None and _word(offence.offence) in known:
            return TRUE
        if offence.statute is not None and listed_statute(offence.statute):
            return TRUE
        # A list that its own law calls open, or a charge told in other words, does not exclude.
        told = (offence.statute is not None or not by_statute) and (offence.offence is not None or not by_word)
        return FALSE if listed.complete and told else UNKNOWN

    return member


class _Kinds(dict[tuple[str | None, str | None], Truth]):
    """Whether an offence, told by its name and its statute, is in the lists. The same few come again; each is looked for once."""

    def __init__(self, names: tuple[str, ...], lists: Mapping[str, OffenceList]) -> None:
        super().__init__()
        self.members = tuple(_in_list(name, lists[name]) for name in names)

    def __missing__(self, told: tuple[str | None, str | None]) -> Truth:
        if len(self) > _MOST_JUDGED:
            self.clear()
        offence = Offence(offence=told[0], statute=told[1])
        found = self[told] = truth.some(member(offence) for member in self.members)
        return found


def _recent(condition: Offences, years: int) -> Callable[[Offence, Known, dt.date], Truth]:
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


def _lines(condition: Offences, lists: Mapping[str, OffenceList], text: Writing) -> Iterator[tuple[str, str, str]]:
    """Yield for each line of the condition what runs first, when it is not known and when it fails; the quickest first."""

    def among(found: str, wanted: str) -> tuple[str, str, str]:
        return f"value = offence.{found}", "value is None", wanted

    if condition.is_ == "conviction":
        # Listed among the convictions and nothing else said of it, it is a conviction.
        listed = text.named(frozenset(condition.findings))
        yield 'value = offence.finding or "conviction"', "False", f"value not in {listed}"
    if condition.level:
        yield among("level", f"value not in {text.named(frozenset(condition.level))}")
    if condition.degree:
        degrees = text.named(frozenset(map(degree_of, condition.degree)))
        yield among("degree", f"{text.named(degree_of)}(value) not in {degrees}")
    for field in ("wobbler", "punishable_by_state_prison", "probable_cause_found"):
        if getattr(condition, field):
            yield among(field, "not value")
    for field in condition.cancelled_by:
        yield among(field, "value")
    if "any" not in condition.of:
        kinds = text.named(_Kinds(condition.of, lists))
        yield f"value = {kinds}[offence.offence, offence.statute]", f"value == {UNKNOWN}", f"value == {FALSE}"
    if condition.within_years is not None:
        recent = text.named(_recent(condition, condition.within_years))
        yield f"value = {recent}(offence, known, on)", f"value == {UNKNOWN}", f"value == {FALSE}"


def offences_test(condition: Offences, lists: Mapping[str, OffenceList]) -> OffencesTest:
    """Return the test whether any conviction or charge is one for which each line of the condition holds.

    Raises LawError when it names a list that is not there.
    """
    for name in condition.of:
        if name != "any" and name not in lists:
            raise LawError(f"offence list [{name}] is in no file here or above{nearest(name, lists)}")
    text = Writing("known, on")
    text.line(0, f"listed = known[{'convictions' if condition.is_ == 'conviction' else 'pending_charges'!r}]")
    text.line(0, f"if listed is None: return {UNKNOWN}")
    text.line(0, f"found = {FALSE}")
    text.line(0, "for offence in listed:")
    text.line(1, f"truth = {TRUE}")
    for first, unknown, fails in _lines(condition, lists, text):
        text.line(1, first)
        text.line(1, f"if {unknown}: truth = {UNKNOWN}")
        text.line(1, f"elif {fails}: continue")
    text.line(1, f"if truth == {TRUE}: return {TRUE}")
    text.line(1, f"found = {UNKNOWN}")
    text.line(0, "return found")
    return text.compiled()


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
