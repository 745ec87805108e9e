"""Brings the schema to this version: one at a time, as the owner (`python -m detainer.exchange.migrate`)."""

import os

import psycopg

from detainer.exchange import database


def main() -> None:
    """Migrate the database that DETAINER_DATABASE names. Processes that start at once wait for each other."""
    address = os.environ["DETAINER_DATABASE"]
    database.use(address, pool=False)
    from django.core.management import call_command  # noqa: PLC0415  (after the set-up)

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('detainer.migrate'))")
        call_command("migrate", verbosity=0, interactive=False)


def is_done() -> bool:
    """Return whether the schema is this version's already, as whoever Django is set up for sees it."""
    from django.db import connection  # noqa: PLC0415  (after the set-up)
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


if __name__ == "__main__":
    main()
