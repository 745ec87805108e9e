"""How a published detainer ended: by its lift reason first, by what its person id shows where that is blank, never by a guess."""

import datetime as dt
from itertools import product
from typing import Any

import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from linking_rows import Row, arrest, arrests, book_in, book_ins, by_key, detainer, detainers, table

from detainer.outcomes.deriving.linking import with_links
from detainer.outcomes.deriving.outcome import with_outcome
from detainer.record.ends import OUTCOMES
from detainer.record.published import LIFTED, RULES, Links, Published, Windows, folded, of_published

WINDOWS = Windows(before=5, hand_over=6, contradicts=2)
FEW = settings(max_examples=8, deadline=None)
GIVEN = ("lift_class", "outcome", "reason", "evidence", "why")


def ended(
    asked: list[Row], taken: list[Row] | None = None, booked: list[Row] | None = None, windows: Windows = WINDOWS
) -> list[Row]:
    linked = with_links(table("detainers", asked), table("arrests", taken or []), table("detentions", booked or []), windows)
    return by_key(with_outcome(linked, windows))


def alone(reason: str | None, taken: list[Row] | None = None, booked: list[Row] | None = None) -> tuple[Any, ...]:
    (row,) = ended([detainer(detainer_lift_reason=reason)], taken, booked)
    return tuple(row[name] for name in GIVEN[1:])


# The table of lift reasons, as people read it: 1,220 `Lifted` of Pennsylvania, both spellings of `Not Amenable`, the old forms.
@pytest.mark.parametrize(
    ("said", "outcome", "reason"),
    [
        ("Booked into Detention", "handed_over", None),
        (" BOOKED  INTO DETENTION", "handed_over", None),
        ("Detainer Declined by LEA", "declined", None),
        ("No longer in State, Local, or Federal Custody", "released", "out_of_custody"),
        ("Early Release", "released", "early_release"),
        ("Insufficient Notice to ICE", "released", "short_notice"),
        ("ICE Temporary Resource Constraint", "withdrawn", "could_not_come"),
        ("Lifted - Lack of Funds", "withdrawn", "could_not_come"),
        ("Lifted - Lack of Space", "withdrawn", "could_not_come"),
        ("Lifted", "withdrawn", "unstated"),
        ("Case Closed", "withdrawn", "case_closed"),
        ("Prosecutorial Discretion", "withdrawn", "discretion"),
        ("Judicial Review", "withdrawn", "judicial_review"),
        ("Not Amenable to Removal", "withdrawn", "not_removable"),
        ("Noncitizen Not Amenable to Removal", "withdrawn", "not_removable"),
        ("Alien Not Subject to Deportation", "withdrawn", "not_removable"),
        ("USC or Presumptive Claim to US Citizenship", "withdrawn", "citizen"),
        ("United States Citizen Interviewed", "withdrawn", "citizen"),
        ("Superseding - New Form Issued", "superseded", None),
        ("Duplicate", "duplicate", None),
        ("Transferred", "passed_on", None),
        ("Died", "died", None),
    ],
)
def test_a_lift_reason_is_read_by_the_table(said: str, outcome: str, reason: str | None) -> None:
    given = of_published(said, Links(), WINDOWS)
    assert (given.outcome, given.reason, given.evidence, given.why) == (outcome, reason, "stated", "lift_reason")


def test_blank_is_unknown_and_a_reason_in_no_table_is_unknown_and_named_as_such() -> None:
    assert alone(None) == ("unknown", None, "none", "blank")
    assert alone("\u00a0 \t") == ("unknown", None, "none", "blank")
    assert alone("Held at the pleasure of the Crown") == ("unknown", None, "none", "unlisted")


def test_blank_with_a_book_in_inside_the_window_is_handed_over_by_the_link_alone() -> None:
    assert alone(None, [], [book_in(6)]) == ("handed_over", None, "linked", "book_in")
    assert alone(None, [], [book_in(7)]) == ("unknown", None, "none", "blank")
    assert alone(None, [], [book_in(-1)]) == ("unknown", None, "none", "blank"), "booked in before it was asked for"


def test_blank_with_an_arrest_out_of_custody_is_handed_over_and_any_other_arrest_alone_is_not() -> None:
    assert alone(None, [arrest(2, apprehension_method="CAP State Incarceration")])[0] == "handed_over"
    assert alone(None, [arrest(2, apprehension_method="Probation and Parole")])[0] == "unknown"


def test_an_arrest_at_large_shows_that_the_person_had_left_custody_even_when_a_book_in_follows() -> None:
    assert alone(None, [arrest(3, apprehension_method="Located")], [book_in(3)]) == (
        "released",
        "at_large",
        "linked",
        "arrested_at_large",
    )
    assert alone(None, [arrest(3, apprehension_method="Located")], [book_in(1)])[0] == "handed_over", "booked in, then let go"


def test_the_fifty_nine_days_of_the_lynn_case_stay_declined_and_are_borne_out_by_the_arrest() -> None:
    lynn = detainer(detainer_prepare_date=dt.date(2024, 1, 29), detainer_lift_reason="Detainer Declined by LEA")
    (row,) = ended([lynn], [arrest(59, apprehension_method="Non-Custodial Arrest")], [book_in(59)], Windows())
    assert (row["outcome"], row["evidence"], row["arrest_days"]) == ("declined", "both", 59)


def test_what_followed_a_later_detainer_elsewhere_is_put_to_that_one() -> None:
    first, second = ended([detainer(), detainer(2, detention_facility_code="BUCKSPA")], [], [book_in(3)])
    assert (first["outcome"], first["why"]) == ("unknown", "later_detainer")
    assert (second["outcome"], second["why"]) == ("handed_over", "book_in")


@pytest.mark.parametrize(
    ("said", "evidence"),
    [
        ("Booked into Detention", "both"),
        ("Detainer Declined by LEA", "contradicted"),
        ("Early Release", "contradicted"),
        ("Case Closed", "contradicted"),
        ("USC or Presumptive Claim to US Citizenship", "contradicted"),
        ("Died", "contradicted"),
        ("Transferred", "stated"),
        ("Superseding - New Form Issued", "stated"),
    ],
)
def test_a_book_in_right_after_bears_a_reason_out_or_speaks_against_it_and_never_changes_it(said: str, evidence: str) -> None:
    given = alone(said, [], [book_in(2)])
    assert (given[0], given[2]) == (LIFTED[folded(said) or ""].outcome, evidence)


def test_booked_in_as_stated_is_contradicted_by_an_arrest_at_large_that_came_first() -> None:
    assert alone("Booked into Detention", [arrest(3, apprehension_method="Located")], [book_in(4)])[2] == "contradicted"
    assert alone("Booked into Detention", [arrest(3, apprehension_method="CAP Local Incarceration")])[2] == "both"
    assert alone("Booked into Detention")[2] == "stated", "no row is no evidence: some book-ins are missing"


def test_moved_and_superseded_are_borne_out_by_the_next_detainer() -> None:
    moved, new = detainer(detainer_lift_reason="Transferred"), detainer(3, detention_facility_code="BUCKSPA")
    assert ended([moved, new])[0]["evidence"] == "both"
    replaced = detainer(detainer_lift_reason="Superseding - New Form Issued")
    assert ended([replaced, detainer(3)])[0]["evidence"] == "both"


def test_a_copy_is_a_duplicate_and_the_row_that_stands_keeps_its_outcome() -> None:
    first, second = ended([detainer(), detainer(detainer_lift_reason="Detainer Declined by LEA")])
    assert (first["outcome"], first["evidence"], first["why"], first["duplicate_of"]) == ("duplicate", "linked", "copy", 2)
    assert second["outcome"] == "declined"


@FEW
@given(detainers, arrests, book_ins)
def test_the_expression_says_what_the_plain_function_says(asked: list[Row], taken: list[Row], booked: list[Row]) -> None:
    for row in ended(asked, taken, booked):
        given = Published(**{name: row[name] for name in GIVEN})
        assert given == of_published(row["detainer_lift_reason"], links_of(row), WINDOWS)
        assert given.outcome in OUTCOMES
        assert given.why in RULES
        assert given.outcome != "declined" or given.lift_class == "declined", "only the requester's word makes a decline"


def test_the_expression_says_what_the_plain_function_says_whatever_the_links_are() -> None:
    reasons = [None, "SOMETHING ELSE", *{lifted.lift_class: said for said, lifted in LIFTED.items()}.values()]
    days, before, custody = (None, 0, 2, 3, 6, 7), (None, 1), (None, "in_custody", "at_large")
    grid = product(reasons, days, before, custody, days, before, (None, 1, 3, 7), (None, 1), (None, 9))
    cases = [case for at, case in enumerate(grid) if at % 7 == 0]  # 7 divides no side: every pair of values occurs
    rows = [
        dict(zip(LINKED, case, strict=True)) | {"key": key, "lift_class": class_of(case[0])} for key, case in enumerate(cases)
    ]
    kinds = {
        name: pa.string() if name in ("detainer_lift_reason", "lift_class", "arrest_custody") else pa.int64() for name in rows[0]
    }
    linked = ibis.memtable(pa.Table.from_pylist(rows, pa.schema(kinds)))
    for row in by_key(with_outcome(linked, WINDOWS)):
        given = Published(**{name: row[name] for name in GIVEN})
        assert given == of_published(row["detainer_lift_reason"], links_of(row), WINDOWS), row


LINKED = (
    *("detainer_lift_reason", "arrest_days", "arrest_before_days", "arrest_custody", "book_in_days", "book_in_before_days"),
    *("elsewhere_days", "next_days", "duplicate_of"),
)


def class_of(said: str | None) -> str:
    return "blank" if said is None else LIFTED[said].lift_class if said in LIFTED else "unlisted"


def links_of(row: Row) -> Links:
    told = {name: row[name] for name in Links._fields if name != "copy"}
    return Links(**told, copy=row["duplicate_of"] is not None)


# What a rule needs: without the column no row may be decided by it.
NEEDS = {
    "detainer_lift_reason": {"lift_reason", "unlisted"},
    "unique_identifier": {"copy", "later_detainer", "arrested_at_large", "book_in", "custodial_arrest"},
    "detainer_prepare_date": {"copy", "later_detainer", "arrested_at_large", "book_in", "custodial_arrest"},
    "detention_facility_code": {"copy", "later_detainer"},
    "apprehension_method": {"arrested_at_large", "custodial_arrest"},
    "book_in_date_time": {"book_in"},
}


@pytest.mark.parametrize("missing", NEEDS)
@settings(max_examples=3, deadline=None)
@given(asked=detainers, taken=arrests, booked=book_ins)
def test_a_class_never_depends_on_a_column_that_is_missing(
    missing: str, asked: list[Row], taken: list[Row], booked: list[Row]
) -> None:
    kinds = {"detainers": asked, "arrests": taken, "detentions": booked}
    nulls = [table(kind, [row | {missing: None} for row in rows]) for kind, rows in kinds.items()]
    gone = [each.drop(missing) if missing in each.columns else each for each in nulls]
    found = by_key(with_outcome(with_links(*gone, WINDOWS), WINDOWS))
    told = [tuple(row[name] for name in GIVEN) for row in found]
    as_nulls = by_key(with_outcome(with_links(*nulls, WINDOWS), WINDOWS))
    assert told == [tuple(row[name] for name in GIVEN) for row in as_nulls], "a missing column is a column of what is not known"
    assert not {row["why"] for row in found} & NEEDS[missing]


def test_every_lift_class_has_one_outcome_and_one_reason() -> None:
    by_class = {lifted.lift_class: lifted for lifted in LIFTED.values()}
    assert all(by_class[lifted.lift_class] == lifted for lifted in LIFTED.values())
    assert all(said == folded(said) for said in LIFTED)
