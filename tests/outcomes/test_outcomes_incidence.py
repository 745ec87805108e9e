"""How soon custody comes: the curve is that of lifelines, and right where the days of other ends are not published."""

import datetime as dt
import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outcome_rows import LAST_DAY, detainers, outcomes, row

from detainer.outcomes.counting.estimating import aalen_johansen
from detainer.outcomes.counting.incidence import CURVES, incidence
from detainer.outcomes.counting.spans import Release
from detainer.outcomes.errors import OutcomesError

SPANS = tuple(Release(name=name, last_day=LAST_DAY, arrests=True, book_ins=True) for name in ("R1", "R2"))
FEW = settings(max_examples=6, deadline=None)


def curve(rows: list[dict[str, Any]], by: tuple[str, ...] = (), **more: Any) -> list[dict[str, Any]]:
    return incidence(outcomes(rows), by, spans=more.pop("spans", SPANS), **more).to_pyarrow().to_pylist()


def detainer(followed: int, **more: Any) -> dict[str, Any]:
    """Return a detainer whose release runs on for so many days after it."""
    return row(detainer_prepare_date=LAST_DAY - dt.timedelta(days=followed), **more)


def counts(days: list[int], kinds: list[int]) -> tuple[Any, ...]:
    """Return the counts per day of events (1), other ends (2) and censored cases (0)."""
    day = np.unique(np.array(days, dtype=np.int64))
    told = list(zip(days, kinds, strict=True))
    return day, *(np.array([told.count((each, kind)) for each in day.tolist()], dtype=np.int64) for kind in (1, 2, 0))


def test_the_curve_and_its_error_are_those_of_lifelines() -> None:
    from lifelines import AalenJohansenFitter

    random = np.random.default_rng(59)
    kinds = random.integers(0, 3, 400)
    # lifelines moves ends of different kinds on one day apart by lot: here none share a day
    days = random.integers(1, 100, 400) * 3 + kinds
    found = aalen_johansen(*counts(days.tolist(), kinds.tolist()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = AalenJohansenFitter(seed=1).fit(pd.Series(days), pd.Series(kinds), event_of_interest=1)
    at = np.unique(days)
    expected = reference.cumulative_density_.iloc[:, 0].reindex(at, method="ffill").to_numpy()
    variance = reference.variance_.reindex(at, method="ffill").to_numpy()
    assert np.allclose(found.incidence, expected, atol=1e-12)
    within = (found.at_risk > 1) & ~np.isnan(variance)
    assert np.allclose(found.error[within], np.sqrt(variance[within]), atol=1e-9)


def test_several_ends_on_one_day_are_within_what_lifelines_gives_by_lot() -> None:
    from lifelines import AalenJohansenFitter

    random = np.random.default_rng(5)
    kinds, days = random.integers(0, 3, 3000), random.integers(0, 60, 3000)
    found = aalen_johansen(*counts(days.tolist(), kinds.tolist()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = AalenJohansenFitter(seed=1, calculate_variance=False).fit(
            pd.Series(days), pd.Series(kinds), event_of_interest=1
        )
    expected = reference.cumulative_density_.iloc[:, 0]
    assert all(
        abs(value - expected[expected.index <= day + 0.5].iloc[-1]) < 0.01
        for day, value in zip(np.unique(days).tolist(), found.incidence.tolist(), strict=True)
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), min_size=1, max_size=25))
def test_the_curve_is_the_textbooks_in_exact_fractions(cases: list[tuple[int, int]]) -> None:
    found = aalen_johansen(*counts([day for day, _ in cases], [kind for _, kind in cases]))
    staying, reached = Fraction(1), Fraction(0)
    for place, day in enumerate(sorted({day for day, _ in cases})):
        at_risk = sum(other >= day for other, _ in cases)
        events, others = (cases.count((day, kind)) for kind in (1, 2))
        reached += staying * Fraction(events, at_risk)
        staying *= 1 - Fraction(events + others, at_risk)
        assert found.incidence[place] == pytest.approx(float(reached), abs=1e-12)


def test_who_ended_otherwise_on_an_unknown_day_never_comes_into_custody() -> None:
    rows = [detainer(100, outcome="handed_over", book_in_days=2)] * 2 + [detainer(100, outcome="declined")] * 6
    rows += [detainer(100, outcome="unknown")] * 2
    found = curve(rows)
    assert [(each["day"], each["incidence"]) for each in found] == [(0, 0.0), (2, pytest.approx(0.2))]
    assert (found[1]["at_risk"], found[1]["events"], found[1]["cases"]) == (10, 2, 10)


def test_the_unknown_day_of_another_end_does_not_move_the_curve() -> None:
    """Many people, true days of both ends, releases that stop: without the other's day the curve is the true part still."""
    random = np.random.default_rng(7)
    size = 20_000
    custody = random.random(size) < 0.4
    days = np.where(custody, random.geometric(0.05, size), random.geometric(0.02, size))
    followed = random.integers(5, 400, size)
    true = float((custody & (days <= 30)).mean())
    seen = days <= followed
    dated = np.where(seen, np.where(custody, 1, 2), 0)
    undated = np.where(seen & custody, 1, 0)
    when = np.where(seen, days, followed), np.where(seen & custody, days, followed)
    for kinds, ends in ((dated, when[0]), (undated, when[1])):
        day = np.unique(ends)
        per_day = [np.bincount(ends[kinds == kind], minlength=day.max() + 1)[day] for kind in (1, 2, 0)]
        found = aalen_johansen(day, *per_day)
        at_30 = found.incidence[np.searchsorted(day, 30, side="right") - 1]
        assert at_30 == pytest.approx(true, abs=0.01)


def test_a_day_of_another_end_counts_where_it_is_known() -> None:
    rows = [detainer(100, outcome="declined")] * 2 + [detainer(100, outcome="handed_over", book_in_days=9)] * 2
    table = outcomes(rows).mutate(ended_days=lambda t: (t.outcome == "declined").ifelse(3, None).cast("int64"))
    found = incidence(table, spans=SPANS).to_pyarrow().to_pylist()[-1]
    assert (found["day"], found["at_risk"], found["incidence"]) == (9, 2, 0.5)


def test_the_curve_ends_where_nobody_is_followed_any_more() -> None:
    rows = [detainer(20, outcome="handed_over", book_in_days=2), detainer(40, outcome="unknown")]
    assert [(each["day"], each["incidence"]) for each in curve(rows, at=(0, 2, 40, 41))] == [
        (0, 0.0),
        (2, 0.5),
        (40, 0.5),
        (41, None),
    ]


def test_an_unknown_case_counts_as_those_alike_and_has_two_bounds() -> None:
    rows = [detainer(50, outcome="handed_over", book_in_days=1)] * 2 + [detainer(50, outcome="declined")] * 3
    rows += [detainer(50, evidence="none"), detainer(50, outcome="handed_over", evidence="linked", book_in_days=1)]
    handed_over = detainer(50, outcome="handed_over", unique_identifier=None)
    nothing_stated = detainer(50, evidence="none", unique_identifier=None)
    elsewhere = [detainer(50, outcome="declined", unique_identifier=None), row(detainer_prepare_date=None)]
    found = curve([*rows, handed_over, nothing_stated, nothing_stated, *elsewhere], at=(0, 1))
    assert [(each["cases"], each["unknown"], each["no_day"]) for each in found] == [(8, 3, 1)] * 2
    # 2 known to be handed over stand for 3; 2 of which nothing is stated, one of them linked, for 4: 3 + 2 of 11
    assert [each["incidence"] for each in found] == [0.0, pytest.approx(5 / 11)]
    assert [each["low"] for each in found] == [0.0, pytest.approx(3 / 11)]
    assert [each["high"] for each in found] == [pytest.approx(3 / 11), pytest.approx(6 / 11)]


def test_nothing_is_estimated_where_nobody_alike_is_known() -> None:
    found = curve([detainer(50, outcome="handed_over"), detainer(50, outcome="declined")], at=(30,))[0]
    assert (found["incidence"], found["low"], found["high"]) == (None, 0.0, 0.5)


def test_missing_ids_of_people_who_were_not_taken_do_not_raise_the_curve() -> None:
    """Ids are missing more often where nobody was booked in; what is stated of them still counts."""
    with_id = [detainer(50, outcome="handed_over", book_in_days=1)] * 5 + [detainer(50, outcome="declined")] * 5
    without = [detainer(50, outcome="declined", unique_identifier=None)] * 10
    assert curve(with_id + without, at=(1,))[0]["incidence"] == pytest.approx(0.25)


def test_a_release_without_book_ins_has_no_curve() -> None:
    spans = (Release(name="R1", last_day=LAST_DAY, arrests=False, book_ins=False),)
    found = curve([detainer(50, outcome="handed_over"), detainer(50, evidence="none")], at=(30,), spans=spans)[0]
    assert (found["incidence"], found["cases"], found["unknown"]) == (None, 0, 2)
    assert (found["low"], found["high"]) == (0.0, 1.0)


def test_a_request_that_is_said_to_be_open_waits() -> None:
    rows = [detainer(50, outcome="open", unique_identifier=None), detainer(50, outcome="handed_over", book_in_days=1)]
    assert curve(rows, at=(1,))[0]["incidence"] == 0.5


def test_the_lynn_case_on_the_curve_of_declined_detainers() -> None:
    rows = (
        [detainer(200, outcome="declined", arrest_days=59)]
        + [detainer(200, outcome="declined")] * 3
        + [detainer(30, outcome="declined")]
    )
    found = curve(rows, curve="declined_arrest", at=(58, 59))
    assert [each["incidence"] for each in found] == [0.0, 0.25]


def test_a_curve_that_there_is_not_is_told_with_those_there_are() -> None:
    with pytest.raises(OutcomesError, match="no such curve; there are custody, declined_arrest, hand_over"):
        incidence(outcomes([row()]), curve="arrest")
    with pytest.raises(OutcomesError, match="begins on day 0"):
        incidence(outcomes([row()]), at=(-1,))
    for each in CURVES.values():
        assert all(each.model_dump()[field] for field in ("title", "says", "event", "others", "denominator", "unknown", "open"))
    assert curve([]) == []
    assert curve([row(detainer_prepare_date=None)], at=(30,))[0]["no_day"] == 1


@FEW
@given(st.lists(detainers(), min_size=1, max_size=30), st.randoms(), st.sampled_from(sorted(CURVES)))
def test_each_group_is_the_curve_of_its_rows_in_any_order(rows: list[dict[str, Any]], random: Any, name: str) -> None:
    at = (0, 30, 59, 365)
    found = curve(random.sample(rows, len(rows)), ("facility",), curve=name, at=at)
    for facility in {each["facility"] for each in found}:
        of_it = [
            {**each, "facility": facility}
            for each in curve([row for row in rows if row["facility_code"] == facility], curve=name, at=at)
        ]
        assert of_it == [each for each in found if each["facility"] == facility]
    for each in found:
        if each["low"] is not None:
            assert -1e-9 <= each["low"] <= each["high"] + 1e-9 <= 1 + 2e-9
            assert each["incidence"] is None or each["low"] <= each["incidence"] + 1e-9
