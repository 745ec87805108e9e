"""Brings the schema to this version: one at a time, as the owner (`python -m detainer.exchange.migrate`)."""

import os
import pkgutil
from pathlib import Path

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
    """Return whether the schema is this version's already, as whoever Django is set up for sees it.

    Told by the migrations' names alone: to load what they do takes longer than most commands.
    """
    from django.db import connection  # noqa: PLC0415  (after the set-up)
    from django.db.migrations.recorder import MigrationRecorder  # noqa: PLC0415

    return names() <= MigrationRecorder(connection).applied_migrations().keys()


def names() -> set[tuple[str, str]]:
    """Return every migration there is, as its app and its name."""
    from django.apps import apps  # noqa: PLC0415  (after the set-up)

    folders = {config.label: Path(config.path) / "migrations" for config in apps.get_app_configs()}
    return {
        (app, found.name)
        for app, folder in folders.items()
        for found in pkgutil.iter_modules([str(folder)])
        if found.name[0] not in "_~"
    }


if __name__ == "__main__":
    main()
