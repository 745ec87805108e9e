"""Elapsed hours and counted hours, on the days where a clerk with a wall clock goes wrong."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from detainer import clock

NEW_YORK = "America/New_York"


def at(zone: str, text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("zone", "start", "due"),
    [
        pytest.param(NEW_YORK, "2024-03-09 16:30", "2024-03-11 17:30", id="an hour later over the change to summer"),
        pytest.param(NEW_YORK, "2024-11-02 16:30", "2024-11-04 15:30", id="an hour earlier over the change back"),
        pytest.param("America/Phoenix", "2024-03-09 16:30", "2024-03-11 16:30", id="Arizona does not change clocks"),
        pytest.param("Pacific/Honolulu", "2024-03-09 16:30", "2024-03-11 16:30", id="nor does Hawaii"),
        pytest.param("America/Puerto_Rico", "2024-11-02 16:30", "2024-11-04 16:30", id="nor Puerto Rico"),
        pytest.param(NEW_YORK, "2023-12-30 20:00", "2024-01-01 20:00", id="over the end of a year"),
        pytest.param(NEW_YORK, "2024-02-28 09:00", "2024-03-01 09:00", id="over the leap day"),
        pytest.param(NEW_YORK, "2023-02-27 09:00", "2023-03-01 09:00", id="over a February without one"),
    ],
)
def test_forty_eight_elapsed_hours_run_on_every_day(zone: str, start: str, due: str) -> None:
    assert clock.elapsed(at(zone, start), 48) == at(zone, due)


@pytest.mark.parametrize(
    ("zone", "start", "due"),
    [
        pytest.param(NEW_YORK, "2024-05-03 16:30", "2024-05-07 16:30", id="Friday 16:30 to Tuesday 16:30"),
        pytest.param(NEW_YORK, "2024-05-24 16:30", "2024-05-29 16:30", id="to Wednesday when Monday is a holiday"),
        pytest.param(NEW_YORK, "2024-05-04 11:15", "2024-05-08 00:00", id="a Saturday counts from Monday 00:00"),
        pytest.param(NEW_YORK, "2024-05-05 23:59", "2024-05-08 00:00", id="a Sunday counts from Monday 00:00"),
        pytest.param(NEW_YORK, "2024-07-04 08:00", "2024-07-09 00:00", id="a holiday counts from the day after it"),
        pytest.param(NEW_YORK, "2024-05-06 10:00", "2024-05-08 10:00", id="a Monday is the same as elapsed"),
        pytest.param(NEW_YORK, "2024-05-02 00:00", "2024-05-04 00:00", id="complete at midnight, it ends there"),
        pytest.param(NEW_YORK, "2024-05-02 00:01", "2024-05-06 00:01", id="a minute short, it goes on on Monday"),
        pytest.param(NEW_YORK, "2024-03-08 16:30", "2024-03-12 16:30", id="the change to summer is on a Sunday"),
        pytest.param(NEW_YORK, "2024-03-10 01:30", "2024-03-13 00:00", id="a start in the night of the change"),
        pytest.param(NEW_YORK, "2024-11-01 16:30", "2024-11-05 16:30", id="the change back is on a Sunday"),
        pytest.param(NEW_YORK, "2021-12-30 16:30", "2022-01-04 16:30", id="New Year's Day observed on 31 December"),
        pytest.param(NEW_YORK, "2023-12-29 16:30", "2024-01-03 16:30", id="a year's end with New Year on Monday"),
        pytest.param(NEW_YORK, "2024-02-28 09:00", "2024-03-01 09:00", id="the leap day is a day like another"),
        pytest.param(NEW_YORK, "2020-07-02 12:00", "2020-07-07 12:00", id="4 July on a Saturday, observed on Friday"),
        pytest.param(NEW_YORK, "2021-07-02 12:00", "2021-07-07 12:00", id="4 July on a Sunday, observed on Monday"),
        pytest.param("Pacific/Honolulu", "2024-05-03 16:30", "2024-05-07 16:30", id="in Hawaii's own days"),
        pytest.param("America/Phoenix", "2024-03-08 16:30", "2024-03-12 16:30", id="in Arizona's own days"),
        pytest.param("America/Puerto_Rico", "2024-11-08 16:30", "2024-11-13 16:30", id="in Puerto Rico's own days"),
    ],
)
def test_forty_eight_counted_hours_stand_still_on_weekends_and_holidays(zone: str, start: str, due: str) -> None:
    assert clock.counted(at(zone, start), 48, zone, clock.is_federal_holiday) == at(zone, due)


def test_the_release_of_cacho_on_a_friday_in_2009_counts_to_the_tuesday_as_the_complaint_counted() -> None:
    due = clock.counted(at("America/Chicago", "2009-08-21 12:00"), 48, "America/Chicago")
    assert due.astimezone(ZoneInfo("America/Chicago")).date() == date(2009, 8, 25)


def test_the_day_is_the_facilitys_and_not_the_one_in_greenwich() -> None:
    friday_evening_in_hawaii = datetime(2024, 5, 4, 4, 0, tzinfo=UTC)
    due = clock.counted(friday_evening_in_hawaii, 48, "Pacific/Honolulu")
    assert due == at("Pacific/Honolulu", "2024-05-07 18:00")


def test_a_counted_day_gives_the_hours_it_really_has_when_the_clocks_change_on_it() -> None:
    def no_day(_: date) -> bool:
        return False

    assert clock.counted_except(at(NEW_YORK, "2024-03-10 00:00"), 23, NEW_YORK, no_day) == at(NEW_YORK, "2024-03-11")
    assert clock.counted_except(at(NEW_YORK, "2024-11-03 00:00"), 25, NEW_YORK, no_day) == at(NEW_YORK, "2024-11-04")


def test_a_day_that_begins_at_one_in_the_morning_is_counted_from_there() -> None:
    saturday_in_havana = at("America/Havana", "2024-03-09 12:00")
    due = clock.counted_except(saturday_in_havana, 1, "America/Havana", lambda day: day.isoweekday() == 6)
    assert due.astimezone(ZoneInfo("America/Havana")).isoformat() == "2024-03-10T02:00:00-04:00"


def test_another_calendar_of_holidays_can_be_given() -> None:
    patriots_day = date(2024, 4, 15)
    start = at(NEW_YORK, "2024-04-12 16:30")
    assert clock.counted(start, 48, NEW_YORK) == at(NEW_YORK, "2024-04-16 16:30")
    assert clock.counted(start, 48, NEW_YORK, lambda day: day == patriots_day) == at(NEW_YORK, "2024-04-17 16:30")


def test_the_days_left_out_are_those_the_clock_passed_over() -> None:
    start = at(NEW_YORK, "2024-05-24 16:30")
    rule = clock.HOLD_RULES["I-247A"][1]
    days = clock.days_left_out(start, at(NEW_YORK, "2024-05-29 16:30"), NEW_YORK, rule.leaves_out)
    assert days == (date(2024, 5, 25), date(2024, 5, 26), date(2024, 5, 27))
    assert clock.days_left_out(start, at(NEW_YORK, "2024-05-25 00:00"), NEW_YORK, rule.leaves_out) == ()


def test_a_moment_without_a_time_zone_is_refused_by_the_name_of_the_argument() -> None:
    naive = datetime(2024, 5, 3, 16, 30)  # noqa: DTZ001
    with pytest.raises(ValueError, match=r"^start must say its time zone: 2024-05-03T16:30:00 has none"):
        clock.elapsed(naive, 48)
    with pytest.raises(ValueError, match=r"^start must say its time zone"):
        clock.counted(naive, 48, NEW_YORK)
    with pytest.raises(ValueError, match=r"^due must say its time zone"):
        clock.days_left_out(at(NEW_YORK, "2024-05-03"), naive, NEW_YORK, clock.is_federal_holiday)


@pytest.mark.parametrize("zone", ["", "Boston", "EST5", "America", "../UTC", "america/new_york", "localtime", "Factory"])
def test_a_zone_that_does_not_exist_or_is_the_machines_own_is_refused_with_its_value(zone: str) -> None:
    with pytest.raises(ValueError, match="zone must be a name of the IANA") as refused:
        clock.counted(datetime(2024, 5, 3, tzinfo=UTC), 48, zone)
    assert repr(zone) in str(refused.value)


@pytest.mark.parametrize("hours", [0, -48, 8_785, 10**12])
def test_a_length_that_no_time_limit_has_is_refused(hours: int) -> None:
    with pytest.raises(ValueError, match=f"hours must be 1 to 8784, not {hours}"):
        clock.elapsed(datetime(2024, 5, 3, tzinfo=UTC), hours)


@pytest.mark.parametrize("year", [1, 1899, 2201, 9999])
def test_a_year_that_is_a_slip_of_the_pen_is_refused(year: int) -> None:
    with pytest.raises(ValueError, match=f"start must lie in the years 1900 to 2200, not in {year}"):
        clock.elapsed(datetime(year, 5, 3, tzinfo=UTC), 48)


def test_a_calendar_that_leaves_no_day_to_count_on_is_refused() -> None:
    with pytest.raises(ValueError, match="too many days are left out"):
        clock.counted(datetime(2024, 5, 3, tzinfo=UTC), 48, NEW_YORK, lambda _: True)


def test_times_are_kept_to_the_microsecond() -> None:
    start = at(NEW_YORK, "2024-05-03 16:30:15.123456")
    assert clock.counted(start, 48, NEW_YORK) - start == timedelta(days=4)
