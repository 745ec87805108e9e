"""Acting in the database as another of its roles than the service's."""

import contextlib
from collections.abc import Iterator


@contextlib.contextmanager
def as_role(name: str) -> Iterator[None]:
    """Run a block as another role of the database: `detainer_worker`, or `postgres`, the superuser."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {name}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE detainer_service")
