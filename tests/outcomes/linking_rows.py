"""Rows of detainers, arrests and book-ins for the tests of linking: small, made by hand or by lot. Nobody in them is real."""

import datetime as dt
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st
from ibis.expr import types as ir

Row = dict[str, Any]
DAY = dt.date(2024, 1, 29)
SOURCE = {"release": "string", "file": "string", "sheet": "string", "row": "int64", "key": "int64", "unique_identifier": "string"}
KINDS = {
    "detainers": SOURCE
    | {"detainer_prepare_date": "date", "detention_facility_code": "string", "detainer_lift_reason": "string"},
    "arrests": SOURCE | {"apprehension_date": "date", "apprehension_date_time": "timestamp", "apprehension_method": "string"},
    "detentions": SOURCE | {"book_in_date_time": "timestamp"},
}
REASONS = (
    "Booked into Detention",
    "Detainer Declined by LEA",
    "Duplicate",
    "Superseding - New Form Issued",
    "Transferred",
    "Lifted",
)


def table(kind: str, rows: list[Row]) -> ir.Table:
    """Return rows as the readers give them; what a row does not say is null, its key and row are its place."""
    known = [
        {"release": "R1", "file": kind, "sheet": "1", "row": place + 8, "key": place + 1} | row for place, row in enumerate(rows)
    ]
    full = [{name: row.get(name) for name in KINDS[kind]} for row in known]
    return ibis.memtable(pa.Table.from_pylist(full, schema=ibis.schema(KINDS[kind]).to_pyarrow()))


def detainer(days: int = 0, **more: Any) -> Row:
    first = {"unique_identifier": "a", "detention_facility_code": "SUFFOMA", "detainer_prepare_date": DAY + dt.timedelta(days)}
    return first | more


def arrest(days: int = 0, hour: int = 12, **more: Any) -> Row:
    return {"unique_identifier": "a", "apprehension_date_time": _at(days, hour)} | more


def book_in(days: int = 0, hour: int = 15, **more: Any) -> Row:
    return {"unique_identifier": "a", "book_in_date_time": _at(days, hour)} | more


def _at(days: int, hour: int) -> dt.datetime:
    return dt.datetime.combine(DAY + dt.timedelta(days), dt.time(hour))


def by_key(table: ir.Table) -> list[Row]:
    rows: list[Row] = table.to_pyarrow().to_pylist()
    return sorted(rows, key=lambda row: row["key"])


def as_read(path: Path, into: Path, release: str = "R1") -> Path:
    """Write a generated table again with the provenance that the readers give."""
    read = pq.read_table(path)
    given = {
        "release": pa.array([release] * read.num_rows, pa.string()),
        "file": read["file_original"],
        "sheet": read["sheet_original"],
        "row": read["row_original"].cast(pa.int64()),
        "key": pa.array(range(read.num_rows), pa.int64()),
    }
    for name, column in given.items():
        read = read.append_column(name, column)
    pq.write_table(read, into)
    return into


ids = st.sampled_from(["a", "b", None])
releases = st.sampled_from(["R1", "R1", "R2"])
detainers = st.lists(
    st.builds(
        detainer,
        days=st.integers(0, 4),
        unique_identifier=ids,
        release=releases,
        detention_facility_code=st.sampled_from(["SUFFOMA", "suffoma ", "BUCKSPA", None]),
        detainer_lift_reason=st.sampled_from([None, None, " ", "detainer  declined by lea", "Never Seen Before", *REASONS]),
    )
    | st.builds(detainer, detainer_prepare_date=st.none(), unique_identifier=ids),
    max_size=7,
)
methods = st.sampled_from(["CAP Local Incarceration", "Located", " located", "Probation and Parole", None])
arrests = st.lists(
    st.builds(
        arrest,
        days=st.integers(-7, 9),
        hour=st.sampled_from([0, 12]),
        unique_identifier=ids,
        release=releases,
        apprehension_method=methods,
    ),
    max_size=6,
)
book_ins = st.lists(
    st.builds(book_in, days=st.integers(-7, 9), hour=st.sampled_from([0, 12]), unique_identifier=ids, release=releases),
    max_size=6,
)
