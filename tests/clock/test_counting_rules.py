"""The ways of counting that a law's limit may take: minutes, days, the end of the day, backward, court days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from detainer import clock

ZONES = ("America/New_York", "America/Los_Angeles", "America/Phoenix", "Pacific/Honolulu", "Pacific/Guam")
NEW_YORK = ZoneInfo("America/New_York")
OVER_A_WEEKEND = (
    "1 day after the day of 16:30 EST on Friday 6 March 2026, leaving out Saturday 7 March 2026 and Sunday 8 March 2026, "
    "over the change to summer time: 00:00 EDT on Tuesday 10 March 2026"
)
zones = st.sampled_from(ZONES)
instants = st.datetimes(datetime(1997, 4, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
excluded = st.sampled_from([(), ("saturday", "sunday"), ("saturday", "sunday", "judicial_holiday")])


def rule(**how: object) -> clock.CountingRule:
    return clock.CountingRule.model_validate({"rule": "example", "label": "example", "cite": "", "source": "", **how})


def due(start: str, zone: str = "America/New_York", **how: object) -> str:
    """Return until when, in the place's own time, and check that the sum says it."""
    made = clock.deadline("notice_due", datetime.fromisoformat(start), rule(**how), zone=zone)
    return made.due_at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-05T00:30-05:00", "2026-03-05T23:59-05:00"),  # the same detainer: 23 hours, or 30 minutes
        ("2026-03-05T23:29-05:00", "2026-03-05T23:59-05:00"),
        ("2026-03-08T00:10-05:00", "2026-03-08T23:59-04:00"),  # a day of 23 hours
        ("2026-11-01T00:10-04:00", "2026-11-01T23:59-05:00"),  # a day of 25
        ("2026-12-31T18:00-05:00", "2026-12-31T23:59-05:00"),
        ("2028-02-29T18:00-05:00", "2028-02-29T23:59-05:00"),
        ("2026-03-05T23:59-05:00", "2026-03-05T23:59-05:00"),  # nothing is left
    ],
)
def test_new_jersey_s_day_ends_at_11_59_in_the_evening(start: str, end: str) -> None:
    assert due(start, until="end_of_day") == end


@pytest.mark.parametrize(
    ("how", "end"),
    [
        ({"minutes": 10}, "2026-03-06T16:40-05:00"),
        ({"hours": 0}, "2026-03-06T16:30-05:00"),
        ({"hours": 48}, "2026-03-08T17:30-04:00"),
        ({"hours": 48, "excluded": ("saturday", "sunday")}, "2026-03-10T16:30-04:00"),
        ({"hours": 2, "direction": "backward"}, "2026-03-06T14:30-05:00"),
        ({"days": 1}, "2026-03-08T00:00-05:00"),  # the whole next day
        ({"days": 1, "excluded": ("saturday", "sunday")}, "2026-03-10T00:00-04:00"),
        ({"days": 5, "direction": "backward"}, "2026-03-01T00:00-05:00"),
        ({"days": 5, "direction": "backward", "excluded": ("saturday", "sunday")}, "2026-02-27T00:00-05:00"),
        ({"hours": 24, "direction": "backward", "excluded": ("saturday", "sunday")}, "2026-03-05T16:30-05:00"),
    ],
)
def test_each_length_from_a_friday_at_half_past_four_before_the_clocks_go_forward(how: dict[str, object], end: str) -> None:
    assert due("2026-03-06T16:30-05:00", **how) == end


def test_california_s_court_days_leave_out_the_holidays_of_its_courts() -> None:
    court = {"days": 5, "direction": "backward", "excluded": ("saturday", "sunday", "judicial_holiday")}
    start = "2026-04-03T10:00-07:00"  # a Friday; Tuesday 31 March is Cesar Chavez Day
    assert due(start, "America/Los_Angeles", **court, calendar="us/ca") == "2026-03-26T00:00-07:00"
    assert due(start, "America/Los_Angeles", **court) == "2026-03-27T00:00-07:00"
    made = clock.deadline(
        "notice_due", datetime.fromisoformat(start), rule(**court, calendar="us/ca"), zone="America/Los_Angeles"
    )
    assert "Tuesday 31 March 2026 (Cesar Chavez Day)" in made.arithmetic
    assert clock.holiday_name(date(2026, 3, 31), "us/ca") == "Cesar Chavez Day"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"minutes": 10}, "10 min from 16:30 EST on Friday 6 March 2026: 16:40 EST on Friday 6 March 2026"),
        ({"hours": 0}, "at once at 16:30 EST on Friday 6 March 2026: 16:30 EST on Friday 6 March 2026"),
        (
            {"until": "end_of_day"},
            "until 23:59 on the day of 16:30 EST on Friday 6 March 2026: 23:59 EST on Friday 6 March 2026",
        ),
        (
            {"days": 1, "excluded": ("saturday", "sunday")},
            OVER_A_WEEKEND,
        ),
        (
            {"hours": 48},
            "48 h from 16:30 EST on Friday 6 March 2026, over the change to summer time: 17:30 EDT on Sunday 8 March 2026",
        ),
    ],
)
def test_each_sum_says_its_start_its_rule_and_its_end(how: dict[str, object], words: str) -> None:
    made = clock.deadline("notice_due", datetime(2026, 3, 6, 16, 30, tzinfo=NEW_YORK), rule(**how), zone="America/New_York")
    assert made.arithmetic == words


def test_a_time_before_a_release_begins_then_and_is_due_with_it() -> None:
    release = datetime(2026, 3, 9, 10, 0, tzinfo=NEW_YORK).astimezone(UTC)
    made = clock.window("notice_due", release, rule(hours=48, direction="backward"), zone="America/New_York")
    assert (made.starts_at, made.due_at) == (release - timedelta(hours=48), release)
    assert made.arithmetic.startswith("not before 48 h before 10:00 EDT on Monday 9 March 2026")


@pytest.mark.parametrize("how", [{}, {"hours": 1, "days": 1}, {"until": "end_of_day", "direction": "backward"}, {"hours": -1}])
def test_a_rule_has_exactly_one_length(how: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        rule(**how)


@settings(deadline=None)  # the first look at a year reads its holidays
@given(instants, st.timedeltas(timedelta(0), timedelta(days=10)), st.integers(0, 20), zones, excluded)
def test_a_later_start_never_ends_earlier_however_it_is_counted(
    start: datetime, later: timedelta, number: int, zone: str, left_out: tuple[str, ...]
) -> None:
    for how in ({"days": number}, {"hours": number}, {"minutes": number}, {"until": "end_of_day"}):
        for direction in ("forward", "backward") if "until" not in how else ("forward",):
            one = rule(**how, direction=direction, excluded=left_out)
            assert one.due(start + later, zone) >= one.due(start, zone)


@settings(deadline=None)  # the first look at a year reads its holidays
@given(instants, st.integers(1, 200), zones, excluded)
def test_hours_counted_back_lead_to_the_same_moment_again(
    start: datetime, hours: int, zone: str, left_out: tuple[str, ...]
) -> None:
    back, on = rule(hours=hours, direction="backward", excluded=left_out), rule(hours=hours, excluded=left_out)
    began = back.due(start, zone)
    assert began <= start
    assert on.due(began, zone) <= start
    assert on.due(began + timedelta(seconds=1), zone) >= min(start, on.due(began, zone))


@settings(deadline=None)  # the first look at a year reads its holidays
@given(instants, zones)
def test_the_end_of_the_day_is_within_the_day_however_long_it_is(start: datetime, zone: str) -> None:
    end = rule(until="end_of_day").due(start, zone)
    place = ZoneInfo(zone)
    assert end >= start
    assert end.astimezone(place).date() == start.astimezone(place).date()
    assert end - start < timedelta(hours=25)
    assert end == start or (end.astimezone(place).hour, end.astimezone(place).minute) == (23, 59)
