"""Every measure by every usual breakdown, from one pass over the rows: what each row counts for is packed into a few numbers.

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
from detainer.outcomes.counting.groups import GROUPS, Measure, count_by, single
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
_BITS: Final = 62  # in one number
_Count = npt.NDArray[np.int64]
_Flag = npt.NDArray[np.bool_]


class Tabulated(NamedTuple):
    """A table of one measure by one breakdown, as `measures.measure` gives it."""

    measure: str
    by: tuple[str, ...]
    table: pa.Table


def packed(table: ir.Table, spans: Sequence[Release], measures: dict[str, Measure] | None = None) -> ir.Table:
    """Return, for each row, its groups and its masks: a bit each for being in a measure's scope, unknown, open, in a part."""
    conditions = [condition for each in (measures or MEASURES).values() for condition in _conditions(each, table, spans)]
    flags = [~single(table), *conditions]
    numbers = {
        f"mask_{at // _BITS}": reduce(
            ir.IntegerValue.__add__, [_bit(flag, bit) for bit, flag in enumerate(flags[at : at + _BITS])]
        )
        for at in range(0, len(flags), _BITS)
    }
    return table.select(**{name: key(table) for name, key in GROUPS.items()}, **numbers)


def _bit(flag: ir.BooleanValue, bit: int) -> ir.IntegerValue:
    number: ir.IntegerValue = flag.ifelse(ibis.literal(1 << bit, "int64"), ibis.literal(0, "int64"))
    return number


def _conditions(measure: Measure, table: ir.Table, spans: Sequence[Release]) -> Iterator[ir.BooleanValue]:
    counted = measure.count(table, spans)
    yield counted.scope.fill_null(False)
    yield counted.unknown.fill_null(True)
    yield counted.open.fill_null(False)
    yield from (condition.fill_null(False) for condition in counted.parts.values())


def is_usual(measure: str, by: tuple[str, ...]) -> bool:
    """Return whether a measure is published by these groups; `measures.measure` counts it by any."""
    return not (measure in _NOT_BY_PLACE and by in _PLACES)


def tabulate(
    table: ir.Table,
    spans: Sequence[Release],
    breakdowns: Sequence[tuple[str, ...]] = BREAKDOWNS,
    measures: dict[str, Measure] | None = None,
) -> Iterator[Tabulated]:
    """Yield every measure by every breakdown, breakdown by breakdown.

    In one pass on DuckDB. The expression of that pass is too large for Spark to plan, so there each table is counted by itself.
    """
    chosen = measures or MEASURES
    if table.get_backend().name == "pyspark":
        for by in breakdowns:
            for name, each in chosen.items():
                yield Tabulated(name, by, count_by(each, table, by, spans).to_pyarrow())
        return
    with packed(table, spans, chosen).cache() as masks:
        names = [name for name in masks.columns if name.startswith("mask_")]
        for by in breakdowns:
            groups = masks.group_by([*by, *names]).agg(rows=masks.count())
            found = (groups.order_by(list(by)) if by else groups).to_pyarrow()
            yield from _of_breakdown(found, names, by, chosen)


def _of_breakdown(
    found: pa.Table, names: Sequence[str], by: tuple[str, ...], measures: dict[str, Measure]
) -> Iterator[Tabulated]:
    _lengths, first = runs(found, by)
    keys = found.select(list(by)).take(pa.array(first, pa.int64()))
    rows = found.column("rows").to_numpy().astype(np.int64)
    numbers = [found.column(name).to_numpy().astype(np.int64) for name in names]

    def flag(at: int) -> _Flag:
        is_set: _Flag = (numbers[at // _BITS] >> (at % _BITS) & 1).astype(np.bool_)
        return is_set

    def counted(which: _Flag) -> _Count:
        if not by:
            return np.array([rows[which].sum()], dtype=np.int64)
        return np.add.reduceat(np.where(which, rows, 0), first) if first else np.zeros(0, dtype=np.int64)

    copy, at = flag(0), 1
    for name, measure in measures.items():
        scope, unknown, open_ = flag(at), flag(at + 1), flag(at + 2)
        mine = scope & ~copy
        known = mine & ~unknown & ~open_
        counts = {
            "denominator": counted(known),
            "unknown": counted(mine & unknown),
            "open": counted(mine & ~unknown & open_),
            "duplicates": counted(scope & copy),
        }
        parts = [counted(known & flag(at + 3 + place)) for place in range(len(measure.parts))]
        yield Tabulated(name, by, _long(keys, by, counts, dict(zip(measure.parts, parts, strict=True))))
        at += 3 + len(measure.parts)


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
