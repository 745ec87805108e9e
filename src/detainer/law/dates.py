"""Dates that may be known only to the month or the year, and what can be said of their order."""

import calendar
import datetime as dt
import re
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from detainer.law.truth import FALSE, TRUE, UNKNOWN, Truth

_SHAPE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


class PartialDate(BaseModel):
    """A day, a month or a year: the text as written and the first and last day it can mean."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    text: str
    first: dt.date
    last: dt.date

    def __str__(self) -> str:
        return self.text


def partial_date(text: object) -> PartialDate:
    """Read "2024", "2024-01", "2024-01-29" or a date; ValueError says what is wrong with anything else."""
    if isinstance(text, PartialDate):
        return text
    written = text.isoformat() if isinstance(text, dt.date) else str(text)
    shape = _SHAPE.fullmatch(written)
    if shape is None:
        raise ValueError(f"[{written}] is not a date; write 2024-01-29, or 2024-01 or 2024 when no more is known")
    year, month, day = (int(part or 0) for part in shape.groups())
    try:
        first = dt.date(year, month or 1, day or 1)
        last = dt.date(year, month or 12, day or calendar.monthrange(year, month or 12)[1])
    except ValueError as error:
        raise ValueError(f"[{written}] is not a day of the calendar: {error}") from None
    return PartialDate(text=written, first=first, last=last)


def _read(value: Any) -> Any:
    return value if value is None else partial_date(value)


Date = Annotated[PartialDate, BeforeValidator(_read), PlainSerializer(str, return_type=str)]


def begun(start: PartialDate | None, on: dt.date) -> Truth:
    """Say whether `start` is reached on the day `on`; an open start (None) always is."""
    if start is None or start.last <= on:
        return TRUE
    return FALSE if start.first > on else UNKNOWN


@lru_cache(maxsize=4096)
def years_before(day: dt.date, years: int) -> dt.date:
    """Return the day `years` calendar years before, at the earliest the calendar's first; 29 February falls back to the 28th."""
    if day.year <= years:
        return dt.date.min
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
