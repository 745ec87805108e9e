"""The tables of a finished build as they are published, and how their numbers are put into words."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from detainer.outcomes.counting.quality import Quality
from detainer.outcomes.counting.spans import STRAY
from detainer.outcomes.manifest import OUTCOMES
from detainer.outcomes.publishing.writing import name_of

Row = dict[str, Any]
WITHHELD: Final = "withheld"
EPOCH: Final = dt.date(1970, 1, 1)


@dataclass(frozen=True)
class Built:
    """The folder of a build, read file by file as asked."""

    folder: Path

    def rows(self, measure: str, *by: str) -> list[Row]:
        """Return the rows of a measure by groups as they are published; empty when the build has no such file."""
        path = self.folder / "measures" / f"{name_of(measure, by)}.parquet"
        found: list[Row] = pq.ParquetFile(path).read().to_pylist() if path.is_file() else []
        return found

    def parts(self, measure: str, *by: str) -> dict[Any, dict[str, Row]]:
        """Return the rows of a measure by group (a value, or a tuple of several), and in it by category."""
        groups: dict[Any, dict[str, Row]] = {}
        for row in self.rows(measure, *by):
            group = tuple(row[name] for name in by)
            groups.setdefault(group[0] if len(by) == 1 else group, {})[row["category"]] = row
        return groups

    def whole(self, measure: str) -> dict[str, Row]:
        """Return the rows of a measure without groups, by category; empty when the build has none or it has no case."""
        return self.parts(measure).get((), {})

    def quality(self) -> Quality | None:
        """Return the data-quality report; None when the build has none."""
        path = self.folder / "quality.json"
        return Quality.model_validate_json(path.read_text(encoding="utf-8")) if path.is_file() else None

    def days(self) -> tuple[dt.date, dt.date] | None:
        """Return the first and the last day of a detainer, without the STRAY part at each end: days may be mistyped."""
        path = self.folder / OUTCOMES
        if not path.is_file():
            return None
        days = pq.ParquetFile(path).read(columns=["detainer_prepare_date"]).column(0).drop_null().cast(pa.int32()).to_numpy()
        if not len(days):
            return None
        few = len(days) // STRAY
        ordered = np.partition(days, sorted({few, len(days) - 1 - few}))
        first, last = (EPOCH + dt.timedelta(days=int(ordered[place])) for place in (few, len(days) - 1 - few))
        return first, last

    def files(self) -> Iterator[str]:
        """Return the names of the published tables, without their endings, in order."""
        yield from sorted(path.stem for path in (self.folder / "measures").glob("*.parquet"))


def total(*values: int | None) -> int | None:
    """Return the sum of counts; None when one of them is withheld."""
    told = [value for value in values if value is not None]
    return sum(told) if len(told) == len(values) else None


def cases(row: Row) -> int | None:
    """Return the number of all cases of a row's group: known, not known, and perhaps open; None when it is withheld."""
    found: int | None = row["cases"] if "cases" in row else total(row["denominator"], row["unknown"], row["open"])
    return found


def number(value: float | None) -> str:
    """Return a number as people read it: `32,757`; of none: withheld."""
    return WITHHELD if value is None else f"{value:,.0f}"


def percent(share: float | None) -> str:
    """Return a share between 0 and 1 as `12.1%`; never 0.0% of what is more, nor 100.0% of what is less; of none: withheld."""
    if share is None:
        return WITHHELD
    if 0 < share < 0.0005:
        return "under 0.1%"
    return "over 99.9%" if 0.9995 <= share < 1 else f"{share:.0%}" if share in (0, 1) else f"{share:.1%}"


def count_and_share(row: Row | None) -> str:
    """Return a part as a table shows it: `3,509 (12.1%)`."""
    if row is None or row["numerator"] is None:
        return WITHHELD
    if row["share"] is None:
        return number(row["numerator"])
    return f"{number(row['numerator'])} ({percent(row['share'])})"


def between(row: Row) -> str:
    """Return the bounds of a part: `9.1% to 33.6%`; withheld when either is."""
    return WITHHELD if row["low"] is None or row["high"] is None else f"{percent(row['low'])} to {percent(row['high'])}"
