"""Whose transaction it is: row-level security reads the agency that is set here."""

import contextlib
import datetime as dt
import hashlib
import secrets
from collections.abc import Iterator
from uuid import UUID

from django.db import connection, transaction

from detainer.exchange.models import Membership
from detainer.exchange.roles import SCOPES, Actor


@contextlib.contextmanager
def acting(agency: UUID | None, user: UUID | None = None) -> Iterator[None]:
    """Run a transaction as an agency (None: as nobody, who sees nothing). What it wrote is undone when it raises."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT begin_session(%s, %s)", [agency, user])
        yield


def member(user: UUID, agency: UUID | None = None) -> Actor | None:
    """Return the actor that a signed-in user is: at `agency`, or at the first agency the user is a member of.

    None when the user is a member of none, or not of that one.
    """
    with acting(None, user):
        rows = Membership.objects.filter(user=user).order_by("id").values_list("agency_id", "role", "agency__kinds")
        found = [row for row in rows if agency is None or row[0] == agency]
    if not found:
        return None
    at = found[0][0]
    return Actor(agency=at, user=user, roles=frozenset(row[1] for row in found if row[0] == at), kinds=frozenset(found[0][2]))


def new_secret() -> str:
    """Return the secret of a new token: 256 bits, so that a plain hash of it keeps it."""
    return "dtn_" + secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """Return what is stored of a token's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def machine(secret: str, now: dt.datetime) -> Actor | None:
    """Return the actor that a token's secret stands for, or None when it opens nothing (any more)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT agency_id, user_id, scopes, kinds, user_active FROM open_token(%s, %s)", [secret_hash(secret), now]
        )
        row = cursor.fetchone()
    if row is None or not row[4]:
        return None
    roles = frozenset[str]().union(*(SCOPES[scope] for scope in row[2]))
    return Actor(agency=row[0], user=row[1], roles=roles, kinds=frozenset(row[3]))
