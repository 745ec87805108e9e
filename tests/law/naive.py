"""The answer's value and outcomes worked out the slow and obvious way: what the engine must equal."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from detainer.law import conditions as c
from detainer.law import gazetteer
from detainer.law.combine import Weight
from detainer.law.dates import PartialDate
from detainer.law.facts import Facts, Offence
from detainer.law.library import Library
from detainer.law.rules import Binds, OffenceList, Rule, Span
from detainer.law.truth import FALSE, TRUE, UNKNOWN, Truth
from detainer.law.words import VAGUE

APPLIED = {"applies": TRUE, "unknown": UNKNOWN}  # any other outcome is that it does not
NOT: dict[Truth, Truth] = {TRUE: FALSE, UNKNOWN: UNKNOWN, FALSE: TRUE}


def sure(known: bool | None) -> Truth:
    return UNKNOWN if known is None else TRUE if known else FALSE


def not_before(date: PartialDate | None, day: dt.date) -> Truth:
    if date is None or date.first < day <= date.last:
        return UNKNOWN
    return sure(date.first >= day)


def years_before(day: dt.date, years: int) -> dt.date:
    leap = day.month == 2 and day.day == 29
    return dt.date(day.year - years, day.month, 28 if leap else day.day)


def within(area: str, place: str) -> bool:
    return f"{place}/".startswith(f"{area}/")


class Naive:
    """A question: the evaluator walks the models anew for every rule."""

    def __init__(self, library: Library, place: str, ask: str, on: dt.date, facts: dict[str, Any]) -> None:
        self.place = gazetteer.canonical(place, library.layers)
        self.ask, self.on, self.facts = ask, on, Facts.model_validate(facts)
        self.chain = library.chain(self.place)
        self.layer = 0

    def defined(self, kind: str, name: str) -> Any:
        return next(getattr(one, kind)[name] for one in reversed(self.chain[: self.layer + 1]) if name in getattr(one, kind))

    def holds(self, condition: Any) -> Truth:  # noqa: PLR0911, PLR0912, C901
        value = getattr(self.facts, condition.fact) if hasattr(condition, "fact") else None
        match condition:
            case c.Always():
                return TRUE
            case c.Not():
                return NOT[self.holds(condition.of)]
            case c.AllOf():
                return min(self.holds(part) for part in condition.of)
            case c.AnyOf():
                return max(self.holds(part) for part in condition.of)
            case c.Defined():
                return self.holds(self.defined("definitions", condition.word).means)
            case c.Place():
                return sure(any(within(area, self.place) for area in condition.within))
            case c.Offences():
                listed = self.facts.convictions if condition.is_ == "conviction" else self.facts.pending_charges
                return UNKNOWN if listed is None else max((self.matches(one, condition) for one in listed), default=FALSE)
            case _ if value is None:
                return UNKNOWN
            case c.Yes():
                return sure(value)
            case c.Choice() | c.Text():
                return sure(value.lower() in [word.lower() for word in condition.any_of])
            case c.Has():
                return max((self.among(word, condition.any_of) for word in value), default=FALSE)
            case c.Only():
                return min((self.among(word, condition.of) for word in value), default=TRUE)
            case c.Number():
                low, high, under = condition.at_least, condition.at_most, condition.under
                return sure(
                    (low is None or value >= low) and (high is None or value <= high) and (under is None or value < under)
                )
            case c.Between():
                bounds = [TRUE]
                if condition.since:
                    later = value.first >= condition.since.last
                    bounds.append(TRUE if later else FALSE if value.last < condition.since.first else UNKNOWN)
                if condition.before:
                    later = value.first >= condition.before.last
                    bounds.append(FALSE if later else TRUE if value.last < condition.before.first else UNKNOWN)
                if condition.within_years:
                    bounds.append(not_before(value, years_before(self.on, condition.within_years)))
                return min(bounds)
        raise AssertionError(condition)

    def among(self, word: str, listed: Sequence[str]) -> Truth:
        exact = {one for each in listed for one in VAGUE.get(each, ())} | set(listed)
        if word in exact or (word in VAGUE and VAGUE[word] <= exact):
            return TRUE
        return UNKNOWN if VAGUE.get(word, frozenset()) & exact else FALSE

    def matches(self, offence: Offence, condition: c.Offences) -> Truth:
        found = [max(self.in_list(offence, name) for name in condition.of)]
        found += [sure(None if getattr(offence, key) is None else getattr(offence, key) in wanted)
                  for key, wanted in (("level", condition.level), ("degree", condition.degree)) if wanted]  # fmt: skip
        if condition.is_ == "conviction":
            found.append(sure((offence.finding or "conviction") in condition.findings))
        found += [sure(getattr(offence, key)) for key in ("wobbler", "punishable_by_state_prison", "probable_cause_found")
                  if getattr(condition, key)]  # fmt: skip
        found += [NOT[sure(getattr(offence, key))] for key in condition.cancelled_by]
        if condition.within_years:
            found.append(self.recent(offence, condition, condition.within_years))
        return min(found)

    def in_list(self, offence: Offence, name: str) -> Truth:
        if name == "any":
            return TRUE
        listed: OffenceList = self.defined("offences", name)
        if offence.offence is not None and self.word(offence.offence) in [self.word(one) for one in listed.not_offences]:
            return FALSE
        if offence.statute is not None and any(self.same(one, offence.statute) for one in listed.not_statutes):
            return FALSE
        words = [self.word(one) for one in (name, *listed.offences)]
        if offence.offence is not None and self.word(offence.offence) in words:
            return TRUE
        if offence.statute is not None and any(self.same(one, offence.statute) for one in listed.statutes):
            return TRUE
        untold = (offence.statute is None and listed.statutes) or (offence.offence is None and listed.offences)
        return UNKNOWN if untold or not listed.complete else FALSE

    def word(self, text: str) -> str:
        return "_".join(part for part in re.split(r"[\s_-]+", text.strip().lower()))

    def same(self, listed: str, given: str) -> bool:
        code, section = self.statute(listed)
        given_code, given_section = self.statute(given)
        return code == given_code and (given_section == section or given_section.startswith(f"{section}("))

    def statute(self, text: str) -> tuple[str, str]:
        shape = re.match(r"^(.*?)\s*(?:§+\s*)?(\d[\w.:-]*(?:\([\w]+\))*)$", text.strip())
        code, section = shape.groups() if shape else (text, "")
        return "".join(letter for letter in code.lower() if "a" <= letter <= "z"), section.lower()

    def recent(self, offence: Offence, condition: c.Offences, years: int) -> Truth:
        start: PartialDate | None = getattr(offence, condition.counted_from)
        arrested = self.facts.arrested_on
        if start is None or (condition.counted_to == "arrested_on" and arrested is None):
            return UNKNOWN
        ends = (arrested.first, arrested.last) if condition.counted_to == "arrested_on" and arrested else (self.on, self.on)
        first, last = (years_before(end, years) for end in ends)
        if start.first >= last:
            return TRUE
        if condition.time_inside == "does_not_count":
            if offence.days_inside_since is None:
                return UNKNOWN
            first, last = (day - dt.timedelta(days=offence.days_inside_since) for day in (first, last))
        return TRUE if start.first >= last else FALSE if start.last < first else UNKNOWN

    def covers(self, span: Span) -> Truth:
        begun = TRUE if span.from_ is None else NOT[not_before(span.from_, self.on + dt.timedelta(days=1))]
        ended = FALSE if span.until is None else NOT[not_before(span.until, self.on + dt.timedelta(days=1))]
        return min(begun, NOT[ended])

    def standing(self, rule: Rule) -> str:
        for wanted, standing in ((TRUE, "stands"), (UNKNOWN, "doubtful")):
            for span in rule.spans:
                if self.covers(span) == wanted:
                    return standing if span.state == "in_force" else "suspended"
        return "suspended"

    def bound(self, binds: Binds) -> bool:
        here = not binds.places or any(within(area, self.place) for area in binds.places)
        return here and not any(within(area, self.place) for area in binds.not_places) and binds.towards == "requester"

    def custodian(self, binds: Binds) -> Truth:
        wanted = (
            ("facility", binds.facilities),
            ("custodian_role", binds.custodian_roles),
            ("custodian_government", binds.governments),
        )
        told = [(getattr(self.facts, fact), values) for fact, values in wanted if values]
        return min((sure(None if value is None else value in values) for value, values in told), default=TRUE)

    def outcome(self, rule: Rule, others: dict[str, str]) -> str:
        if self.standing(rule) == "suspended":
            return "not_in_force"
        if not self.bound(rule.binds):
            return "not_bound"
        when = min(self.custodian(rule.binds), self.holds(rule.when) if rule.when else TRUE)
        exceptions = [one for one in (rule.unless, rule.unless_for.get(self.ask)) if one]  # type: ignore[call-overload]
        excepted = max((self.holds(one) for one in exceptions), default=FALSE)
        displacing = [
            other.id for other in self.chain[self.layer].rules if rule.id in other.instead_of and self.ask in other.asks
        ]
        displaced = max((APPLIED.get(others[one], FALSE) for one in displacing), default=FALSE)
        if when == FALSE:
            return "not_met"
        if excepted == TRUE:
            return "excepted"
        if displaced == TRUE:
            return "displaced"
        return "applies" if (when, excepted, displaced) == (TRUE, FALSE, FALSE) else "unknown"

    def outcomes(self) -> dict[str, str]:
        """Return what became of each rule, by id."""
        found: dict[str, str] = {}
        for layer, one in enumerate(self.chain):
            self.layer = layer
            rules = [rule for rule in one.rules if self.ask in rule.asks]
            while waiting := [rule for rule in rules if rule.id not in found]:
                for rule in waiting:
                    if all(rule.id not in other.instead_of or other.id in found for other in rules):
                        found[rule.id] = self.outcome(rule, found)
        return found

    def weights(self) -> list[tuple[str, Weight]]:
        """Return what each rule that binds the custodian weighs, by id."""
        found: list[tuple[str, Weight]] = []
        for layer, one in enumerate(self.chain):
            for rule in one.rules:
                if self.ask not in rule.asks or rule.binds.party == "requester":
                    continue
                doubtful = self.standing(rule) == "doubtful" and (rule.effect != "permit" or bool(rule.instead_of))
                weight = Weight(layer, rule.effect, rule.strength == "soft", rule.authority == "court_order", rule.might)
                found.append((rule.id, Weight(layer, "ask_counsel", might=rule.might or (rule.effect,)) if doubtful else weight))
        return found

    def value(self) -> str:
        """Return the value, weighed as the design says, layer by layer."""
        outcomes = self.outcomes()
        rules = [(weight, APPLIED.get(outcomes[name], FALSE)) for name, weight in self.weights()]
        return weighed(rules, len(self.chain))


def weighed(rules: list[tuple[Weight, Truth]], layers: int) -> str:
    require = forbid = barred = doubt = might_require = might_forbid = above_require = above_forbid = FALSE

    def some(layer: int, *effects: str, order: bool = False) -> Truth:
        here = [(one, applies) for one, applies in rules if one.layer == layer and one.effect in effects]
        return max((applies for one, applies in here if not one.soft and one.court_order == order), default=FALSE)

    def might(layer: int, *effects: str) -> Truth:
        return max((applies for one, applies in rules if one.layer == layer and set(effects) & set(one.might)), default=FALSE)

    for layer in range(layers):
        in_doubt = min(might(layer, "require", "forbid", "bars_restriction"), NOT[above_require], NOT[above_forbid])
        firm_forbid = min(some(layer, "forbid"), NOT[above_require], NOT[barred], NOT[might_require])
        firm_require = min(some(layer, "require"), NOT[above_forbid], NOT[might_forbid])
        doubt = max(doubt, in_doubt)
        forbid = max(forbid, firm_forbid, some(layer, "forbid", order=True))
        require = max(require, firm_require, some(layer, "require", order=True))
        above_forbid, above_require = max(above_forbid, firm_forbid), max(above_require, firm_require)
        barred = max(barred, some(layer, "bars_restriction"))
        might_require = max(might_require, min(might(layer, "require", "bars_restriction"), in_doubt))
        might_forbid = max(might_forbid, min(might(layer, "forbid"), in_doubt))
    values = {
        "conflict" if needed and banned else "must" if needed else "must_not" if banned else "ask_counsel" if doubted else "may"
        for needed in ({FALSE, TRUE} if require == UNKNOWN else {require})
        for banned in ({FALSE, TRUE} if forbid == UNKNOWN else {forbid})
        for doubted in ({FALSE, TRUE} if doubt == UNKNOWN else {doubt})
    }
    return values.pop() if len(values) == 1 else "needs_facts"
