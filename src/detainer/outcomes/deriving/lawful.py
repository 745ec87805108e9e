"""The law beside the outcome: what the law of the place said, on the day of each detainer, to its hold and its notice.

Published rows tell few facts: the place, the day, the form, some of its boxes, sometimes what kind of place the facility is.
What they do not tell stays unknown, so most answers of a law that turns on convictions are `needs_facts`. Beside them stand the
answers under assumptions that are named (`ASSUMED`): what ICE's policy since 2017-04-02 says accompanies each detainer.
"""

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from detainer import law
from detainer.law.answering import book_of
from detainer.law.library import Library
from detainer.law.meaning import lies_in
from detainer.outcomes.deriving.facilities import beside_each, folded, small_table

# What every row of ICE's detainers table is: a written request about one person from the office of civil enforcement.
KNOWN: Final[dict[str, Any]] = {
    "requester_agency": "ice",
    "requester_unit": "civil_enforcement",
    "purpose": "civil_immigration",
    "on_request": True,
    "in_writing": True,
    "person_named": True,
}
# ICE Policy 10074.2 (effective 2017-04-02): an I-200 or I-205, signed by an immigration officer, accompanies each detainer.
ASSUMED: Final[dict[str, Any]] = {"warrant": ["administrative"], "warrant_complete": True, "form_complete": True}
ASSUMED_SINCE: Final = dt.date(2017, 4, 2)

# How a detainer type begins, folded to upper case without blanks and hyphens; the longer first.
_FORMS: Final = (
    ("I247A", "I-247A"),
    ("I247D", "I-247D"),
    ("I247N", "I-247N"),
    ("I247X", "I-247X"),
    ("I247G", "I-247G"),
    ("I247", "I-247"),
)
# What a facility calls itself in so many words; a name without one of these tells nothing of its kind.
_KINDS: Final = (
    (r"\b(FEDERAL|FED\.?|FCI|USP|U\.S\.? ?PEN|FDC|MCC|BOP)\b", "federal"),
    (r"\b(JUVENILE|YOUTH)\b", "juvenile"),
    (r"\b(STATE PRISON|STATE PEN|STATE CORRECTIONAL INSTITUT|SCI)", "state_prison"),
    (r"\b(JAIL|COUNTY PRISON)\b", "jail"),
    (r"\b(POLICE|P\.?D\.?)\b", "police"),
)
_FIRST: Final = dt.date(1000, 1, 1)  # before all law: a day of an earlier year is mistyped, and has no answer
_AREA: Final = re.compile(r"\bus(?:/[a-z_]+)+")  # any area that a rule may name
_ARROW: Final = {"stretch_place": pa.string(), "model": pa.string(), "since": pa.date32(), "until": pa.date32()}
_CASE: Final = ("model", "since", "form", "facility_kind", "final_order", "in_proceedings", "probable_cause")


def _said(box: ir.Value) -> ir.StringValue:
    """Return yes where a box is ticked; a box that is not ticked, or not known, says nothing."""
    if box.type().is_boolean():
        return box.ifelse("yes", None)
    return box.strip().upper().isin(["YES", "Y", "TRUE"]).ifelse("yes", None)


def _cases(outcomes: ir.Table, of: ir.Table) -> ir.Table:
    """Return the detainers with the few columns that the law can be asked about."""
    ordered, served = _said(outcomes.deportation_ordered_yes_no), _said(outcomes.order_show_cause_served_yes_no)
    stated = ibis.coalesce(ordered, served, _said(outcomes.biometric_match_yes_no), _said(outcomes.statements_made_yes_no))
    cases = outcomes.mutate(
        day=outcomes.detainer_prepare_date,
        final_order=ordered,
        in_proceedings=served,
        probable_cause=stated,
    )
    cases = beside_each(cases, ["detainer_type"], _with_form, of)
    return beside_each(cases, ["detention_facility"], _with_kind, of)


def _with_form(types: ir.Table) -> ir.Table:
    kind = folded(types.detainer_type).re_replace(r"[\s-]", "")
    return types.mutate(form=ibis.cases(*((kind.startswith(begins), form) for begins, form in _FORMS)))


def _with_kind(names: ir.Table) -> ir.Table:
    name = folded(names.detention_facility)
    return names.mutate(facility_kind=ibis.cases(*((name.re_search(pattern), kind) for pattern, kind in _KINDS)))


def _facts(case: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of a case as facts of the law."""
    told = {"form": case["form"], "facility": case["facility_kind"]}
    ticked = {
        "final_order": case["final_order"],
        "pending_removal_proceedings": case["in_proceedings"],
        "probable_cause_stated": case["probable_cause"],
    }
    return {
        **KNOWN,
        **{fact: value for fact, value in told.items() if value},
        **{fact: True for fact, value in ticked.items() if value},
    }


@cache
def _values(place: str, day: dt.date, facts: str, library: Library) -> tuple[str, str, str, str]:
    """Return the law's values: to the hold and the notice from what is known, and to both under the assumptions."""
    known = json.loads(facts)
    assumed = {**ASSUMED, **known} if day >= ASSUMED_SINCE else known
    asks: tuple[tuple[str, dict[str, Any]], ...] = (("hold", known), ("notify", known), ("hold", assumed), ("notify", assumed))
    first, second, third, fourth = (law.value(place, ask, day, facts, library) for ask, facts in asks)
    return first, second, third, fourth


def _answered(cases: list[dict[str, Any]], library: Library) -> Iterator[dict[str, Any]]:
    for case in cases:
        facts = json.dumps(_facts(case), sort_keys=True)
        values = _values(case["model"], case["since"], facts, library)
        names = ("law_hold", "law_notify", "law_hold_assumed", "law_notify_assumed")
        yield {f"case_{name}": case[name] for name in _CASE} | dict(zip(names, values, strict=True))


def _stretches(places: Iterable[str], library: Library) -> ir.Table:
    """Return for each place the stretches of days through which its law stands the same: `stretch_place, model, since, until`.

    Its answers in a stretch are those of the first day at `model`, the first place that has the very same law.
    """
    areas = sorted({area for text in library.texts.values() for area in _AREA.findall(text)})
    models: dict[object, str] = {}
    rows = []
    for place in places:
        chain = tuple(id(one) for one in library.chain(place))
        model = models.setdefault((chain, tuple(area for area in areas if lies_in(place, area))), place)
        days = (_FIRST, *_changes(model, library), dt.date.max)
        rows += [{"stretch_place": place, "model": model, "since": since, "until": until} for since, until in pairwise(days)]
    return small_table(rows, _ARROW)


@cache
def _changes(place: str, library: Library) -> list[dt.date]:
    """Return the days on which something begins or ends there, or the assumptions begin to hold."""
    return sorted({ASSUMED_SINCE}.union(*(book_of(library, place, ask).changes for ask in ("hold", "notify"))))


def with_law(outcomes: ir.Table, library: Library | None = None, of: ir.Table | None = None) -> ir.Table:
    """Return the detainers with `law_hold`, `law_notify` (values of the law, null without a readable day), and both `_assumed`.

    Needs `place` of `facilities.with_places`; `of`: the detainers as they were read, if they are not these. Each different case
    is answered once, for all days through which the law of the place stands the same: there are far fewer than rows.
    """
    known = library or law.library()
    cases = _cases(outcomes, outcomes if of is None else of)
    places = cases.filter(cases.place.notnull()).select("place").distinct().to_pyarrow()["place"].to_pylist()
    stretches = _stretches(sorted(places), known)
    within = [cases.place == stretches.stretch_place, cases.day >= stretches.since, cases.day < stretches.until]
    cases = cases.left_join(stretches, within)
    told = [cases[name] if name == "since" else cases[name].fill_null("").name(name) for name in _CASE]
    asked = cases.filter(cases.since.notnull()).select(*told).distinct().to_pyarrow().to_pylist()
    schema = {f"case_{name}": pa.date32() if name == "since" else pa.string() for name in _CASE}
    names = ("law_hold", "law_notify", "law_hold_assumed", "law_notify_assumed")
    answered = list(_answered(asked, known))
    answers = small_table(answered, {**schema, **dict.fromkeys(names, pa.string())})
    same = [cases[name].identical_to(answers[f"case_{name}"]) for name in _CASE]
    return cases.left_join(answers, same).select(*outcomes.columns, *names)
