"""A small build of outcomes as it is published, made without its readers: seeded rows of two releases, measures, the report."""

import datetime as dt
import random
import warnings
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from detainer.outcomes import manifest
from detainer.outcomes.counting.following import quantiles
from detainer.outcomes.counting.incidence import incidence
from detainer.outcomes.counting.of_record import CURVES_OF, LAGS_OF, MEASURES_OF, OF_RECORD
from detainer.outcomes.counting.quality import quality
from detainer.outcomes.counting.spans import spans_of
from detainer.outcomes.counting.tabulating import tabulate
from detainer.outcomes.engine import session
from detainer.outcomes.manifest import Source
from detainer.outcomes.publishing.suppressing import suppressed
from detainer.outcomes.publishing.writing import name_of
from detainer.outcomes.report import page

LAST_DAY = dt.date(2025, 6, 30)
PLACED = ((), ("state",), ("county",), ("facility",), ("year",), ("month",), ("state", "year"), ("law_hold", "law_notify"))
BREAKDOWNS = (*PLACED, ("detainer_type",), ("criminality",))
SCHEMA = pa.schema(
    [
        ("key", pa.int64()),
        *((name, pa.string()) for name in ("release", "file", "sheet")),
        ("row", pa.int64()),
        ("unique_identifier", pa.string()),
        ("detainer_prepare_date", pa.date32()),
        *((name, pa.string()) for name in ("facility_code", "county", "state", "area", "detainer_type", "tod_current_duty_site")),
        *((name, pa.string()) for name in ("detainer_prepared_criminality", "detainer_lift_reason", "outcome", "reason")),
        *((name, pa.string()) for name in ("evidence", "lift_class", "why", "filled")),
        ("duplicate_of", pa.int64()),
        ("arrest_days", pa.int32()),
        ("arrest_at", pa.timestamp("us")),
        ("book_in_days", pa.int32()),
        ("book_in_at", pa.timestamp("us")),
        *((name, pa.string()) for name in ("law_hold", "law_notify", "law_hold_assumed", "law_notify_assumed")),
    ]
)
# state: county, facility, how often declined, how often the detainers are there, what the law says of the hold
PLACES = {
    "MA": ("us/ma/essex_county", "ESSEXMA", 0.5, 6, "must_not"),
    "PA": ("us/pa/bucks_county", "BUCKSPA", 0.1, 8, "may"),
    "TX": ("us/tx/travis_county", "TRAVITX", 0.02, 10, "must"),
    "VT": ("us/vt/windsor_county", "WINDSVT", 0.5, 0.2, "must_not"),
}


def rows(count: int, seed: int = 4) -> list[dict[str, Any]]:
    """Return so many detainers of two releases: known and unknown, some copies, some without an id, one with a mistyped year."""
    lot = random.Random(seed)
    made = [_row(lot, key) for key in range(count)]
    for key in range(10, count, 25):
        made[key]["duplicate_of"] = key - 1
    if made:
        made[0]["detainer_prepare_date"] = dt.date(2201, 3, 1)
    return made


def _row(lot: random.Random, key: int) -> dict[str, Any]:
    state = lot.choices(list(PLACES), [place[3] for place in PLACES.values()])[0]
    county, facility, declined, _often, hold = PLACES[state]
    day = LAST_DAY - dt.timedelta(days=0 if key % 50 == 1 else lot.randrange(900))
    ended = lot.choices(
        ("handed_over", "declined", "released", "withdrawn", "passed_on", "unknown"), (6, 10 * declined, 1, 2, 0.2, 3)
    )[0]
    reason = lot.choice(("citizen", "case_closed", "case_closed", "could_not_come", "unstated")) if ended == "withdrawn" else None
    has_id = lot.random() < 0.9
    arrested = has_id and (ended == "handed_over" or (ended == "declined" and lot.random() < 0.5))
    days = lot.choice((0, 1, 5, 20, 58, 59, 60, 89, 90, 91, 300)) if arrested else None
    if days is not None and day + dt.timedelta(days=days) > LAST_DAY:
        days = None
    return dict.fromkeys(SCHEMA.names) | {
        "key": key,
        "release": "2025-ICLI-00019" if key % 5 else "2026-ICLI-00005",
        "file": "detainers.xlsx",
        "sheet": "Sheet 1",
        "row": key + 8,
        "unique_identifier": f"person {key}" if has_id else None,
        "detainer_prepare_date": day,
        "facility_code": facility,
        "county": county,
        "state": state,
        "detainer_type": "I247A",
        "outcome": ended,
        "reason": reason,
        "evidence": "none" if ended == "unknown" else lot.choice(("stated", "both", "linked")),
        "lift_class": ended,
        "why": "lift_reason",
        "arrest_days": days,
        "arrest_at": None if days is None else dt.datetime.combine(day, dt.time(9)) + dt.timedelta(days=days),
        "book_in_days": days if ended == "handed_over" else None,
        "book_in_at": dt.datetime.combine(day, dt.time(12)) if ended == "handed_over" and days is not None else None,
        "law_hold": "needs_facts" if key % 2 and hold == "must_not" else hold,
        "law_hold_assumed": hold,
        "law_notify_assumed": "needs_facts" if key % 3 == 0 else "may",
        "law_notify": "needs_facts" if key % 3 == 0 else "may",
    }


def build(folder: Path, told: list[dict[str, Any]], *, threshold: int = 11, source: Source = "published") -> Path:
    """Write a finished build of these rows: outcomes, measures, quality, report, manifest. Threshold 0 hides none."""
    # The rows have no moments of delivery and decision, of which the record alone has measures.
    measures = {name: measure for name, measure in MEASURES_OF[source].items() if name not in OF_RECORD}
    (folder / "measures").mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(told, schema=SCHEMA), folder / "outcomes.parquet")
    with warnings.catch_warnings(), session() as engine:
        warnings.filterwarnings("ignore", "fetch_arrow_table", DeprecationWarning)  # Ibis 12 calls what DuckDB 2.0 calls old
        table = engine.read_parquet(folder / "outcomes.parquet")
        spans = spans_of(table)
        for each in tabulate(table, spans, BREAKDOWNS, measures):
            shown = suppressed(ibis.memtable(each.table), threshold).to_pyarrow() if threshold else each.table
            _write(folder, name_of(each.measure, each.by), shown)
        for name in CURVES_OF[source]:
            _write(folder, f"incidence_{name}", incidence(table, curve=name, spans=spans).to_pyarrow())
        for name in LAGS_OF[source]:
            _write(folder, f"quantiles_{name}", quantiles(name, table).to_pyarrow())
        (folder / "quality.json").write_text(quality(table, spans=spans).model_dump_json(), encoding="utf-8")
    made = manifest.Manifest(
        source=source,
        made_at="2026-03-02T15:00:00Z",
        versions={"detainer": "0.1.0"},
        law="0" * 64,
        inputs=(
            manifest.Input(name="detainers.xlsx", sha256="ab" * 32, bytes=1, table="detainers", release=None, rows=len(told)),
        ),
        options=manifest.Options(threshold=threshold),
        counts={"detainers": len(told)},
        releases=spans,
    )
    page.write(folder, made)
    manifest.write(folder, made)
    return folder


def _write(folder: Path, name: str, table: pa.Table) -> None:
    pq.write_table(table, folder / "measures" / f"{name}.parquet")
    pyarrow.csv.write_csv(table, folder / "measures" / f"{name}.csv")
