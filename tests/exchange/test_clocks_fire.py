"""Clocks warn, run out and fire again, each step once: whatever happens to the worker and to the machine's clock."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django import db
from django.db import OperationalError, transaction
from exchange_making import NOW, as_role, do, holding, kinds, last, lodge, refused, rows, table, to, told
from meeting_making import at_once, in_a_thread, wait_until_it_waits

from detainer.exchange.refusals import Refused

pytestmark = pytest.mark.usefixtures("database")

HOUR = dt.timedelta(hours=1)
DUE = NOW + 48 * HOUR


def fire(request: UUID, at: dt.datetime) -> int:
    """Fire what is due of one request's clocks, as the worker does; return how many fired."""
    from detainer.exchange import firing

    with as_role("detainer_worker"):
        return firing.fire(request, at)


def look(name: str, at: dt.datetime) -> int:
    """Fire what is due of all clocks (`fire_due`, `fire_put_off`), those of other tests among them."""
    from detainer.exchange import firing

    with as_role("detainer_worker"):
        return int(getattr(firing, name)(at))


def fired(request: UUID, clock: str = "hold_expiry") -> list[tuple[str, int, int]]:
    """Return each firing of a clock, as step, number and how many were missed."""
    events = [event for event in told(request) if event.kind == "clock_fired" and event.data["clock"] == clock]
    return [(event.data["step"], event.data["number"], event.data["missed"]) for event in events]


def hold(request: UUID) -> Any:
    (governing,) = rows("Deadline", stream=request, kind="hold_expiry", governs=True)
    return governing


@pytest.fixture
def held(ice: Any, missouri: Any) -> UUID:
    """A request under which a person is held, to be released two days after NOW."""
    request, _ = holding(ice, missouri)
    assert hold(request).due_at == DUE
    return request


def test_one_look_fires_all_that_is_due_however_many_clocks_each_request_has(ice: Any, missouri: Any) -> None:
    from detainer.exchange import firing

    requests = [lodge(ice, missouri) for _ in range(3)]
    for request in requests:  # two clocks each, both due at the same moment
        do(missouri.clerk, "request.acknowledge", {}, request)
        do(missouri.clerk, "request.consent", {"ask": "notify", "given": True, "until": (NOW + HOUR).isoformat()}, request)
    with as_role("detainer_worker"):
        firing.fire_due(NOW + HOUR, batch=2)
    assert [(len(fired(request, "answer_due")), len(fired(request, "consent_expiry"))) for request in requests] == [(1, 1)] * 3


def test_a_hold_warns_three_times_runs_out_and_repeats_until_a_person_sees_to_it(ice: Any, missouri: Any, held: UUID) -> None:
    assert fire(held, DUE - 13 * HOUR) == 0
    for at in (DUE - 12 * HOUR, DUE - 4 * HOUR, DUE - HOUR, DUE, DUE + HOUR / 2):
        assert fire(held, at - dt.timedelta(seconds=1)) == 0
        assert fire(held, at) == 1
        assert fire(held, at) == 0
    assert fired(held) == [("warning", 1, 0), ("warning", 2, 0), ("warning", 3, 0), ("due", 4, 0), ("repeat", 5, 0)]
    event = last(held, "clock_fired")
    assert (event.says_id, event.by_user, event.data["to"]) == (missouri.id, None, str(missouri.id))
    assert to(missouri, held).count("clock_fired") == 5
    assert to(ice, held).count("clock_fired") == 0
    clock = hold(held)
    assert (clock.fired, clock.next_fire_at) == (5, DUE + HOUR)
    do(missouri.clerk, "request.answer_clock", {"clock": "hold_expiry", "rule": clock.rule}, held, now=DUE + HOUR / 2)
    assert hold(held).next_fire_at is None
    assert fire(held, DUE + 40 * HOUR) == 0


def test_a_clock_that_was_seen_to_before_it_is_due_still_fires_at_the_hour(missouri: Any, held: UUID) -> None:
    fire(held, DUE - HOUR)
    do(missouri.clerk, "request.answer_clock", {"clock": "hold_expiry", "rule": hold(held).rule}, held, now=DUE - HOUR)
    assert fire(held, DUE) == 1
    assert fired(held)[-1] == ("due", 4, 0)


def test_a_worker_that_was_stopped_catches_up_and_repeats_nothing(held: UUID) -> None:
    assert fire(held, DUE + 5 * HOUR) == 1
    assert fired(held) == [("due", 4, 3)]  # the hour itself, however late; the warnings are counted
    assert fire(held, DUE + 5 * HOUR) == 0
    assert fire(held, DUE + 9 * HOUR) == 1
    assert fired(held)[-1] == ("repeat", 5, 7)


def test_a_hold_that_ended_fires_no_more(missouri: Any, held: UUID) -> None:
    do(missouri.clerk, "request.end_hold", {"reason": "deadline"}, held, now=DUE)
    assert fire(held, DUE + HOUR) == 0


def test_a_machine_s_clock_that_jumps_back_fires_nothing_twice(held: UUID) -> None:
    fire(held, DUE)
    for back in (HOUR / 60, HOUR, 12 * HOUR, 40 * HOUR):
        assert fire(held, DUE - back) == 0
    assert fire(held, DUE + HOUR / 2) == 1
    numbers = [number for _, number, _ in fired(held)]
    assert numbers == sorted(set(numbers))


def test_a_machine_s_clock_that_jumped_ahead_has_lost_nothing_once_it_is_right_again(held: UUID) -> None:
    assert look("fire_due", DUE + 24 * HOUR) > 0  # a day and more ahead: it fires what is due by it
    look("fire_put_off", DUE - 20 * HOUR)
    look("fire_due", DUE)
    assert fired(held) == [("due", 4, 3)]
    look("fire_put_off", DUE)  # the hour that is the hour
    look("fire_put_off", DUE)
    assert fired(held) == [("due", 4, 3), ("repeat", 5, 0)]
    look("fire_due", DUE + HOUR / 2)
    assert fired(held)[-1] == ("repeat", 6, 0)


def test_two_workers_who_look_at_once_fire_a_clock_once(held: UUID) -> None:
    def work() -> int:
        with as_role("detainer_worker"):
            return fire(held, DUE)

    assert sorted(at_once([work, work, work])) == [0, 0, 1]
    assert fired(held) == [("due", 4, 3)]


def test_a_worker_passes_over_what_another_is_about_and_waits_for_nobody(held: UUID) -> None:
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        assert fire(held, DUE) == 1
        assert pool.submit(in_a_thread, lambda: fire(held, DUE)).result(timeout=10) == 0  # and does not wait for the commit
    assert fire(held, DUE) == 0


def test_a_worker_that_is_killed_before_it_commits_has_done_nothing_and_the_next_fires_once(missouri: Any, held: UUID) -> None:
    with ThreadPoolExecutor(1) as pool:
        with as_role("postgres"), transaction.atomic(), db.connection.cursor() as cursor:
            cursor.execute("LOCK TABLE delivery IN EXCLUSIVE MODE")  # the event and the clock are written, the delivery is not
            killed = pool.submit(in_a_thread, lambda: fire(held, DUE))
            wait_until_it_waits(killed)
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted AND relation = 'delivery'::regclass")
        with pytest.raises(OperationalError):
            killed.result(timeout=10)
    assert fired(held) == []
    assert hold(held).fired == 0
    assert fire(held, DUE) == 1
    assert fire(held, DUE) == 0
    assert fired(held) == [("due", 4, 3)]
    assert to(missouri, held).count("clock_fired") == 1


def test_a_clerk_who_acts_at_the_same_moment_is_not_refused_and_the_clock_fires_once(missouri: Any, held: UUID) -> None:
    def end() -> Any:
        return do(missouri.clerk, "request.end_hold", {"reason": "deadline"}, held, now=DUE)

    def work() -> int:
        with as_role("detainer_worker"):
            return fire(held, DUE)

    ended, count = at_once([end, work])
    assert not isinstance(ended, Refused)
    assert kinds(held).count("clock_fired") == count
    assert fire(held, DUE + HOUR) == 0


# --- the other kinds ---------------------------------------------------------------------------------------------------


def carried(request: UUID, at: dt.datetime = NOW) -> None:
    """Carry what is on its way about a request to its inboxes."""
    from detainer.exchange import jobs

    waiting = rows("Delivery", stream=request, delivered_at=None, channel="inbox")
    with as_role("detainer_worker"):
        for delivery in waiting:
            jobs.deliver(delivery.id, at)


def clock_of(request: UUID, kind: str) -> Any:
    (found,) = rows("Deadline", stream=request, kind=kind, open=True)
    return found


def test_an_answer_is_reminded_of_three_times_then_goes_to_the_second_contact_and_on(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex, priority="urgent")
    assert rows("Deadline", stream=request) == []  # it has not arrived
    carried(request)
    clock = clock_of(request, "answer_due")
    assert (clock.agency_id, clock.due_at - clock.starts_at) == (essex.id, 10 * dt.timedelta(minutes=1))
    assert clock.arithmetic.startswith("10 min from 10:00 EST on Monday 2 March 2026")
    for minutes in range(10, 80, 10):
        assert fire(request, NOW + dt.timedelta(minutes=minutes)) == 1
    steps = [step for step, _, _ in fired(request, "answer_due")]
    assert steps == ["reminder", "reminder", "reminder", "second_contact", "escalation", "repeat", "repeat"]
    with refused("state"):  # only the answer itself, or a promise of one, ends it
        do(essex.clerk, "request.answer_clock", {"clock": "answer_due", "rule": clock.rule}, request, now=NOW + HOUR * 2)
    do(essex.clerk, "request.acknowledge", {}, request, now=NOW + HOUR * 2)
    do(essex.clerk, "request.decide", {"ask": "notify"}, request, now=NOW + HOUR * 2)
    assert clock_of(request, "answer_due").open
    do(essex.clerk, "request.decide", {"ask": "hold", "choice": "decline"}, request, now=NOW + HOUR * 2)
    assert rows("Deadline", stream=request, kind="answer_due") == []
    assert fire(request, NOW + HOUR * 3) == 0


def test_a_promise_to_answer_counts_as_an_answer_in_time_until_it_passes(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    carried(request)
    by = NOW + 5 * HOUR
    with refused("invalid", "by"):
        do(essex.clerk, "request.will_answer", {"by": "2026-03-02T09:00-05:00"}, request)
    do(essex.clerk, "request.will_answer", {"by": by.isoformat()}, request)
    clock = clock_of(request, "answer_due")
    assert (clock.due_at, clock.arithmetic) == (
        by,
        "until when the custodian said that it will answer: 15:00 EST on Monday 2 March 2026",
    )
    assert fire(request, NOW + 2 * HOUR) == 0
    assert fire(request, by) == 1
    assert fire(request, by + HOUR) == 1
    assert [number for _, number, _ in fired(request, "answer_due")] == [1, 2]


def test_a_cancellation_is_acknowledged_by_name_by_the_side_that_owes_it(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    carried(request)
    do(ice.officer, "request.cancel", {}, request)
    carried(request)
    clock = clock_of(request, "receipt_due")
    assert (clock.agency_id, clock.due_at) == (essex.id, NOW + HOUR)
    assert [each.kind for each in rows("Deadline", stream=request, open=True)] == ["receipt_due"]  # nothing else runs on
    assert fire(request, NOW + HOUR) == 1
    cancelled = {"of": str(last(request, "cancelled").id)}
    with refused("invalid", "of"):
        do(ice.officer, "request.receive", cancelled, request)
    with refused("not-allowed"):
        do(nobody(essex), "request.receive", cancelled, request)
    do(essex.clerk, "request.receive", cancelled, request)
    assert rows("Deadline", stream=request, open=True) == []
    with refused("invalid", "of"):  # it is not owed twice
        do(essex.clerk, "request.receive", cancelled, request)


def nobody(party: Any) -> Any:
    """Return a machine of an agency, for which no person acts."""
    from detainer.exchange.roles import Actor

    return Actor(agency=party.id, user=None, roles=party.clerk.roles, kinds=party.clerk.kinds)


def test_a_clock_is_answered_by_a_person_of_the_agency_whose_clock_it_is(ice: Any, missouri: Any, held: UUID) -> None:
    answer = {"clock": "hold_expiry", "rule": hold(held).rule}
    with refused("invalid", "rule"):  # it has not fired
        do(missouri.clerk, "request.answer_clock", answer, held)
    fire(held, DUE)
    with refused("not-allowed"):
        do(nobody(missouri), "request.answer_clock", answer, held, now=DUE)
    with refused("invalid", "rule"):
        do(ice.officer, "request.answer_clock", answer, held, now=DUE)
    do(missouri.supervisor, "request.answer_clock", answer, held, now=DUE)


def test_a_person_held_after_the_request_has_ended_is_an_alarm_at_once(ice: Any, missouri: Any, held: UUID) -> None:
    do(ice.officer, "request.cancel", {}, held, now=NOW + HOUR)
    clock = clock_of(held, "hold_without_request")
    assert (clock.agency_id, clock.due_at) == (missouri.id, NOW + HOUR)
    assert hold(held).open  # until when a hold could last still counts
    assert fire(held, NOW + HOUR) == 1
    assert fired(held, "hold_without_request") == [("due", 1, 0)]
    assert fire(held, NOW + HOUR * 3 / 2) == 1
    do(missouri.clerk, "request.end_hold", {"reason": "withdrawn"}, held, now=NOW + 2 * HOUR)
    assert not rows("Deadline", stream=held, kind="hold_without_request", open=True)


def test_every_night_a_hold_without_a_live_request_has_its_alarm(ice: Any, held: UUID) -> None:
    do(ice.officer, "request.cancel", {}, held, now=NOW + HOUR)
    with as_role("detainer_worker"):
        table("Deadline").objects.filter(stream=held, kind="hold_without_request").delete()
    assert look("compare_holds", NOW + 2 * HOUR) == 1
    assert fired(held, "hold_without_request") == [("due", 1, 0)]
    assert look("compare_holds", NOW + 2 * HOUR) == 0


def test_a_promised_pick_up_and_a_claim_told_to_it_are_the_requester_s_clocks(ice: Any, missouri: Any, held: UUID) -> None:
    do(ice.officer, "request.notice_received", {"will_come": True, "comes_at": "2026-03-03T09:00-06:00"}, held)
    clock = clock_of(held, "pick_up")
    assert (clock.agency_id, clock.due_at) == (ice.id, dt.datetime(2026, 3, 3, 15, tzinfo=dt.UTC))
    do(missouri.clerk, "request.contest", {}, held)
    claim = clock_of(held, "contest_due")
    assert (claim.agency_id, claim.due_at) == (ice.id, NOW + 24 * HOUR)
    assert fire(held, NOW + 24 * HOUR) == 2
    assert to(ice, held).count("clock_fired") == 2  # its own clocks come to its own inbox
    answer = {"contest": str(last(held, "contested").id), "result": "still_checking"}
    do(ice.officer, "request.answer_contest", answer, held, now=NOW + 24 * HOUR)
    assert clock_of(held, "contest_due")
    do(ice.officer, "request.answer_contest", {**answer, "result": "rejected"}, held, now=NOW + 24 * HOUR)
    assert not rows("Deadline", stream=held, kind="contest_due")
    assert hold(held).open  # the requester, who cannot see the stay, left alone the clock that needs it
    assert hold(held).due_at == DUE


def test_rows_that_speak_of_something_due_that_is_not_are_set_right_and_fire_nothing(held: UUID) -> None:
    with as_role("detainer_worker"):
        table("Deadline").objects.filter(stream=held, kind="hold_expiry").update(next_fire_at=NOW)
    look("fire_due", NOW)
    assert fired(held) == []
    assert hold(held).next_fire_at == DUE - 12 * HOUR


def test_what_fired_is_in_the_rows_that_are_made_again(held: UUID) -> None:
    from detainer.exchange import rebuild

    fire(held, DUE)
    before = hold(held)
    with as_role("detainer_worker"):
        assert held not in rebuild.differing()
        table("Deadline").objects.filter(stream=held).update(fired=0, next_fire_at=NOW)
        assert held in rebuild.differing()
        rebuild.everything()
    assert (hold(held).fired, hold(held).next_fire_at) == (before.fired, before.next_fire_at)


def test_the_loop_fires_by_itself_and_goes_on_when_the_database_was_lost(held: UUID) -> None:
    from detainer.exchange import firing

    stopped, times = threading.Event(), iter([OperationalError("gone"), *[DUE] * 200])

    def now() -> dt.datetime:
        with db.connection.cursor() as cursor:  # a connection of its own, and a new one after the error
            cursor.execute("SET ROLE detainer_worker")
        at = next(times, None)
        if isinstance(at, Exception):
            raise at
        if at is None:
            stopped.set()
        return at or NOW

    with pytest.MonkeyPatch.context() as quick:
        quick.setattr(firing, "LOOKS", 0.01)
        quick.setattr(firing, "PAUSE", 0.01)
        at_once([lambda: firing.keep_firing(stopped, now)])
    assert fired(held) == [("due", 4, 3)]
