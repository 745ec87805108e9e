"""The release check: what is found of the requests that wait on a stay, what is a duty, and what going on takes."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from record_making import ICE, SHERIFF, record, some_id, streams

from detainer.record import release_check, views
from detainer.record.release_check import Beside, Check, HoldEnd
from detainer.record.said import RuleSaid

RULE = RuleSaid(id="fl-hold", cite="Fla. Stat. 908.105", source="https://example.org/908", sentence="A jail must hold.")
MUST = {"value": "must", "rules": [RULE.model_dump(exclude_none=True)], "missing": [], "notes": []}
MUST_NOT = {**MUST, "value": "must_not"}
NOW = dt.datetime(2024, 2, 1, 12, 0, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=5)
STAY = views.stay(record("stay", "booked"))


def answered(**answers: Any) -> tuple[str, dict[str, Any]]:
    return "answered", {"answers": answers}


def decided(ask: str, choice: str = "honour") -> tuple[str, dict[str, Any]]:
    return "decided", {"ask": ask, "choice": choice}


def request(*told: Any, lodged: dict[str, Any] | None = None, asks: tuple[str, ...] = ("notify", "hold")) -> views.RequestView:
    events = record("request", ("lodged", {"asks": asks, **(lodged or {})}), *told)
    return views.request(events)


def looked(*requests: views.RequestView, **beside: Any) -> Check:
    return release_check.check(STAY, requests, Beside(now=NOW, zone="America/New_York", names={ICE: "ICE Boston"}, **beside))


def kinds(found: Check, *, duty: bool | None = None) -> list[str]:
    return [one.kind for one in found.findings if duty in (None, one.duty)]


def the(found: Check, kind: str) -> Any:
    return next(one for one in found.findings if one.kind == kind)


SERVED = ("served",)
DECIDED = ("acknowledged", decided("notify", "decline"), decided("hold", "decline"), "served")


def test_nothing_waits_and_nothing_is_found() -> None:
    found = looked()
    assert (found.requests, found.findings, found.duties) == ((), (), ())


def test_a_live_request_shows_what_is_undecided_and_what_the_law_answers() -> None:
    one = request("acknowledged", answered(notify=MUST_NOT, hold=MUST_NOT), "served")
    found = looked(one)
    assert kinds(found) == ["live_request"]
    assert the(found, "live_request").words == "undecided: notify (the law: must not), hold (the law: must not)"
    assert the(found, "live_request").command == "request.decide"
    assert (found.requests[0].requester_name, found.requests[0].lodged) == ("ICE Boston", one.lodged)
    unread = the(looked(request()), "live_request")
    assert unread.words.startswith("nobody has acknowledged the request; undecided: notify (the law: no answer yet)")
    assert unread.command == "request.acknowledge"


def test_a_request_that_ended_is_not_among_those_that_wait() -> None:
    assert looked(request("cancelled"), request(("closed", {"cause": "released"}))).requests == ()


@pytest.mark.parametrize("warrant", ["judicial_criminal", "judicial_civil"])
def test_a_judge_s_warrant_is_kept_apart_and_comes_first(warrant: str) -> None:
    civil = request(*DECIDED)
    signed = request(*DECIDED, lodged={"basis": {"warrant": warrant}}).model_copy(update={"id": some_id("signed")})
    found = looked(civil, signed)
    assert kinds(found)[0] == "judicial_warrant"
    assert found.warrants == (signed.id,)
    assert [one.warrant for one in found.requests] == [None, warrant.removeprefix("judicial_")]
    assert the(found, "judicial_warrant").duty
    assert found.recorded().warrants == 1


def test_a_judge_s_warrant_that_the_custodian_found_counts_although_the_request_names_none() -> None:
    told = ("answered", {"facts": {"warrant": ["judicial_criminal"]}, "answers": {}})
    assert looked(request("acknowledged", told, "served")).warrants != ()


def test_a_notice_that_was_decided_is_owed_until_it_is_given() -> None:
    course = ("acknowledged", answered(notify=MUST, hold=MUST_NOT), decided("notify"), decided("hold", "decline"), "served")
    owed = the(looked(request(*course)), "notice_due")
    assert (owed.duty, owed.words, owed.command) == (True, "a notice that was decided is not given", "request.give_notice")
    assert owed.rule == RULE
    assert "notice_due" in kinds(looked(request(*course, ("notice_given", {"of": "hospital"}))))
    assert "notice_due" not in kinds(looked(request(*course, "notice_given")))


def test_a_notice_that_the_law_demands_is_owed_although_nobody_decided_it() -> None:
    owed = the(looked(request("acknowledged", answered(notify=MUST))), "notice_due")
    assert (owed.duty, owed.command, owed.rule) == (True, "request.decide", RULE)
    waits = ("decision_proposed", {"ask": "notify", "choice": "decline"})
    assert the(looked(request("acknowledged", answered(notify=MUST), waits)), "notice_due").command == "request.confirm_decision"
    declined = ("decided", {"ask": "notify", "choice": "decline", "against_answer": True})
    assert "notice_due" not in kinds(looked(request("acknowledged", answered(notify=MUST), declined)))
    assert "notice_due" not in kinds(looked(request("acknowledged", answered(notify={**MUST, "value": "may"}))))


def test_what_the_law_came_to_forbid_is_no_duty_but_to_be_decided_again() -> None:
    found = looked(request("acknowledged", decided("notify"), answered(notify=MUST_NOT)))
    assert "notice_due" not in kinds(found)
    assert (the(found, "decision_due").duty, the(found, "decision_due").command) == (False, "request.decide")


def test_a_hold_that_the_law_demands_is_a_duty_unless_a_court_ordered_the_release() -> None:
    undecided = request("acknowledged", answered(hold=MUST), decided("notify", "decline"), "served")
    chosen = request("acknowledged", answered(hold=MUST), decided("hold"), decided("notify", "decline"), "served")
    ordered = {"cause": "court_order"}
    assert [kinds(looked(undecided, **more), duty=True) for more in ({}, ordered)] == [["decision_due"], []]
    assert [kinds(looked(chosen, **more), duty=True) for more in ({}, ordered)] == [["hold_due"], []]
    assert the(looked(chosen), "hold_due").rule == RULE
    free = request("acknowledged", answered(hold={**MUST, "value": "may"}), decided("hold"), "served")
    assert not the(looked(free), "hold_due").duty
    over = request("acknowledged", answered(hold=MUST), decided("notify", "decline"), "served", "hold_started", "hold_ended")
    assert kinds(looked(over), duty=True) == []


def test_a_copy_is_a_duty_where_the_law_asks_it_and_to_know_elsewhere() -> None:
    one = request("acknowledged", decided("notify", "decline"), decided("hold", "decline"))
    assert (the(looked(one), "copy_not_served").duty, the(looked(one), "copy_not_served").rule) == (False, None)
    owed = the(looked(one, copies={one.id: RULE}), "copy_not_served")
    assert (owed.duty, owed.rule, owed.command) == (True, RULE, "request.serve")
    assert "copy_not_served" not in kinds(looked(request(*DECIDED), copies={one.id: RULE}))


HELD = ("acknowledged", decided("notify", "decline"), decided("hold"), "served", "hold_started")


def ends(*due: tuple[dt.datetime, bool]) -> dict[UUID, list[HoldEnd]]:
    told = [
        HoldEnd(rule=f"rule-{at}", label="48 hours", due_at=at, governs=governs, cite="8 CFR 287.7(d)") for at, governs in due
    ]
    return {some_id("request"): told}


def test_a_hold_shows_its_end_under_the_rule_that_governs_and_is_no_duty() -> None:
    held = the(looked(request(*HELD), hold_ends=ends((LATER, False), (LATER - dt.timedelta(hours=1), True))), "holding")
    assert (held.duty, held.due_at, held.rule.cite) == (False, LATER - dt.timedelta(hours=1), "8 CFR 287.7(d)")
    told = "must end by 11:00 EST on 1 February 2024 (48 hours); by the other count 12:00 EST on 1 February 2024"
    assert told in held.words
    assert the(looked(request(*HELD)), "holding").words == "the person is held under this request"


def test_a_hold_that_the_law_demands_is_a_duty_until_its_time_is_over() -> None:
    must = request("acknowledged", answered(hold=MUST), *HELD[1:])
    assert kinds(looked(must, hold_ends=ends((LATER, True))), duty=True) == ["holding"]
    assert kinds(looked(must, hold_ends=ends((LATER, True)), cause="court_order"), duty=True) == []
    past = looked(must, hold_ends=ends((NOW, True)))
    assert kinds(past, duty=True) == []
    assert the(past, "held_past_end").command == "request.end_hold"


def test_a_hold_whose_request_ended_stands_out() -> None:
    found = looked(request(*HELD, "cancelled"))
    assert kinds(found)[0] == "held_without_request"
    assert the(found, "held_without_request").command == "request.end_hold"
    assert (found.requests[0].live, found.requests[0].holding) == (False, True)
    assert found.recorded().requests == ()


def test_receipts_that_the_custodian_owes_and_claims_that_are_open_are_told() -> None:
    held = request(*HELD, "cancelled")
    assert the(looked(held), "receipt_owed").command == "request.cancel_received"
    claimed = request("acknowledged", ("contested", {"ground": "citizenship", "by_agency": ICE}))
    assert "(citizenship)" in the(looked(claimed), "claim_open").words
    assert (the(looked(claimed), "receipt_owed").command, the(looked(claimed), "receipt_owed").of) == (
        "request.receive",
        claimed.contests_open[0],
    )
    relayed = request(("relayed", {"custodian": str(some_id("prison")), "by_agency": SHERIFF}))
    assert the(looked(relayed), "receipt_owed").command == "request.acknowledge"


def test_requests_that_are_linked_to_no_stay_are_counted_never_matched() -> None:
    assert "1 live request to this agency is linked to no stay" in the(looked(unlinked=1), "not_linked").words
    assert (the(looked(unlinked=12), "not_linked").request, the(looked(unlinked=12), "not_linked").duty) == (None, False)


# --- going on ---


def test_going_on_takes_a_reason_and_the_name_of_each_warrant() -> None:
    one = request("acknowledged", decided("notify"), "served", lodged={"basis": {"warrant": "judicial_criminal"}})
    found = looked(one)
    fields = [field for field, _ in release_check.not_told(found.duties, None, ())]
    assert fields == ["over_warrants", "against_duty"]
    assert [field for field, _ in release_check.not_told(found.duties, "a court ordered it", ())] == ["over_warrants"]
    assert [field for field, _ in release_check.not_told(found.duties, None, (one.id,))] == ["against_duty"]
    assert release_check.not_told(found.duties, "the marshals have him", (one.id,)) == []
    assert [field for field, _ in release_check.not_told((), None, (one.id,))] == ["over_warrants"]
    assert release_check.not_told((), None, ()) == []


def test_a_hand_over_stops_at_another_s_warrant_and_at_its_own_open_claim() -> None:
    own = request("acknowledged", "contested", lodged={"basis": {"warrant": "judicial_criminal"}})
    other = own.model_copy(update={"id": some_id("other")})
    found = release_check.at_hand_over(looked(own, other).findings, own.id)
    assert [(one.kind, one.request, one.duty) for one in found] == [
        ("judicial_warrant", other.id, True),
        ("claim_open", own.id, True),
    ]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(streams("request"))
def test_of_any_request_what_is_found_is_of_it_and_only_while_it_waits(events: Any) -> None:
    view = views.request(events)
    found = looked(view)
    waits = view.is_live or view.is_holding
    assert bool(found.findings) == waits
    assert {one.request for one in found.findings} <= {view.id}
    assert ("live_request" in kinds(found)) == view.is_live
    assert any(one.startswith(("held", "holding")) for one in kinds(found)) == view.is_holding
    assert len(found.recorded().duties) == len(found.duties)
    named = release_check.not_told(found.duties, "because", found.warrants)
    assert named == []  # with a reason and the warrants named nothing is in the way
