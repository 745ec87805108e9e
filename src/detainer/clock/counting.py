"""How the law counts: elapsed hours, hours on counted days, whole days, to the end of the day; from a moment or back to it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from detainer.clock.calendars import DAY_KINDS, is_federal_holiday
from detainer.clock.moments import ONE_DAY, day_begins, local_day, utc, whole_hours, zone_named

DayTest = Callable[[date], bool]

LONGEST_PAUSE_DAYS = 366
"""A calendar that leaves out more days than this has no day left to count on."""


def elapsed(start: datetime, hours: int) -> datetime:
    """The instant, in UTC, that many elapsed hours after the start: every hour of every day counts.

    Counted on instants, so a change of the clocks in between moves the wall-clock result by an hour
    (us-time-limit, how_to_count, form count).
    Raises ValueError when `start` has no time zone or `hours` is not 1 to 8,784.
    """
    return utc(start, "start") + whole_hours(hours)


def counted(start: datetime, hours: int, zone: str, holidays: DayTest = is_federal_holiday) -> datetime:
    """The instant, in UTC, of that many hours after the start, leaving out Saturdays, Sundays and holidays.

    The clock runs only in hours on counted local calendar days of `zone`: from Friday 16:30 the 48th counted hour ends
    on Tuesday at 16:30, and a Saturday start counts from Monday 00:00 (us-time-limit, how_to_count, regulatory count).
    `holidays` tells whether a local day is a holiday.
    Raises ValueError when `start` has no time zone, `zone` is unknown, `hours` is not 1 to 8,784, or no day is left to count.
    """
    saturday, sunday = DAY_KINDS["saturday"], DAY_KINDS["sunday"]
    return counted_except(start, hours, zone, lambda day: saturday(day) or sunday(day) or holidays(day))


def counted_except(start: datetime, hours: int, zone: str, left_out: DayTest) -> datetime:
    """The instant, in UTC, of that many hours after the start, on local calendar days that are not left out.

    A counted day gives the hours that it really has: 23 or 25 when the clocks are changed on it. A count that is
    complete exactly at the end of a day ends there and does not wait for the next counted day.
    Raises ValueError as `counted` does.
    """
    return on_counted_days(start, whole_hours(hours), zone, left_out)


def on_counted_days(start: datetime, length: timedelta, zone: str, left_out: DayTest) -> datetime:
    """The instant, in UTC, of a length of time after the start, on local calendar days that are not left out."""
    place = zone_named(zone)
    moment, left = utc(start, "start"), length
    day = local_day(moment, place)
    for _ in range(_days_looked_at(length)):
        day_ends = day_begins(day + ONE_DAY, place)
        if not left_out(day):
            if moment + left <= day_ends:
                return moment + left
            left -= day_ends - moment
        moment, day = day_ends, day + ONE_DAY
    raise ValueError(f"no end found for {length} from {start.isoformat()}: too many days are left out")


def back_on_counted_days(end: datetime, length: timedelta, zone: str, left_out: DayTest) -> datetime:
    """The instant, in UTC, from which that length of time on counted days leads to `end`: the same count, backward."""
    place = zone_named(zone)
    moment, left = utc(end, "end"), length
    day = local_day(moment, place)
    for _ in range(_days_looked_at(length)):
        began = day_begins(day, place)
        if not left_out(day):
            if moment - left >= began:
                return moment - left
            left -= moment - began
        moment, day = began, day - ONE_DAY
    raise ValueError(f"no beginning found for {length} before {end.isoformat()}: too many days are left out")


def whole_days(start: datetime, days: int, zone: str, left_out: DayTest) -> datetime:
    """The instant, in UTC, at which the last of that many whole local days after the day of the start is over.

    The day of the start is not counted, nor any that is left out. Raises ValueError as `counted` does.
    """
    place = zone_named(zone)
    return day_begins(_counted_day(local_day(utc(start, "start"), place), days, ONE_DAY, left_out) + ONE_DAY, place)


def whole_days_before(end: datetime, days: int, zone: str, left_out: DayTest) -> datetime:
    """The instant, in UTC, at which the first of that many whole local days before the day of the end begins."""
    place = zone_named(zone)
    return day_begins(_counted_day(local_day(utc(end, "end"), place), days, -ONE_DAY, left_out), place)


def end_of_day(start: datetime, zone: str) -> datetime:
    """The instant, in UTC, of 23:59 on the local day of the start, or the start where that is past (New Jersey: 11:59 p.m.).

    A day has the length that it really has: 23 or 25 hours when the clocks are changed on it.
    """
    place, begun = zone_named(zone), utc(start, "start")
    return max(begun, day_begins(local_day(begun, place) + ONE_DAY, place) - timedelta(minutes=1))


def _counted_day(day: date, days: int, step: timedelta, left_out: DayTest) -> date:
    left = days
    for _ in range(days + LONGEST_PAUSE_DAYS):
        if left == 0:
            return day
        day += step
        left -= not left_out(day)
    raise ValueError(f"no day found {days} days from {day.isoformat()}: too many days are left out")


def _days_looked_at(length: timedelta) -> int:
    return max(0, int(length / timedelta(hours=1))) + LONGEST_PAUSE_DAYS


def days_left_out(start: datetime, due: datetime, zone: str, left_out: DayTest) -> tuple[date, ...]:
    """The local calendar days between two instants, in order, in whose hours the clock did not run.

    Raises ValueError when an instant has no time zone or `zone` is unknown.
    """
    place, ends = zone_named(zone), utc(due, "due")
    day, days = local_day(utc(start, "start"), place), []
    while day_begins(day, place) < ends:
        if left_out(day):
            days.append(day)
        day += ONE_DAY
    return tuple(days)
