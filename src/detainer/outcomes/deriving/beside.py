"""What was derived is put beside the rows that it was derived from, file to file: both have the same keys in the same order.

A join would carry all columns of a release through the engine, which takes many times the time and memory of linking.
"""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from detainer.outcomes.errors import OutcomesError


def written_beside(rows: Path, derived: Path, out: Path) -> None:
    """Write a table with the columns of `rows`, then those of `derived` but its key. OutcomesError where their keys differ."""
    with _opened(rows) as wide, _opened(derived) as narrow:
        parts = _batches(narrow)
        texts = [name for file in (wide, narrow) for name in _dictionaries(file)]
        fields = [*wide.schema_arrow, *(each for each in narrow.schema_arrow if each.name != "key")]
        others = [each.name for each in fields if not (pa.types.is_dictionary(each.type) or pa.types.is_string(each.type))]
        # As readings are written (`reading.writing`): bounds of days and numbers only.
        with pq.ParquetWriter(
            out, pa.schema(fields), compression="zstd", use_dictionary=texts, write_statistics=others, store_schema=False
        ) as writer:
            for group in range(wide.metadata.num_row_groups):
                table = wide.read_row_group(group)
                beside = _taken(parts, table.num_rows)
                if not beside.column("key").equals(table.column("key")):
                    raise OutcomesError(f"{derived}: its rows are not those of {rows}; both are made by this build: build again")
                for name in beside.column_names:
                    if name != "key":
                        table = table.append_column(name, beside.column(name))
                writer.write_table(table, row_group_size=table.num_rows)


def _opened(path: Path) -> pq.ParquetFile:
    """Open a file so that texts keep the dictionaries that it holds: nothing is spelled out on the way."""
    with pq.ParquetFile(path) as file:
        names = _dictionaries(file)
    return pq.ParquetFile(path, read_dictionary=names)


def _dictionaries(file: pq.ParquetFile) -> list[str]:
    """Return the texts that a file keeps by dictionary."""
    if not file.metadata.num_row_groups:
        return []
    group = file.metadata.row_group(0)
    columns = [group.column(at) for at in range(group.num_columns)]
    return [
        column.path_in_schema
        for column in columns
        if column.physical_type == "BYTE_ARRAY" and {"RLE_DICTIONARY", "PLAIN_DICTIONARY"} & set(column.encodings)
    ]


def _batches(file: pq.ParquetFile) -> Iterator[pa.RecordBatch]:
    for group in range(file.metadata.num_row_groups):
        yield from file.read_row_group(group).to_batches()


def _taken(parts: Iterator[pa.RecordBatch], count: int) -> pa.Table: ...
