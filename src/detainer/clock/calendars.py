"""Which calendar days are holidays, and the kinds of day that a counting rule may leave out."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from types import MappingProxyType
from typing import Literal

import holidays
from pydantic import BaseModel, ConfigDict


class Calendar(BaseModel):
    """Where a list of public holidays comes from: a country and, for a state's own list, its subdivision."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    country: str
    subdivision: str | None = None


CALENDARS: Mapping[str, Calendar] = MappingProxyType({"us": Calendar(country="US")})
"""The calendars by name. A state calendar is one more row: `"us/ma": Calendar(country="US", subdivision="MA")`."""

DayKind = Literal["saturday", "sunday", "federal_holiday"]


@cache
def _holidays_of_year(calendar: Calendar, year: int) -> Mapping[date, str]:
    listed = holidays.country_holidays(
        calendar.country, subdiv=calendar.subdivision, years=year, expand=False, observed=True, language="en_US"
    )
    return MappingProxyType(dict(listed.items()))


def holiday_name(day: date, calendar: str = "us") -> str | None:
    """The English name of the holiday on a local calendar day, or None when it is no holiday.

    A holiday that falls on a weekend is a holiday on its own date and on the weekday on which it is observed
    (Friday for a Saturday, Monday for a Sunday); the latter's name ends in "(observed)".
    Raises ValueError for an unknown calendar, TypeError for a moment where a day is asked for.
    """
    if isinstance(day, datetime):
        raise TypeError(f"day must be a calendar day at the facility, not the moment {day.isoformat()}")
    if calendar not in CALENDARS:
        raise ValueError(f"calendar must be one of {', '.join(CALENDARS)}, not {calendar!r}")
    return _holidays_of_year(CALENDARS[calendar], day.year).get(day)


def is_federal_holiday(day: date) -> bool:
    """Whether a local calendar day is a federal holiday of the United States, observed days included.

    "Holidays" is not defined in 8 CFR 287.7(d); the older form said Federal holidays. Holidays of a State alone, and
    days on which federal offices were closed by order, are therefore not left out: the earlier end of a hold is the
    safe one (us-time-limit, ambiguities). Juneteenth counts from 2021, when it became a federal holiday.
    Raises TypeError for a moment where a day is asked for.
    """
    return holiday_name(day) is not None


DAY_KINDS: Mapping[DayKind, Callable[[date], bool]] = MappingProxyType(
    {
        "saturday": lambda day: day.isoweekday() == 6,
        "sunday": lambda day: day.isoweekday() == 7,
        "federal_holiday": is_federal_holiday,
    }
)
"""How each kind of day that a rule may leave out is told."""
