"""Notices, holds, the hand-over and the release: what ends a stay ends what waits on it."""

from typing import Any

import pytest
from exchange_making import ask, book, do, holding, kinds, last, linked, lodge, refused, row, rows, to

pytestmark = pytest.mark.usefixtures("database")


def honour(custodian: Any, request: Any, name: str) -> None:
    do(custodian.clerk, "request.decide", {"ask": name}, request)


# --- notice ---


def test_a_notice_is_given_after_the_decision_to_give_it(ice: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    with refused("state"):
        do(essex.clerk, "request.give_notice", {}, request)
    honour(essex, request, "notify")
    do(essex.clerk, "stay.plan_release", {"at": "2026-03-05T09:00-05:00"}, stay)
    do(essex.clerk, "request.give_notice", {"place": "sally port"}, request)
    assert row("Request", request).state == "notified"
    assert last(request, "notice_given").data["at"] == "2026-03-05T09:00-05:00"
    assert ask(request, "notify")["disposition"] == "honoured"
    assert to(ice, request)[-1] == "notice_given"


def test_a_notice_of_a_death_or_a_transfer_takes_no_decision(ice: Any, essex: Any) -> None:
    request, _ = linked(ice, essex)
    do(essex.clerk, "request.give_notice", {"of": "transfer"}, request)
    assert row("Request", request).state == "acknowledged"


def test_the_requester_says_that_it_has_the_notice_and_whether_somebody_will_come(ice: Any, essex: Any) -> None:
    request, _ = linked(ice, essex)
    with refused("invalid", "notice"):
        do(ice.officer, "request.notice_received", {}, request)
    honour(essex, request, "notify")
    do(essex.clerk, "request.give_notice", {}, request)
    do(ice.officer, "request.notice_received", {"will_come": True}, request)
    assert last(request, "notice_received").data["notice"] == str(last(request, "notice_given").id)
    assert row("Request", request).view["will_come"] is True
    assert to(essex, request) == ["lodged", "notice_received"]


# --- release ---


def test_a_release_after_notice_closes_the_request_as_released_with_notice(ice: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    honour(essex, request, "notify")
    do(essex.clerk, "request.give_notice", {}, request)
    do(essex.clerk, "stay.release", {"cause": "bail_posted"}, stay)
    assert (row("Stay", stay).state, last(stay, "released").data["notice_given"]) == ("released", True)
    assert (row("Request", request).state, row("Request", request).outcome) == ("closed", "released_with_notice")
    assert last(request, "closed").data == {"cause": "released", "stay": str(stay), "notice_given": True}
    assert to(ice, request)[-1] == "closed"


def test_a_release_without_notice_closes_it_as_such_and_the_asks_as_overtaken(ice: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    do(essex.clerk, "stay.release", {}, stay)
    assert row("Request", request).outcome == "released_without_notice"
    assert last(stay, "released").data["notice_given"] is False
    assert {ask(request, name)["disposition"] for name in ("notify", "hold")} == {"overtaken"}


def test_a_notice_that_was_decided_and_is_owed_takes_a_reason_to_release_without_it(ice: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    honour(essex, request, "notify")
    with refused("invalid", "against_duty") as refusal:
        do(essex.clerk, "stay.release", {}, stay)
    assert str(request) in refusal.value.detail
    do(essex.clerk, "stay.release", {"against_duty": "released from the courtroom"}, stay)
    assert row("Request", request).outcome == "released_without_notice"


def test_notice_of_a_hospital_stay_does_not_pay_the_notice_of_release(ice: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    honour(essex, request, "notify")
    do(essex.clerk, "request.give_notice", {"of": "hospital"}, request)
    with refused("invalid", "against_duty"):
        do(essex.clerk, "stay.release", {}, stay)


def test_a_declined_notice_is_not_owed(ice: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    do(essex.clerk, "request.decide", {"ask": "notify", "choice": "decline"}, request)
    do(essex.clerk, "stay.release", {}, stay)
    assert ask(request, "notify")["disposition"] == "declined"
    assert row("Request", request).outcome == "released_without_notice"


def test_a_release_closes_every_request_that_waits_on_the_stay(ice: Any, border_patrol: Any, essex: Any) -> None:
    first, stay = linked(ice, essex)
    second = lodge(border_patrol, essex)
    do(essex.clerk, "request.acknowledge", {"stay": str(stay)}, second)
    elsewhere, _ = linked(ice, essex)
    do(essex.clerk, "stay.release", {}, stay)
    assert [row("Request", request).state for request in (first, second, elsewhere)] == ["closed", "closed", "acknowledged"]


def test_a_person_is_released_once(essex: Any) -> None:
    stay = book(essex)
    do(essex.clerk, "stay.release", {}, stay)
    with refused("state") as refusal:
        do(essex.clerk, "stay.release", {}, stay)
    assert refusal.value.more["state"] == "released"


# --- hold ---


def test_a_hold_takes_a_decision_a_served_copy_and_a_release_that_is_due(ice: Any, missouri: Any) -> None:
    request, stay = linked(ice, missouri)
    with refused("state"):
        do(missouri.clerk, "request.start_hold", {}, request)
    honour(missouri, request, "hold")
    with refused("state"):
        do(missouri.clerk, "request.start_hold", {}, request)
    do(missouri.clerk, "request.serve", {}, request)
    with refused("state"):
        do(missouri.clerk, "request.start_hold", {}, request)
    do(missouri.clerk, "stay.release_due", {"cause": "bail_posted"}, stay)
    do(missouri.clerk, "request.start_hold", {}, request)
    started = last(request, "hold_started").data
    assert row("Request", request).state == "holding"
    assert started["release_due"] == last(stay, "release_due").occurred
    assert [deadline["governs"] for deadline in started["deadlines"]].count(True) == 1
    assert ask(request, "hold")["disposition"] == "honoured"


def test_a_hold_that_was_declined_is_not_started(ice: Any, missouri: Any) -> None:
    request, stay = linked(ice, missouri)
    do(missouri.clerk, "request.decide", {"ask": "hold", "choice": "decline"}, request)
    do(missouri.clerk, "request.serve", {}, request)
    do(missouri.clerk, "stay.release_due", {}, stay)
    with refused("state"):
        do(missouri.clerk, "request.start_hold", {}, request)


def test_a_hold_that_the_law_forbids_since_it_was_decided_is_not_started(ice: Any, essex: Any) -> None:
    request, stay = linked(ice, essex, basis={"warrant": "judicial_criminal"})
    honour(essex, request, "hold")
    do(essex.clerk, "request.serve", {}, request)
    do(essex.clerk, "stay.release_due", {}, stay)
    do(essex.clerk, "request.record_facts", {"facts": {"warrant": ["I-200"]}}, request)
    assert ask(request, "hold")["answer"]["value"] == "must_not"
    with refused("state"):
        do(essex.clerk, "request.start_hold", {}, request)


def test_a_hold_ends_with_its_reason_and_the_clock_stops(ice: Any, missouri: Any) -> None:
    request, _ = holding(ice, missouri)
    assert {deadline.open for deadline in rows("Deadline", stream=request, kind="hold_expiry")} == {True}
    do(missouri.clerk, "request.end_hold", {"reason": "court_order"}, request)
    assert row("Request", request).state == "hold_ended"
    assert {deadline.open for deadline in rows("Deadline", stream=request, kind="hold_expiry")} == {False}
    assert to(ice, request)[-1] == "hold_ended"


def test_no_hold_ends_that_did_not_start(ice: Any, missouri: Any) -> None:
    request, _ = linked(ice, missouri)
    with refused("state"):
        do(missouri.clerk, "request.end_hold", {}, request)


def test_a_person_who_is_held_is_neither_relayed_nor_not_here(ice: Any, missouri: Any, essex: Any) -> None:
    request, _ = holding(ice, missouri)
    with refused("state"):
        do(missouri.clerk, "request.not_here", {}, request)
    with refused("state"):
        do(missouri.clerk, "request.relay", {"facility": essex.facility}, request)


def test_a_release_ends_the_hold(ice: Any, missouri: Any) -> None:
    request, stay = holding(ice, missouri)
    do(missouri.clerk, "stay.release", {}, stay)
    assert kinds(request)[-2:] == ["hold_ended", "closed"]
    assert row("Request", request).holding is False


def test_a_cancelled_request_under_which_the_person_is_held_keeps_its_clock_until_the_hold_ends(ice: Any, missouri: Any) -> None:
    request, _ = holding(ice, missouri)
    do(ice.officer, "request.cancel", {"reason": "citizen"}, request)
    assert (row("Request", request).live, row("Request", request).holding) == (False, True)
    assert any(deadline.open for deadline in rows("Deadline", stream=request, kind="hold_expiry"))
    do(missouri.clerk, "request.end_hold", {"reason": "withdrawn"}, request)
    assert row("Request", request).holding is False
    assert not any(deadline.open for deadline in rows("Deadline", stream=request))


def test_the_release_of_a_person_who_was_held_under_a_cancelled_request_ends_that_hold(ice: Any, missouri: Any) -> None:
    request, stay = holding(ice, missouri)
    do(ice.officer, "request.cancel", {"reason": "citizen"}, request)
    do(missouri.clerk, "stay.release", {}, stay)
    assert kinds(request)[-1] == "hold_ended"
    assert not any(deadline.open for deadline in rows("Deadline", stream=request))


# --- hand-over ---


def test_a_hand_over_ends_the_stay_and_passes_other_requests_on(ice: Any, border_patrol: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    other = lodge(border_patrol, essex)
    do(essex.clerk, "request.acknowledge", {"stay": str(stay)}, other)
    do(essex.clerk, "request.hand_over", {"place": "sally port", "papers": ["I-200", "I-203"]}, request)
    assert (row("Request", request).state, row("Request", request).outcome) == ("handed_over", "handed_over")
    assert last(request, "handed_over").data["held"] is False
    assert (row("Stay", stay).state, last(stay, "transferred").data["to_agency"]) == ("transferred", str(ice.id))
    assert (row("Request", other).state, row("Request", other).outcome) == ("closed", "passed_on")
    assert (to(ice, request)[-1], to(border_patrol, other)[-1]) == ("handed_over", "closed")


def test_a_hand_over_ends_the_hold_and_says_that_the_person_was_held(ice: Any, missouri: Any) -> None:
    request, _ = holding(ice, missouri)
    do(missouri.clerk, "request.hand_over", {}, request)
    assert kinds(request)[-2:] == ["hold_ended", "handed_over"]
    assert last(request, "hold_ended").data["reason"] == "handed_over"
    assert last(request, "handed_over").data["held"] is True


def test_a_transfer_that_was_asked_is_decided_before_the_person_is_handed_over(ice: Any, essex: Any) -> None:
    request, _ = linked(ice, essex, "notify", "transfer")
    with refused("state"):
        do(essex.clerk, "request.hand_over", {}, request)
    do(essex.clerk, "request.decide", {"ask": "transfer", "choice": "decline"}, request)
    with refused("state"):
        do(essex.clerk, "request.hand_over", {}, request)
    honour(essex, request, "transfer")
    do(essex.clerk, "request.hand_over", {}, request)
    assert ask(request, "transfer")["disposition"] == "honoured"


@pytest.mark.parametrize(("end", "state"), [("release", "released"), ("escape", "escaped"), ("transfer", "transferred")])
def test_a_person_who_has_left_cannot_be_handed_over(ice: Any, essex: Any, end: str, state: str) -> None:
    request, stay = linked(ice, essex)
    do(essex.clerk, f"stay.{end}", {}, stay)
    with refused("state"):
        do(essex.clerk, "request.hand_over", {}, request)
    assert row("Stay", stay).state == state


def test_a_person_is_handed_over_once(ice: Any, essex: Any) -> None:
    request, _ = linked(ice, essex)
    do(essex.clerk, "request.hand_over", {}, request)
    with refused("state"):
        do(essex.clerk, "request.hand_over", {}, request)


def test_a_death_closes_what_waits_on_the_stay(ice: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    do(essex.clerk, "stay.die", {}, stay)
    assert (row("Request", request).state, row("Request", request).outcome) == ("closed", "died")


def test_a_request_that_no_stay_here_closes_is_closed_by_the_custodian(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    do(essex.clerk, "request.acknowledge", {"booking_number": "of our own system"}, request)
    do(essex.clerk, "request.close", {"cause": "released", "notice_given": True}, request)
    assert row("Request", request).outcome == "released_without_notice"  # what the record holds counts, not what is said of it
    with refused("state"):
        do(essex.clerk, "request.close", {"cause": "released"}, request)
