"""The typed table of a reading is written as its rows come, each with its release, file, sheet, row and key."""

import csv
import datetime as dt
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from detainer.outcomes.reading.columns import TableOf
from detainer.outcomes.reading.dates import Order, moments_of
from detainer.outcomes.reading.sheets import BATCH, ROW, Reject, Sheet
from detainer.outcomes.reading.titles import Layout
from detainer.outcomes.reading.told import ReadSheet
from detainer.outcomes.reading.values import TEXT, Count, type_of, valued

PROVENANCE: Final = (("release", TEXT), ("file", TEXT), ("sheet", TEXT), (ROW, pa.int64()), ("key", pa.int64()))
_FEW: Final = 5  # columns: in a table of so many a row with one value only is no row of it


class Rejects:
    """The rows of a table that could not be read: file, sheet, row, why, and the row's text."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8", newline="")
        self._out = csv.writer(self._file)
        self._out.writerow(["file", "sheet", "row", "reason", "text"])
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self._file.close()

    def add(self, file: str, sheet: str, row: int, why: str, text: str) -> None:
        """Write one down."""
        self._out.writerow([file, sheet, row, why, text.rstrip("\r\n")])
        self.rows += 1


class Writer:
    """One table on its way to its Parquet file."""

    def __init__(self, table: TableOf, path: Path, pool: Executor) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._table, self._pool = table, pool
        self._types = {name: type_of(column) for name, column in table.columns.items()} | dict(PROVENANCE)
        self._schema = pa.schema(list(self._types.items()))
        texts = [name for name, kind in self._types.items() if kind == TEXT]
        others = [name for name, kind in self._types.items() if kind not in (TEXT, pa.string())]
        # Bounds are kept of days and numbers, which are asked for by range; of texts they would cost more than the rest.
        self._out = pq.ParquetWriter(
            path, self._schema, compression="lz4", use_dictionary=texts, write_statistics=others, store_schema=False
        )
        self._waiting: list[pa.RecordBatch] = []
        self._writing: Future[None] | None = None
        self.rows = self.blank = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self._flush()
            self._settle()
        finally:
            self._out.close()

    def add(
        self,
        file: str,
        sheet: Sheet,
        layout: Layout,
        orders: Mapping[str, Order | None],
        release: str,
        release_of_row: Callable[[str | None], str] | None,
        today: dt.date,
        counts: dict[str, Count],
        rejects: Rejects,
    ) -> ReadSheet:
        """Write the rows of a sheet; return how many were kept, rejected and blank. The counts go on from sheet to sheet."""
        before, rejected, blank = self.rows, rejects.rows, self.blank
        sources = self._sources(layout)
        for name in sources:
            counts.setdefault(name, Count())
        positions = sorted({position for at in sources.values() for position in at})

        def reject(row: int, why: str, text: str) -> None:
            rejects.add(file, sheet.name, row, why, text)

        for batch in sheet.batches(positions, reject):
            rows = self._shaped(batch, sheet, sources[self._table.day][0], reject) if sheet.texts else batch
            if not rows.num_rows:
                continue

            def values(name: str, rows: pa.RecordBatch = rows) -> pa.Array:
                return self._values(name, rows, sources.get(name, ()), orders, today, counts)

            arrays = dict(zip(self._table.columns, self._pool.map(values, self._table.columns), strict=True))
            count = rows.num_rows
            arrays["release"] = _releases(arrays, release, release_of_row, count)
            arrays |= {"file": _same(file, count), "sheet": _same(sheet.name, count), ROW: rows.column(ROW)}
            arrays["key"] = pa.array(np.arange(self.rows, self.rows + count, dtype=np.int64))
            self.rows += count
            self._waiting.append(pa.RecordBatch.from_arrays([arrays[name] for name in self._types], schema=self._schema))
            if sum(waiting.num_rows for waiting in self._waiting) >= BATCH * 3 // 4:
                self._flush()
        return ReadSheet(
            name=sheet.name,
            table=layout.table,
            rows=self.rows - before,
            rejected=rejects.rows - rejected,
            blank=self.blank - blank,
        )

    def _sources(self, layout: Layout) -> dict[str, tuple[int, ...]]:
        """Return for each column the positions that serve it: its own, or those of the column that serves it too."""
        served = {
            column.name: layout.positions[column.also]
            for column in self._table.columns.values()
            if column.also in layout.positions and column.name not in layout.positions
        }
        return layout.positions | served

    def _values(
        self,
        name: str,
        rows: pa.RecordBatch,
        positions: tuple[int, ...],
        orders: Mapping[str, Order | None],
        today: dt.date,
        counts: dict[str, Count],
    ) -> pa.Array:
        column, kind = self._table.columns[name], self._types[name]
        if not positions:
            return pa.nulls(rows.num_rows, kind)
        order = orders.get(name, orders.get(column.also or ""))
        values = [valued(column, rows.column(str(position)), order, today, counts[name]) for position in positions]
        kept = values[0]
        for other in values[1:]:
            kept = _first_said(kept, other, counts[name])
        return kept if kept.type == kind else kept.cast(kind)

    def _shaped(self, batch: pa.RecordBatch, sheet: Sheet, day_at: int, reject: Reject) -> pa.RecordBatch:
        """Return the rows that are rows of the table: not blank ones, not titles that are repeated, not a lone remark."""
        said = np.zeros(batch.num_rows, dtype=np.int32)
        for array in batch.columns[:-1]:
            said += _says(array)
        day = batch.column(str(day_at)).cast(pa.string())
        again = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(day), sheet.titles[day_at]), fill_value=False).to_numpy(
            zero_copy_only=False
        )
        few = (said > 0) & (said <= 2) & ~again & (batch.num_columns > _FEW)
        few[few] = _no_day(day.filter(pa.array(few)))
        lone, total = few & (said == 1), few & (said == 2)
        total[total] = _of_total(batch.filter(pa.array(total)))
        blank = said == 0
        for mask, why in ((again, "the titles again"), (lone, "one value only; no day"), (total, "a line of totals")):
            for at in np.flatnonzero(mask):
                cells = [array[int(at)].as_py() or "" for array in batch.columns[:-1]]
                reject(batch.column(ROW)[int(at)].as_py(), why, " | ".join(cells))
        self.blank += int(blank.sum())
        left = ~(blank | again | lone | total)
        return batch if left.all() else batch.filter(pa.array(left))

    def _flush(self) -> None:
        if not self._waiting:
            return
        table = pa.Table.from_batches(self._waiting).unify_dictionaries().combine_chunks()
        self._waiting = []
        self._settle()
        self._writing = self._pool.submit(self._out.write_table, table, row_group_size=table.num_rows)

    def _settle(self) -> None:
        if self._writing is not None:
            self._writing.result()
            self._writing = None


def _same(text: str, count: int) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int32)), pa.array([text], pa.string()))


def _releases(
    arrays: Mapping[str, pa.Array], release: str, of_row: Callable[[str | None], str] | None, count: int
) -> pa.DictionaryArray:
    """Return the release of each row: that of the file, or in a file of several that of the file each row came from."""
    if of_row is None:
        return _same(release, count)
    original: pa.DictionaryArray = arrays["file_original"]
    named = pa.array([*map(of_row, original.dictionary.to_pylist()), of_row(None)], pa.string()).dictionary_encode()
    indices = pc.fill_null(original.indices, len(original.dictionary))
    return pa.DictionaryArray.from_arrays(pc.take(named.indices, indices), named.dictionary)


def _says(array: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which rows have more than blanks."""
    if pa.types.is_dictionary(array.type):
        full = pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(array.dictionary)), 0)
        said = pc.take(full, array.indices)
    else:
        said = pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(array)), 0)
    says: np.ndarray[tuple[int], np.dtype[np.bool_]] = pc.fill_null(said, fill_value=False).to_numpy(zero_copy_only=False)
    return says


def _of_total(rows: pa.RecordBatch) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which rows have a cell that says that the line is a total."""
    told = np.zeros(rows.num_rows, dtype=np.bool_)
    for array in rows.columns[:-1]:
        said = pc.match_substring_regex(array.cast(pa.string()), r"^\s*(grand |sub)?-?\s*(total|sum)\b", ignore_case=True)
        told |= pc.fill_null(said, fill_value=False).to_numpy(zero_copy_only=False)
    return told


def _no_day(texts: pa.StringArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which texts are no day in any order."""
    return np.isnat(moments_of(texts, "month_first")) & np.isnat(moments_of(texts, "day_first"))


def _first_said(kept: pa.Array, other: pa.Array, count: Count) -> pa.Array:
    """Return the first of two columns of the same meaning that says something; count where both do and differ."""
    plain = [array.cast(pa.string()) if pa.types.is_dictionary(array.type) else array for array in (kept, other)]
    differ = pc.fill_null(pc.not_equal(*plain), fill_value=False)
    if rows := pc.sum(differ).as_py() or 0:
        shown = [
            f"{one} / {two}" for one, two in zip(*(array.filter(differ).slice(0, 5).to_pylist() for array in plain), strict=True)
        ]
        count.note("disagreed", rows, shown)
    together = pc.coalesce(*plain)
    return together.dictionary_encode() if pa.types.is_dictionary(kept.type) else together
