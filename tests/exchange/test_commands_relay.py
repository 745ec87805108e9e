"""Relay: the same request, a new leg; the new custodian sees all that went before and gets the identity."""

from typing import Any
from uuid import UUID

import pytest
from exchange_making import NOW, PERSON, ask, book, do, kinds, linked, lodge, refused, row, rows, seen_by, to

pytestmark = pytest.mark.usefixtures("database")


def test_a_relay_makes_a_new_leg_with_the_new_custodian(ice: Any, missouri: Any, essex: Any) -> None:
    request, _ = linked(ice, missouri)
    do(missouri.clerk, "request.decide", {"ask": "hold"}, request)
    do(missouri.clerk, "request.relay", {"facility": essex.facility}, request)
    stored = row("Request", request)
    assert (stored.state, stored.custodian_id, stored.facility_id) == ("lodged", essex.id, essex.facility)
    assert (stored.stay, stored.undecided) == (None, 2)
    assert stored.view["legs"] == [str(missouri.id), str(essex.id)]
    assert kinds(request)[-2:] == ["relayed", "answered"]


def test_the_law_of_the_new_place_is_asked_and_facts_of_the_first_custodian_stay_with_it(
    ice: Any, missouri: Any, essex: Any
) -> None:
    request, _ = linked(ice, missouri)
    do(missouri.clerk, "request.record_facts", {"facts": {"age": 40}}, request)
    assert ask(request, "hold")["answer"]["value"] == "may"
    do(missouri.clerk, "request.relay", {"facility": essex.facility}, request)
    assert ask(request, "hold")["answer"]["value"] == "must_not"
    assert "age" not in row("Request", request).view["facts"]


def test_the_new_custodian_sees_every_earlier_event_and_has_it_in_its_feed_in_order(ice: Any, missouri: Any, essex: Any) -> None:
    request, _ = linked(ice, missouri)
    assert seen_by(essex.id, "Event", stream=request) == []
    do(missouri.clerk, "request.relay", {"facility": essex.facility}, request)
    assert len(seen_by(essex.id, "Event", stream=request)) == len(kinds(request))
    feed = sorted(seen_by(essex.id, "Feed"), key=lambda entry: (entry.txid, entry.position))
    versions = {event.id: event.version for event in rows("Event", stream=request)}
    assert sorted(versions[entry.event_id] for entry in feed) == list(range(1, len(versions) + 1))


def test_every_event_is_in_each_party_s_feed_exactly_once(ice: Any, missouri: Any, essex: Any) -> None:
    request, _ = linked(ice, missouri)
    do(missouri.clerk, "request.relay", {"facility": essex.facility}, request)
    do(essex.clerk, "request.acknowledge", {}, request)
    for party in (ice, missouri, essex):
        feed = [entry.event_id for entry in rows("Feed", agency=party.id, event__stream=request)]
        assert sorted(feed) == sorted(event.id for event in rows("Event", stream=request))


@pytest.mark.parametrize("by", ["custodian", "requester"])
def test_the_new_custodian_gets_the_identity_from_who_relays(ice: Any, missouri: Any, essex: Any, by: str) -> None:
    request, _ = linked(ice, missouri)
    relaying = missouri.clerk if by == "custodian" else ice.officer
    do(relaying, "request.relay", {"facility": essex.facility}, request)
    shared = seen_by(essex.id, "Identity", person=row("Request", request).person)
    assert [(identity.name, identity.shared_by_id) for identity in shared] == [(PERSON["name"], relaying.agency)]


def test_both_other_sides_hear_of_a_relay(ice: Any, missouri: Any, essex: Any) -> None:
    request, _ = linked(ice, missouri)
    do(missouri.clerk, "request.relay", {"facility": essex.facility}, request)
    assert (to(essex, request), to(ice, request), to(missouri, request)) == (["relayed"], ["acknowledged", "relayed"], ["lodged"])


def test_the_first_custodian_still_reads_the_request_but_commands_it_no_more(ice: Any, missouri: Any, essex: Any) -> None:
    request, _ = linked(ice, missouri)
    do(missouri.clerk, "request.relay", {"facility": essex.facility}, request)
    assert seen_by(missouri.id, "Request", pk=request)
    with refused("not-allowed"):
        do(missouri.clerk, "request.acknowledge", {}, request)
    do(essex.clerk, "request.acknowledge", {}, request)


def test_what_ends_the_first_stay_does_not_end_the_relayed_request(ice: Any, missouri: Any, essex: Any) -> None:
    request, stay = linked(ice, missouri)
    do(missouri.clerk, "stay.transfer", {"to_facility": essex.facility}, stay)
    do(missouri.clerk, "request.relay", {"facility": essex.facility}, request)
    assert row("Request", request).live is True
    there = book(essex)
    do(essex.clerk, "request.acknowledge", {"stay": str(there)}, request)
    do(essex.clerk, "stay.release", {}, there)
    assert row("Request", request).outcome == "released_without_notice"


def test_a_notice_by_the_first_custodian_is_no_notice_of_the_second_one_s_release(ice: Any, missouri: Any, essex: Any) -> None:
    request, _ = linked(ice, missouri)
    do(missouri.clerk, "request.decide", {"ask": "notify"}, request)
    do(missouri.clerk, "request.give_notice", {}, request)
    do(missouri.clerk, "request.relay", {"facility": essex.facility}, request)
    there = book(essex)
    do(essex.clerk, "request.acknowledge", {"stay": str(there)}, request)
    do(essex.clerk, "stay.release", {}, there)
    assert row("Request", request).outcome == "released_without_notice"


def running(request: UUID) -> set[tuple[str, UUID]]:
    return {(clock.kind, clock.agency_id) for clock in rows("Deadline", stream=request, open=True)}


def test_the_clocks_of_the_first_custodian_stop_with_the_relay(ice: Any, missouri: Any, essex: Any) -> None:
    request, stay = linked(ice, missouri)
    do(missouri.clerk, "stay.plan_release", {"at": "2026-03-09T09:00-06:00"}, stay)
    assert running(request) == {("answer_due", missouri.id), ("notice_lead", missouri.id)}
    do(missouri.clerk, "request.relay", {"facility": essex.facility}, request)
    assert rows("Deadline", stream=request, open=True) == []
    there = book(essex)
    do(essex.clerk, "request.acknowledge", {"stay": str(there)}, request)
    do(essex.clerk, "stay.plan_release", {"at": "2026-03-12T09:00-04:00"}, there)
    assert running(request) == {("answer_due", essex.id), ("notice_lead", essex.id)}


def test_a_misdirected_request_goes_on_after_not_here(ice: Any, missouri: Any, essex: Any) -> None:
    request = lodge(ice, missouri)
    do(missouri.clerk, "request.not_here", {}, request)
    do(ice.officer, "request.relay", {"facility": essex.facility, "reason": "misdirected"}, request)
    assert (row("Request", request).state, row("Request", request).outcome) == ("lodged", "open")


def test_a_request_is_not_relayed_to_where_it_is(ice: Any, missouri: Any) -> None:
    request = lodge(ice, missouri)
    with refused("invalid", "facility"):
        do(ice.officer, "request.relay", {"facility": missouri.facility}, request)


def test_a_request_that_has_ended_is_not_relayed(ice: Any, missouri: Any, essex: Any) -> None:
    request = lodge(ice, missouri)
    do(ice.officer, "request.cancel", {}, request)
    with refused("state"):
        do(ice.officer, "request.relay", {"facility": essex.facility}, request)


def test_a_relay_is_addressed_by_code_and_never_by_name(ice: Any, missouri: Any, essex: Any) -> None:
    request = lodge(ice, missouri)
    name = row("Facility", essex.facility).name
    with refused("facility-ambiguous", "facility") as refusal:
        do(ice.officer, "request.relay", {"facility": name}, request)
    assert essex.facility in [candidate["code"] for candidate in refusal.value.more["candidates"]]
    with refused("facility-unknown", "facility"):
        do(ice.officer, "request.relay", {"facility": "NOWHERE9"}, request)


def test_a_relay_back_finds_the_first_custodian_with_its_feed_whole(ice: Any, missouri: Any, essex: Any) -> None:
    request, _ = linked(ice, missouri)
    do(missouri.clerk, "request.relay", {"facility": essex.facility}, request)
    do(ice.officer, "request.relay", {"facility": missouri.facility}, request, now=NOW)
    assert row("Request", request).custodian_id == missouri.id
    feed = [entry.event_id for entry in rows("Feed", agency=missouri.id, event__stream=request)]
    assert sorted(feed) == sorted(event.id for event in rows("Event", stream=request))
