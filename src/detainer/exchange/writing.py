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


def update(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows anew, each by column name, its key among them and all with the same columns, in one statement."""
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_anew(model._meta.db_table, model._meta.pk.column, tuple(rows[0])), [to_json(rows).decode()])


@functools.cache
def _anew(table: str, key: str, columns: tuple[str, ...]) -> str:
    anew = ", ".join(f"{name} = anew.{name}" for name in columns if name != key)
    rows = f"json_populate_recordset(NULL::{table}, %s::json) AS anew"
    return f"UPDATE {table} SET {anew} FROM {rows} WHERE {table}.{key} = anew.{key}"  # noqa: S608


@functools.cache
def _statement(table: str, columns: tuple[str, ...], once: bool) -> str:
    names = ", ".join(columns)
    insert = f"INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_recordset(NULL::{table}, %s::json)"  # noqa: S608
    return insert + (" ON CONFLICT DO NOTHING" if once else "")


def columns(row: Model) -> dict[str, Any]:
    """Return what a model's row holds, by column name; without what PostgreSQL gives it, such as the next of a sequence."""
    fields = row._meta.concrete_fields
    return {field.column: getattr(row, field.attname) for field in fields if not (field.primary_key and row.pk is None)}
