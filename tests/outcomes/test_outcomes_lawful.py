"""Beside each detainer stands what the law of its place said on its day, from what the row tells and no more."""

import datetime as dt
from typing import Any

import ibis

from detainer.outcomes.deriving.lawful import with_law

A247 = "I247A - Immigration Detainer - Notice of Action (as of May 2025)"
BOXES = ("deportation_ordered_yes_no", "order_show_cause_served_yes_no", "biometric_match_yes_no", "statements_made_yes_no")


def answered(**row: Any) -> dict[str, Any]:
    given = {
        "detainer_prepare_date": dt.date(2024, 1, 29),
        "detainer_type": A247,
        "detention_facility": "ESSEX COUNTY JAIL",
        "place": "us/ma/essex_county",
        **dict.fromkeys(BOXES),
        **row,
    }
    schema = {name: "date" if name == "detainer_prepare_date" else "string" for name in given}
    [found] = with_law(ibis.memtable([given], schema=schema)).to_pyarrow().to_pylist()
    return found


def test_the_hold_is_forbidden_and_the_notice_is_not_in_massachusetts() -> None:
    found = answered()
    assert (found["law_hold_assumed"], found["law_notify"]) == ("must_not", "may")


def test_what_the_row_does_not_tell_stays_unknown() -> None:
    assert answered(place="us/ca/los_angeles_county")["law_notify"] == "needs_facts", "it turns on convictions"


def test_the_assumptions_hold_only_since_the_policy_that_they_rest_on() -> None:
    before = answered(detainer_prepare_date=dt.date(2017, 4, 1))
    assert (before["law_hold"], before["law_notify"]) == (before["law_hold_assumed"], before["law_notify_assumed"])


def test_a_row_without_a_readable_day_has_no_answer() -> None:
    assert answered(detainer_prepare_date=None)["law_hold"] is None


def test_boxes_count_only_when_ticked() -> None:
    ticked = answered(place="us/fl/monroe_county", deportation_ordered_yes_no="YES")
    left = answered(place="us/fl/monroe_county", deportation_ordered_yes_no="NO")
    assert set(ticked) == set(left)


def test_each_detainer_keeps_its_row_and_its_columns() -> None:
    rows = [
        {"detainer_prepare_date": None, "detainer_type": None, "detention_facility": None, "place": "us", "key": n}
        for n in range(3)
    ]
    schema = {
        "detainer_prepare_date": "date",
        "detainer_type": "string",
        "detention_facility": "string",
        "place": "string",
        "key": "int64",
    }
    table = ibis.memtable(rows, schema=schema).mutate(**dict.fromkeys(BOXES, ibis.null("string")))
    assert sorted(row["key"] for row in with_law(table).to_pyarrow().to_pylist()) == [0, 1, 2]
