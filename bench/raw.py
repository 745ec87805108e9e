"""The peers: the same rows written and read by plain SQL on the same PostgreSQL, as its superuser, without policies."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg
import uuid_utils.compat
from psycopg import sql
from psycopg.types.string import TextLoader

# Every table that a command writes, in order of the foreign keys, and which of its rows a stream is told by.
_OF_STREAMS: Final = {
    "stream": "id = ANY (%(streams)s)",
    "event": "stream_id = ANY (%(streams)s)",
    "feed": "event_id IN (SELECT id FROM event WHERE stream_id = ANY (%(streams)s))",
    "request": "stream_id = ANY (%(streams)s)",
    "stay": "stream_id = ANY (%(streams)s)",
    "identity": "person IN (SELECT person FROM request WHERE stream_id = ANY (%(streams)s)"
    " UNION SELECT person FROM stay WHERE stream_id = ANY (%(streams)s))",
    "delivery": "stream_id = ANY (%(streams)s)",
    "procrastinate_jobs": "args ->> 'delivery' IN (SELECT id::text FROM delivery WHERE stream_id = ANY (%(streams)s))",
    "idempotency_key": "reply ->> 'id' = ANY (%(streams)s::text[])",
}
# What PostgreSQL itself gives a new row: the next of a sequence, the transaction's id.
_GIVEN: Final = "column_default LIKE 'nextval%%' OR is_identity = 'YES' OR is_generated = 'ALWAYS' OR column_name = 'txid'"
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ROWS_AT_ONCE: Final = 100  # the fastest of 10 to 1,000


@dataclass(frozen=True)
class Rows:
    """Rows of one table; JSON as its text."""

    table: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def connected(address: str) -> psycopg.Connection[Any]:
    """Return a connection that gives JSON as text, and runs each statement of a peer as a prepared one."""
    connection = psycopg.connect(address, autocommit=True, prepare_threshold=0)
    for kind in ("json", "jsonb"):
        connection.adapters.register_loader(kind, TextLoader)
    return connection


def rows_of(connection: psycopg.Connection[Any], streams: Sequence[UUID]) -> list[Rows]:
    """Return all that was written for streams, table by table."""
    return [found for table in _OF_STREAMS if (found := _rows_of(connection, table, streams)).rows]


def _rows_of(connection: psycopg.Connection[Any], table: str, streams: Sequence[UUID]) -> Rows:
    named = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
        f" AND (({_GIVEN}) IS NOT TRUE) ORDER BY ordinal_position",
        [table],
    )
    columns = tuple(row[0] for row in named)
    query = sql.SQL("SELECT {} FROM {} WHERE " + _OF_STREAMS[table]).format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table)
    )
    return Rows(table, columns, connection.execute(query, {"streams": list(streams)}).fetchall())


def agencies(connection: psycopg.Connection[Any]) -> frozenset[str]:
    """Return the ids that a copy keeps."""
    return frozenset(str(row[0]) for row in connection.execute("SELECT id FROM agency"))


def renewed(tables: Iterable[Rows], kept: frozenset[str]) -> list[Rows]:
    """Return the same rows of other streams, people and keys: every id but those `kept` is a new one, wherever it stands."""
    new: dict[str, str] = {each: each for each in kept}

    def other(found: re.Match[str]) -> str:
        return new.setdefault(found[0], str(uuid_utils.compat.uuid7()))

    def of(value: Any) -> Any:
        if isinstance(value, UUID):
            return UUID(_ID.sub(other, str(value)))
        if isinstance(value, list):
            return [of(item) for item in value]
        return _ID.sub(other, value) if isinstance(value, str) else value

    return [Rows(table.table, table.columns, [tuple(map(of, row)) for row in table.rows]) for table in tables]


def insert(connection: psycopg.Connection[Any], tables: Iterable[Rows]) -> None:
    """Write rows in one transaction by INSERTs of up to ROWS_AT_ONCE rows each."""
    with connection.transaction():
        for table in tables:
            for start in range(0, len(table.rows), ROWS_AT_ONCE):
                rows = table.rows[start : start + ROWS_AT_ONCE]
                connection.execute(_insert(table, len(rows)), [value for row in rows for value in row])


_statements: dict[tuple[str, int], str] = {}


def _insert(table: Rows, count: int) -> str:
    if (table.table, count) not in _statements:
        row = f"({', '.join(['%s'] * len(table.columns))})"
        columns = ", ".join(f'"{column}"' for column in table.columns)
        _statements[table.table, count] = f"INSERT INTO {table.table} ({columns}) VALUES {', '.join([row] * count)}"
    return _statements[table.table, count]


def copy(connection: psycopg.Connection[Any], tables: Iterable[Rows]) -> None:
    """Write rows in one transaction by COPY, PostgreSQL's fastest way in. Where row-level security holds it is not to be had."""
    with connection.transaction(), connection.cursor() as cursor:
        for table in tables:
            columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
            with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.table), columns)) as into:
                for row in table.rows:
                    into.write_row(row)
