"""Released files become typed tables with provenance; what is not kept is named, what cannot be read is counted and written down.

Reading does not depend on the engine: files are read on one machine, as streams of Arrow batches. Every format gives sheets
(`sheets`), titles are matched to the known columns (`titles`, `columns`), values become those of their kind
(`values`), and rows are written as they come.
"""

import datetime as dt
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

import pyarrow as pa

from detainer.outcomes.errors import OutcomesError, nearest
from detainer.outcomes.progressing import Progress, silent
from detainer.outcomes.reading.columnar import arrow, parquet
from detainer.outcomes.reading.columns import TABLES, key_of
from detainer.outcomes.reading.dates import Order
from detainer.outcomes.reading.delimited import sheets as delimited
from detainer.outcomes.reading.excel import sheets as excel
from detainer.outcomes.reading.files import Input, Limits, look, unpacked
from detainer.outcomes.reading.listing import TABLE_NAMES, TableName
from detainer.outcomes.reading.releases import number_in
from detainer.outcomes.reading.sheets import Reject, Sheet, Skipped
from detainer.outcomes.reading.statistical import sheets as statistical
from detainer.outcomes.reading.surveying import Source, named, releases_of, settle, survey
from detainer.outcomes.reading.titles import Said, layout_of, said_of
from detainer.outcomes.reading.told import DroppedColumn, ReadColumn, ReadFile, Reading, ReadSheet, ReadTable, told
from detainer.outcomes.reading.writing import Rejects, Writer

_TOLD: Final = 100_000  # rows between two words of how far a file has been read
__all__ = ["DroppedColumn", "Limits", "Order", "ReadColumn", "ReadFile", "ReadSheet", "ReadTable", "Reading", "read"]


def read(
    files: Sequence[Path],
    into: Path,
    progress: Progress = silent,
    *,
    release: str | None = None,
    mix_releases: bool = False,
    order: Order | None = None,
    columns: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    today: dt.date | None = None,
) -> Reading:
    """Read the files of one release into `into/tables/*.parquet` (and `into/rejects/*.csv`); return what was read and what not.

    `release` names the release of all files; `mix_releases` allows more than one (people's identifiers do not join across);
    `order` says how dates with two readings are read, instead of the evidence; `columns` what titles mean that are
    not known (`{"Prep Dt": "detainer_prepare_date"}`), before all that is known; `limits` how far packed files may grow;
    `today` the last plausible day. OutcomesError says what cannot be read, where, and what would be right.
    """
    today = today or dt.datetime.now(dt.UTC).date()
    inputs, copies = _different([look(path) for path in files])
    with tempfile.TemporaryDirectory(prefix="reading-", dir=_made(into)) as scratch:
        said = said_of(columns or {})
        sources = [_opened(found, Path(scratch), limits or Limits(), said, progress) for found in inputs]
        _all_there(columns or {}, sources)
        for source in sources:
            progress(f"Looking through {source.name}")
            survey(source, release)
        named([source for source in sources if not source.releases])
        releases = releases_of(sources, mix_releases)
        settle(sources, order)
        return _written(sources, into, releases, copies, today, progress)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _different(found: Iterable[Input]) -> tuple[list[Input], list[str]]:
    """Return the files in the order of their names, each content once, and a note of each that was there before."""
    first: dict[str, Input] = {}
    notes: list[str] = []
    for one in sorted(found, key=lambda one: (one.path.name, one.sha256, str(one.path))):
        if one.sha256 in first:
            notes.append(f"{one.path}: the same content as {first[one.sha256].path}; read once")
        else:
            first[one.sha256] = one
    if not first:
        raise OutcomesError("no files were named; name the files of one release (xlsx, csv, parquet, feather, dta or sav)")
    return list(first.values()), notes


def _all_there(columns: Mapping[str, str], sources: Sequence[Source]) -> None:
    """Raise OutcomesError for what was said of a title that no file has."""
    there = {key_of(title): title for source in sources for sheet, _ in source.sheets for title in sheet.titles}
    for title, name in columns.items():
        if key_of(title) not in there:
            raise OutcomesError(f"column {title}={name}: no file has that title{nearest(title, there.values())}")


def _opened(found: Input, scratch: Path, limits: Limits, said: Said, progress: Progress) -> Source:
    progress(f"Opening {found.path.name}")
    skipped: list[Skipped] = []
    if found.format == "delimited":
        sheets = delimited(found, limits, said)
    else:
        path = unpacked(found, scratch, limits)
        if found.format == "excel":
            sheets, skipped = excel(path, scratch, limits, said, found.path)
        elif found.format in ("stata", "spss"):
            sheets = statistical(path, found.format, found.path)
        else:
            sheets = (parquet if found.format == "parquet" else arrow)(path, found.path)
    layouts = [
        layout_of(f"{found.path}{f', sheet {sheet.name!r}' if sheet.name else ''}", sheet.titles, said) for sheet in sheets
    ]
    notes = [note for sheet in sheets for note in sheet.notes]
    return Source(found, list(zip(sheets, layouts, strict=True)), skipped, notes=notes)


def _written(
    sources: Sequence[Source], into: Path, releases: tuple[str, ...], copies: Sequence[str], today: dt.date, progress: Progress
) -> Reading:
    present: dict[TableName, set[str]] = {}
    for source in sources:
        for _, layout in source.sheets:
            present.setdefault(layout.table, set()).update(layout.positions)
    names = [name for name in TABLE_NAMES if name in present]
    with ThreadPoolExecutor(2, "reading") as pool:
        tables = {name: _table(name, sources, into, pool, today, progress) for name in names}
    for source in sources:
        _not_empty(source)
        _has_days(source)
        source.notes += _not_read(source)
    return Reading(
        releases=releases,
        tables=tables,
        files=tuple(
            told(one.found, one.releases, one.read, one.sheets, one.skipped, one.counts, one.evidence, one.notes)
            for one in sources
        ),
        missing={name: _missing(name, present[name]) for name in names},
        notes=tuple(copies),
    )


def _table(
    name: TableName, sources: Sequence[Source], into: Path, pool: Executor, today: dt.date, progress: Progress
) -> ReadTable:
    """Write one table from the sheets of it, file by file."""
    kept, lost = into / "tables" / f"{name}.parquet", into / "rejects" / f"{name}.csv"
    with Writer(TABLES[name], kept, pool) as out, Rejects(lost) as rejects:
        for source in sources:
            of_row = None if len(source.releases) == 1 else _number_or(source.releases[0])
            for sheet, layout in source.sheets:
                if layout.table == name:
                    aloud = _counted_aloud(sheet, source.name, progress)
                    counts = source.counts.setdefault(name, {})
                    source.read.append(
                        out.add(source.name, aloud, layout, source.orders, source.releases[0], of_row, today, counts, rejects)
                    )
    return ReadTable(rows=out.rows, rejected=rejects.rows, blank=out.blank)


def _missing(name: TableName, present: set[str]) -> tuple[str, ...]:
    columns = TABLES[name].columns.values()
    return tuple(column.name for column in columns if column.name not in present and column.also not in present)


def _counted_aloud(sheet: Sheet, file: str, progress: Progress) -> Sheet:
    """Return the sheet, which tells how many of its rows have been read as they are."""
    where = f"Reading {file}{f', {sheet.name}' if sheet.name else ''}"

    def batches(positions: Sequence[int], reject: Reject) -> Iterator[pa.RecordBatch]:
        progress(where)
        rows = 0
        for batch in sheet.batches(positions, reject):
            yield batch
            before, rows = rows, rows + batch.num_rows
            if before // _TOLD < rows // _TOLD:
                progress(f"{where}: {rows:,} rows")

    return replace(sheet, batches=batches)


def _not_empty(source: Source) -> None:
    if not sum(sheet.rows for sheet in source.read):
        lost = sum(sheet.rejected for sheet in source.read)
        raise OutcomesError(
            f"{source.found.path}: a table without rows ({lost:,} could not be read); was it downloaded to its end?"
        )


def _has_days(source: Source) -> None:
    """Raise OutcomesError where a file says days and not one of them could be read."""
    for name, counts in source.counts.items():
        for day in TABLES[name].days:
            count, rows = counts.get(day), sum(sheet.rows for sheet in source.read if sheet.table == name)
            if count and count.unreadable + count.implausible == rows:
                shown = ", ".join(repr(text) for texts in count.examples.values() for text in texts[:3])
                raise OutcomesError(f"{source.found.path}: {day}: none of its {rows:,} values can be read as a day (as {shown})")


def _not_read(source: Source) -> list[str]:
    """Return what is said of titles that are not known and may be of a column that the file lacks otherwise."""
    near = {
        extra.title: column
        for _, layout in source.sheets
        for extra in layout.extra
        if extra.nearest and (column := TABLES[layout.table].column_of(extra.nearest)) not in layout.positions
    }
    return [
        f'the column {title!r} is not known and is left out; if it is {column}, say so: --column "{title}={column}"'
        for title, column in near.items()
    ]


def _number_or(other: str) -> Callable[[str | None], str]:
    return lambda text: (number_in(text) if text else None) or other
