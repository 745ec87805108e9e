"""The feed: every event once, in order, none passed over, whoever commits first; it waits for the next one when asked to."""

import datetime as dt
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest


def read_all(caller: Any, limit: int = 3, after: str | None = None) -> tuple[list[Any], str]:
    """Read to the end in pages, as a machine does."""
    told: list[Any] = []
    while True:
        page = caller.get("/events", limit=str(limit), **({"after": after} if after else {})).told
        told += page["events"]
        if not page["events"]:
            assert after in (None, page["next"]), "an empty page gives the same cursor again"
            return told, page["next"]
        assert len(page["events"]) <= limit
        after = page["next"]


def test_the_feed_tells_each_party_every_event_once_in_order_of_version(scene: Any, deliver: Any) -> None:
    request, stay = scene.lodge(), scene.book()
    deliver()
    scene.clerk.done(f"/requests/{request}/acknowledge", {"stay": stay})
    told, end = read_all(scene.officer)
    whole = scene.officer.get(f"/requests/{request}/events").told["events"]
    assert told == whole
    assert [event["version"] for event in told] == list(range(1, len(told) + 1))
    both, _ = read_all(scene.clerk)
    assert {event["stream"] for event in both} == {request, stay}
    assert len({event["id"] for event in both}) == len(both)
    scene.clerk.done(f"/requests/{request}/decide", {"ask": "notify", "choice": "honour"})
    further, _ = read_all(scene.officer, after=end)
    assert [event["kind"] for event in further] == ["decided"]


def test_an_agency_that_has_nothing_gets_an_empty_page_and_a_cursor_to_come_back_with(scene: Any) -> None:
    scene.lodge()
    page = scene.other.get("/events").told
    assert page["events"] == []
    assert scene.other.get("/events", after=page["next"]).told == page


@pytest.fixture
def late(database: Any, scene: Any) -> Callable[[], Any]:
    """A second connection, as the service in the custodian's agency, on which a command can be left uncommitted."""

    def open_one() -> Any:
        connection = psycopg.connect(database.service)
        connection.execute("SELECT begin_session(%s, NULL)", [scene.custodian.id])
        return connection

    return open_one


def test_a_lower_place_that_commits_late_is_not_passed_over(scene: Any, late: Any) -> None:
    first = scene.book("B-1")
    _, cursor = read_all(scene.clerk)
    event = scene.clerk.get(f"/stays/{first}/events").told["events"][0]["id"]
    with late() as slow:
        # It takes its place in the feed, and is not committed yet ...
        slow.execute("INSERT INTO feed (agency_id, event_id) VALUES (%s, %s)", [scene.custodian.id, event])
        second = scene.book("B-2")  # ... while another takes a higher one, and is.
        assert scene.clerk.get(f"/stays/{second}").status == 200
        page = scene.clerk.get("/events", after=cursor).told
        assert page == {"events": [], "next": cursor}, "nothing is shown beyond a place that may still be filled"
    told, _ = read_all(scene.clerk, after=cursor)
    assert [row["stream"] for row in told] == [first, second], "both come, in order of their places"


def test_a_place_that_is_given_up_holds_nobody_back(scene: Any, late: Any) -> None:
    event = scene.clerk.get(f"/stays/{scene.book('B-1')}/events").told["events"][0]["id"]
    _, cursor = read_all(scene.clerk)
    slow = late()
    slow.execute("INSERT INTO feed (agency_id, event_id) VALUES (%s, %s)", [scene.custodian.id, event])
    second = scene.book("B-2")
    slow.rollback()
    slow.close()
    told, _ = read_all(scene.clerk, after=cursor)
    assert [row["stream"] for row in told] == [second]


def test_many_writers_at_once_and_a_reader_who_follows_sees_each_event_once(scene: Any, caller: Any) -> None:
    from django.db import connection

    clerk, writers, each = caller(scene.custodian.id, "custody"), 4, 6
    booked: list[str] = []

    def write(writer: int) -> None:
        booked.extend(scene.book(f"{writer}-{number}") for number in range(each))
        connection.close()

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in threads:
        thread.start()
    seen: list[str] = []
    after: str | None = None
    until = time.monotonic() + 30
    while len(seen) < writers * each and time.monotonic() < until:
        page = clerk.get("/events", limit="5", wait="1", **({"after": after} if after else {})).told
        seen += [event["stream"] for event in page["events"]]
        after = page["next"]
    for thread in threads:
        thread.join()
    assert sorted(seen) == sorted(booked)
    assert len(set(seen)) == writers * each


def test_a_reader_who_waits_is_answered_when_something_happens(scene: Any) -> None:
    from django.db import connection

    _, cursor = read_all(scene.clerk)

    def book_soon() -> None:
        time.sleep(0.6)
        scene.book()
        connection.close()

    writer = threading.Thread(target=book_soon)
    began = time.monotonic()
    writer.start()
    page = scene.clerk.get("/events", after=cursor, wait="10").told
    took = time.monotonic() - began
    writer.join()
    assert [event["kind"] for event in page["events"]] == ["booked"]
    assert 0.5 < took < 9


def test_a_reader_who_waits_in_vain_gets_the_same_cursor_again(scene: Any) -> None:
    _, cursor = read_all(scene.clerk)
    began = time.monotonic()
    assert scene.clerk.get("/events", after=cursor, wait="0.7").told == {"events": [], "next": cursor}
    assert time.monotonic() - began > 0.6
    assert scene.clerk.get("/events", wait="26").fields == ["wait"]


def test_who_comes_when_too_many_wait_is_answered_at_once(scene: Any) -> None:
    from detainer.api import feed

    _, cursor = read_all(scene.clerk)
    taken = 0
    while feed.WAITING.acquire(blocking=False):
        taken += 1
    try:
        began = time.monotonic()
        reply = scene.clerk.get("/events", after=cursor, wait="10")
        assert reply.told == {"events": [], "next": cursor}
        assert int(reply.headers["Retry-After"]) >= 1
        assert time.monotonic() - began < 9
    finally:
        for _ in range(taken):
            feed.WAITING.release()


def test_an_event_of_the_feed_carries_all_that_its_hash_is_made_of(scene: Any) -> None:
    from detainer.record.event import Event, broken

    scene.lodge()
    told, _ = read_all(scene.officer)
    assert broken(Event.model_validate(event) for event in told) is None


def test_what_was_known_by_an_instant_can_be_asked(scene: Any) -> None:
    request = scene.lodge()
    before = dt.datetime.now(dt.UTC)
    scene.clerk.done(f"/requests/{request}/acknowledge", {})
    now = scene.officer.get(f"/requests/{request}/events").told
    then = scene.officer.get(f"/requests/{request}/events", as_of=before.isoformat()).told
    assert [event["kind"] for event in then["events"]] == ["lodged", "answered"]
    assert (then["view"]["state"], now["view"]["state"]) == ("lodged", "acknowledged")
    long_ago = scene.officer.get(f"/requests/{request}/events", as_of="1999-01-01T00:00:00Z").told
    assert (long_ago["events"], long_ago["view"]) == ([], None)
    assert scene.officer.get(f"/requests/{request}/events", as_of="yesterday").fields == ["as_of"]
