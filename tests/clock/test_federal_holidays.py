"""The federal calendar, and the kinds of day that a rule may leave out."""

from datetime import UTC, date, datetime

import pytest

from detainer import clock


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2020, 7, 4), "Independence Day"),
        (date(2020, 7, 3), "Independence Day (observed)"),
        (date(2021, 7, 5), "Independence Day (observed)"),
        (date(2021, 12, 31), "New Year's Day (observed)"),
        (date(2024, 1, 1), "New Year's Day"),
        (date(2024, 1, 15), "Martin Luther King Jr. Day"),
        (date(2024, 2, 19), "Washington's Birthday"),
        (date(2024, 5, 27), "Memorial Day"),
        (date(2024, 6, 19), "Juneteenth National Independence Day"),
        (date(2024, 9, 2), "Labor Day"),
        (date(2024, 10, 14), "Columbus Day"),
        (date(2024, 11, 11), "Veterans Day"),
        (date(2024, 11, 28), "Thanksgiving Day"),
        (date(2024, 12, 25), "Christmas Day"),
    ],
)
def test_a_federal_holiday_is_known_by_its_day_and_name(day: date, name: str) -> None:
    assert clock.is_federal_holiday(day)
    assert clock.holiday_name(day) == name


def test_juneteenth_is_a_federal_holiday_only_since_2021() -> None:
    assert not clock.is_federal_holiday(date(2020, 6, 19))
    assert clock.is_federal_holiday(date(2021, 6, 18)), "in 2021 it fell on a Saturday and was observed on Friday"
    assert clock.is_federal_holiday(date(2022, 6, 20)), "in 2022 it fell on a Sunday and was observed on Monday"


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(date(2024, 4, 15), id="Patriots' Day in Massachusetts"),
        pytest.param(date(2024, 3, 26), id="Prince Kuhio Day in Hawaii"),
        pytest.param(date(2024, 7, 25), id="Constitution Day in Puerto Rico"),
        pytest.param(date(2024, 12, 24), id="federal offices closed by order"),
        pytest.param(date(2024, 11, 29), id="the day after Thanksgiving"),
        pytest.param(date(2025, 1, 21), id="an ordinary Tuesday"),
    ],
)
def test_a_holiday_of_a_state_alone_or_a_closing_by_order_is_not_a_federal_holiday(day: date) -> None:
    assert not clock.is_federal_holiday(day)
    assert clock.holiday_name(day) is None


def test_the_answer_for_a_year_does_not_depend_on_the_years_asked_before() -> None:
    first = clock.is_federal_holiday(date(2010, 12, 31))
    clock.is_federal_holiday(date(2011, 1, 1))
    assert first
    assert clock.is_federal_holiday(date(2010, 12, 31))


def test_each_year_since_2021_has_eleven_federal_holidays_beside_the_observed_days() -> None:
    for year in range(2021, 2041):
        first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
        days = [date.fromordinal(ordinal) for ordinal in range(first, last + 1)]
        names = [name for day in days if (name := clock.holiday_name(day)) and "observed" not in name]
        assert len(names) == len(set(names)) == 11, (year, names)


def test_a_moment_is_not_a_day() -> None:
    with pytest.raises(TypeError, match="day must be a calendar day at the facility, not the moment 2024-07-04T04"):
        clock.is_federal_holiday(datetime(2024, 7, 4, 4, 0, tzinfo=UTC))


def test_an_unknown_calendar_is_refused_with_its_name() -> None:
    with pytest.raises(ValueError, match="calendar must be one of us, us/ca, not 'us/zz'"):
        clock.holiday_name(date(2024, 7, 4), "us/zz")


def test_the_kinds_of_day_are_told_by_the_calendar_day() -> None:
    kinds = {kind for kind, told in clock.DAY_KINDS.items() if told(date(2026, 7, 4))}
    assert kinds == {"saturday", "federal_holiday", "judicial_holiday"}
    assert not any(told(date(2026, 7, 6)) for told in clock.DAY_KINDS.values())
