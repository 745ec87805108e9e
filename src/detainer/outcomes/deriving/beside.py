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
        added = [each.with_nullable(True) for each in narrow.schema_arrow if each.name != "key"]
        fields = [*wide.schema_arrow, *added]
        texts = [each.name for each in fields if pa.types.is_dictionary(each.type)]
        numbers = [each.name for each in fields if not (pa.types.is_dictionary(each.type) or pa.types.is_string(each.type))]
        # As the readings are written: bounds are kept of days and numbers only.
        with pq.ParquetWriter(
            out, pa.schema(fields), compression="zstd", use_dictionary=texts, write_statistics=numbers, store_schema=False
        ) as writer:
            sizes = [wide.metadata.row_group(at).num_rows for at in range(wide.metadata.num_row_groups)]
            for at, beside in enumerate(_parts(narrow, sizes)):
                table = wide.read_row_group(at)
                if not beside.column("key").equals(table.column("key")):
                    raise OutcomesError(f"{derived}: its rows are not those of {rows}, of which they were derived; build again")
                for each in added:
                    table = table.append_column(each, beside.column(each.name))
                writer.write_table(table, row_group_size=table.num_rows)


def _opened(path: Path) -> pq.ParquetFile:
    """Open a file so that texts keep the dictionaries that it holds: nothing is spelled out on the way."""
    with pq.ParquetFile(path) as file:
        groups = [file.metadata.row_group(at) for at in range(min(file.metadata.num_row_groups, 1))]
        columns = [group.column(at) for group in groups for at in range(group.num_columns)]
    return pq.ParquetFile(
        path,
        read_dictionary=[
            column.path_in_schema
            for column in columns
            if column.physical_type == "BYTE_ARRAY" and {"RLE_DICTIONARY", "PLAIN_DICTIONARY"} & set(column.encodings)
        ],
    )


def _parts(file: pq.ParquetFile, sizes: list[int]) -> Iterator[pa.Table]:
    """Yield the rows of a file in parts of these sizes; the last are shorter when the file is."""
    rest, groups = file.schema_arrow.empty_table(), iter(range(file.metadata.num_row_groups))
    for size in sizes:
        while rest.num_rows < size and (at := next(groups, None)) is not None:
            rest = pa.concat_tables([rest, file.read_row_group(at)])
        yield rest.slice(0, size).unify_dictionaries()
        rest = rest.slice(size)
