"""A detainer is linked with the arrests, book-ins and other detainers of the same person id in the same release."""

import datetime as dt
import random
from typing import Any

import pytest
from hypothesis import given, settings
from linking_rows import DAY, Row, arrest, arrests, book_in, book_ins, by_key, detainer, detainers, table

from detainer.outcomes.deriving.linking import once, with_links
from detainer.record.published import AT_LARGE, IN_CUSTODY, LIFTED, Windows, folded

FEW = settings(max_examples=6, deadline=None)
WINDOWS = Windows(before=5, hand_over=6, contradicts=2)


def links(asked: list[Row], taken: list[Row] | None = None, booked: list[Row] | None = None) -> list[Row]:
    events = [None if rows is None else table(kind, rows) for kind, rows in (("arrests", taken), ("detentions", booked))]
    return by_key(with_links(table("detainers", asked), *events, WINDOWS))


def test_the_first_event_on_or_after_the_day_counts_and_the_day_itself_is_zero() -> None:
    (found,) = links([detainer()], [arrest(59), arrest(0, hour=1), arrest(0, hour=9)], [book_in(60), book_in(-6)])
    assert found["arrest_days"] == 0
    assert found["arrest_at"] == dt.datetime.combine(DAY, dt.time(1))
    assert found["arrest_key"] == 2
    assert found["book_in_days"] == 60
    assert found["book_in_before_days"] is None, "six days before is outside the window of five"


def test_what_came_just_before_is_kept_apart_from_what_came_after() -> None:
    (found,) = links([detainer()], [arrest(-5), arrest(-2), arrest(30)], [])
    assert (found["arrest_days"], found["arrest_before_days"]) == (30, 2)


def test_of_several_rows_at_one_moment_the_lowest_key_is_named() -> None:
    (found,) = links([detainer()], [], [book_in(3), book_in(3), book_in(3)])
    assert found["book_in_key"] == 1


def test_an_arrest_says_where_the_person_was_as_far_as_its_method_says_it() -> None:
    def where(method: str | None) -> Any:
        return links([detainer()], [arrest(3, apprehension_method=method)])[0]["arrest_custody"]

    assert where("CAP  Local Incarceration ") == "in_custody"
    assert where("located") == "at_large"
    assert where("Probation and Parole") is None
    assert where(None) is None


def test_a_day_alone_counts_as_its_midnight_when_the_moment_is_not_told() -> None:
    (found,) = links([detainer()], [{"unique_identifier": "a", "apprehension_date": DAY}], None)
    assert (found["arrest_days"], found["arrest_at"]) == (0, dt.datetime.combine(DAY, dt.time()))


@pytest.mark.parametrize(
    "apart",
    [
        {"unique_identifier": "b"},
        {"unique_identifier": None},
        {"release": "R2"},
    ],
)
def test_another_id_no_id_or_another_release_links_nothing(apart: Row) -> None:
    (found,) = links([detainer()], [arrest(1) | apart], [book_in(1) | apart])
    assert found["arrest_days"] is None
    assert found["book_in_days"] is None


def test_two_rows_without_an_id_are_not_one_person() -> None:
    found = links([detainer(unique_identifier=None)] * 2, [arrest(unique_identifier=None)], [])
    assert [row["duplicate_of"] for row in found] == [None, None]
    assert [row["arrest_days"] for row in found] == [None, None]


def test_a_detainer_without_a_readable_day_is_linked_to_nothing() -> None:
    found = links([detainer(detainer_prepare_date=None)] * 2, [arrest(1)], [book_in(1)])
    assert {row["arrest_days"] for row in found} == {None}
    assert {row["duplicate_of"] for row in found} == {None}


def test_a_copy_has_the_same_id_day_and_facility_and_the_row_that_tells_most_stands() -> None:
    rows = [
        detainer(),
        detainer(detainer_lift_reason="Superseding - New Form Issued"),
        detainer(detainer_lift_reason="Lifted"),
        detainer(detainer_lift_reason="Booked into Detention", detention_facility_code="suffoma "),
        detainer(detention_facility_code="BUCKSPA"),
        detainer(1),
        detainer(detention_facility_code=None),
    ]
    assert [row["duplicate_of"] for row in links(rows)] == [3, 3, None, 3, None, None, None]


def test_of_copies_that_tell_nothing_the_first_stands() -> None:
    assert [row["duplicate_of"] for row in links([detainer(), detainer(), detainer()])] == [None, 1, 1]


def test_the_next_detainer_on_a_later_day_is_told_at_any_and_at_another_facility() -> None:
    found = links([detainer(), detainer(4), detainer(9, detention_facility_code="BUCKSPA"), detainer(9)])
    assert [(row["next_days"], row["elsewhere_days"]) for row in found] == [(4, 9), (5, 5), (None, None), (None, None)]


@FEW
@given(detainers, arrests, book_ins)
def test_the_links_are_those_that_a_person_would_find_by_hand(asked: list[Row], taken: list[Row], booked: list[Row]) -> None:
    assert [picked(row) for row in links(asked, taken, booked)] == by_hand(asked, taken, booked)


@FEW
@given(detainers, arrests, book_ins)
def test_rows_that_are_given_twice_or_in_another_order_change_nothing(
    asked: list[Row], taken: list[Row], booked: list[Row]
) -> None:
    once_each = [table(kind, rows) for kind, rows in (("detainers", asked), ("arrests", taken), ("detentions", booked))]
    twice = [once(each.union(each)) for each in once_each]
    assert by_key(with_links(*twice, WINDOWS)) == by_key(with_links(*once_each, WINDOWS))

    mixed = [
        table(
            kind,
            random.Random(1).sample([row | {"key": place + 1, "row": place + 8} for place, row in enumerate(rows)], len(rows)),
        )
        for kind, rows in (("detainers", asked), ("arrests", taken), ("detentions", booked))
    ]
    assert by_key(with_links(*mixed, WINDOWS)) == by_key(with_links(*once_each, WINDOWS))


@pytest.mark.parametrize(
    ("missing", "silent"),
    [
        ("unique_identifier", ("arrest_days", "book_in_days", "duplicate_of", "next_days")),
        ("detainer_prepare_date", ("arrest_days", "book_in_days", "duplicate_of", "next_days")),
        ("detention_facility_code", ("duplicate_of", "elsewhere_days")),
    ],
)
def test_a_column_that_a_release_does_not_have_leaves_links_null(missing: str, silent: tuple[str, ...]) -> None:
    rows = [detainer(), detainer(), detainer(2, detention_facility_code="BUCKSPA")]
    found = by_key(
        with_links(table("detainers", rows).drop(missing), table("arrests", [arrest(3)]), table("detentions", [book_in(3)]))
    )
    assert {(name, row[name]) for row in found for name in silent} == {(name, None) for name in silent}


def test_a_table_or_a_method_that_a_release_does_not_have_leaves_links_null() -> None:
    rows = table("detainers", [detainer()])
    (alone,) = by_key(with_links(rows, None, None))
    assert alone["arrest_days"] is alone["book_in_days"] is alone["arrest_custody"] is None
    (found,) = by_key(with_links(rows, table("arrests", [arrest(3)]).drop("apprehension_method", "apprehension_date"), None))
    assert (found["arrest_days"], found["arrest_custody"]) == (3, None)


LINKS = [
    "arrest_at",
    "arrest_days",
    "arrest_key",
    "arrest_before_days",
    "arrest_custody",
    "book_in_at",
    "book_in_days",
    "book_in_key",
    "book_in_before_days",
    "next_days",
    "elsewhere_days",
    "duplicate_of",
    "lift_class",
]


def picked(row: Row) -> Row:
    return {name: row[name] for name in LINKS}


def by_hand(asked: list[Row], taken: list[Row], booked: list[Row]) -> list[Row]:
    """The links worked out row by row, the slow and plain way."""
    asked = [{"release": "R1", "key": place + 1} | row for place, row in enumerate(asked)]
    return [of_row(row, asked, taken, booked) for row in asked]


def of_row(row: Row, asked: list[Row], taken: list[Row], booked: list[Row]) -> Row:
    found: Row = dict.fromkeys(LINKS)
    said = folded(row.get("detainer_lift_reason"))
    found["lift_class"] = "blank" if said is None else LIFTED[said].lift_class if said in LIFTED else "unlisted"
    day = row["detainer_prepare_date"]
    if row["unique_identifier"] is None or day is None:
        return found
    for name, rows, title in (("arrest", taken, "apprehension_date_time"), ("book_in", booked, "book_in_date_time")):
        events = [
            (event[title], place + 1, event)
            for place, event in enumerate(rows)
            if (event["unique_identifier"], event.get("release", "R1")) == (row["unique_identifier"], row["release"])
        ]
        after = sorted((at, key) for at, key, _ in events if at.date() >= day)
        if after:
            found |= {f"{name}_at": after[0][0], f"{name}_key": after[0][1], f"{name}_days": (after[0][0].date() - day).days}
        before = [(day - at.date()).days for at, _, _ in events if 0 < (day - at.date()).days <= WINDOWS.before]
        found[f"{name}_before_days"] = min(before, default=None)
        if name == "arrest" and after:
            method = folded(rows[after[0][1] - 1]["apprehension_method"])
            found["arrest_custody"] = "in_custody" if method in IN_CUSTODY else "at_large" if method in AT_LARGE else None
    mine = [
        other
        for other in asked
        if (other["unique_identifier"], other["release"]) == (row["unique_identifier"], row["release"])
        and other["detainer_prepare_date"] is not None
    ]
    later = [(other, (other["detainer_prepare_date"] - day).days) for other in mine if other["detainer_prepare_date"] > day]
    found["next_days"] = min((days for _, days in later), default=None)
    elsewhere = [days for other, days in later if code(other) and code(row) and code(other) != code(row)]
    found["elsewhere_days"] = min(elsewhere, default=None)
    fellows = [other for other in mine if code(other) and code(other) == code(row) and other["detainer_prepare_date"] == day]
    stands = min(fellows, key=lambda other: (not tells(other), other["key"]), default=row)
    found["duplicate_of"] = None if stands["key"] == row["key"] else stands["key"]
    return found


def code(row: Row) -> str | None:
    return folded(row["detention_facility_code"])


def tells(row: Row) -> bool:
    said = folded(row.get("detainer_lift_reason"))
    return said is not None and (said not in LIFTED or LIFTED[said].lift_class not in ("duplicate", "superseded"))
