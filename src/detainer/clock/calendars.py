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


CALENDARS: Mapping[str, Calendar] = MappingProxyType(
    {"us": Calendar(country="US"), "us/ca": Calendar(country="US", subdivision="CA")}
)
"""The calendars by name: the nation's, and that of each state whose law counts in days on which its courts sit, by its path.
Another state's is one more row: `"us/ma": Calendar(country="US", subdivision="MA")`."""

DayKind = Literal["saturday", "sunday", "federal_holiday", "judicial_holiday"]


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


def is_judicial_holiday(day: date, calendar: str = "us") -> bool:
    """Whether the courts of a state do not sit on a local calendar day because it is a holiday, as far as is known.

    The list is the package `holidays`' own of the state and of the nation together. It is not the courts' list: of
    California it lacks Lincoln's Birthday and Native American Day, and it has days on which some courts may sit (Code Civ.
    Proc. 135 was not read). Which of them a court's day is counts only where a limit is in court days; for a day before a
    release, leaving one out too many is the earlier and safe side, and one too few may be a day late.
    """
    return is_federal_holiday(day) or (calendar in CALENDARS and holiday_name(day, calendar) is not None)


DAY_KINDS: Mapping[DayKind, Callable[..., bool]] = MappingProxyType(
    {
        "saturday": lambda day, _calendar="us": day.isoweekday() == 6,
        "sunday": lambda day, _calendar="us": day.isoweekday() == 7,
        "federal_holiday": lambda day, _calendar="us": is_federal_holiday(day),
        "judicial_holiday": is_judicial_holiday,
    }
)
"""How each kind of day that a rule may leave out is told, from the day and the calendar of the state."""
