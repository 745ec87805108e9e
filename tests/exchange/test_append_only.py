"""Events are appended and never changed: not by the service, not by the worker, not by an owner of the table."""

from typing import Any
from uuid import uuid4

import pytest
from django import db
from django.db import DatabaseError, IntegrityError, transaction
from exchange_making import as_role, lodge, rows

pytestmark = pytest.mark.usefixtures("database")

CHANGES = (
    "UPDATE event SET kind = 'cancelled'",
    "UPDATE event SET data = data",
    "DELETE FROM event",
    "TRUNCATE event CASCADE",
)


def run(sql: str, *values: Any, agency: Any = None) -> None:
    with transaction.atomic(), db.connection.cursor() as cursor:
        cursor.execute("SELECT begin_session(%s, NULL)", [agency])
        cursor.execute(sql, values)


@pytest.mark.parametrize("role", ["detainer_service", "detainer_worker"])
@pytest.mark.parametrize("change", CHANGES)
def test_no_role_of_the_service_changes_an_event(ice: Any, essex: Any, role: str, change: str) -> None:
    request = lodge(ice, essex)
    before = [event.hash for event in rows("Event", stream=request)]
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), as_role(role):
        run(change, agency=ice.id)
    assert [event.hash for event in rows("Event", stream=request)] == before


@pytest.mark.parametrize("change", CHANGES)
def test_an_owner_of_the_table_that_is_no_superuser_is_stopped_by_the_trigger(ice: Any, essex: Any, change: str) -> None:
    request = lodge(ice, essex)
    before = [event.hash for event in rows("Event", stream=request)]
    with as_role("postgres"), pytest.raises(DatabaseError, match="appended, never changed"):
        as_owner_of_the_table(change)
    assert [event.hash for event in rows("Event", stream=request)] == before


def as_owner_of_the_table(sql: str) -> None:
    with transaction.atomic(), db.connection.cursor() as cursor:
        cursor.execute("CREATE ROLE an_owner NOSUPERUSER")
        cursor.execute("GRANT ALL ON SCHEMA public TO an_owner")
        for name in ("event", "feed", "delivery", "receipt_code"):
            cursor.execute(f"ALTER TABLE {name} OWNER TO an_owner")
        cursor.execute("SET LOCAL ROLE an_owner")
        cursor.execute(sql)


@pytest.mark.parametrize("table", ["checkpoint", "stream"])
def test_no_role_of_the_service_deletes_a_head_or_a_checkpoint(ice: Any, essex: Any, table: str) -> None:
    lodge(ice, essex)
    for role in ("detainer_service", "detainer_worker"):
        with as_role(role), pytest.raises(DatabaseError, match="permission denied"):
            run(f"DELETE FROM {table}", agency=ice.id)


def test_a_second_event_of_the_same_version_is_not_taken(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    columns = "stream_id, version, stream_kind, kind, occurred, recorded_at, by_agency_id, says_id, data, prev, hash"
    with pytest.raises(IntegrityError, match="event_once_per_version"):
        run(f"INSERT INTO event (id, {columns}) SELECT %s, {columns} FROM event WHERE version = 1", uuid4(), agency=ice.id)
    assert len(rows("Event", stream=request)) == 2


def test_what_a_superuser_changes_in_spite_of_it_is_found_and_named(ice: Any, essex: Any) -> None:
    from detainer.exchange import checkpoints

    request = lodge(ice, essex)
    event = rows("Event", stream=request, version=1)[0]

    def broken() -> list[Any]:
        return [found.event for found in checkpoints.verify() if found.stream == request]

    with as_role("postgres"), transaction.atomic(), db.connection.cursor() as cursor:
        assert broken() == []
        cursor.execute('UPDATE event SET data = data || \'{"note": "forged"}\' WHERE id = %s', [event.id])
        assert broken() == [event.id]
        cursor.execute("UPDATE event SET data = data - 'note' WHERE id = %s", [event.id])
        assert broken() == []
        cursor.execute(
            "DELETE FROM feed WHERE event_id IN (SELECT id FROM event WHERE stream_id = %s AND version = 2)", [request]
        )
        cursor.execute("DELETE FROM event WHERE stream_id = %s AND version = 2", [request])
        assert broken() == [event.id]  # the last one there is, where the head names another
        transaction.set_rollback(True)
