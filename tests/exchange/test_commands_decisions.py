"""Deciding each ask apart; against the law's answer it takes a reason and a second person."""

from dataclasses import replace
from typing import Any

import pytest
from exchange_making import ask, do, kinds, last, linked, lodge, refused, row, to

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def request_(ice: Any, essex: Any) -> Any:
    """A request in Massachusetts, acknowledged: `notify` may, `hold` must not."""
    return linked(ice, essex)[0]


def propose_to_hold(essex: Any, request: Any) -> None:
    do(essex.clerk, "request.decide", {"ask": "hold", "reason": "ordered by the sheriff"}, request)


def test_each_ask_is_decided_apart_and_the_answer_is_kept_with_it(ice: Any, essex: Any, request_: Any) -> None:
    do(essex.clerk, "request.decide", {"ask": "notify", "choice": "honour"}, request_)
    assert row("Request", request_).undecided == 1
    do(essex.clerk, "request.decide", {"ask": "hold", "choice": "decline"}, request_)
    assert (row("Request", request_).state, row("Request", request_).undecided) == ("decided", 0)
    decided = last(request_, "decided")
    assert (decided.data["ask"], decided.data["answer"]["value"], decided.by_user) == ("hold", "must_not", essex.clerk.user)
    assert "lunn-2017" in [rule["id"] for rule in decided.data["answer"]["rules"]]
    assert to(ice, request_) == ["acknowledged", "decided", "decided"]
    assert (ask(request_, "notify")["disposition"], ask(request_, "hold")["disposition"]) == ("open", "declined")


def test_a_decision_may_be_changed_and_the_last_one_stands(essex: Any, request_: Any) -> None:
    do(essex.clerk, "request.decide", {"ask": "notify", "choice": "decline"}, request_)
    do(essex.clerk, "request.decide", {"ask": "notify", "choice": "honour"}, request_)
    assert ask(request_, "notify")["choice"] == "honour"


def test_against_the_answer_a_decision_without_a_reason_is_refused(essex: Any, request_: Any) -> None:
    with refused("invalid", "reason"):
        do(essex.clerk, "request.decide", {"ask": "hold", "choice": "honour"}, request_)


def test_against_the_answer_one_person_only_proposes_and_the_requester_hears_nothing(ice: Any, essex: Any, request_: Any) -> None:
    propose_to_hold(essex, request_)
    assert kinds(request_)[-1] == "decision_proposed"
    assert (ask(request_, "hold")["choice"], row("Request", request_).undecided) == (None, 2)
    assert to(ice, request_) == ["acknowledged"]


def test_a_supervisor_who_is_another_person_confirms(ice: Any, essex: Any, request_: Any) -> None:
    propose_to_hold(essex, request_)
    do(essex.supervisor, "request.confirm_decision", {"ask": "hold"}, request_)
    stored = ask(request_, "hold")
    assert (stored["choice"], stored["against_answer"], stored["reason"]) == ("honour", True, "ordered by the sheriff")
    assert stored["second_person"] == str(essex.supervisor.user)
    assert last(request_, "decided").data["proposal"] == str(last(request_, "decision_proposed").id)
    assert to(ice, request_) == ["acknowledged", "decided"]


def test_who_proposed_cannot_confirm_not_even_a_supervisor(essex: Any, request_: Any) -> None:
    do(essex.supervisor, "request.decide", {"ask": "hold", "reason": "because"}, request_)
    with refused("second-person"):
        do(essex.supervisor, "request.confirm_decision", {"ask": "hold"}, request_)


def test_a_clerk_cannot_confirm(essex: Any, request_: Any) -> None:
    do(essex.supervisor, "request.decide", {"ask": "hold", "reason": "because"}, request_)
    with refused("not-allowed"):
        do(essex.clerk, "request.confirm_decision", {"ask": "hold"}, request_)


def test_a_machine_without_a_user_cannot_confirm(essex: Any, request_: Any) -> None:
    propose_to_hold(essex, request_)
    with refused("second-person"):
        do(replace(essex.supervisor, user=None), "request.confirm_decision", {"ask": "hold"}, request_)


def test_nothing_is_confirmed_that_nobody_proposed(essex: Any, request_: Any) -> None:
    with refused("state"):
        do(essex.supervisor, "request.confirm_decision", {"ask": "hold"}, request_)


def test_a_confirmed_decision_is_not_confirmed_twice(essex: Any, request_: Any) -> None:
    propose_to_hold(essex, request_)
    do(essex.supervisor, "request.confirm_decision", {"ask": "hold"}, request_)
    with refused("state"):
        do(essex.supervisor, "request.confirm_decision", {"ask": "hold"}, request_)


def test_a_proposal_is_dropped_by_a_later_decision(essex: Any, request_: Any) -> None:
    propose_to_hold(essex, request_)
    do(essex.clerk, "request.decide", {"ask": "hold", "choice": "decline"}, request_)
    with refused("state"):
        do(essex.supervisor, "request.confirm_decision", {"ask": "hold"}, request_)


def test_a_proposal_whose_answer_has_changed_is_confirmed_as_what_it_now_is(essex: Any, request_: Any) -> None:
    propose_to_hold(essex, request_)
    do(essex.clerk, "request.record_facts", {"facts": {"warrant": ["judicial_criminal"]}}, request_)
    do(essex.supervisor, "request.confirm_decision", {"ask": "hold"}, request_)
    assert last(request_, "decided").data["answer"]["value"] == "may"
    assert ask(request_, "hold")["against_answer"] is False


@pytest.mark.parametrize("choice", ["honour", "decline"])
def test_where_the_law_does_not_settle_it_either_choice_needs_a_reason(ice: Any, essex: Any, choice: str) -> None:
    request, _ = linked(ice, essex, basis={})
    assert ask(request, "hold")["answer"]["value"] == "needs_facts"
    with refused("invalid", "reason"):
        do(essex.clerk, "request.decide", {"ask": "hold", "choice": choice}, request)
    do(essex.clerk, "request.decide", {"ask": "hold", "choice": choice, "reason": "no warrant came with it"}, request)
    assert (ask(request, "hold")["choice"], ask(request, "hold")["against_answer"]) == (choice, False)


def test_an_ask_that_was_not_asked_is_not_decided(essex: Any, request_: Any) -> None:
    with refused("invalid", "ask"):
        do(essex.clerk, "request.decide", {"ask": "interview"}, request_)


def test_a_request_is_acknowledged_before_it_is_decided(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    with refused("state") as refusal:
        do(essex.clerk, "request.decide", {"ask": "notify"}, request)
    assert refusal.value.more["state"] == "lodged"


@pytest.mark.parametrize("end", ["cancel", "close", "not_here"])
def test_a_request_that_has_ended_is_not_decided(ice: Any, essex: Any, request_: Any, end: str) -> None:
    do(ice.officer if end == "cancel" else essex.clerk, f"request.{end}", {}, request_)
    with refused("state"):
        do(essex.clerk, "request.decide", {"ask": "notify"}, request_)


def test_a_decision_made_on_what_has_changed_since_is_refused_with_the_state_now(essex: Any, request_: Any) -> None:
    seen = row("Request", request_).version
    do(essex.clerk, "request.decide", {"ask": "notify", "choice": "honour"}, request_)
    with refused("changed") as refusal:
        do(essex.supervisor, "request.decide", {"ask": "notify", "choice": "decline", "version": seen}, request_)
    assert refusal.value.status == 409
    assert (refusal.value.more["state"], refusal.value.more["version"]) == ("decided", seen + 1)


def test_a_version_that_is_not_there_yet_is_refused_as_changed(essex: Any, request_: Any) -> None:
    with refused("changed"):
        do(essex.clerk, "request.decide", {"ask": "notify", "version": 10**12}, request_)


@pytest.mark.parametrize("version", ["7", 1.5, True, [7]])
def test_a_version_is_a_whole_number(essex: Any, request_: Any, version: Any) -> None:
    with refused("invalid", "version"):
        do(essex.clerk, "request.decide", {"ask": "notify", "version": version}, request_)
