"""Measures add up, say what is unknown, and count what followed a decline only where the release runs on long enough."""

import datetime as dt
from collections import Counter, defaultdict
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outcome_rows import LAST_DAY, detainers, last, outcomes, row

from detainer.outcomes.counting.following import quantiles
from detainer.outcomes.counting.groups import GROUPS
from detainer.outcomes.counting.measures import MEASURES, law_beside, measure
from detainer.outcomes.counting.spans import Release, spans_of
from detainer.outcomes.errors import OutcomesError

SPANS = tuple(Release(name=name, last_day=LAST_DAY, arrests=True, book_ins=True) for name in ("R1", "R2"))
FEW = settings(max_examples=4, deadline=None)


def counted(name: str, rows: list[dict[str, Any]], by: tuple[str, ...] = (), **more: Any) -> list[dict[str, Any]]:
    return measure(name, outcomes(rows), by, spans=SPANS, **more).to_pyarrow().to_pylist()


def part(name: str, category: str, rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return next(each for each in counted(name, rows, **more) if each["category"] == category)


def numbers(found: dict[str, Any]) -> tuple[int, int, int, int]:
    return found["numerator"], found["denominator"], found["unknown"], found["open"]


def test_each_measure_says_in_words_what_it_counts() -> None:
    for name, each in MEASURES.items():
        said = each.model_dump()
        assert "count" not in said
        assert each.name == name
        assert all(said[field] for field in ("title", "says", "numerator", "denominator", "unknown", "open", "parts"))


def test_a_blank_is_unknown_or_young_and_in_no_denominator() -> None:
    old, young = dt.date(2024, 1, 1), LAST_DAY - dt.timedelta(days=10)
    rows = [
        row(outcome="declined"),
        row(outcome="handed_over"),
        row(outcome="unknown", detainer_prepare_date=old),
        row(outcome="unknown", detainer_prepare_date=young),
        row(outcome="open", detainer_prepare_date=old),
        row(outcome=None, detainer_prepare_date=None),
    ]
    found = part("outcome_mix", "declined", rows)
    assert numbers(found) == (1, 2, 2, 2)
    assert (found["share"], found["low"], found["high"]) == (1 / 2, 1 / 6, 5 / 6)


def test_a_copy_is_left_out_and_counted() -> None:
    rows = [row(outcome="declined", key=1), row(outcome="duplicate", key=2, duplicate_of=1)]
    assert numbers(part("outcome_mix", "declined", rows)) == (1, 1, 0, 0)
    assert part("outcome_mix", "declined", rows)["duplicates"] == 1
    assert numbers(part("outcome_mix", "duplicate", rows, duplicates=True)) == (1, 2, 0, 0)


def test_an_arrest_is_looked_for_only_where_the_release_runs_on_long_enough() -> None:
    def declined(days_before_the_end: int, **more: Any) -> dict[str, Any]:
        return row(outcome="declined", detainer_prepare_date=LAST_DAY - dt.timedelta(days=days_before_the_end), **more)

    rows = [
        declined(400, arrest_days=59),
        declined(400, arrest_days=90),
        declined(400, arrest_days=91),
        declined(400),
        declined(90),
        declined(89, arrest_days=1),
        declined(400, unique_identifier=None),
        row(outcome="declined", detainer_prepare_date=None),
        row(outcome="released", arrest_days=5),
    ]
    assert numbers(part("followed_30", "arrested", rows)) == (1, 6, 2, 0)
    assert numbers(part("followed_90", "arrested", rows)) == (2, 5, 2, 1)
    assert numbers(part("followed_180", "arrested", rows)) == (3, 4, 2, 2)
    assert numbers(part("followed_ever", "arrested", rows)) == (4, 6, 2, 0)


def test_a_release_that_was_not_joined_with_arrests_says_nothing_of_what_followed() -> None:
    table = outcomes([row(outcome="declined"), row(outcome="declined", detainer_prepare_date=LAST_DAY)])
    found = measure("followed_30", table).to_pyarrow().to_pylist()[0]
    assert numbers(found) == (0, 0, 2, 0)
    assert found["share"] is None


def test_the_59_days_of_the_lynn_case_have_a_place() -> None:
    rows = [row(outcome="declined", arrest_days=days) for days in (3, 58, 59, 60, 400)] + [row(outcome="declined")]
    assert [each["numerator"] for each in counted("lynn", [*rows, row(outcome="declined", arrest_days=61)])] == [4, 2]
    assert MEASURES["lynn"].parts["within"] == "60 days or fewer: the 59 days of the Lynn case lie here"
    assert part("lag_declined_arrest", "day_31_60", rows)["numerator"] == 3
    assert numbers(part("lag_declined_arrest", "day_366_on", rows)) == (1, 5, 1, 0)


def test_citizens_and_the_requesters_own_lack_of_means() -> None:
    rows = [row(outcome="withdrawn", reason=reason) for reason in ("citizen", "could_not_come", "could_not_come", "unstated")]
    rows += [row(outcome="declined"), row(outcome="unknown")]
    assert numbers(part("citizens", "citizen", rows)) == (1, 5, 1, 0)
    assert numbers(part("no_means", "could_not_come", rows)) == (2, 5, 1, 0)
    assert numbers(part("withdrawn", "could_not_come", rows)) == (2, 3, 1, 0)


def test_declined_where_the_law_forbids_the_hold_but_allows_the_notice() -> None:
    law = [
        ("must_not", "may"),
        ("must_not", "must"),
        ("must_not", "must_not"),
        ("may", "may"),
        ("needs_facts", "may"),
        (None, None),
    ]
    rows = [row(outcome="declined", law_hold=hold, law_notify=notify) for hold, notify in law]
    rows += [row(outcome="handed_over", law_hold="must_not", law_notify="may")]
    assert numbers(part("declined_law", "forbidden_allowed", rows)) == (2, 4, 2, 0)
    beside = law_beside(outcomes(rows), spans=SPANS).to_pyarrow().to_pylist()
    both = [each for each in beside if (each["law_hold"], each["law_notify"]) == ("must_not", "may")]
    assert {each["category"]: each["numerator"] for each in both if each["numerator"]} == {"declined": 1, "handed_over": 1}


def test_a_county_is_named_with_its_state() -> None:
    rows = [row(outcome="declined", county="Washington", state=state) for state in ("PA", "OR", None)]
    assert {each["county"] for each in counted("outcome_mix", rows, ("county",))} == {"Washington, PA", "Washington, OR", None}


def test_a_facility_without_a_code_is_named_with_its_state() -> None:
    rows = [
        row(facility_code=None, detention_facility=name, state=state)
        for name, state in (("Franklin  County Jail ", "PA"), ("FRANKLIN COUNTY JAIL", "NY"))
    ]
    rows += [row(facility_code="FRANKPA", detention_facility="FRANKLIN COUNTY JAIL", state="PA"), row(facility_code=None)]
    assert {each["facility"] for each in counted("outcome_mix", rows, ("facility",))} == {
        "FRANKLIN COUNTY JAIL, PA", "FRANKLIN COUNTY JAIL, NY", "FRANKPA", None,
    }  # fmt: skip


def test_a_measure_or_group_that_there_is_not_is_told_with_those_there_are() -> None:
    with pytest.raises(OutcomesError, match="no such measure; there are outcome_mix"):
        measure("mix", outcomes([row()]))
    with pytest.raises(OutcomesError, match="no such group; there are facility"):
        measure("outcome_mix", outcomes([row()]), ["jail"])
    with pytest.raises(OutcomesError, match="named once"):
        measure("outcome_mix", outcomes([row()]), ["state", "state"])


def test_a_table_without_rows_has_no_share() -> None:
    assert {each["share"] for each in counted("outcome_mix", [])} == {None}
    assert counted("outcome_mix", [], ("state",)) == []


def test_a_group_whose_column_is_missing_is_one_group_that_is_not_known() -> None:
    table = outcomes([row(outcome="declined", arrest_days=59), last()]).drop(
        "tod_current_duty_site", "unique_identifier", "county"
    )
    for name in MEASURES:
        found = measure(name, table, ("office", "county"), spans=SPANS).to_pyarrow()
        assert set(found.column("office").to_pylist()) <= {None}
        assert found.column_names[:2] == ["office", "county"]


def test_every_measure_is_counted_by_every_one_or_two_groups() -> None:
    table = outcomes([row(outcome="declined", arrest_days=59), last()])
    for by in [(), *((each,) for each in GROUPS), *combinations(("facility", "county", "month", "criminality"), 2)]:
        found = measure("lynn", table, by, spans=SPANS).to_pyarrow()
        assert set(by) <= set(found.column_names)
        assert sum(found.column("numerator").to_pylist()) == 1


@FEW
@given(st.lists(detainers(), max_size=40), st.sampled_from(sorted(MEASURES)))
def test_parts_sum_to_the_denominator_and_groups_to_the_whole(rows: list[dict[str, Any]], name: str) -> None:
    whole = counted(name, rows)
    assert sum(each["numerator"] for each in whole) == whole[0]["denominator"]
    for by in (("facility",), ("state", "month"), ("county", "law_hold")):
        sums: dict[str, Counter[str]] = defaultdict(Counter)
        for each in counted(name, rows, by):
            sums[each["category"]].update(
                {key: each[key] for key in ("numerator", "denominator", "unknown", "open", "duplicates")}
            )
        for each in whole:
            assert all(
                each[key] == sums[each["category"]][key] for key in ("numerator", "denominator", "unknown", "open", "duplicates")
            )


@FEW
@given(st.lists(detainers(), max_size=40))
def test_all_cases_of_the_mix_are_all_rows(rows: list[dict[str, Any]]) -> None:
    found = counted("outcome_mix", rows)[0]
    assert found["denominator"] + found["unknown"] + found["open"] + found["duplicates"] == len(rows)
    single = [each for each in rows if each["duplicate_of"] is None]
    assert Counter(each["outcome"] for each in single if each["outcome"] not in ("unknown", "open")) == Counter(
        {each["category"]: each["numerator"] for each in counted("outcome_mix", rows) if each["numerator"]}
    )


@FEW
@given(st.lists(detainers(), min_size=1, max_size=30), st.randoms(), st.sampled_from(sorted(MEASURES)))
def test_the_order_of_rows_changes_nothing(rows: list[dict[str, Any]], random: Any, name: str) -> None:
    shuffled = random.sample(rows, len(rows))
    assert counted(name, rows, ("facility", "state")) == counted(name, shuffled, ("facility", "state"))
    assert spans_of(outcomes(rows)) == spans_of(outcomes(shuffled))


def test_a_mistyped_year_does_not_move_the_last_day() -> None:
    usual = [row(detainer_prepare_date=LAST_DAY)] * 20_000
    rows = [*usual, row(detainer_prepare_date=dt.date(2201, 7, 15)), row(release="R2", detainer_prepare_date=None)]
    assert spans_of(outcomes(rows)) == (
        Release(name="R1", last_day=LAST_DAY, arrests=False, book_ins=False),
        Release(name="R2", last_day=None, arrests=False, book_ins=False),
    )


def test_quantiles_are_days_that_occur() -> None:
    rows = [row(outcome="handed_over", book_in_days=days, state="PA") for days in range(1, 11)]
    rows += [row(outcome="handed_over", book_in_days=days, state=None) for days in (4, 8)]
    rows += [row(outcome="handed_over", state="NJ"), row(outcome="handed_over", book_in_days=3, state="PA", duplicate_of=1)]
    found = {each.pop("state"): each for each in quantiles("lag_book_in", outcomes(rows), ["state"]).to_pyarrow().to_pylist()}
    assert found == {
        "PA": {"cases": 10, "p10": 1, "p25": 3, "p50": 5, "p75": 8, "p90": 9},
        None: {"cases": 2, "p10": 4, "p25": 4, "p50": 4, "p75": 8, "p90": 8},
    }
    assert quantiles("lag_arrest", outcomes(rows)).to_pyarrow().num_rows == 0
