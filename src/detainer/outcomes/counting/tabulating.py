"""Every measure by every usual breakdown, from one pass over the rows: its places are packed into a few numbers.

`measures.measure` counts one measure by any groups; this gives the same tables (a test holds them equal) for a whole build, where
one pass for each of some two hundred tables would take minutes.
"""

from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Final, NamedTuple

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from ibis.expr import types as ir

from detainer.outcomes.counting.following import runs
from detainer.outcomes.counting.groups import GROUPS, Counted, Measure, single
from detainer.outcomes.counting.measures import MEASURES
from detainer.outcomes.counting.spans import Release

BREAKDOWNS: Final[tuple[tuple[str, ...], ...]] = (
    (),
    ("facility",),
    ("county",),
    ("state",),
    ("area",),
    ("month",),
    ("year",),
    ("detainer_type",),
    ("office",),
    ("criminality",),
    ("state", "year"),
    ("law_hold", "law_notify"),
)
# Measures of few cases in many parts: by the single place nearly every count would be hidden.
_NOT_BY_PLACE: Final = ("followed_30", "followed_90", "followed_180", "lynn", "lag_book_in", "lag_arrest", "lag_declined_arrest")
_PLACES: Final = (("facility",), ("county",))
# A row's place in a measure: out of its scope, or in one of these, or, from the first on, in a part.
_OUT, _COPY, _UNKNOWN, _OPEN, _NO_PART, _FIRST = range(6)
_MOST: Final = 64  # places of a measure
_IN_ONE: Final = 10  # measures in one number
_Count = npt.NDArray[np.int64]
_Flag = npt.NDArray[np.bool_]


class Tabulated(NamedTuple):
    """A table of one measure by one breakdown, as `measures.measure` gives it."""

    measure: str
    by: tuple[str, ...]
    table: pa.Table


def packed(table: ir.Table, spans: Sequence[Release], measures: dict[str, Measure] | None = None) -> ir.Table:
    """Return, for each row, its groups and its place in every measure: one of _PLACES, or from _FIRST on a part's."""
    places = [_place(each.count(table, spans), table) for each in (measures or MEASURES).values()]
    numbers = {
        f"places_{at // _IN_ONE}": reduce(
            ir.IntegerValue.__add__,
            [place.cast("int64") * ibis.literal(_MOST**nth, "int64") for nth, place in enumerate(places[at : at + _IN_ONE])],
        )
        for at in range(0, len(places), _IN_ONE)
    }
    return table.select(**{name: key(table) for name, key in GROUPS.items()}, **numbers)


def _place(counted: Counted, table: ir.Table) -> ir.IntegerValue:
    """Return the one place of each row in a measure."""
    conditions = [
        (~counted.scope.fill_null(False), _OUT),
        (~single(table), _COPY),
        (counted.unknown.fill_null(True), _UNKNOWN),
        (counted.open.fill_null(False), _OPEN),
        *((condition.fill_null(False), _FIRST + nth) for nth, condition in enumerate(counted.parts.values())),
    ]
    place: ir.IntegerValue = ibis.cases(
        *((condition, ibis.literal(number, "int8")) for condition, number in conditions), else_=ibis.literal(_NO_PART, "int8")
    )
    return place


def is_usual(measure: str, by: tuple[str, ...]) -> bool:
    """Return whether a measure is published by these groups; `measures.measure` counts it by any."""
    return not (measure in _NOT_BY_PLACE and by in _PLACES)


def tabulate(
    table: ir.Table,
    spans: Sequence[Release],
    breakdowns: Sequence[tuple[str, ...]] = BREAKDOWNS,
    measures: dict[str, Measure] | None = None,
) -> Iterator[Tabulated]:
    """Yield every measure by every breakdown, breakdown by breakdown, in one pass over the rows and one over what it gives."""
    chosen = measures or MEASURES
    with packed(table, spans, chosen).cache() as rows:
        names = [name for name in rows.columns if name.startswith("places_")]
        for by in breakdowns:
            groups = rows.group_by([*by, *names]).agg(rows=rows.count())
            found = (groups.order_by(list(by)) if by else groups).to_pyarrow()
            yield from _of_breakdown(found, names, by, chosen)


def _of_breakdown(
    found: pa.Table, names: Sequence[str], by: tuple[str, ...], measures: dict[str, Measure]
) -> Iterator[Tabulated]:
    _lengths, first = runs(found, by)
    keys = found.select(list(by)).take(pa.array(first, pa.int64()))
    rows = found.column("rows").to_numpy().astype(np.int64)
    numbers = [found.column(name).to_numpy().astype(np.int64) for name in names]

    def counted(which: _Flag) -> _Count:
        if not by:
            return np.array([rows[which].sum()], dtype=np.int64)
        return np.add.reduceat(np.where(which, rows, 0), first) if first else np.zeros(0, dtype=np.int64)

    for nth, (name, measure) in enumerate(measures.items()):
        place = numbers[nth // _IN_ONE] // _MOST ** (nth % _IN_ONE) % _MOST
        counts = {
            "denominator": counted(place >= _NO_PART),
            "unknown": counted(place == _UNKNOWN),
            "open": counted(place == _OPEN),
            "duplicates": counted(place == _COPY),
        }
        parts = {part: counted(place == _FIRST + at) for at, part in enumerate(measure.parts)}
        yield Tabulated(name, by, _long(keys, by, counts, parts))


def _long(keys: pa.Table, by: tuple[str, ...], counts: dict[str, _Count], parts: dict[str, _Count]) -> pa.Table:
    """Return one row a group and part; groups without a case are left out, unless there are no groups."""
    total = sum(counts.values(), np.zeros(len(counts["unknown"]), dtype=np.int64))
    kept = np.flatnonzero(total) if by else np.arange(1)
    each = np.repeat(kept, len(parts))
    numerator = np.stack([count[kept] for count in parts.values()], axis=1).ravel()
    denominator, unknown, open_, duplicates = (counts[name][each] for name in ("denominator", "unknown", "open", "duplicates"))
    everyone = denominator + unknown + open_
    shares = {
        "share": _of(numerator, denominator),
        "low": _of(numerator, everyone),
        "high": _of(numerator + unknown + open_, everyone),
    }
    columns = {name: keys.column(name).take(pa.array(each)) for name in by}
    columns |= {"category": pa.array(list(parts) * len(kept), pa.string()), "numerator": pa.array(numerator, pa.int64())}
    columns |= {name: pa.array(counts[name][each], pa.int64()) for name in ("denominator", "unknown", "open")}
    return pa.table({**columns, "duplicates": pa.array(duplicates, pa.int64()), **shares})


def _of(part: _Count, whole: _Count) -> pa.Array:
    """Return the shares; null of none."""
    return pa.array(part / np.where(whole == 0, 1, whole), pa.float64(), mask=whole == 0)
