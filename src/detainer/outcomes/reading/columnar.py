"""Parquet and Feather (Arrow): typed already; read group by group, texts with the dictionary that the file holds."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import feather, ipc

from detainer.outcomes.errors import OutcomesError
from detainer.outcomes.reading.columns import OPAQUE, key_of
from detainer.outcomes.reading.sheets import BATCH, Reject, Sheet, numbered

_DAMAGED: Final = (pa.ArrowInvalid, pa.ArrowIOError, OSError, pa.ArrowNotImplementedError)


def parquet(path: Path, named: Path) -> list[Sheet]:
    """Return the one sheet of a Parquet file. OutcomesError, which says `named`, when it is damaged or holds no rows."""
    try:
        file = pq.ParquetFile(path)
    except _DAMAGED as failed:
        raise OutcomesError(f"{named}: a damaged Parquet file ({failed}); download it again") from failed
    titles, rows = file.schema_arrow.names, file.metadata.num_rows
    with_dictionary = _with_dictionary(file)
    file.close()
    if not rows:
        raise OutcomesError(f"{named}: a Parquet file without rows; was it made or downloaded to its end?")

    def batches(positions: Sequence[int], _reject: Reject) -> Iterator[pa.RecordBatch]:
        read = [titles[position] for position in positions]
        first = 1
        try:
            with pq.ParquetFile(path, read_dictionary=[name for name in read if name in with_dictionary]) as source:
                for groups in _lots(source):
                    for batch in source.iter_batches(BATCH, row_groups=groups, columns=read):
                        yield numbered(batch.select(read), positions, _from(first, batch.num_rows))
                        first += batch.num_rows
        except _DAMAGED as failed:
            raise OutcomesError(
                f"{named}: after row {first - 1:,} the Parquet file is damaged ({failed}); download it again"
            ) from failed

    return [Sheet("", tuple(titles), "", texts=False, batches=batches)]


def _lots(file: pq.ParquetFile) -> Iterator[list[int]]:
    """Yield the row groups in lots of some batches: one iteration holds the bytes of every group that it has read to its end."""
    lot: list[int] = []
    rows = 0
    for group in range(file.metadata.num_row_groups):
        lot.append(group)
        rows += file.metadata.row_group(group).num_rows
        if rows >= 4 * BATCH:
            yield lot
            lot, rows = [], 0
    if lot:
        yield lot


def _with_dictionary(file: pq.ParquetFile) -> set[str]:
    """Return the texts that the file keeps as a dictionary throughout: these are cleaned once for each different value."""
    if not file.metadata.num_row_groups:
        return set()
    group = file.metadata.row_group(0)
    columns = [group.column(at) for at in range(group.num_columns)]
    return {
        column.path_in_schema
        for column in columns
        if column.physical_type == "BYTE_ARRAY"
        and key_of(column.path_in_schema) not in OPAQUE
        and {"RLE_DICTIONARY", "PLAIN_DICTIONARY"} & set(column.encodings)
    }


def arrow(path: Path, named: Path) -> list[Sheet]:
    """Return the one sheet of a Feather (Arrow IPC) file. OutcomesError, which says `named`, when it is damaged."""
    try:
        with path.open("rb") as file:
            older = file.read(4) == b"FEA1"
        titles = feather.read_table(path).schema.names if older else ipc.open_file(pa.memory_map(str(path))).schema.names
    except _DAMAGED as failed:
        raise OutcomesError(f"{named}: a Feather file that was cut short or is damaged ({failed}); download it again") from failed

    def batches(positions: Sequence[int], _reject: Reject) -> Iterator[pa.RecordBatch]:
        read = [titles[position] for position in positions]
        first = 1
        try:
            for batch in _batches(path, older):
                for start in range(0, batch.num_rows, BATCH):
                    part = batch.select(read).slice(start, BATCH)
                    yield numbered(part, positions, _from(first, part.num_rows))
                    first += part.num_rows
        except _DAMAGED as failed:
            raise OutcomesError(
                f"{named}: after row {first - 1:,} the Feather file is damaged ({failed}); download it again"
            ) from failed

    return [Sheet("", tuple(titles), "", texts=False, batches=batches)]


def _batches(path: Path, older: bool) -> Iterator[pa.RecordBatch]:
    if older:
        yield from feather.read_table(path).to_batches()
        return
    with pa.memory_map(str(path)) as mapped:
        reader = ipc.open_file(mapped)
        for at in range(reader.num_record_batches):
            yield reader.get_batch(at)


def _from(first: int, count: int) -> pa.Array:
    return pa.array(np.arange(first, first + count, dtype=np.int64))
