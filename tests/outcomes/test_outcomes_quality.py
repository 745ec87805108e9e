"""The data-quality report names what is wrong, and bursts of one-day entries are flagged by a rule that quiet places pass."""

import datetime as dt
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from outcome_rows import LAST_DAY, detainers, outcomes, row

from detainer.outcomes.counting.bursts import bursts
from detainer.outcomes.counting.quality import CHECKS, Quality, quality
from detainer.outcomes.counting.spans import Release

SPANS = (Release(name="R1", last_day=LAST_DAY, arrests=True, book_ins=True),)
BATCH = dt.date(2025, 2, 11)


def of(rows: list[dict[str, Any]], **more: Any) -> Quality:
    return quality(outcomes(rows), spans=SPANS, **more)


def days(facility: str, counts: dict[dt.date, int]) -> list[dict[str, Any]]:
    return [row(facility_code=facility, detainer_prepare_date=day) for day, number in counts.items() for _ in range(number)]


def flagged(rows: list[dict[str, Any]]) -> list[tuple[str | None, dt.date, int]]:
    found = bursts(outcomes(rows)).to_pyarrow().to_pylist()
    return [(each["facility"], each["day"], each["detainers"]) for each in found]


def test_each_check_counts_its_rows() -> None:
    rows = [
        row(key=1, outcome="handed_over", law_hold="may", detainer_lift_reason="Booked into Detention"),
        row(key=2, outcome="duplicate", duplicate_of=1),
        row(unique_identifier=None, facility_code=None, state=None, county=None),
        row(detainer_prepare_date=None, evidence="contradicted", outcome="declined"),
        row(detainer_prepare_date=dt.date(2201, 7, 15), outcome="open"),
        row(lift_class="unlisted", detainer_lift_reason="Gone Fishing"),
    ]
    found = of(rows)
    assert found.rows == 6
    assert {check.name for check in found.checks} == set(CHECKS)
    counts = {check.name: check.rows for check in found.checks}
    assert counts == {
        **dict.fromkeys(("copies", "no_id", "no_day", "after_last_day", "no_facility", "no_state", "no_county"), 1),
        **dict.fromkeys(("no_area", "no_office", "no_criminality", "no_type"), 6),
        "blank_reason": 4,
        "unlisted_reason": 1,
        "contradicted": 1,
        "unknown": 3,
        "no_law": 5,
    }
    assert all(check.of == 6 and check.means for check in found.checks)


def test_a_lift_reason_in_no_table_is_listed_by_its_name() -> None:
    rows = [row(lift_class="unlisted", detainer_lift_reason=reason) for reason in ("Gone Fishing", "GONE", "Gone Fishing")]
    assert [(each.lift_reason, each.rows) for each in of(rows).unlisted] == [("Gone Fishing", 2), ("GONE", 1)]


def test_a_state_without_any_decline_is_named() -> None:
    rows = [row(state="TX", outcome="handed_over")] * 3 + [row(state="MA", outcome="declined"), row(state="RI")]
    assert [(each.state, each.ended) for each in of(rows).never_declined] == [("TX", 3)]


def test_what_the_reading_missed_and_rejected_is_told() -> None:
    found = of([row(filled="state,county")], missing={"detainers": ["gender"]}, rejected={"detainers": 2})
    assert (found.missing, found.rejected) == ({"detainers": ("gender",)}, {"detainers": 2})
    assert [(each.filled, each.rows) for each in found.filled] == [("state,county", 1)]
    assert Quality.model_validate_json(found.model_dump_json()) == found


def test_a_column_that_a_release_does_not_have_is_missing_in_every_row() -> None:
    table = outcomes([row(unique_identifier="a person", tod_current_duty_site="ERO")] * 3)
    told = {check.name: check.rows for check in quality(table, spans=SPANS).checks}
    without = quality(table.drop("unique_identifier", "tod_current_duty_site", "filled", "detention_facility"), spans=SPANS)
    found = {check.name: check.rows for check in without.checks}
    assert (told["no_id"], told["no_office"]) == (0, 0)
    assert found == told | {"no_id": 3, "no_office": 3}


def test_a_table_without_rows_has_a_report() -> None:
    assert (of([]).rows, of([]).burst_days) == (0, 0)


def test_a_batch_on_one_day_is_flagged() -> None:
    around = {BATCH + dt.timedelta(days=shift): 1 for shift in range(-60, 61, 3)}
    assert flagged(days("STCLOUD", around | {BATCH: 30})) == [("STCLOUD", BATCH, 30)]
    assert of(days("STCLOUD", around | {BATCH: 30})).bursts[0].usual < 1


def test_a_busy_place_and_a_few_on_one_day_are_not() -> None:
    random = np.random.default_rng(59)
    every_day = [BATCH + dt.timedelta(days=shift) for shift in range(-60, 61)]
    busy = {day: int(number) for day, number in zip(every_day, random.poisson(25, len(every_day)), strict=True)}
    assert flagged(days("HARRIS", busy) + days("SMALL", {BATCH: 9})) == []


def test_the_first_and_last_days_of_a_release_are_held_against_the_days_there_are() -> None:
    steady = {LAST_DAY - dt.timedelta(days=shift): 12 for shift in range(40)}
    assert flagged(days("STEADY", steady)) == []


def test_a_copy_makes_no_burst() -> None:
    assert flagged([row(key=number, duplicate_of=1) for number in range(2, 60)]) == []


@settings(max_examples=3, deadline=None)
@given(st.lists(detainers(), min_size=1, max_size=30), st.randoms())
def test_the_order_of_rows_changes_nothing_in_the_report(rows: list[dict[str, Any]], random: Any) -> None:
    assert of(rows) == of(random.sample(rows, len(rows)))
