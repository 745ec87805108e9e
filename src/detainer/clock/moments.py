"""Instants, zones and local days as the clock takes them: aware, within range, in a zone that exists."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""No custody event and no deadline lies outside these years; a date that does is a slip of the pen."""

ONE_DAY = timedelta(days=1)

HOURS_OF_A_YEAR = 366 * 24

NAMES_OF_THE_MACHINE = frozenset({"localtime", "Factory"})
"""Names in the zone database that stand for whatever the machine is set to, not for a place."""


def utc(moment: datetime, argument: str) -> datetime:
    """The same instant in UTC.

    Raises ValueError, naming the argument, when the moment has no time zone or lies outside 1900 to 2200.
    """
    if moment.utcoffset() is None:
        raise ValueError(
            f"{argument} must say its time zone: {moment.isoformat()} has none, so it names no instant; "
            f"give it an offset, such as {moment.isoformat()}-05:00"
        )
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"{argument} must lie in the years {FIRST_YEAR} to {LAST_YEAR}, not in {moment.year}")
    return moment.astimezone(UTC)


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones()) - NAMES_OF_THE_MACHINE


def zone_named(zone: str) -> ZoneInfo:
    """The time zone of a facility, by its name in the IANA database, such as `America/New_York`.

    Raises ValueError with the value in its message when there is no such zone.
    """
    if zone not in _zone_names():
        raise ValueError(f"zone must be a name of the IANA time zone database such as America/New_York, not {zone!r}")
    return ZoneInfo(zone)


def whole_hours(hours: int) -> timedelta:
    """A length of whole hours. Raises ValueError when it is under one hour or over a year."""
    if not 1 <= hours <= HOURS_OF_A_YEAR:
        raise ValueError(f"hours must be 1 to {HOURS_OF_A_YEAR}, not {hours}")
    return timedelta(hours=hours)


def local_day(moment: datetime, place: ZoneInfo) -> date:
    """The calendar day that it is at the place at that instant."""
    return moment.astimezone(place).date()


def day_begins(day: date, place: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a calendar day begins at the place.

    Where the clocks are put forward at midnight the day begins at the change; where they are put back to midnight it
    begins at the first of the two midnights.
    """
    return datetime.combine(day, time.min, place).astimezone(UTC)
