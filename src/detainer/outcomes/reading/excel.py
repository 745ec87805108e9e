"""Workbooks (xlsx, xls, xlsb, ods): every sheet with known titles, wherever they stand; kept as text in the scratch folder."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from detainer.outcomes.errors import OutcomesError
from detainer.outcomes.reading.columns import OF_TIME, OPAQUE, key_of
from detainer.outcomes.reading.dates import SERIALS
from detainer.outcomes.reading.files import Limits, sound
from detainer.outcomes.reading.sheets import BATCH, ROW, Reject, Sheet, Skipped
from detainer.outcomes.reading.titles import SOUGHT, Said, titles_at, titles_of

_CHUNK: Final = 20_000
_EPOCH: Final = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a day as written has no zone
_EXACT: Final = 10**15  # Excel keeps fifteen digits; a longer number is no longer the one that was written
_TOO_MANY: Final = 20  # rows of a sheet without titles that may be notes
_LIST: Final = 3  # columns of a list of codes or words, which may be long; no table has so few

Row = Sequence[Any]


def sheets(path: Path, scratch: Path, limits: Limits, said: Said, named: Path) -> tuple[list[Sheet], list[Skipped]]:
    """Return the sheets that hold a table, and those that do not.

    OutcomesError, which says `named`, when none does, or the workbook is damaged.
    """
    sound(path, limits, named)
    found: list[Sheet] = []
    skipped: list[Skipped] = []
    try:
        with CalamineWorkbook.from_path(path) as book:
            for number, name in enumerate(book.sheet_names):
                kept = _sheet(named, name, book.get_sheet_by_index(number), scratch / f"{path.stem[:40]}-{number}.parquet", said)
                if isinstance(kept, Sheet):
                    found.append(kept)
                else:
                    skipped.append(kept)
    except (CalamineError, OSError) as failed:
        raise OutcomesError(
            f"{named}: the workbook cannot be read ({failed}); if it has a password, save it without one"
        ) from failed
    if not found:
        names = "; ".join(f"{sheet.name!r}: {sheet.why}" for sheet in skipped)
        raise OutcomesError(f"{named}: no sheet holds a table that is known ({names})")
    return found, skipped


def _sheet(named: Path, name: str, sheet: CalamineSheet, kept: Path, said: Said) -> Sheet | Skipped:
    rows = iter(sheet.iter_rows())
    offset = sheet.start[0] if sheet.start else 0
    head = [list(row) for row in islice(rows, SOUGHT)]
    texts = [[_text(cell) or "" for cell in row] for row in head]
    at = titles_at(texts, said)
    if at is None:
        if sheet.height > _TOO_MANY and sheet.width > _LIST and key_of(name) not in _NOTES:
            first = " | ".join(_text(cell) or "" for cell in head[0])[:200]
            raise OutcomesError(
                f"{named}, sheet {name!r}: {sheet.height:,} rows, but no row of titles that are known. It begins: {first}. "
                "Each sheet needs its titles; if they are others than the known ones, say what they are (--column "
                "'TITLE=detainer_prepare_date'); if the sheet holds notes, name it so or leave it out"
            )
        return Skipped(name, f"{sheet.height} rows without known titles")
    titles = titles_of(texts, at, said)
    above = "\n".join(" ".join(filter(None, row)) for row in texts[:at])
    cut = _keep(chain(head[at + 1 :], rows), titles, offset + at + 2, kept)

    def batches(positions: Sequence[int], _reject: Reject) -> Iterator[pa.RecordBatch]:
        names = [str(position) for position in positions]
        with pq.ParquetFile(kept, read_dictionary=names) as file:
            for batch in file.iter_batches(BATCH, columns=[*names, ROW]):
                yield batch.select([*names, ROW])

    notes = (
        (f"sheet {name!r}: {cut:,} identifiers were numbers of more than 15 digits, which Excel cuts: they are left out",)
        if cut
        else ()
    )
    return Sheet(name, titles, above, texts=True, batches=batches, notes=notes)


_NOTES: Final = frozenset(
    {"notes", "note", "legend", "appendix", "definitions", "readme", "read me", "cover", "summary", "data dictionary"}
)


def _keep(rows: Iterator[Row], titles: Sequence[str], first: int, kept: Path) -> int:
    """Write the rows as text to a Parquet file; return how many identifiers Excel had cut."""
    of_time = {position for position, title in enumerate(titles) if key_of(title) in OF_TIME}
    opaque = {position for position, title in enumerate(titles) if key_of(title) in OPAQUE}
    schema = pa.schema([*((str(position), pa.string()) for position in range(len(titles))), (ROW, pa.int64())])
    cut = 0
    with pq.ParquetWriter(kept, schema, compression="lz4", write_statistics=False) as out:
        while chunk := list(islice(rows, _CHUNK)):
            arrays = []
            for position, cells in enumerate(zip(*chunk, strict=True)):
                if position in opaque:
                    cut += sum(isinstance(cell, float | int) and abs(cell) >= _EXACT for cell in cells)
                arrays.append(_column(cells, position in of_time, position in opaque))
            numbers = pa.array(np.arange(first, first + len(chunk), dtype=np.int64))
            out.write_batch(pa.RecordBatch.from_arrays([*arrays, numbers], schema=schema))
            first += len(chunk)
    return cut


def _column(cells: Sequence[Any], of_time: bool, opaque: bool) -> pa.Array:
    if all(type(cell) is str for cell in cells):
        return pa.array(cells, pa.string())
    if opaque:
        return pa.array(
            [None if isinstance(cell, float | int) and abs(cell) >= _EXACT else _text(cell) for cell in cells], pa.string()
        )
    return pa.array([_day(cell) if of_time and isinstance(cell, float | int) else _text(cell) for cell in cells], pa.string())


def _text(cell: Any) -> str | None:
    """Return a cell as text: a day as 2015-10-01, a moment as 2015-10-01 13:05:00, 1996.0 as 1996."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return None if cell is None else str(cell)


def _day(cell: float) -> str | None:
    """Return Excel's number of a day as a moment, or the number itself when it is of no plausible day."""
    if not SERIALS[0] <= cell <= SERIALS[1]:
        return _text(cell)
    return (_EPOCH + dt.timedelta(days=cell)).isoformat(sep=" ", timespec="seconds")
