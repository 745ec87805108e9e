"""Where the Ibis expressions run: DuckDB in this process (the default), or Spark."""

import importlib
import importlib.util
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends import BaseBackend
from ibis.expr import types as ir

from detainer.outcomes.errors import OutcomesError

# Ibis would write several selects as one: a fifth of the whole work of a build, and the engines do it themselves.
ibis.options.sql.fuse_selects = False

Engine = Literal["duckdb", "spark"]
ENGINES: Final[tuple[Engine, ...]] = get_args(Engine)


@dataclass(frozen=True)
class Session:
    """One engine at work: tables are read from and written to Parquet files, everything between is an Ibis expression."""

    engine: Engine
    connection: BaseBackend

    def read_parquet(self, path: Path) -> ir.Table:
        """Return the table of a Parquet file; nothing is read until something is computed. OutcomesError if there is no file.

        The released moments are local times that some files say to be UTC: they come back as written, without a zone.
        """
        if not path.is_file():
            raise OutcomesError(f"{path}: there is no such file; it is written by an earlier step of the build")
        table: ir.Table = self.connection.read_parquet(str(path))
        zoned = [name for name, kind in table.schema().items() if kind.is_timestamp() and kind.timezone]
        return _WITHOUT_ZONE[self.engine](self.connection, table, zoned) if zoned else table

    def write_parquet(self, table: ir.Table, path: Path, order: Sequence[str] = ()) -> None:
        """Compute a table and write it to one Parquet file, streamed; in the given order where it matters."""
        path.parent.mkdir(parents=True, exist_ok=True)
        _WRITE[self.engine](table.order_by(list(order)) if order else table, path)


@contextmanager
def session(
    engine: Engine = "duckdb", memory: str | None = None, spill: Path | None = None, threads: int | None = None
) -> Iterator[Session]:
    """Open an engine and close it afterwards.

    `memory` is the most that it may take (as in `2GB`; None: the engine's own choice), `spill` the folder for what does not
    fit. OutcomesError for an engine that is not known or not installed, for a memory that it does not understand, and when
    what is computed fits neither into the memory nor into the folder or onto the disk.
    """
    if engine not in ENGINES:
        raise OutcomesError(f"{engine}: not an engine; there are {', '.join(ENGINES)}")
    connection = _OPEN[engine](memory, spill, threads)
    try:
        yield Session(engine, connection)
    except duckdb.OutOfMemoryException as full:
        raise OutcomesError(
            f"the engine has too little memory ({memory or 'its own choice'}) or too little room in the folder for what does not "
            f"fit: give it more (--memory 4GB), or a folder with room (--spill DIR). It says: {str(full).splitlines()[0]}"
        ) from full
    except duckdb.IOException as failed:
        raise OutcomesError(
            f"the engine cannot read or write a file: {str(failed).splitlines()[0]}. Is the disk full? Make room, or name "
            "folders on another disk (--out DIR, --spill DIR)"
        ) from failed
    finally:
        connection.disconnect()


def _duckdb(memory: str | None, spill: Path | None, threads: int | None) -> BaseBackend:
    options: dict[str, Any] = {
        # Rows carry their number: keeping their order as well would cost memory. `order_by` orders all the same.
        "preserve_insertion_order": False,
        **({"memory_limit": memory} if memory else {}),
        **({"temp_directory": str(spill)} if spill else {}),
        **({"threads": threads} if threads else {}),
    }
    try:
        connection = ibis.duckdb.connect(**options)
    except duckdb.Error as refused:
        raise OutcomesError(f"DuckDB cannot be opened with memory {memory}, spill folder {spill}: {refused}") from refused
    # A Parquet file says UTC of moments that are local; only a session in UTC gives them back as they were written.
    connection.con.execute("SET TimeZone = 'UTC'")
    return connection


def _spark(memory: str | None, spill: Path | None, threads: int | None) -> BaseBackend:
    if importlib.util.find_spec("pyspark") is None:
        raise OutcomesError(
            "the engine spark is not installed: pip install 'detainer[spark]', and Java 17; or use --engine duckdb"
        )
    builder = importlib.import_module("pyspark.sql").SparkSession.builder
    settings = {
        "spark.master": f"local[{threads or '*'}]",
        "spark.app.name": "detainer outcomes",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "8",
        "spark.log.level": "ERROR",
        **({"spark.driver.memory": memory.lower().removesuffix("b")} if memory else {}),
        **({"spark.local.dir": str(spill)} if spill else {}),
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    return ibis.pyspark.connect(builder.getOrCreate())


def _write_one(table: ir.Table, path: Path) -> None:
    table.to_parquet(str(path), compression="zstd")


def _write_parts(table: ir.Table, path: Path) -> None:
    """Spark writes a folder of parts, in order; they become one file, as DuckDB writes it."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as folder:
        table.to_parquet(folder, mode="overwrite")
        schema = pa.schema([field.with_nullable(True) for field in table.schema().to_pyarrow()])
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for part in sorted(Path(folder).glob("part-*.parquet")):
                for batch in pq.ParquetFile(part).iter_batches():
                    writer.write_table(pa.Table.from_batches([batch]).cast(schema))


def _told_in_utc(connection: Any, table: ir.Table, names: Sequence[str]) -> ir.Table:
    """DuckDB's cast asks its calendar about every moment: this takes the number as it is."""
    plain = ibis.util.gen_name("plain")
    told = ", ".join(f'make_timestamp(epoch_us("{name}")) AS "{name}"' for name in names)
    connection.con.execute(f"CREATE VIEW {plain} AS SELECT * REPLACE ({told}) FROM {table.get_name()}")  # noqa: S608 names of columns
    found: ir.Table = connection.table(plain)
    return found


def _cast(_connection: Any, table: ir.Table, names: Sequence[str]) -> ir.Table:
    return table.mutate(**{name: table[name].cast("timestamp") for name in names})


_WITHOUT_ZONE: Final = {"duckdb": _told_in_utc, "spark": _cast}
_WRITE: Final = {"duckdb": _write_one, "spark": _write_parts}
_OPEN: Final = {"duckdb": _duckdb, "spark": _spark}
