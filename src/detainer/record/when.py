"""When something occurred: an instant or an uncertain date in EDTF, as a half-open interval of UTC instants."""

import datetime as dt
import re
import time
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException
from pydantic import BaseModel, ConfigDict

_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_LONGEST: Final = 64
_ASKED: Final = (
    "write a date such as 2024-01-29, 2022-07, 2024-01-29/2024-03-28 or 2024-01-29/.., "
    "or an instant with its offset such as 2024-01-29T09:30-05:00"
)


class When(BaseModel):
    """An occurrence: the text as said (EDTF level 0-1), and the UTC instants between which it lies.

    `from_` is the first instant, `to` the first instant after it (half-open); None is open.
    An exact instant has `to == from_`.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    from_: dt.datetime | None
    to: dt.datetime | None

    @property
    def is_instant(self) -> bool:
        """True when the time is known exactly."""
        return self.from_ is not None and self.from_ == self.to

    @property
    def is_rough(self) -> bool:
        """True when not even the day is known: a month, a year, an interval, or marked `~` or `?`."""
        return not self.is_instant and not _DAY.fullmatch(self.text)


def instant(at: dt.datetime) -> str:
    """Return the EDTF text of an aware instant, in UTC. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError(f"[{at.isoformat()}] has no time zone: give an aware instant")
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


@lru_cache(maxsize=4096)
def parse(text: str, zone: str = "UTC") -> When:
    """Return the interval that an EDTF text names; days are local days of `zone` (an IANA name).

    Raises ValueError that says what is wrong and what would be right: not EDTF, an instant without offset, an
    interval that ends before it starts.
    """
    if _INSTANT.fullmatch(text):
        try:
            at = dt.datetime.fromisoformat(text).astimezone(dt.UTC)
        except (ValueError, OverflowError) as error:
            raise ValueError(f"[{text}] is not an instant: {error}") from error
        return When(text=text, from_=at, to=at)
    if len(text) > _LONGEST:
        raise ValueError(f"[{text[:20]}...] is longer than {_LONGEST} characters: {_ASKED}")
    if "T" in text:
        raise ValueError(f"[{text}] is not an instant with an offset: {_ASKED}")
    try:
        parsed = parse_edtf(text)
        first, last = parsed.lower_strict(), parsed.upper_strict()
    except (EDTFParseException, ValueError, AttributeError, TypeError, OverflowError) as error:
        raise ValueError(f"[{text}] is not a date: {_ASKED}") from error
    start = _edge(first, zone, days_after=0, text=text)
    end = _edge(last, zone, days_after=1, text=text)
    if text.startswith("/") or text.endswith("/"):
        raise ValueError(f"[{text}] has an unknown end: write .. for an open one, as in 2024-01-29/..")
    if start is not None and end is not None and end <= start:
        raise ValueError(f"[{text}] ends before it starts")
    return When(text=text, from_=start, to=end)


def _edge(day: time.struct_time | float, zone: str, *, days_after: int, text: str) -> dt.datetime | None:
    """Return the UTC instant at which a local day begins (or the day after it); None for an open end."""
    if isinstance(day, float):
        return None
    try:
        local = dt.date(day.tm_year, day.tm_mon, day.tm_mday) + dt.timedelta(days=days_after)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"[{text}] is not a date between the years 1 and 9998: {_ASKED}") from error
    return dt.datetime.combine(local, dt.time(), ZoneInfo(zone)).astimezone(dt.UTC)


def is_after(one: When, at: dt.datetime) -> bool:
    """Return True when an occurrence lies wholly after the instant `at`."""
    return one.from_ is not None and one.from_ > at


def days_between(one: When, other: When, zone: str) -> int | None:
    """Return the whole local calendar days from one occurrence to another, or None when either day is not known."""
    first, second = _local_day(one, zone), _local_day(other, zone)
    return (second - first).days if first and second else None


def _local_day(one: When, zone: str) -> dt.date | None:
    if one.is_rough or one.from_ is None:
        return None
    return one.from_.astimezone(ZoneInfo(zone)).date()


_MONTHS: Final = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]


def in_words(one: When, zone: str) -> str:
    """Return how a person would read the occurrence: `on 29 January 2024`, `some time in July 2022`, `09:30 EST on ...`."""
    if one.is_instant and one.from_ is not None:
        local = one.from_.astimezone(ZoneInfo(zone))
        return f"{local:%H:%M} {local.tzname()} on {_day_words(local.date())}"
    if _DAY.fullmatch(one.text):
        return f"on {_day_words(dt.date.fromisoformat(one.text))}"
    if "/" in one.text:
        first, last = one.text.split("/")
        if first == "..":
            return f"some time up to {_part_words(last)}"
        if last == "..":
            return f"{_part_words(first)} or later"
        return f"some time from {_part_words(first)} to {_part_words(last)}"
    return f"some time in {_part_words(one.text)}"


def _day_words(day: dt.date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _part_words(text: str) -> str:
    """Return one side of an interval, or a month or year, in words; what is not a plain date stays as written."""
    match = re.fullmatch(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?([~?%]?)", text)
    if not match or (match[2] and not 1 <= int(match[2]) <= 12):
        return text
    words = " ".join(
        filter(None, [str(int(match[3])) if match[3] else "", _MONTHS[int(match[2]) - 1] if match[2] else "", match[1]])
    )
    return {"": words, "~": f"about {words}", "?": f"{words} (uncertain)", "%": f"about {words} (uncertain)"}[match[4]]
