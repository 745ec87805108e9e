"""Dates and moments from text: every form that the releases use, and the order of day and month from the evidence of a column.

`10/1/2015` has two readings. A column is read month first when some of its values can only be so (`10/25/2015`) and none can
only be day first; and the other way round. Less than one in a thousand against the rest are slips of writing and become
nothing. Where both orders are proven the values that have two readings become nothing; where neither is, the other dates of
the release decide, and if these say nothing the agency's own order (month first) is assumed. Each of these is said.
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Order = Literal["month_first", "day_first"]
Finding = Literal["month_first", "day_first", "contradictory", "ambiguous", "plain"]
Moments = npt.NDArray[np.datetime64]
_Numbers = npt.NDArray[np.int64]

SLIP: Final = 0.001
SERIALS: Final = (18_264, 73_050)  # 1950-2099 as Excel counts days: a day that is written as a number
EPOCH: Final = np.datetime64("1899-12-30", "D")  # Excel's day 0
_PIVOT: Final = 30  # 00-30 is 2000-2030, 31-99 is 1931-1999
_TIME: Final = (
    r"(?:[T ]+(?P<h>\d{1,2}):(?P<n>\d{2})(?::(?P<s>\d{2})(?:\.\d+)?)?\s*"
    r"(?P<p>[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT|[+-]00:?00)?)?\s*$"
)
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED: Final = r"(?P<b>[A-Za-z]{3})[a-z]*\.?"
# the forms of a date: those with the year first, those with two readings, those with the month's name
_YEAR_FIRST: Final = r"^\s*(?P<y>\d{4})(?:-(?P<m>\d{1,2})-|/(?P<m2>\d{1,2})/|(?P<m3>\d{2}))(?P<d>\d{1,2})" + _TIME
_TWO_READINGS: Final = r"^\s*(?P<a>\d{1,2})[/.-](?P<c>\d{1,2})[/.-](?P<y>\d{4}|\d{2})" + _TIME
_DAY_NAME: Final = r"^\s*(?P<d>\d{1,2})[ -]?" + _NAMED + r"[ -]?(?P<y>\d{4}|\d{2})" + _TIME
_SERIAL: Final = r"^\s*(?P<e>\d{5})(?:\.(?P<f>\d+))?\s*$"
_NAME_DAY: Final = r"^\s*" + _NAMED + r" (?P<d>\d{1,2}),? (?P<y>\d{4})" + _TIME


@dataclass
class Evidence:
    """How many values of a column have one reading only, how many two, and an example of each with its row."""

    month_first: int = 0
    day_first: int = 0
    either: int = 0
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, values: pa.StringArray, counts: _Numbers) -> None:
        """Count the distinct values of a batch, each as often as it occurs."""
        parts = _parts(values, _TWO_READINGS)
        if parts is None:
            return
        first, second = _number(parts, "a"), _number(parts, "c")
        found = (first > 0) & (second > 0)
        for name, mask in {
            "month_first": found & (first <= 12) & (second > 12) & (second <= 31),
            "day_first": found & (second <= 12) & (first > 12) & (first <= 31),
            "either": found & (first <= 12) & (second <= 12) & (first != second),
        }.items():
            if mask.any():
                setattr(self, name, getattr(self, name) + int(counts[mask].sum()))
                self.examples.setdefault(name, values[int(np.argmax(mask))].as_py())

    @property
    def finding(self) -> Finding:
        """Return what the column shows."""
        proven = self.month_first + self.day_first
        if not proven:
            return "ambiguous" if self.either else "plain"
        if min(self.month_first, self.day_first) > SLIP * proven:
            return "contradictory"
        return "month_first" if self.month_first >= self.day_first else "day_first"


def moments_of(values: pa.StringArray, order: Order | None) -> Moments:
    """Return the moment of each text (microseconds, as written, without a zone); NaT where it cannot be read.

    Without an order a value with two different readings is NaT.
    """
    found = np.full(len(values), np.datetime64("NaT", "us"), dtype="datetime64[us]")
    for pattern in (_YEAR_FIRST, _TWO_READINGS, _DAY_NAME, _NAME_DAY):
        left = np.isnat(found)
        if not left.any():
            break
        parts = _parts(values, pattern)
        if parts is not None:
            found = np.where(left, _moments(parts, order), found)
    return np.where(np.isnat(found), _serials(values), found)


def _serials(values: pa.StringArray) -> Moments:
    """Return the moments of days as Excel counts them (45292 is 2024-01-01), of those in SERIALS; NaT of all else."""
    parts = _parts(values, _SERIAL)
    if parts is None:
        return np.full(len(values), np.datetime64("NaT", "us"), dtype="datetime64[us]")
    day = _number(parts, "e")
    part = pc.if_else(pc.equal(parts["f"], ""), "0", parts["f"])
    seconds = np.round(86_400 * pc.binary_join_element_wise("0", part, ".").cast(pa.float64()).to_numpy()).astype(np.int64)
    moments: Moments = (EPOCH + day.astype("timedelta64[D]")).astype("datetime64[us]") + seconds.astype("timedelta64[s]")
    moments[(day < SERIALS[0]) | (day > SERIALS[1])] = np.datetime64("NaT", "us")
    return moments


def _parts(values: pa.StringArray, pattern: str) -> dict[str, Any] | None:
    """Return the named parts of each value as arrays of text, empty where the pattern does not match; None when none does."""
    struct = pc.extract_regex(values, pattern)
    if struct.null_count == len(struct):
        return None
    return {
        name: pc.fill_null(struct.field(name), "")
        for name in (struct.type.field(at).name for at in range(struct.type.num_fields))
    }


def _number(parts: dict[str, Any], *names: str) -> _Numbers:
    """Return a part (the first of several that is not empty) as numbers, -1 where there is none."""
    number = np.full(len(next(iter(parts.values()))), -1, dtype=np.int64)
    for name in names:
        if name in parts:
            text = pc.if_else(pc.equal(parts[name], ""), "-1", parts[name])
            said = text.cast(pa.int64()).to_numpy(zero_copy_only=False)
            number = np.where(number < 0, said, number)
    return number


def _moments(parts: dict[str, Any], order: Order | None) -> Moments:
    year, day = _number(parts, "y"), _number(parts, "d")
    if "a" in parts:
        first, second = _number(parts, "a"), _number(parts, "c")
        month, day = _in_order(first, second, order)
    elif "b" in parts:
        named = pc.index_in(pc.utf8_lower(parts["b"]), value_set=pa.array(_MONTHS)).fill_null(-1)
        month = named.to_numpy(zero_copy_only=False).astype(np.int64) + 1
    else:
        month = _number(parts, "m", "m2", "m3")
    if (short := pc.equal(pc.utf8_length(parts["y"]), 2).to_numpy(zero_copy_only=False)).any():
        year = np.where(short, np.where(year <= _PIVOT, year + 2000, year + 1900), year)
    valid = (year > 0) & (month >= 1) & (month <= 12) & (day >= 1)
    months = (np.where(valid, (year - 1970) * 12 + month - 1, 0)).astype("datetime64[M]")
    days = months.astype("datetime64[D]")
    valid &= day <= ((months + 1).astype("datetime64[D]") - days).astype(np.int64)
    clock, timely = _clock(parts)
    moments: Moments = (days + np.where(valid, day - 1, 0)).astype("datetime64[us]") + clock.astype("timedelta64[s]")
    moments[~(valid & timely)] = np.datetime64("NaT", "us")
    return moments


def _in_order(first: _Numbers, second: _Numbers, order: Order | None) -> tuple[_Numbers, _Numbers]:
    """Return months and days. Without an order only what has one reading is read; with one, nothing is read against it."""
    if order == "month_first":
        return first, second
    if order == "day_first":
        return second, first
    month = np.where((first <= 12) & (second > 12), first, np.where((second <= 12) & (first > 12), second, -1))
    month = np.where(first == second, first, month)
    return month, np.where(month == first, second, first)


def _clock(parts: dict[str, Any]) -> tuple[_Numbers, npt.NDArray[np.bool_]]:
    """Return the seconds since midnight (0 without a time) and whether such a time of day exists."""
    hour, minute, second = (np.maximum(_number(parts, name), 0) for name in "hns")
    half = pc.utf8_lower(pc.utf8_slice_codeunits(parts["p"], 0, 1))
    after = pc.equal(half, "p").to_numpy(zero_copy_only=False)
    halves = pc.not_equal(half, "").to_numpy(zero_copy_only=False)
    hour = np.where(halves, hour % 12 + np.where(after, 12, 0), hour)
    return hour * 3600 + minute * 60 + second, (hour < 24) & (minute < 60) & (second < 60)
