"""What a superuser changes behind the exchange's back is found, and named: events, their order, their number, heads."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from exchange_making import NOW, as_role, linked, lodge

pytestmark = pytest.mark.usefixtures("database", "no_checkpoints_left")
DAY = NOW.date()


@pytest.fixture
def no_checkpoints_left(database: Any) -> Iterator[None]:
    """Takes a test's checkpoints away: what other tests record on the same day would not fit them."""
    yield
    with as_role("postgres"):
        execute("DELETE FROM checkpoint")


def execute(sql: str, *values: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@contextlib.contextmanager
def tampered(*statements: tuple[str, list[Any]]) -> Iterator[None]:
    """Statements of a superuser, whom no trigger and no key stops, and the block that sees them; undone behind it."""
    from django.db import transaction

    with as_role("postgres"), transaction.atomic():
        execute("SET LOCAL session_replication_role = replica")
        for sql, values in statements:
            execute(sql, *values)
        yield
        transaction.set_rollback(True)


def found() -> list[Any]:
    from detainer.exchange import checkpoints

    return list(checkpoints.verify())


def events(stream: UUID) -> list[Any]:
    from detainer.exchange.work import load

    with as_role("detainer_worker"):
        return load(stream)


@pytest.fixture
def request_of(ice: Any, essex: Any) -> UUID:
    return linked(ice, essex)[0]


def test_a_record_that_nobody_touched_is_whole(request_of: UUID) -> None:
    with as_role("detainer_worker"):
        assert found() == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("occurred = '2020-01-01'", "was changed after it was recorded"),
        ('data = data || \'{"note": "something else"}\'', "was changed after it was recorded"),
        ("recorded_at = recorded_at - interval '1 day'", "was changed after it was recorded"),
        ("by_user = gen_random_uuid()", "was changed after it was recorded"),
        ("prev = repeat('0', 64)", "does not name the hash of the event before it"),
    ],
)
def test_an_event_that_was_changed_is_named(change: str, why: str, request_of: UUID) -> None:
    event = events(request_of)[1]
    with tampered((f"UPDATE event SET {change} WHERE id = %s", [event.id])):
        (broken,) = found()
    assert (broken.event, broken.stream, broken.version) == (event.id, request_of, 2)
    assert why in broken.why


def test_an_event_that_was_changed_along_with_its_hash_breaks_the_next_one(request_of: UUID) -> None:
    first, second = events(request_of)[:2]
    with tampered(("UPDATE event SET hash = repeat('a', 64) WHERE id = %s", [first.id])):
        assert found()[0].event == first.id
    from detainer.record.event import hash_of

    forged = first.model_copy(update={"occurred": "2020-01-01"})
    change = "UPDATE event SET occurred = '2020-01-01', hash = %s WHERE id = %s"
    with tampered((change, [hash_of(dict(forged)), first.id])):
        (broken,) = found()
    assert broken.event == second.id


def test_an_event_that_was_taken_out_of_the_middle_is_missed_by_the_next_one(request_of: UUID) -> None:
    told = events(request_of)
    with tampered(("DELETE FROM event WHERE id = %s", [told[1].id])):
        (broken,) = found()
    assert broken.event == told[2].id
    assert "version 2 is missing" in broken.why


def test_events_that_were_cut_off_the_end_are_missed_by_the_streams_head(request_of: UUID) -> None:
    told = events(request_of)
    with tampered(("DELETE FROM event WHERE id = %s", [told[-1].id])):
        (broken,) = found()
    assert broken.event == told[-2].id
    assert f"the stream has {len(told)}" in broken.why


def test_a_stream_whose_events_are_all_gone_is_named(request_of: UUID) -> None:
    with tampered(("DELETE FROM event WHERE stream_id = %s", [request_of])):
        (broken,) = found()
    assert (broken.stream, broken.why) == (request_of, "has no event: all events of this stream are missing")


def test_a_head_that_was_changed_is_named(request_of: UUID) -> None:
    with tampered(("UPDATE stream SET head = repeat('b', 64) WHERE id = %s", [request_of])):
        (broken,) = found()
    assert broken.stream == request_of
    assert "the head was changed" in broken.why


def test_each_broken_stream_is_named_once(ice: Any, essex: Any) -> None:
    streams = {lodge(ice, essex) for _ in range(3)}
    with tampered(*((f"UPDATE event SET occurred = '2019' WHERE stream_id = '{stream}'", []) for stream in streams)):
        assert {broken.stream for broken in found()} == streams


def test_a_checkpoint_signs_the_heads_of_a_day_once_and_stays_as_it_is(request_of: UUID, ice: Any, essex: Any) -> None:
    from detainer.exchange import checkpoints

    with as_role("detainer_worker"):
        made = checkpoints.make(DAY, NOW + dt.timedelta(days=1))
        assert (made.streams, made.root) == checkpoints.root(NOW + dt.timedelta(hours=9))
        assert checkpoints.is_signed(made)
    lodge(ice, essex, now=NOW + dt.timedelta(days=1))
    with as_role("detainer_worker"):
        assert checkpoints.root() != (made.streams, made.root)
        assert checkpoints.make(DAY, NOW + dt.timedelta(days=2)).root == made.root
        assert list(checkpoints.altered()) == []


def test_a_chain_made_anew_from_its_first_event_is_found_by_the_checkpoint_that_saw_the_old_one(ice: Any, essex: Any) -> None:
    from detainer.exchange import checkpoints
    from detainer.exchange.work import load
    from detainer.record.event import GENESIS, hash_of

    request = lodge(ice, essex)
    with as_role("detainer_worker"):
        checkpoints.make(DAY, NOW + dt.timedelta(days=1))
        events = load(request)
    prev, statements = GENESIS, []
    for event in events:
        told = {**event.model_dump(), "occurred": "2019", "prev": prev}
        told["hash"] = prev = hash_of(told)
        statements.append(
            ("UPDATE event SET occurred = '2019', prev = %s, hash = %s WHERE id = %s", [told["prev"], told["hash"], event.id])
        )
    with tampered(*statements, ("UPDATE stream SET head = %s WHERE id = %s", [prev, request])):
        assert found() == []  # every chain holds
        with as_role("detainer_worker"):
            assert [item.day for item in checkpoints.altered()] == [DAY]


def test_a_checkpoint_that_somebody_else_signed_is_found(request_of: UUID) -> None:
    from detainer.exchange import checkpoints

    with as_role("detainer_worker"):
        made = checkpoints.make(DAY, NOW + dt.timedelta(days=1))
    with tampered(("UPDATE checkpoint SET streams = streams + 1 WHERE day = %s", [made.day])), as_role("detainer_worker"):
        assert [item.why for item in checkpoints.altered()] == ["is not signed with this exchange's key"]


def test_what_is_verified_is_one_moment_although_others_write_meanwhile(ice: Any, essex: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django import db

    from detainer.exchange import checkpoints

    def elsewhere() -> UUID:
        try:
            return lodge(ice, essex)
        finally:
            db.connections.close_all()

    with as_role("detainer_worker"), checkpoints.one_moment():
        before = checkpoints.root()
        with ThreadPoolExecutor(1) as other:
            other.submit(elsewhere).result()
        assert checkpoints.root() == before
        assert found() == []
    with as_role("detainer_worker"):
        assert checkpoints.root()[0] == before[0] + 1
