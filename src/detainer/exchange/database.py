"""The database itself: the embedded PostgreSQL of one machine or the server that DATABASE_URL names, its roles, its schema."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import psycopg.sql

from detainer.exchange import postgres

NAME = "detainer"


@dataclass(frozen=True)
class Addresses:
    """Where the database is, for each of its three users. `owner` migrates, `service` serves, `worker` carries out jobs."""

    owner: str
    service: str
    worker: str


@contextlib.contextmanager
def running(data: Path) -> Iterator[Addresses]:
    """Start PostgreSQL on the data directory (made when it is not there), or use DATABASE_URL's; yield its addresses.

    The embedded server stops when the last process that uses it leaves. Raises postgres.CannotStart.
    """
    named = os.environ.get("DATABASE_URL")
    if named:
        yield of_server(named)
        return
    with postgres.running(data) as superuser:
        yield embedded(superuser)


def embedded(superuser: str) -> Addresses:
    """Return the addresses in an embedded server, whose socket only its own user can reach; make what is missing."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
            connection.execute(f"CREATE DATABASE {NAME}")
        connection.execute(_sql("roles.sql"))
    parts = urlsplit(superuser)

    def as_user(user: str) -> str:
        return urlunsplit(parts._replace(netloc=f"{user}@", path=f"/{NAME}"))

    return Addresses(owner=as_user("postgres"), service=as_user("detainer_service"), worker=as_user("detainer_worker"))


def of_server(owner: str) -> Addresses:
    """Return the addresses on a server: the owner's as given, those of the two roles from the environment.

    DATABASE_SERVICE_URL and DATABASE_WORKER_URL name them; without these the owner makes the roles with passwords
    that hold until the next start.
    """
    service, worker = os.environ.get("DATABASE_SERVICE_URL"), os.environ.get("DATABASE_WORKER_URL")
    if service and worker:
        return Addresses(owner=owner, service=service, worker=worker)
    parts = urlsplit(owner)
    passwords = {role: secrets.token_urlsafe(24) for role in ("detainer_service", "detainer_worker")}
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(_sql("roles.sql"))
        for role, password in passwords.items():
            connection.execute(psycopg.sql.SQL("ALTER ROLE {} PASSWORD {}").format(psycopg.sql.Identifier(role), password))
    place = parts.netloc.rpartition("@")[2]

    def as_role(role: str) -> str:
        return urlunsplit(parts._replace(netloc=f"{role}:{passwords[role]}@{place}"))

    return Addresses(owner=owner, service=as_role("detainer_service"), worker=as_role("detainer_worker"))


def use(address: str, *, pool: bool = True) -> None:
    """Set Django up for a database address. A process calls it once, before anything of Django's is imported."""
    os.environ["DETAINER_DATABASE"] = address
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "detainer.exchange.settings")
    import django  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415

    from detainer.exchange.settings import database as settings_of  # noqa: PLC0415

    settings.DATABASES["default"] = settings_of(address)  # whoever imported a library that reads settings came before us
    if not pool:
        settings.DATABASES["default"]["OPTIONS"].pop("pool", None)
    django.setup()


def _sql(name: str) -> str:
    return files("detainer.exchange").joinpath("sql", name).read_text()
