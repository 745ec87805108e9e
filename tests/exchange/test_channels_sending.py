"""Sending by channels: in order, at least once under the same id, backed off while a receiver is down, at last a person's."""

import contextlib
import datetime as dt
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django import db
from exchange_making import NOW, as_role, do, kinds, last, linked, lodge, row, rows, table, told

from receiver_making import allowing, authorities, receiving, says, soon

pytestmark = pytest.mark.usefixtures("database")

MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
LATER = NOW + 7 * MINUTE


@pytest.fixture(autouse=True)
def operator() -> Iterator[None]:
    with allowing(seconds=5):
        yield


def channel(agency: Any, url: str, kind: str = "webhook") -> Any:
    """Give an agency a channel; return it."""
    from detainer.exchange.channels import own
    from detainer.exchange.session import acting

    with acting(agency.id):
        return own.save(agency.id, own.SaveChannel(kind=kind, address=url), NOW).channel


def drain(agency: Any, now: dt.datetime = LATER, kind: str = "webhook") -> bool:
    from detainer.exchange import sending

    with as_role("detainer_worker"):
        return sending.drain(agency.id, kind, lambda: now)


def state(agency: Any, kind: str = "webhook") -> Any:
    (found,) = rows("Channel", agency=agency.id, kind=kind)
    return found


def sent_to(agency: Any, kind: str = "webhook") -> list[Any]:
    """The deliveries to an agency by a channel, in order."""
    return rows("Delivery", to_agency=agency.id, channel=kind)


def events_of(deliveries: list[Any]) -> list[str]:
    return [str(delivery.event_id) for delivery in deliveries]


# --- a delivery for each channel ---


def test_an_event_becomes_a_delivery_for_each_channel_of_its_receiver_with_the_event_or_not_at_all(ice: Any, essex: Any) -> None:
    with receiving() as receiver:
        channel(essex, receiver.url)
        with db.transaction.atomic():
            lodge(ice, essex)
            db.transaction.set_rollback(True)
        assert sent_to(essex) == []
        request = lodge(ice, essex)
    assert [one.channel for one in rows("Delivery", stream=request)] == ["inbox", "webhook"]
    inbox, webhook = rows("Delivery", stream=request)
    assert (webhook.event_id, webhook.from_agency_id, webhook.to_agency_id) == (inbox.event_id, ice.id, essex.id)


def test_a_channel_that_is_off_gets_nothing_and_the_senders_own_channels_neither(ice: Any, essex: Any) -> None:
    from detainer.exchange.channels import own
    from detainer.exchange.session import acting

    with receiving() as receiver:
        channel(ice, receiver.url), channel(essex, receiver.url)
    with acting(essex.id):
        own.change(essex.id, "webhook", own.ChangeChannel(active=False), NOW)
    request = lodge(ice, essex)
    assert [one.channel for one in rows("Delivery", stream=request)] == ["inbox"]


def fire(agency: Any, request: UUID, clock: str, step: str) -> UUID:
    """Let a clock of an agency fire, in its own name; return the event."""
    from detainer.exchange.roles import Actor
    from detainer.exchange.work import Work

    said = {"clock": clock, "rule": "r", "step": step, "number": 1, "due_at": "2026-03-02T16:00Z", "to": str(agency.id)}
    with as_role("detainer_worker"), db.transaction.atomic():
        work = Work(Actor(agency=agency.id, user=None, roles=frozenset()), LATER)
        work.read("request", request)
        fired = work.append(request, "clock_fired", said)
        work.commit()
    return fired.id


def test_a_clock_that_fires_tells_the_agency_it_names_even_its_own(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    fired = fire(essex, request, "answer_due", "due")
    (found,) = rows("Delivery", event=fired)
    assert (found.channel, found.from_agency_id, found.to_agency_id) == ("inbox", essex.id, essex.id)


def test_the_second_contact_is_only_told_when_a_clock_comes_to_it(ice: Any, essex: Any) -> None:
    from detainer.clock import KINDS

    clock, step = next((name, min(kind.second_contact)) for name, kind in KINDS.items() if kind.second_contact)
    with as_role("detainer_worker"):
        for kind in ("email", "second_email"):
            table("Channel").objects.create(agency_id=essex.id, kind=kind, address="a@b.example", created_at=NOW, updated_at=NOW)
    request = lodge(ice, essex)
    told_of = {
        step: [one.channel for one in rows("Delivery", event=fire(essex, request, clock, step))] for step in ("warning", step)
    }
    assert [one.channel for one in rows("Delivery", kind="lodged", stream=request)] == ["inbox", "email"]
    assert told_of == {"warning": ["inbox", "email"], step: ["inbox", "email", "second_email"]}


# --- sending ---


def test_what_a_receiver_accepts_arrives_and_its_arrival_is_an_event_with_its_channel(ice: Any, essex: Any) -> None:
    with receiving() as receiver:
        channel(essex, receiver.url)
        request = lodge(ice, essex)
        assert drain(essex) is False
    (delivery,) = sent_to(essex)
    assert receiver.ids == events_of([delivery])
    assert (delivery.delivered_at, delivery.attempts, delivery.reply_head) == (LATER, 1, "200")
    assert last(request, "delivered").data == {"delivery": str(delivery.pk), "channel": "webhook", "to": str(essex.id)}
    assert drain(essex) is False
    assert len(receiver.got) == 1


def test_deliveries_go_out_in_order_and_those_of_one_request_by_its_versions_whatever_their_ids(ice: Any, essex: Any) -> None:
    """A machine's clock that was set back gave later events smaller ids."""
    with receiving() as receiver:
        channel(ice, receiver.url)
        request, _ = linked(ice, essex)
        do(essex.clerk, "request.decide", {"ask": "notify"}, request)
        do(essex.clerk, "request.serve", {}, request)
        first, *_, final = sent_to(ice)
        with as_role("detainer_worker"), db.connection.cursor() as cursor:
            cursor.execute("UPDATE delivery SET id = %s WHERE id = %s", [UUID(int=first.pk.int - 1), final.pk])
        drain(ice)
    in_order = [str(event.id) for event in told(request) if str(event.id) in receiver.ids]
    assert (receiver.ids, len(receiver.ids)) == (in_order, 3)


def test_a_message_that_is_refused_holds_back_its_own_request_and_no_other(ice: Any, essex: Any) -> None:
    with receiving(says(422, b"no"), says(200)) as receiver:
        channel(ice, receiver.url)
        stuck, free = linked(ice, essex)[0], linked(ice, essex)[0]
        do(essex.clerk, "request.decide", {"ask": "notify"}, stuck)
        drain(ice)
        acknowledged, decided = rows("Delivery", to_agency=ice.id, channel="webhook", stream=stuck)
        assert (acknowledged.failure, acknowledged.reply_head, acknowledged.attempts) == ("answered 422", "422 no", 1)
        assert (decided.attempts, decided.delivered_at) == (0, None)
        assert rows("Delivery", to_agency=ice.id, channel="webhook", stream=free)[0].delivered_at == LATER
        assert state(ice).failing_since is None
        drain(ice, LATER + dt.timedelta(seconds=1))
        assert len(receiver.got) == 2, "what is held back is not tried before its time"
        drain(ice, LATER + 2 * MINUTE)
    assert [one.delivered_at for one in (row("Delivery", acknowledged.pk), row("Delivery", decided.pk))] == [
        LATER + 2 * MINUTE
    ] * 2
    assert receiver.ids[-2:] == events_of([acknowledged, decided])


def test_a_receiver_that_was_down_for_three_days_catches_up_in_order_and_the_sender_sees_since_when(ice: Any, essex: Any) -> None:
    from detainer.exchange.deliveries import failing

    with receiving(says(503), says(503), says(200)) as receiver:
        channel(essex, receiver.url)
        requests = [lodge(ice, essex) for _ in range(3)]
        drain(essex)
        assert len(receiver.got) == 1, "a receiver that is down is asked once, not once for each that waits"
        assert (state(essex).failing_since, state(essex).failure) == (LATER, "answered 503")
        with as_agency(ice):
            assert failing([essex.id]) == {(essex.id, "webhook"): LATER}
        drain(essex, LATER + dt.timedelta(seconds=1))
        assert len(receiver.got) == 1, "it is not asked again before its time"
        drain(essex, LATER + 3 * DAY)
        drain(essex, LATER + 3 * DAY + 2 * MINUTE)
    assert receiver.ids[-3:] == events_of(sent_to(essex))
    assert all(one.delivered_at for one in sent_to(essex))
    assert (state(essex).failing_since, state(essex).failure) == (None, "")
    assert [kinds(request).count("delivered") for request in requests] == [1, 1, 1]


@contextlib.contextmanager
def as_agency(agency: Any) -> Iterator[None]:
    from detainer.exchange.session import acting

    with acting(agency.id):
        yield


def test_a_receiver_that_is_down_for_good_leaves_what_waits_to_a_person_who_can_have_it_tried_again(ice: Any, essex: Any) -> None:
    from detainer.exchange import deliveries

    with receiving(says(500)) as receiver:
        channel(essex, receiver.url)
        lodge(ice, essex), lodge(ice, essex)
        now, tries = LATER, 0
        while not all(one.needs_person for one in sent_to(essex)):
            before = len(receiver.got)
            drain(essex, now)
            tries += len(receiver.got) - before
            now += dt.timedelta(hours=3)
            assert now < LATER + 8 * DAY
        assert now > NOW + 5 * DAY
        assert tries >= 24
        with as_agency(ice):
            needing = deliveries.needing_person(ice.id)
            assert [(one.channel, one.failure) for one in needing] == [("webhook", "answered 500")] * 2
            again, left = (one.pk for one in reversed(needing))
            assert deliveries.try_again(again, now)
            assert not deliveries.try_again(again, now)
        with as_agency(essex):
            assert deliveries.needing_person(essex.id) == []
            assert not deliveries.try_again(left, now)
        receiver.answers[:] = [says(200)]
        drain(essex, now + 2 * DAY)
    assert [one.delivered_at is not None for one in sent_to(essex)] == [True, False]


def test_a_receiver_that_wants_no_more_is_switched_off_at_once_and_its_agency_can_switch_it_on_again(
    ice: Any, essex: Any
) -> None:
    from detainer.exchange.channels import own

    with receiving(says(410)) as receiver:
        channel(essex, receiver.url)
        lodge(ice, essex), lodge(ice, essex)
        drain(essex)
        assert len(receiver.got) == 1
        assert [one.needs_person for one in sent_to(essex)] == [True, True]
        assert not state(essex).active
        lodge(ice, essex)
        assert len(sent_to(essex)) == 2
        with as_agency(essex):
            own.change(essex.id, "webhook", own.ChangeChannel(active=True), LATER)
        lodge(ice, essex)
        assert len(sent_to(essex)) == 3


def test_what_waits_for_a_channel_that_was_removed_is_shown_to_its_sender(ice: Any, essex: Any) -> None:
    from detainer.exchange import sending
    from detainer.exchange.channels import own

    with receiving() as receiver:
        channel(essex, receiver.url)
        lodge(ice, essex)
        with as_agency(essex):
            own.remove(essex.id, "webhook")
        with as_role("detainer_worker"):
            assert (essex.id, "webhook") in sending.due(LATER)
        drain(essex)
    assert receiver.got == []
    assert [(one.needs_person, one.failure) for one in sent_to(essex)] == [(True, "the agency has no such channel any more")]


def test_the_sweep_finds_what_is_due_and_nothing_that_is_backed_off(ice: Any, essex: Any, missouri: Any) -> None:
    from detainer.exchange import sending

    def due(now: dt.datetime) -> list[UUID]:
        with as_role("detainer_worker"):
            return [agency for agency, kind in sending.due(now) if kind == "webhook" and agency in (essex.id, missouri.id)]

    with receiving(says(500)) as receiver:
        channel(essex, receiver.url), channel(missouri, receiver.url)
        lodge(ice, essex), lodge(ice, missouri)
        assert sorted(due(LATER)) == sorted([essex.id, missouri.id])
        drain(essex)
        assert due(LATER) == [missouri.id]
        receiver.answers[:] = [says(200)]
        drain(missouri)
        assert due(LATER) == []
        assert due(LATER + MINUTE) == [essex.id]


# --- faults ---


def in_threads(*deeds: Callable[[], Any]) -> list[Any]:
    """Do things at once, each over a connection of its own as the worker; return what they came to."""
    found: list[Any] = [None] * len(deeds)

    def run(number: int, deed: Callable[[], Any]) -> None:
        try:
            found[number] = deed()
        except db.Error as error:
            found[number] = error
        finally:
            db.connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_of_two_workers_that_race_one_sends_and_nothing_goes_out_twice(ice: Any, essex: Any) -> None:
    import time

    def take_time(to: Any) -> None:
        time.sleep(0.05)
        says(200)(to)

    with receiving(take_time) as receiver:
        channel(ice, receiver.url)
        request, _ = linked(ice, essex)
        do(essex.clerk, "request.decide", {"ask": "notify"}, request)
        do(essex.clerk, "request.serve", {}, request)
        assert in_threads(*[lambda: drain(ice)] * 4) == [False] * 4
    assert receiver.ids == events_of(sent_to(ice))
    assert len(receiver.ids) == 3


def test_when_the_database_is_lost_in_the_middle_of_a_batch_it_is_sent_again_under_the_same_ids(ice: Any, essex: Any) -> None:
    def lose_the_database(to: Any) -> None:
        with as_role("postgres"), db.connection.cursor() as cursor:  # every other connection, as a failover ends them
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
            )
        db.connection.close()
        says(200)(to)

    with receiving(says(200), lose_the_database, says(200)) as receiver:
        channel(essex, receiver.url)
        requests = [lodge(ice, essex) for _ in range(3)]
        (lost,) = in_threads(lambda: drain(essex))
        assert isinstance(lost, db.OperationalError)
        assert (len(receiver.got), [one.delivered_at for one in sent_to(essex)]) == (3, [None] * 3)
        drain(essex)
    assert receiver.ids == events_of(sent_to(essex)) * 2
    assert all(one.delivered_at for one in sent_to(essex))
    assert [kinds(request).count("delivered") for request in requests] == [1, 1, 1]


KILLED = """
import os, sys
from detainer.exchange import database
database.use(os.environ["DETAINER_DATABASE"], pool=False)
from uuid import UUID
from detainer.exchange import sending
print("ready", flush=True)
sending.drain(UUID(sys.argv[1]), "webhook")
print("done", flush=True)
"""


def test_a_worker_that_is_killed_between_sending_and_writing_it_down_sends_again_under_the_same_id(
    ice: Any, essex: Any, database: Any
) -> None:
    import os

    killed = threading.Event()
    with receiving(lambda _: killed.wait(30), says(200)) as receiver:
        channel(essex, receiver.url)
        request = lodge(ice, essex)
        networks = {"DETAINER_NETWORKS": "127.0.0.0/8,::1/128", "DETAINER_AUTHORITIES": authorities()}
        environment = {**os.environ, **networks, "DETAINER_DATABASE": database.worker}
        with subprocess.Popen([sys.executable, "-c", KILLED, str(essex.id)], env=environment, stdout=subprocess.PIPE) as worker:
            soon(lambda: len(receiver.got) == 1)
            worker.send_signal(signal.SIGKILL)
            killed.set()
        assert [one.delivered_at for one in sent_to(essex)] == [None]
        soon(lambda: not drain(essex) and len(receiver.got) == 2)  # once the database has seen the connection end
    assert receiver.ids == events_of(sent_to(essex)) * 2
    assert kinds(request).count("delivered") == 1


def test_a_clerk_who_acts_while_a_batch_is_written_undoes_nothing_of_it(ice: Any, essex: Any) -> None:
    from detainer.exchange.work import load
    from detainer.record.event import broken

    acted, goes_on = threading.Event(), threading.Event()

    def act() -> None:
        with db.transaction.atomic():
            do(essex.clerk, "request.acknowledge", {}, request)
            acted.set()
            goes_on.wait(20)  # the batch is read before this is committed, and written after it

    def then_commit(to: Any) -> None:
        says(200)(to)
        threading.Timer(0.7, goes_on.set).start()

    with receiving(says(200), then_commit) as receiver:
        channel(essex, receiver.url)
        other, request = lodge(ice, essex), lodge(ice, essex)

        def send() -> None:
            assert acted.wait(20)
            drain(essex)

        assert in_threads(act, send) == [None, None]
    assert len(receiver.got) == 2, "what was sent is written, not sent again"
    assert [one.delivered_at for one in sent_to(essex)] == [LATER] * 2
    assert (kinds(request)[-2:], kinds(other)[-1]) == (["acknowledged", "delivered"], "delivered")
    with as_role("detainer_worker"):
        assert [broken(load(stream)) for stream in (request, other)] == [None, None]


@pytest.mark.parametrize("away", [-30 * DAY, 30 * DAY])
def test_a_clock_of_the_machine_that_jumps_loses_nothing_and_hurries_nobody(away: dt.timedelta, ice: Any, essex: Any) -> None:
    with receiving(says(500), says(500), says(200)) as receiver:
        channel(essex, receiver.url)
        lodge(ice, essex)
        drain(essex, LATER)
        drain(essex, LATER + away)  # wherever it jumps to, it is tried
        assert (len(receiver.got), sent_to(essex)[0].needs_person) == (2, False)
        drain(essex, LATER + away)  # and not over and over
        assert len(receiver.got) == 2
        drain(essex, LATER)  # the clock is mended
        assert len(receiver.got) in (2, 3)
        drain(essex, LATER + dt.timedelta(hours=2))
    assert sent_to(essex)[0].delivered_at is not None


def test_a_channel_that_its_agency_changes_while_it_is_sent_to_is_taken_as_it_is_now(ice: Any, essex: Any) -> None:
    from detainer.exchange.channels import own

    with receiving() as other:

        def moves(to: Any) -> None:
            with as_agency(essex):
                own.change(essex.id, "webhook", own.ChangeChannel(address=other.url), LATER)
            db.connection.close()
            says(503)(to)

        with receiving(moves) as receiver:
            channel(essex, receiver.url)
            lodge(ice, essex)
            drain(essex)
            assert state(essex).failing_since is None, "what failed was where it led before"
            drain(essex, LATER + 2 * MINUTE)
    assert (len(receiver.got), len(other.got)) == (1, 1)


def test_every_job_is_of_a_queue_that_a_worker_listens_to() -> None:
    import inspect

    from procrastinate.contrib.django import app

    from detainer.exchange import jobs, sending, working

    assert jobs.app.tasks["send"].queue == sending.QUEUE
    listened = {"default", "builtin", sending.QUEUE}
    assert {task.queue for task in app.tasks.values()} <= listened
    assert all(f'"{name}"' in inspect.getsource(working) for name in listened - {sending.QUEUE})
