"""When something occurred: an instant or an uncertain date in EDTF, as a half-open interval of UTC instants."""

import datetime as dt
import re
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

_INSTANT: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# One side of an EDTF text of level 0 or 1: a year, month, season or day, with X for what is not known and a mark of doubt.
_SIDE: Final = r"(?:\d{4}|\d{3}X|\d{2}XX|\d{4}-(?:\d{2}|XX)|\d{4}-\d{2}-(?:\d{2}|XX)|\d{4}-XX-XX)[~?%]?"
_DATE: Final = re.compile(rf"{_SIDE}|(?:{_SIDE}|\.\.)/(?:{_SIDE}|\.\.)", re.ASCII)
_SEASON_MONTHS: Final = {"21": (3, 5), "22": (6, 8), "23": (9, 11), "24": (12, 12)}  # EDTF level 1, in its own year
_FIRST_YEAR, _LAST_YEAR = 1000, 9998  # so that a local day of any zone is an instant that can be written
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
    """Return the interval that an EDTF text (level 0-1) names; days are local days of `zone` (an IANA name).

    Raises ValueError that says what is wrong and what would be right: not EDTF, an instant without offset, an
    interval that ends before it starts, a year before 1000 or after 9998.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"[{text[:20]}...] is longer than {_LONGEST} characters: {_ASKED}")
    if _INSTANT.fullmatch(text):
        return _parsed_instant(text)
    if "T" in text:
        raise ValueError(f"[{text}] is not an instant with an offset: {_ASKED}")
    if text.startswith("/") or text.endswith("/"):
        raise ValueError(f"[{text}] has an unknown end: write .. for an open one, as in 2024-01-29/..")
    if not _DATE.fullmatch(text):
        raise ValueError(f"[{text}] is not a date: {_ASKED}")
    first, _, last = text.partition("/")
    start = _edge(first, 0, zone, text)
    end = _edge(last or first, 1, zone, text)
    if start is not None and end is not None and end <= start:
        raise ValueError(f"[{text}] ends before it starts")
    return When(text=text, from_=start, to=end)


def _parsed_instant(text: str) -> When:
    try:
        at = dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"[{text}] is not an instant: {error}") from error
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise ValueError(f"[{text}] is not between the years {_FIRST_YEAR} and {_LAST_YEAR}")
    return When(text=text, from_=at, to=at)


def _edge(side: str, which: Literal[0, 1], zone: str, text: str) -> dt.datetime | None:
    """Return the UTC instant at which the first local day of one side begins (0), or its last one ends (1); None when open."""
    if side == "..":
        return None
    try:
        day = _days(side)[which]
    except ValueError as error:
        raise ValueError(f"[{text}] is not a date ({error}): {_ASKED}") from error
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"[{text}] is not between the years {_FIRST_YEAR} and {_LAST_YEAR}")
    return dt.datetime.combine(day + dt.timedelta(days=which), dt.time(), ZoneInfo(zone)).astimezone(dt.UTC)


def _days(side: str) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of one side of an EDTF text. Raises ValueError for a day that there is not.

    Written here and not taken from the library `edtf`, whose parser needs milliseconds for what a roster sends by the
    thousand; a test holds both equal.
    """
    year, month, day = (*side.rstrip("~?%").split("-"), "XX", "XX")[:3]
    if month == "XX":
        return dt.date(int(year.replace("X", "0")), 1, 1), dt.date(int(year.replace("X", "9")), 12, 31)
    first_month, last_month = _SEASON_MONTHS.get(month, (int(month), int(month)))
    if day == "XX":
        last_day = dt.date(int(year), last_month, 28) + dt.timedelta(days=4)
        return dt.date(int(year), first_month, 1), last_day - dt.timedelta(days=last_day.day)
    one = dt.date(int(year), first_month, int(day)) if first_month == last_month else _no_day_of_season(month)
    return one, one


def _no_day_of_season(season: str) -> dt.date:
    raise ValueError(f"[{season}] is a season, which has no day of its own")


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
    if _DAY.fullmatch(one.text):
        return dt.date.fromisoformat(one.text)  # the day as said, whatever the zone that it was parsed with
    return one.from_.astimezone(ZoneInfo(zone)).date()


_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_SEASONS: Final = {"21": "spring", "22": "summer", "23": "autumn", "24": "winter"}  # EDTF level 1
_PARTS: Final = re.compile(r"(\d{2}[\dX]{2})(?:-(\d{2}|XX))?(?:-(\d{2}|XX))?([~?%]?)", re.ASCII)


def in_words(one: When, zone: str) -> str:
    """Return how a person would read the occurrence: `on 29 January 2024`, `some time in July 2022`, `09:30 EST on ...`."""
    if one.is_instant and one.from_ is not None:
        local = one.from_.astimezone(ZoneInfo(zone))
        return f"{local:%H:%M} {local.tzname()} on {local.day} {_MONTHS[local.month - 1]} {local.year}"
    first, _, last = one.text.partition("/")
    if not last or first == last:
        return "at a time that is not known" if first == ".." else f"{_before(first)}{_part_words(first)}"
    if first == "..":
        return f"some time up to {_part_words(last)}"
    if last == "..":
        return f"{_part_words(first)} or later"
    return f"some time from {_part_words(first)} to {_part_words(last)}"


def _before(text: str) -> str:
    """Return what stands before one date in a sentence: `on` a day, `some time in` what is longer, nothing before `about`."""
    if text.endswith(("~", "%")):
        return ""
    return "on " if _DAY.fullmatch(text.rstrip("?")) else "some time in "


def _part_words(text: str) -> str:
    """Return one date of EDTF level 0-1 in words: `29 January 2024`, `about July 2022`, `the 2020s`, `spring 2024`."""
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return text
    year, month, day, mark = (part or "" for part in parts.groups())
    words = _year_words(year)
    if month not in ("", "XX"):
        words = f"{_SEASONS.get(month) or _MONTHS[int(month) - 1]} {words}"
    if day not in ("", "XX"):
        words = f"{int(day)} {words}"
    return {"": words, "~": f"about {words}", "?": f"{words} (uncertain)", "%": f"about {words} (uncertain)"}[mark]


def _year_words(year: str) -> str:
    return f"the {year.replace('X', '0')}s" if "X" in year else year
