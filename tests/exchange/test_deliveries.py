"""Deliveries: written with their event or not at all, carried once, recorded where a receipt is owed, opened by the first."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest
from django import db
from exchange_making import NOW, as_role, do, kinds, last, linked, lodge, row, rows, seen_by, to

pytestmark = pytest.mark.usefixtures("database")

LATER = NOW + dt.timedelta(minutes=7)


def jobs_of(delivery: Any) -> int:
    """Return how many jobs wait to carry a delivery."""
    with as_role("detainer_worker"), db.connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE args::text LIKE %s", [f"%{delivery.id}%"])
        return int(cursor.fetchone()[0])


def deliver(delivery: Any, now: dt.datetime = LATER) -> None:
    from detainer.exchange import jobs

    with as_role("detainer_worker"):
        jobs.deliver(delivery.id, now)


def only(stream: UUID, kind: str) -> Any:
    """Return the one delivery of a kind of event of a stream."""
    (found,) = rows("Delivery", stream=stream, kind=kind)
    return found


def test_a_delivery_and_its_job_are_written_with_the_event(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    delivery = only(request, "lodged")
    assert delivery.event_id == last(request, "lodged").id
    assert (delivery.from_agency_id, delivery.to_agency_id, delivery.channel) == (ice.id, essex.id, "inbox")
    assert (delivery.created_at, delivery.delivered_at, delivery.attempts) == (NOW, None, 0)
    assert jobs_of(delivery) == 1


def test_what_is_undone_leaves_neither_delivery_nor_job(ice: Any, essex: Any) -> None:
    found: list[Any] = []
    with db.transaction.atomic():
        request = lodge(ice, essex)
        found.append(only(request, "lodged"))
        assert jobs_of(found[0]) == 1
        db.transaction.set_rollback(True)
    assert rows("Delivery", pk=found[0].pk) == []
    assert jobs_of(found[0]) == 0


def test_a_delivery_arrives_and_its_arrival_is_an_event(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    delivery = only(request, "lodged")
    deliver(delivery)
    arrived = row("Delivery", delivery.pk)
    assert (arrived.delivered_at, arrived.attempts, arrived.next_try_at) == (LATER, 1, None)
    delivered = last(request, "delivered")
    assert delivered.data == {"delivery": str(delivery.pk), "channel": "inbox", "to": str(essex.id)}
    assert (delivered.says_id, delivered.by_user, delivered.recorded_at) == (essex.id, None, LATER)
    assert row("Request", request).state == "delivered"


def test_a_job_that_runs_twice_delivers_once(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    for _ in range(2):
        deliver(only(request, "lodged"))
    assert kinds(request).count("delivered") == 1
    assert only(request, "lodged").attempts == 1


def test_a_job_whose_delivery_is_not_there_does_nothing(essex: Any) -> None:
    from detainer.exchange import jobs

    with as_role("detainer_worker"):
        jobs.deliver(uuid4(), NOW)


def test_a_receipt_is_recorded_for_the_kinds_that_owe_one_and_for_no_other(ice: Any, missouri: Any, essex: Any) -> None:
    from detainer.exchange.deliveries import RECORDED

    request, _ = linked(ice, missouri)
    do(missouri.clerk, "request.decide", {"ask": "notify"}, request)
    do(missouri.clerk, "request.give_notice", {}, request)
    do(missouri.clerk, "request.contest", {}, request)
    do(missouri.clerk, "request.state", {}, request)
    do(missouri.clerk, "request.relay", {"facility": essex.facility}, request)
    do(ice.officer, "request.cancel", {}, request)
    sent = rows("Delivery", stream=request)
    assert {delivery.kind for delivery in sent} >= RECORDED
    for delivery in sent:
        deliver(delivery)
    receipted = {UUID(event.data["delivery"]) for event in rows("Event", stream=request, kind="delivered")}
    assert receipted == {delivery.pk for delivery in sent if delivery.kind in RECORDED}
    assert rows("Delivery", stream=request, delivered_at=None) == []


def test_a_receipt_is_not_itself_delivered(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    deliver(only(request, "lodged"))
    assert (to(ice, request), to(essex, request)) == ([], ["lodged"])


def test_word_of_a_relay_to_the_requester_does_not_make_the_request_delivered(ice: Any, missouri: Any, essex: Any) -> None:
    request, _ = linked(ice, missouri)
    do(missouri.clerk, "request.relay", {"facility": essex.facility}, request)
    of = {delivery.to_agency_id: delivery for delivery in rows("Delivery", stream=request, kind="relayed")}
    deliver(of[ice.id])
    assert row("Request", request).state == "lodged"
    deliver(of[essex.id])
    assert row("Request", request).state == "delivered"


def test_a_cancellation_that_arrives_leaves_the_request_cancelled(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    do(ice.officer, "request.cancel", {}, request)
    for delivery in rows("Delivery", stream=request):
        deliver(delivery)
    assert row("Request", request).state == "cancelled"
    assert kinds(request).count("delivered") == 2


def test_the_first_who_opened_a_delivery_stays_the_first(ice: Any, essex: Any) -> None:
    from detainer.exchange import deliveries
    from detainer.exchange.session import acting

    request = lodge(ice, essex)
    deliver(only(request, "lodged"))
    for user, at in ((essex.clerk.user, LATER), (essex.supervisor.user, LATER + dt.timedelta(hours=1))):
        with acting(essex.id, user):
            deliveries.open_inbox(only(request, "lodged"), user, at)
    opened = only(request, "lodged")
    assert (opened.opened_by, opened.opened_at) == (essex.clerk.user, LATER)


def test_the_sender_does_not_open_what_it_sent(ice: Any, essex: Any) -> None:
    from detainer.exchange import deliveries
    from detainer.exchange.session import acting

    request = lodge(ice, essex)
    with acting(ice.id, ice.officer.user):
        deliveries.open_inbox(only(request, "lodged"), ice.officer.user, LATER)
    assert only(request, "lodged").opened_at is None


def test_both_ends_see_a_delivery_and_nobody_else(ice: Any, essex: Any, missouri: Any) -> None:
    request = lodge(ice, essex)
    assert [len(seen_by(agency.id, "Delivery", stream=request)) for agency in (ice, essex, missouri)] == [1, 1, 0]


def test_what_waits_although_its_job_is_gone_is_carried_by_the_sweep(ice: Any, essex: Any) -> None:
    from detainer.exchange import jobs

    request = lodge(ice, essex)
    with as_role("detainer_worker"):
        jobs.carry_what_waits(NOW + dt.timedelta(seconds=1))
        assert only(request, "lodged").delivered_at is None
    with as_role("detainer_worker"):
        jobs.carry_what_waits(LATER)
    assert only(request, "lodged").delivered_at == LATER
    assert kinds(request).count("delivered") == 1


def test_an_agency_with_both_sides_of_a_request_sends_itself_nothing(party: Any) -> None:
    both = party("custodian", "requester")
    request = lodge(both, both)
    do(both.clerk, "request.acknowledge", {}, request)
    assert rows("Delivery", stream=request) == []
