"""Row-level security alone, with every check of the application off: raw SQL, as the service's own role.

The trust boundary is the session: whoever can run SQL as the service can also say whose session it is
(`SELECT begin_session(...)`, or `SET detainer.agency`). Row-level security stands under queries that forget their filter, not
under a process that is not the service's; so the tests here begin sessions as the service does and forge everything else.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django import db
from django.db import ProgrammingError, transaction
from exchange_making import LAYER, NOW, PERSON, adopt, as_role, do, linked, rows, table

pytestmark = pytest.mark.usefixtures("database")

# Who an office is and where it is: the directory, which every agency reads and none writes.
DIRECTORY = {"agency", "facility"}
# Accounts and sessions of Django and allauth, and the queue: they hold no case, and are read before an agency is known.
OF_LIBRARIES = ("auth_", "django_", "account_", "mfa_", "procrastinate_", "user")
# One hash over all heads and its signature; and an agency's own law: they tell of no case.
SEEN_BY_EVERY_AGENCY = {"checkpoint", "law_layer"}


def tables() -> dict[str, bool]:
    """Return every table, and whether it stands under row-level security."""
    with db.connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, relrowsecurity FROM pg_class"
            " WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY relname"
        )
        return dict(cursor.fetchall())


def secured() -> list[str]:
    return [name for name, is_secured in tables().items() if is_secured]


def as_agency(agency: Any, sql: str, *values: Any, user: Any = None) -> tuple[int, list[Any]]:
    """Run raw SQL as the service in a session of an agency (None: nobody's), and undo it; return the rows touched, and read."""
    with transaction.atomic(), db.connection.cursor() as cursor:
        cursor.execute("SELECT begin_session(%s, %s)", [agency, user])
        cursor.execute(sql, values)
        transaction.set_rollback(True)
        return cursor.rowcount, cursor.fetchall() if cursor.description else []


def is_refused(agency: Any, sql: str, *values: Any) -> bool:
    """Return whether raw SQL is refused for want of a right, by the database itself."""
    try:
        as_agency(agency, sql, *values)
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", None) != "42501":
            raise
        return True
    return False


def count(name: str) -> int:
    with as_role("postgres"), db.connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {name}")
        return int(cursor.fetchone()[0])


def as_json(name: str) -> dict[str, Any]:
    """Return one row of a table as JSON, read as the superuser."""
    with as_role("postgres"), db.connection.cursor() as cursor:
        cursor.execute(f"SELECT row_to_json(t)::text FROM {name} t LIMIT 1")
        return dict(json.loads(cursor.fetchone()[0]))


def insert(name: str, told: dict[str, Any]) -> tuple[str, str]:
    return f"INSERT INTO {name} SELECT * FROM json_populate_record(NULL::{name}, %s)", json.dumps(told, default=str)


@pytest.fixture
def scene(ice: Any, missouri: Any, inspector: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """A case that puts a row into every table that stands under row-level security."""
    from detainer.exchange import checkpoints, register

    request, stay = linked(ice, missouri)
    do(missouri.clerk, "stay.plan_release", {"at": "2026-03-09T09:00-06:00"}, stay)
    file = do(ice.officer, "file.begin", {"person": PERSON}, key=str(uuid4())).stream
    body = inspector(ice, missouri)
    adopt(missouri, LAYER.replace("us/ma/essex_county", "us/mo").replace("kind: county", "kind: state"))
    with as_role("detainer_worker"):
        register.add_token(ice.key, "a machine", ["read"], now=NOW)
        checkpoints.make(dt.date(2026, 3, 1), NOW)
        beside_the_case(request, ice, missouri)
    return {"request": request, "stay": stay, "file": file, "inspector": body}


def beside_the_case(request: Any, ice: Any, missouri: Any) -> None:
    """Write, as the worker, what hangs on a case beside its record: a channel, a code, an agreement, a document, a signature."""
    delivery = table("Delivery").objects.filter(stream=request).first()
    table("Channel").objects.create(agency_id=missouri.id, kind="email", address="a@b.example", created_at=NOW, updated_at=NOW)
    table("ReceiptCode").objects.create(delivery=delivery, reference=delivery.pk.hex[-12:], code_hash="0", created_at=NOW)
    pair = {"custodian_id": missouri.id, "requester_id": ice.id}
    terms = dict.fromkeys(("urgent_minutes", "routine_minutes", "receipt_minutes", "contest_hours"), 60)
    table("Agreement").objects.create(**pair, **terms, by_agency_id=ice.id, purposes="detainers", recorded_at=NOW)
    made = {"kind": "request_sheet", "language": "en", "sha256": "0" * 64, "pdf": b"", "made_at": NOW}
    table("Document").objects.create(agency_id=ice.id, stream_id=request, **made)
    days = {"from_day": dt.date(2026, 3, 1), "until_day": dt.date(2026, 4, 1)}
    signed = {"sha256": "0" * 64, "by_user": ice.officer.user, "signed_at": NOW}
    table("Reconciliation").objects.create(**pair, **days, **signed, agency_id=ice.id)


@pytest.fixture
def stranger(party: Callable[..., Any]) -> Any:
    """An agency that takes part in the exchange and in none of the case."""
    return party("custodian", "requester")


def own(name: str, agency: Any) -> int:
    """Return how many rows of a table are the agency's own: its members, and what every agency sees."""
    if name in SEEN_BY_EVERY_AGENCY:
        return count(name)
    return len(rows("Membership", agency=agency.id)) if name == "membership" else 0


def test_every_table_stands_under_row_level_security_or_holds_no_case() -> None:
    bare = [name for name, is_secured in tables().items() if not is_secured]
    assert [name for name in bare if name not in DIRECTORY and not name.startswith(OF_LIBRARIES)] == []


def test_the_roles_of_the_service_can_neither_own_nor_bypass() -> None:
    with db.connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname LIKE 'detainer_%%'", [])
        assert cursor.fetchall() == [(False, False, False)] * 2
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tableowner LIKE 'detainer_%%'", [])
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("detainer_service",)


def test_the_case_puts_a_row_into_every_secured_table(scene: Any) -> None:
    assert [name for name in secured() if count(name) == 0] == []


def test_another_agency_reads_nothing(scene: Any, stranger: Any) -> None:
    read = {name: as_agency(stranger.id, f"SELECT count(*) FROM {name}")[1][0][0] for name in secured()}
    assert read == {name: own(name, stranger) for name in secured()}


def test_nobody_reads_anything(scene: Any) -> None:
    assert {name: as_agency(None, f"SELECT count(*) FROM {name}")[1][0][0] for name in secured()} == dict.fromkeys(secured(), 0)
    with db.connection.cursor() as cursor:  # and a session that was never begun is nobody's
        for name in secured():
            cursor.execute(f"SELECT count(*) FROM {name}")
            assert cursor.fetchone() == (0,), name


@pytest.mark.parametrize("verb", ["UPDATE {name} SET {column} = {column}", "DELETE FROM {name}"])
def test_another_agency_and_nobody_change_nothing(scene: Any, stranger: Any, verb: str) -> None:
    for name in secured():
        sql = verb.format(name=name, column=next(iter(as_json(name))))
        for agency, most in ((stranger.id, own(name, stranger)), (None, 0)):
            assert is_refused(agency, sql) or as_agency(agency, sql)[0] <= most, (name, agency)


def test_another_agency_and_nobody_write_no_row_that_is_another_s(scene: Any, stranger: Any) -> None:
    for name in secured():
        told = as_json(name)
        if told.get("agency_id") == str(stranger.id):
            told["agency_id"] = str(uuid4())
        for agency in (stranger.id, None):
            assert is_refused(agency, *insert(name, told)), name


def test_the_directory_is_read_by_all_and_written_by_none(stranger: Any) -> None:
    for name in sorted(DIRECTORY):
        assert as_agency(None, f"SELECT count(*) FROM {name}")[1][0][0] == count(name)
        for sql in (f"UPDATE {name} SET name = name", f"DELETE FROM {name}"):
            assert is_refused(stranger.id, sql)
        assert is_refused(stranger.id, *insert(name, as_json(name)))


def event_like(stream: Any, **more: Any) -> dict[str, Any]:
    """Return a new event of a stream, as a forger would write it."""
    first = rows("Event", stream=stream)[0]
    told = {field.column: getattr(first, field.attname) for field in first._meta.fields}
    told.update(id=uuid4(), version=99, **more)
    return told


def test_a_party_cannot_say_something_in_another_s_name(scene: Any, ice: Any, missouri: Any) -> None:
    forged = event_like(scene["request"], says_id=ice.id, by_agency_id=ice.id, kind="cancelled")
    assert is_refused(missouri.id, *insert("event", forged))
    assert not is_refused(missouri.id, *insert("event", {**forged, "says_id": missouri.id}))


def test_nobody_says_anything_in_a_stream_it_is_no_party_to(scene: Any, stranger: Any) -> None:
    for stream in (scene["request"], scene["stay"], scene["file"]):
        assert is_refused(stranger.id, *insert("event", event_like(stream, says_id=stranger.id, by_agency_id=stranger.id)))


def test_nobody_makes_itself_a_party(scene: Any, stranger: Any) -> None:
    joining = "UPDATE stream SET parties = parties || %s::uuid WHERE id = %s"
    assert as_agency(stranger.id, joining, stranger.id, scene["request"])[0] == 0
    begun = {"id": str(uuid4()), "kind": "request", "parties": [], "version": 0, "head": "0" * 64}
    assert is_refused(stranger.id, *insert("stream", begun))


def test_a_party_cannot_leave_itself_out_of_a_stream(scene: Any, ice: Any) -> None:
    assert is_refused(ice.id, "UPDATE stream SET parties = '{}' WHERE id = %s", scene["request"])


def test_nobody_puts_another_s_event_into_its_own_feed(scene: Any, stranger: Any, missouri: Any, ice: Any) -> None:
    event = rows("Event", stream=scene["request"])[0].id
    feeding = "INSERT INTO feed (agency_id, event_id) VALUES (%s, %s)"
    assert is_refused(stranger.id, feeding, stranger.id, event)
    assert is_refused(missouri.id, feeding, stranger.id, event)  # nor does a party put it into the feed of one that is none
    assert not is_refused(missouri.id, feeding, ice.id, event)


def test_nobody_sends_another_s_event_and_a_party_sends_it_to_parties_alone(
    scene: Any, stranger: Any, ice: Any, missouri: Any
) -> None:
    sent = as_json("delivery")
    event = rows("Event", stream=scene["request"], kind="answered")[0]
    sent.update(id=str(uuid4()), event_id=str(event.id), stream_id=str(scene["request"]), kind="answered")
    ends = {"from_agency_id": str(stranger.id), "to_agency_id": str(ice.id)}
    assert is_refused(stranger.id, *insert("delivery", {**sent, **ends}))
    assert is_refused(ice.id, *insert("delivery", {**sent, "from_agency_id": str(ice.id), "to_agency_id": str(stranger.id)}))
    elsewhere = {"from_agency_id": str(ice.id), "to_agency_id": str(missouri.id), "stream_id": str(scene["file"])}
    assert is_refused(ice.id, *insert("delivery", {**sent, **elsewhere}))
    assert not is_refused(ice.id, *insert("delivery", {**sent, "from_agency_id": str(ice.id), "to_agency_id": str(missouri.id)}))


def test_of_a_delivery_only_its_receiver_says_that_it_was_opened(scene: Any, ice: Any, missouri: Any) -> None:
    opening = "UPDATE delivery SET opened_at = now() WHERE stream_id = %s"
    assert as_agency(missouri.id, opening, scene["request"])[0] == len(
        rows("Delivery", stream=scene["request"], to_agency=missouri.id)
    )
    assert is_refused(missouri.id, "UPDATE delivery SET delivered_at = now()")
    assert is_refused(missouri.id, "DELETE FROM delivery")


def test_nobody_writes_an_identity_a_token_a_key_or_a_grant_of_another(scene: Any, stranger: Any, ice: Any) -> None:
    person = rows("Request", pk=scene["request"])[0].person
    assert as_agency(stranger.id, "SELECT name FROM identity WHERE person = %s", person)[1] == []
    for name in ("identity", "token", "idempotency_key", "oversight_grant", "membership"):
        told = {**as_json(name), "agency_id": str(ice.id)}
        if "shared_by_id" in told:
            told["shared_by_id"] = str(ice.id)
        if "oversight_id" in told:
            told["oversight_id"] = str(stranger.id)  # letting oneself read another's records
        assert is_refused(stranger.id, *insert(name, told)), name


def test_no_role_of_the_service_writes_a_checkpoint_but_the_worker(scene: Any, ice: Any) -> None:
    told = {**as_json("checkpoint"), "day": "2020-01-01"}
    assert is_refused(ice.id, *insert("checkpoint", told))


def test_a_party_reads_its_own_side_alone(scene: Any, ice: Any, missouri: Any) -> None:
    reads = {
        name: {party: as_agency(party.id, f"SELECT count(*) FROM {name}")[1][0][0] for party in (ice, missouri)}
        for name in ("request", "stay", "file", "deadline", "token", "idempotency_key")
    }
    assert reads["request"] == {ice: 1, missouri: 1}
    assert reads["stay"] == {ice: 0, missouri: 1}
    assert reads["file"] == {ice: 1, missouri: 0}
    assert reads["token"] == reads["idempotency_key"] == {ice: 1, missouri: 0}


def test_oversight_reads_the_record_and_no_identity_and_changes_nothing(scene: Any) -> None:
    body = scene["inspector"]
    for name in ("stream", "event", "request", "stay", "file", "deadline", "delivery"):
        assert as_agency(body.id, f"SELECT count(*) FROM {name}")[1][0][0] > 0, name
        sql = f"UPDATE {name} SET {next(iter(as_json(name)))} = {next(iter(as_json(name)))}"
        assert is_refused(body.id, sql) or as_agency(body.id, sql)[0] == 0
    for name in ("identity", "token", "idempotency_key", "feed"):
        assert as_agency(body.id, f"SELECT count(*) FROM {name}")[1][0][0] == 0, name


def test_oversight_that_has_ended_reads_nothing(scene: Any) -> None:
    body = scene["inspector"]
    with as_role("detainer_worker"):
        table("OversightGrant").objects.filter(oversight=body.id).update(ended_at=NOW)
    assert as_agency(body.id, "SELECT count(*) FROM event")[1] == [(0,)]


def test_a_user_who_signs_in_sees_where_they_work_and_nothing_else(scene: Any, ice: Any) -> None:
    user = ice.officer.user
    assert as_agency(None, "SELECT user_id FROM membership", user=user)[1] == [(user,)]
    for name in set(secured()) - {"membership"}:
        assert as_agency(None, f"SELECT count(*) FROM {name}", user=user)[1] == [(0,)], name


def test_a_session_ends_with_its_transaction(scene: Any, ice: Any) -> None:
    as_agency(ice.id, "SELECT 1")
    with transaction.atomic(), db.connection.cursor() as cursor:
        cursor.execute("SELECT begin_session(%s, NULL)", [ice.id])
    with db.connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM event")
        assert cursor.fetchone() == (0,)
