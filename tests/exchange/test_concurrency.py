"""Commands at the same moment, with real threads and connections: one wins, nothing is lost, nothing waits for ever."""

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest
from django import db
from django.db import transaction
from exchange_making import NOW, as_role, ask, book, do, kinds, linked, lodge, ndjson, row, rows, seen_by, to
from meeting_making import Deed, at_once, in_a_thread, meet

from detainer.exchange.refusals import Refused

pytestmark = pytest.mark.usefixtures("database")


def refusals(done: Sequence[Any]) -> list[str]:
    return [item.kind for item in done if isinstance(item, Refused)]


def deliver(delivery: Any) -> None:
    from detainer.exchange import jobs

    with as_role("detainer_worker"):
        jobs.deliver(delivery, NOW)


# --- two commands on one stream ---


def test_of_two_commands_that_meet_the_second_is_told_what_it_is_now(ice: Any, essex: Any) -> None:
    request, _ = linked(ice, essex)
    seen = row("Request", request).version
    _, refusal = meet(
        lambda: do(essex.clerk, "request.decide", {"ask": "notify", "choice": "honour"}, request),
        lambda: do(essex.supervisor, "request.decide", {"ask": "notify", "choice": "decline"}, request),
    )
    assert isinstance(refusal, Refused)
    assert (refusal.kind, refusal.status) == ("changed", 409)
    assert (refusal.more["state"], refusal.more["version"]) == ("decided", seen + 1)
    assert (kinds(request).count("decided"), ask(request, "notify")["choice"]) == (1, "honour")


def test_of_many_clerks_who_decide_what_they_all_saw_exactly_one_does(ice: Any, essex: Any) -> None:
    request, _ = linked(ice, essex)
    told = {"ask": "notify", "version": row("Request", request).version}
    done = at_once([lambda: do(essex.clerk, "request.decide", told, request) for _ in range(6)])
    assert refusals(done) == ["changed"] * 5
    assert kinds(request).count("decided") == 1


def test_a_cancellation_and_a_hand_over_never_both_stand(ice: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    _, refusal = meet(
        lambda: do(ice.officer, "request.cancel", {"reason": "citizen"}, request),
        lambda: do(essex.clerk, "request.hand_over", {}, request),
    )
    assert refusal.kind in ("changed", "state")
    assert (row("Request", request).outcome, row("Stay", stay).state) == ("withdrawn", "in_custody")


def test_a_release_that_meets_an_acknowledgement_closes_the_request_too(ice: Any, essex: Any) -> None:
    request, stay = lodge(ice, essex), book(essex)
    meet(
        lambda: do(essex.clerk, "request.acknowledge", {"stay": str(stay)}, request),
        lambda: do(essex.clerk, "stay.release", {}, stay),
    )
    assert (row("Stay", stay).state, row("Request", request).outcome) == ("released", "released_without_notice")


def test_an_acknowledgement_that_meets_a_release_finds_the_person_gone(ice: Any, essex: Any) -> None:
    request, stay = lodge(ice, essex), book(essex)
    _, refusal = meet(
        lambda: do(essex.clerk, "stay.release", {}, stay),
        lambda: do(essex.clerk, "request.acknowledge", {"stay": str(stay)}, request),
    )
    assert refusal.kind in ("changed", "state")
    assert (row("Request", request).stay, row("Request", request).live) == (None, True)


def test_commands_on_different_streams_do_not_meet(ice: Any, essex: Any) -> None:
    requests = [linked(ice, essex)[0] for _ in range(4)]
    done = at_once([lambda at=request: do(essex.clerk, "request.decide", {"ask": "notify"}, at) for request in requests])
    assert refusals(done) == []


# --- receipts ---


def test_a_receipt_since_the_clerk_read_the_page_does_not_refuse_the_clerk(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    seen = row("Request", request).version
    deliver(rows("Delivery", stream=request)[0].id)
    assert kinds(request)[-1] == "delivered"
    do(essex.clerk, "request.acknowledge", {"version": seen}, request)
    assert kinds(request)[-1] == "acknowledged"


def test_a_receipt_at_the_same_moment_does_not_refuse_the_clerk(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    told = {"version": row("Request", request).version}
    delivery = rows("Delivery", stream=request)[0].id
    _, done = meet(lambda: deliver(delivery), lambda: do(essex.clerk, "request.acknowledge", told, request))
    assert not isinstance(done, Refused)
    assert kinds(request) == ["lodged", "answered", "delivered", "acknowledged"]


def test_a_receipt_that_meets_a_clerk_is_recorded_after(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    delivery = rows("Delivery", stream=request)[0].id
    meet(lambda: do(essex.clerk, "request.acknowledge", {}, request), lambda: deliver(delivery))
    assert kinds(request) == ["lodged", "answered", "acknowledged", "delivered"]
    assert row("Request", request).state == "acknowledged"


def test_a_delivery_carried_by_two_workers_at_once_arrives_once(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    delivery = rows("Delivery", stream=request)[0].id
    meet(lambda: deliver(delivery), lambda: deliver(delivery))
    at_once([lambda: deliver(delivery) for _ in range(4)])
    assert kinds(request).count("delivered") == 1
    assert row("Delivery", delivery).attempts == 1


# --- the same key ---


def test_the_same_key_at_the_same_moment_does_it_once_and_both_get_the_same_reply(ice: Any, essex: Any) -> None:
    key, told = str(uuid4()), {"facility": essex.facility}
    first, second = meet(
        lambda: do(ice.officer, "request.lodge", told, key=key), lambda: do(ice.officer, "request.lodge", told, key=key)
    )
    assert second.reply() == first.reply()
    assert (first.replayed, second.replayed) == (False, True)
    assert [seen.pk for seen in seen_by(ice.id, "Request")] == [first.stream]


def test_the_same_key_many_times_at_once_does_it_once(ice: Any, essex: Any) -> None:
    request, _ = linked(ice, essex)
    key = str(uuid4())
    done = at_once([lambda: do(essex.clerk, "request.decide", {"ask": "notify"}, request, key=key) for _ in range(5)])
    # One that read the request before, and the key before that, is told that it has changed: sent again, it gets the reply.
    again = do(essex.clerk, "request.decide", {"ask": "notify"}, request, key=key)
    assert again.replayed
    assert {str(item.reply()) for item in done if not isinstance(item, Refused)} == {str(again.reply())}
    assert set(refusals(done)) <= {"changed"}
    assert kinds(request).count("decided") == 1


def test_the_same_key_with_another_body_is_refused(ice: Any, essex: Any) -> None:
    key = str(uuid4())
    do(ice.officer, "request.lodge", {"facility": essex.facility}, key=key)
    for body in ({"facility": essex.facility, "reference": "another"}, {"facility": essex.facility, "occurred": "2026-03-01"}):
        with pytest.raises(Refused) as refusal:
            do(ice.officer, "request.lodge", body, key=key)
        assert (refusal.value.kind, refusal.value.status) == ("key-reused", 422)
    assert len(seen_by(ice.id, "Request")) == 1


def test_the_same_key_with_another_command_or_stream_is_refused(ice: Any, essex: Any) -> None:
    first, second, key = lodge(ice, essex), lodge(ice, essex), str(uuid4())
    do(essex.clerk, "request.acknowledge", {}, first, key=key)
    for name, stream in (("request.acknowledge", second), ("request.give_notice", first)):
        with pytest.raises(Refused) as refusal:
            do(essex.clerk, name, {}, stream, key=key)
        assert refusal.value.kind == "key-reused"


def test_a_key_is_its_agency_s_own(ice: Any, border_patrol: Any, essex: Any) -> None:
    key, told = str(uuid4()), {"facility": essex.facility}
    first = do(ice.officer, "request.lodge", told, key=key)
    second = do(border_patrol.officer, "request.lodge", {**told, "reference": "another"}, key=key)
    assert first.stream != second.stream


def test_a_refused_command_leaves_its_key_free(ice: Any, essex: Any) -> None:
    key = str(uuid4())
    with pytest.raises(Refused):
        do(ice.officer, "request.lodge", {"facility": "NOWHERE9"}, key=key)
    assert do(ice.officer, "request.lodge", {"facility": essex.facility}, key=key).replayed is False


# --- booking ---


def test_a_booking_number_is_given_once_even_at_the_same_moment(essex: Any) -> None:
    first, refusal = meet(lambda: book(essex, booking_number="24-500"), lambda: book(essex, booking_number="24-500"))
    assert (refusal.kind, refusal.errors[0].field) == ("state", "booking_number")
    assert [stay.pk for stay in seen_by(essex.id, "Stay", booking_number="24-500")] == [first]


def test_a_roster_that_meets_a_booking_of_one_of_its_people_leaves_that_one_as_it_is(essex: Any) -> None:
    from detainer.exchange.commands import batch

    people = [{"facility": essex.facility, "booking_number": f"24-60{number}", "person": {"name": "A B"}} for number in range(3)]
    _, done = meet(lambda: book(essex, booking_number="24-601"), lambda: batch.book_all(essex.clerk, ndjson(people), now=NOW))
    assert (done["booked"], done["known"]) == (2, 1)
    assert len(seen_by(essex.id, "Stay")) == 3


# --- two streams in opposite order ---


def test_a_release_and_a_hand_over_at_the_same_moment_do_not_wait_for_each_other(
    ice: Any, border_patrol: Any, essex: Any
) -> None:
    for _ in range(5):
        request, stay = linked(ice, essex)
        other = lodge(border_patrol, essex)
        do(essex.clerk, "request.acknowledge", {"stay": str(stay)}, other)
        started = time.monotonic()
        done = at_once(
            [
                lambda on=request: do(essex.clerk, "request.hand_over", {}, on),
                lambda on=stay: do(essex.clerk, "stay.release", {}, on),
                lambda on=other: do(essex.clerk, "request.hand_over", {}, on),
            ]
        )
        assert time.monotonic() - started < 5
        assert len(refusals(done)) == 2, done
        assert set(refusals(done)) <= {"changed", "state"}
        outcomes = sorted(row("Request", pk).outcome for pk in (request, other))
        assert outcomes in (["handed_over", "passed_on"], ["released_without_notice"] * 2)


# --- the feed ---


def feed(agency: UUID, place: tuple[int, int] = (0, 0)) -> tuple[list[UUID], tuple[int, int]]:
    """Read an agency's feed behind a place, as its reader does; return the events and the place to go on from."""
    with db.connection.cursor() as cursor:
        cursor.execute(
            "SELECT txid, position, event_id FROM feed WHERE agency_id = %s AND (txid, position) > (%s, %s)"
            " AND txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint ORDER BY txid, position",
            [agency, *place],
        )
        found = cursor.fetchall()
    return [event for _, _, event in found], ((found[-1][0], found[-1][1]) if found else place)


def test_what_begins_early_and_commits_late_is_not_passed_over(ice: Any, essex: Any) -> None:
    def read_as_the_worker(place: tuple[int, int]) -> tuple[list[UUID], tuple[int, int]]:
        with as_role("detainer_worker"):
            return feed(essex.id, place)

    with ThreadPoolExecutor(1) as pool:

        def in_the_thread(deed: Deed) -> Any:
            return pool.submit(in_a_thread, deed).result(timeout=20)

        with transaction.atomic():
            early = lodge(ice, essex)
            late = in_the_thread(lambda: lodge(ice, essex))
            before, place = in_the_thread(lambda: read_as_the_worker((0, 0)))
        after, _ = in_the_thread(lambda: read_as_the_worker(place))
    events = {event.id for request in (early, late) for event in rows("Event", stream=request)}
    assert before == []  # the later one is there, but an earlier place is still open
    assert set(after) == events
    assert len(after) == len(events)


def test_a_reader_who_goes_on_while_many_write_reads_every_event_once_and_each_stream_in_order(ice: Any, essex: Any) -> None:
    stop = threading.Event()
    read: list[UUID] = []

    def reader() -> None:
        place = (0, 0)
        with as_role("detainer_worker"):
            while True:
                is_last = stop.is_set()
                found, place = feed(essex.id, place)
                read.extend(found)
                if is_last:
                    return
                time.sleep(0.005)

    def one_case() -> None:
        request = lodge(ice, essex)
        delivery = rows("Delivery", stream=request)[0].id
        do(essex.clerk, "request.acknowledge", {"stay": str(book(essex))}, request)
        deliver(delivery)
        do(essex.clerk, "request.decide", {"ask": "notify"}, request)

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(in_a_thread, reader)
        try:
            assert refusals(at_once([one_case] * 6)) == []
        finally:
            stop.set()
        reading.result(timeout=20)
    entries = {entry.event_id for entry in rows("Feed", agency=essex.id)}
    events = {event.id: event for event in rows("Event", pk__in=entries)}
    assert len(read) == len(events)
    assert set(read) == set(events)
    for stream in {event.stream_id for event in events.values()}:
        versions = [events[found].version for found in read if events[found].stream_id == stream]
        assert versions == sorted(versions)


def test_deliveries_are_enqueued_once_whatever_meets(ice: Any, essex: Any) -> None:
    request, _ = linked(ice, essex)
    told = {"ask": "notify", "version": row("Request", request).version}
    at_once([lambda: do(essex.clerk, "request.decide", told, request) for _ in range(4)])
    assert to(ice, request) == ["acknowledged", "decided"]
