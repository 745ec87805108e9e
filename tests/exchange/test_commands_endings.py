"""Cancelling, correcting, destroying an identity: the record keeps what was said and tells what stands."""

from typing import Any
from uuid import uuid4

import pytest
from exchange_making import (
    NOW,
    PERSON,
    as_role,
    ask,
    book,
    do,
    holding,
    kinds,
    last,
    linked,
    lodge,
    refused,
    row,
    rows,
    seen_by,
    to,
)

pytestmark = pytest.mark.usefixtures("database")


# --- cancel ---


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [("citizen", "withdrawn"), ("could_not_come", "withdrawn"), ("duplicate", "duplicate"), ("superseded", "superseded")],
)
def test_a_cancelled_request_ends_by_its_reason(ice: Any, essex: Any, reason: str, outcome: str) -> None:
    request = lodge(ice, essex)
    do(ice.officer, "request.cancel", {"reason": reason}, request)
    assert (row("Request", request).state, row("Request", request).outcome) == ("cancelled", outcome)
    assert to(essex, request) == ["lodged", "cancelled"]


def test_the_custodian_says_that_the_cancellation_arrived(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    with refused("state"):
        do(essex.clerk, "request.cancel_received", {}, request)
    do(ice.officer, "request.cancel", {}, request)
    do(essex.clerk, "request.cancel_received", {}, request)
    assert last(request, "cancel_received").data["cancel"] == str(last(request, "cancelled").id)
    assert row("Request", request).view["cancel_received"] is True
    assert to(ice, request) == ["cancel_received"]


def test_a_request_is_cancelled_once_and_not_after_the_hand_over(ice: Any, essex: Any) -> None:
    request, _ = linked(ice, essex)
    do(essex.clerk, "request.hand_over", {}, request)
    with refused("state"):
        do(ice.officer, "request.cancel", {}, request)
    other = lodge(ice, essex)
    do(ice.officer, "request.cancel", {}, other)
    with refused("state"):
        do(ice.officer, "request.cancel", {}, other)


# --- correct ---


def correction(stream: Any, kind: str, **instead: Any) -> dict[str, Any]:
    return {"corrects": str(last(stream, kind).id), "reason": "a slip of the pen", "void": False, **instead}


def test_a_correction_says_what_stands_instead_and_keeps_what_was_said(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex, occurred="2026-02-27")
    do(essex.clerk, "request.serve", {"how": "in_person", "occurred": "2026-03-01"}, request)
    do(essex.clerk, "request.correct", correction(request, "served", occurred="2026-03-02"), request)
    assert row("Request", request).view["served"] == "2026-03-02"
    assert last(request, "served").occurred == "2026-03-01"
    assert to(ice, request) == ["served", "corrected"]


def test_a_voided_hand_over_opens_the_request_again(ice: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    do(essex.clerk, "request.hand_over", {}, request)
    do(essex.clerk, "request.correct", correction(request, "handed_over", void=True), request)
    do(essex.clerk, "stay.correct", correction(stay, "transferred", void=True), stay)
    assert (row("Request", request).state, row("Request", request).outcome, row("Request", request).live) == (
        "acknowledged",
        "open",
        True,
    )
    assert (row("Stay", stay).state, row("Stay", stay).in_custody) == ("in_custody", True)
    do(essex.clerk, "request.hand_over", {}, request)
    assert row("Request", request).outcome == "handed_over"


def test_a_void_is_withdrawn_by_a_correction_that_says_nothing_else(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex, occurred="2026-02-27")
    do(essex.clerk, "request.serve", {"occurred": "2026-03-01"}, request)
    do(essex.clerk, "request.correct", correction(request, "served", void=True), request)
    assert row("Request", request).view["served"] is None
    do(essex.clerk, "request.correct", correction(request, "served"), request)
    assert row("Request", request).view["served"] == "2026-03-01"


def test_an_agency_corrects_only_what_it_said_itself(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    with refused("invalid", "corrects"):
        do(essex.clerk, "request.correct", correction(request, "lodged", occurred="2026-03-01"), request)


def test_what_is_not_there_or_is_itself_a_correction_is_not_corrected(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    other = lodge(ice, essex)
    for event in (str(uuid4()), str(last(other, "lodged").id)):
        with refused("invalid", "corrects"):
            do(ice.officer, "request.correct", {"corrects": event, "reason": "x", "occurred": "2026-03-01"}, request)
    do(ice.officer, "request.correct", correction(request, "lodged", occurred="2026-03-01"), request)
    with refused("invalid", "corrects"):
        do(ice.officer, "request.correct", correction(request, "corrected", void=True), request)


def test_what_begins_a_record_is_never_voided(ice: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    with refused("invalid", "void"):
        do(ice.officer, "request.correct", correction(request, "lodged", void=True), request)
    with refused("invalid", "void"):
        do(essex.clerk, "stay.correct", correction(stay, "booked", void=True), stay)


def test_a_correction_that_gives_nothing_or_what_the_event_does_not_carry_is_refused(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    do(essex.clerk, "request.serve", {}, request)
    with refused("invalid", "data"):
        do(essex.clerk, "request.correct", correction(request, "served"), request)
    with refused("invalid", "data"):
        do(essex.clerk, "request.correct", correction(request, "served", data={"how": "by_pigeon"}), request)


def test_a_correction_into_the_future_is_refused(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    do(essex.clerk, "request.serve", {}, request)
    with refused("invalid", "occurred"):
        do(essex.clerk, "request.correct", correction(request, "served", occurred="2099-01-01"), request)


def test_a_correction_makes_the_record_one_of_nobody_else(ice: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    lodged, booked = last(request, "lodged").data, last(stay, "booked").data
    with refused("invalid", "data"):
        do(ice.officer, "request.correct", correction(request, "lodged", data={**lodged, "person": str(uuid4())}), request)
    with refused("invalid", "data"):
        do(essex.clerk, "stay.correct", correction(stay, "booked", data={**booked, "person": str(uuid4())}), stay)


def test_a_correction_moves_a_request_to_no_other_custodian(ice: Any, essex: Any, missouri: Any) -> None:
    request = lodge(ice, essex)
    lodged = last(request, "lodged").data
    for instead in (
        {"custodian": str(missouri.id)},
        {"facility": missouri.facility},
        {"facility": "NOWHERE9"},
        {"custodian": str(missouri.id), "facility": missouri.facility},
    ):
        with refused("invalid", "data"):
            do(ice.officer, "request.correct", correction(request, "lodged", data={**lodged, **instead}), request)


def test_a_stay_is_corrected_to_no_number_that_is_taken_and_to_no_facility_of_another(essex: Any, missouri: Any) -> None:
    book(essex, booking_number="24-1001")
    stay = book(essex, booking_number="24-1002")
    booked = last(stay, "booked").data
    with refused("state", "booking_number"):
        do(essex.clerk, "stay.correct", correction(stay, "booked", data={**booked, "booking_number": "24-1001"}), stay)
    with refused("invalid", "facility"):
        do(essex.clerk, "stay.correct", correction(stay, "booked", data={**booked, "facility": missouri.facility}), stay)
    do(essex.clerk, "stay.correct", correction(stay, "booked", data={**booked, "booking_number": "24-1003"}), stay)
    assert row("Stay", stay).booking_number == "24-1003"


def test_a_corrected_moment_of_release_moves_the_clock(ice: Any, missouri: Any) -> None:
    request, stay = holding(ice, missouri)
    before = {clock.rule: clock.due_at for clock in rows("Deadline", stream=request, kind="hold_expiry")}
    do(missouri.clerk, "stay.correct", correction(stay, "release_due", occurred="2026-03-02T14:00:00Z"), stay)
    after = {clock.rule: clock.due_at for clock in rows("Deadline", stream=request, kind="hold_expiry")}
    assert {rule: (before[rule] - after[rule]).total_seconds() for rule in before} == dict.fromkeys(before, 3600.0)


# --- destroying an identity ---


def test_an_expunged_identity_is_gone_and_every_hash_still_holds(ice: Any, essex: Any) -> None:
    from detainer.exchange import checkpoints, identities
    from detainer.exchange.session import acting

    request, stay = linked(ice, essex)
    person = row("Stay", stay).person
    before = [event.hash for event in rows("Event")]
    with acting(essex.id):
        identities.expunge(essex.supervisor, person, "Order of 3 March 2026, No. 24-0001", NOW)
    gone = seen_by(essex.id, "Identity", person=person)[0]
    assert (gone.name, gone.date_of_birth, gone.sex, gone.citizenship, gone.numbers) == ("", None, "", "", {})
    assert (gone.destroyed_at, gone.destroyed_under) == (NOW, "Order of 3 March 2026, No. 24-0001")
    assert [event.hash for event in rows("Event")] == before
    with as_role("detainer_worker"):
        assert not [broken for broken in checkpoints.verify() if broken.stream in (request, stay)]
    events = str([event.data for event in rows("Event", stream__in=[request, stay])])
    assert not any(word in events for word in ("Example", "1990-05-01", "A200000001"))


def test_each_agency_destroys_its_own_identity_and_no_other(ice: Any, essex: Any) -> None:
    from detainer.exchange import identities
    from detainer.exchange.session import acting

    person = row("Request", lodge(ice, essex)).person
    with acting(essex.id):
        identities.expunge(essex.supervisor, person, "an order", NOW)
    assert [identity.name for identity in seen_by(ice.id, "Identity", person=person)] == [PERSON["name"]]
    assert [identity.name for identity in seen_by(essex.id, "Identity", person=person)] == [""]


def test_destroying_takes_a_supervisor_and_an_identity_that_is_there(ice: Any, essex: Any, missouri: Any) -> None:
    from detainer.exchange import identities
    from detainer.exchange.session import acting

    person = row("Request", lodge(ice, essex)).person
    for actor, problem in ((essex.clerk, "not-allowed"), (missouri.supervisor, "not-found")):
        with refused(problem), acting(actor.agency):
            identities.expunge(actor, person, "an order", NOW)
    with acting(essex.id):
        identities.expunge(essex.supervisor, person, "an order", NOW)
    with refused("not-found"), acting(essex.id):
        identities.expunge(essex.supervisor, person, "an order", NOW)


def test_a_request_about_a_person_whose_identity_is_destroyed_runs_on_and_shares_it_no_more(
    ice: Any, essex: Any, missouri: Any
) -> None:
    from detainer.exchange import identities
    from detainer.exchange.session import acting

    request, _ = linked(ice, essex)
    person = row("Request", request).person
    with acting(ice.id):
        identities.expunge(ice.supervisor, person, "an order", NOW)
    with refused("invalid", "person_id"):
        lodge(ice, missouri, person=None, person_id=str(person))
    do(ice.officer, "request.relay", {"facility": missouri.facility}, request)
    assert seen_by(missouri.id, "Identity", person=person) == []
    do(missouri.clerk, "request.acknowledge", {}, request)
    assert kinds(request)[-1] == "acknowledged"
    assert ask(request, "notify")["answer"]["value"] == "may"
