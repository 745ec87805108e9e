"""The measures of a build as they are published: counted, small counts hidden, written as Parquet and CSV."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
from ibis.expr import types as ir

from detainer.outcomes.counting.following import QUANTILES, quantiles
from detainer.outcomes.counting.incidence import incidence
from detainer.outcomes.counting.of_record import CURVES_OF, LAGS_OF, MEASURES_OF
from detainer.outcomes.counting.spans import Release
from detainer.outcomes.counting.tabulating import is_usual, tabulate
from detainer.outcomes.manifest import Source
from detainer.outcomes.publishing.linked import By, with_small_hidden

BESIDE: Final = ("law_hold", "law_notify")


def name_of(measure: str, by: Sequence[str] = ()) -> str:
    """Return what the file of a measure is called, without its ending: `outcome_mix_by_state_year`."""
    return f"{measure}_by_{'_'.join(by)}" if by else measure


def publish(
    outcomes: ir.Table,
    spans: Sequence[Release],
    threshold: int,
    folder: Path,
    source: Source = "published",
) -> Iterator[Path]:
    """Write every measure by every breakdown, every curve and the quantiles into a folder; yield each file when it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    counted: dict[str, dict[By, pa.Table]] = {}
    for each in tabulate(outcomes, spans, measures=MEASURES_OF[source]):
        if is_usual(each.measure, each.by):
            counted.setdefault(each.measure, {})[each.by] = each.table
    for measure, shown in with_small_hidden(counted, threshold).items():
        for by, table in shown.items():
            yield from _written(table, folder, name_of(measure, by))
        if measure == "outcome_mix":
            yield from _written(shown[BESIDE], folder, "law_beside")
    for curve in CURVES_OF[source]:
        found = incidence(outcomes, curve=curve, spans=spans).to_pyarrow()
        yield from _written(few_steps(found, threshold), folder, f"incidence_{curve}")
    for lag in LAGS_OF[source]:
        found = quantiles(lag, outcomes).to_pyarrow()
        yield from _written(few_quantiles(found, threshold), folder, f"quantiles_{lag}")


def few_steps(curve: pa.Table, threshold: int) -> pa.Table:
    """Return a curve with only those steps between which at least `threshold` events came; none of fewer cases than that."""
    events = curve.column("events").to_numpy()
    if not curve.num_rows or int(curve.column("cases")[0].as_py()) < threshold:
        return curve.slice(0, 0).drop_columns(["events"])
    kept, since = [0], 0
    for place, count in enumerate(events.tolist()):
        since += count
        if since >= threshold:
            kept.append(place)
            since = 0
    return curve.take(pa.array(sorted(set(kept)))).drop_columns(["events"])


def few_quantiles(found: pa.Table, threshold: int) -> pa.Table:
    """Return the quantiles on whose nearer side lie at least `threshold` cases; the others are null."""
    cases = found.column("cases").to_numpy().astype(np.float64)
    columns: dict[str, Any] = {name: found.column(name) for name in found.column_names}
    for name, share in QUANTILES.items():
        near = cases * min(share, 1 - share) < threshold
        columns[name] = pc.if_else(pa.array(near), None, found.column(name))
    columns["cases"] = pc.if_else(pa.array(cases < threshold), None, found.column("cases"))
    return pa.table(columns)


def _written(table: pa.Table, folder: Path, name: str) -> Iterator[Path]:
    path = folder / f"{name}.parquet"
    pa.parquet.write_table(table, path, compression="zstd")
    yield path
    path = folder / f"{name}.csv"
    pa.csv.write_csv(table, path)
    yield path
