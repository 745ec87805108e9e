"""New rows: one statement for a table, however many rows it gets."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Model
from pydantic_core import to_json


def insert(model: type[Model], rows: Sequence[Mapping[str, Any]], *, once: bool = False) -> None:
    """Write rows, each by column name and all with the same columns; with `once` those that are already there are left out.

    They go as one JSON text: a statement of one parameter is prepared once for any number of rows, and neither the driver
    nor Django has to handle each value. PostgreSQL reads each as the type of its column.
    """
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_statement(model._meta.db_table, tuple(rows[0]), once), [to_json(rows).decode()])


@functools.cache
def _statement(table: str, columns: tuple[str, ...], once: bool) -> str:
    names = ", ".join(columns)
    insert = f"INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_recordset(NULL::{table}, %s::json)"  # noqa: S608
    return insert + (" ON CONFLICT DO NOTHING" if once else "")


def columns(row: Model) -> dict[str, Any]:
    """Return what a model's row holds, by column name; without what PostgreSQL gives it, such as the next of a sequence."""
    fields = row._meta.concrete_fields
    return {field.column: getattr(row, field.attname) for field in fields if not (field.primary_key and row.pk is None)}
