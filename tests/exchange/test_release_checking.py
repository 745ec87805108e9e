"""The release check on a live record: what is found, what is recorded of it, and that going on against a duty takes a reason."""

from collections.abc import Callable
from typing import Any

import pytest
from exchange_making import NOW, book, do, holding, last, linked, lodge, refused, row, seen_by

pytestmark = pytest.mark.usefixtures("database")
SIGNED = {"warrant": "judicial_criminal"}


@pytest.fixture
def florida(party: Callable[..., Any]) -> Any:
    """A jail in Florida, where the law demands the hold."""
    return party("custodian", jurisdiction="us/fl")


@pytest.fixture
def california(party: Callable[..., Any]) -> Any:
    """A jail in California, where the person is owed a copy of every request."""
    return party("custodian", jurisdiction="us/ca", zone="America/Los_Angeles")


def look(custodian: Any, stay: Any, now: Any = NOW) -> Any:
    """Return the check of a stay as its custodian sees it."""
    from detainer.exchange import release_checking
    from detainer.exchange.session import acting

    with acting(custodian.id):
        return release_checking.check(stay, now)


def the(found: Any, kind: str) -> Any:
    return next(one for one in found.findings if one.kind == kind)


def test_the_check_tells_each_request_that_waits_and_is_recorded_when_it_is_asked(ice: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    lodge(ice, essex)  # linked to no stay
    found = look(essex, stay)
    assert [(one.id, one.live, one.warrant) for one in found.requests] == [(request, True, None)]
    assert [one.kind for one in found.findings] == ["copy_not_served", "live_request", "not_linked"]
    assert found.requests[0].requester_name == row("Agency", ice.id).name
    do(essex.clerk, "stay.release_check", {}, stay)
    assert last(stay, "release_checked").data == {"requests": [str(request)], "warrants": 0, "duties": []}
    do(essex.clerk, "request.decide", {"ask": "notify"}, request)
    do(essex.clerk, "stay.release_check", {}, stay)
    assert last(stay, "release_checked").data["duties"] == [f"notice_due {request}"]


def test_a_check_is_made_now_of_one_s_own_stay_while_the_person_is_there(ice: Any, essex: Any, missouri: Any) -> None:
    _, stay = linked(ice, essex)
    with refused("invalid", "occurred"):
        do(essex.clerk, "stay.release_check", {"occurred": "2026-03-01"}, stay)
    with refused("not-allowed"):
        do(essex.auditor, "stay.release_check", {}, stay)
    with refused("not-found"):
        do(missouri.clerk, "stay.release_check", {}, stay)
    with refused("not-found"):
        look(missouri, stay)
    do(essex.clerk, "stay.release", {}, stay)
    with refused("state"):
        do(essex.clerk, "stay.release_check", {}, stay)
    with refused("state"):
        look(essex, stay)


def test_a_judge_s_warrant_is_found_among_civil_papers_and_is_named_to_go_on(ice: Any, border_patrol: Any, essex: Any) -> None:
    """Wake County, 2020: the man was let out because nobody saw the criminal warrant (process.md, F6)."""
    _, stay = linked(ice, essex)
    signed = lodge(border_patrol, essex, basis=SIGNED)
    do(essex.clerk, "request.acknowledge", {"stay": str(stay)}, signed)
    found = look(essex, stay)
    assert (found.findings[0].kind, found.warrants) == ("judicial_warrant", (signed,))
    with refused("invalid", "over_warrants") as refusal:
        do(essex.clerk, "stay.release", {}, stay)
    assert str(signed) in refusal.value.detail
    assert {error.field for error in refusal.value.errors} == {"over_warrants", "against_duty"}
    with refused("invalid", "over_warrants"):
        do(essex.clerk, "stay.release", {"against_duty": "he is free to go"}, stay)
    with refused("invalid", "against_duty"):
        do(essex.clerk, "stay.release", {"over_warrants": [str(signed)]}, stay)
    do(essex.clerk, "stay.release", {"against_duty": "the warrant was recalled", "over_warrants": [str(signed)]}, stay)
    assert last(stay, "released").data["over_warrants"] == [str(signed)]
    assert row("Request", signed).outcome == "released_without_notice"


def test_nobody_names_a_warrant_that_is_not_there(ice: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    with refused("invalid", "over_warrants"):
        do(essex.clerk, "stay.release", {"against_duty": "as ordered", "over_warrants": [str(request)]}, stay)


def test_a_release_under_a_court_s_order_goes_through_with_a_hold_running(ice: Any, missouri: Any, florida: Any) -> None:
    for jail in (missouri, florida):
        request, stay = holding(ice, jail)
        held = the(look(jail, stay), "holding")
        assert held.due_at is not None
        assert "must end by" in held.words
        do(jail.clerk, "stay.release", {"cause": "court_order"}, stay)
        assert row("Request", request).holding is False


def test_where_the_law_demands_the_hold_another_release_takes_a_reason(ice: Any, florida: Any) -> None:
    _, stay = holding(ice, florida)
    held = the(look(florida, stay), "holding")
    assert (held.duty, "908" in held.rule.cite) == (True, True)
    with refused("invalid", "against_duty"):
        do(florida.clerk, "stay.release", {"cause": "bail_posted"}, stay)
    do(florida.clerk, "stay.release", {"cause": "bail_posted", "against_duty": "ICE said that it will not come"}, stay)


def test_what_the_law_demands_and_nobody_decided_is_owed(ice: Any, florida: Any) -> None:
    request, stay = linked(ice, florida, "hold")
    owed = the(look(florida, stay), "decision_due")
    assert (owed.request, owed.duty, owed.command) == (request, True, "request.decide")
    with refused("invalid", "against_duty"):
        do(florida.clerk, "stay.release", {"cause": "bail_posted"}, stay)
    do(florida.clerk, "stay.release", {"cause": "court_order"}, stay)


def test_the_copy_that_the_law_owes_the_person_is_served_or_a_reason_given(ice: Any, california: Any, essex: Any) -> None:
    request, stay = linked(ice, california, "notify")
    owed = the(look(california, stay), "copy_not_served")
    assert (owed.duty, owed.rule.cite) == (True, "Gov. Code 7283.1(b)")
    with refused("invalid", "against_duty"):
        do(california.clerk, "stay.release", {}, stay)
    do(california.clerk, "request.serve", {}, request)
    do(california.clerk, "stay.release", {}, stay)
    assert not the(look(essex, linked(ice, essex)[1]), "copy_not_served").duty


def test_a_hold_whose_request_was_withdrawn_stands_out_and_the_release_ends_it(ice: Any, missouri: Any) -> None:
    request, stay = holding(ice, missouri)
    do(ice.officer, "request.cancel", {"reason": "citizen"}, request)
    found = look(missouri, stay)
    assert [one.kind for one in found.findings] == ["held_without_request", "receipt_owed"]
    do(missouri.clerk, "stay.release", {}, stay)
    assert row("Request", request).holding is False


def test_a_hand_over_stops_at_an_open_claim_and_at_another_s_warrant(ice: Any, border_patrol: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    other = lodge(border_patrol, essex, basis=SIGNED)
    do(essex.clerk, "request.acknowledge", {"stay": str(stay)}, other)
    do(essex.clerk, "request.contest", {"ground": "citizenship", "claimed_by": "person"}, request)
    with refused("invalid", "against_duty") as refusal:
        do(essex.clerk, "request.hand_over", {}, request)
    assert "(citizenship)" in refusal.value.detail
    reason = {"against_duty": "the marshals lift theirs; the passport was seen", "over_warrants": [str(other)]}
    with refused("invalid", "over_warrants"):
        do(essex.clerk, "request.hand_over", {"against_duty": reason["against_duty"]}, request)
    do(essex.clerk, "request.hand_over", reason, request)
    assert last(request, "handed_over").data["against_duty"] == reason["against_duty"]


def test_the_person_is_handed_over_under_the_warrant_itself_without_a_reason(ice: Any, essex: Any) -> None:
    request, _ = linked(ice, essex, basis=SIGNED)
    do(essex.clerk, "request.hand_over", {"papers": ["judicial_warrant"]}, request)
    assert row("Request", request).outcome == "handed_over"


def test_the_check_asks_the_database_as_often_for_many_requests_as_for_few(ice: Any, california: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def asked(stay: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            look(california, stay)
        return len(queries)

    few, many = book(california), book(california)
    for stay, count in ((few, 1), (many, 9)):
        for _ in range(count):
            request = lodge(ice, california, "notify")
            do(california.clerk, "request.acknowledge", {"stay": str(stay)}, request)
    look(california, few)  # what the law's library keeps is read
    assert asked(many) == asked(few) <= 9
    assert len(look(california, many).requests) == 9


def test_an_oversight_body_may_look_and_the_requester_may_not(ice: Any, essex: Any, inspector: Any) -> None:
    _, stay = linked(ice, essex)
    assert len(look(inspector(essex), stay).requests) == 1
    with refused("not-found"):
        look(ice, stay)
    assert seen_by(ice.id, "Stay", pk=stay) == []
