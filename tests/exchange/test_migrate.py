"""Whether the schema is this version's is told by the names of the migrations: by every one of them."""

from typing import Any

import pytest
from django import db
from exchange_making import as_role

pytestmark = pytest.mark.usefixtures("database")


def test_the_names_are_those_of_the_migrations_that_django_finds() -> None:
    from django.db.migrations.loader import MigrationLoader

    from detainer.exchange import migrate

    assert migrate.names() == set(MigrationLoader(db.connection).disk_migrations)


def test_the_schema_is_this_version_s_until_one_migration_is_missing_of_whatever_app(as_worker: Any) -> None:
    from detainer.exchange import migrate

    with as_worker():
        assert migrate.is_done()
    for app, name in ("exchange", "0001_initial"), ("procrastinate", "0001_initial"):
        with as_role("postgres"), db.transaction.atomic(), db.connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = %s AND name = %s", [app, name])
            assert cursor.rowcount == 1
            assert not migrate.is_done()
            db.transaction.set_rollback(True)
