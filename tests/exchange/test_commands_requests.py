"""Lodging, acknowledging, saying not here, serving, facts: what each writes and what it refuses."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from exchange_making import ADMINISTRATIVE, NOW, PERSON, ask, book, do, kinds, last, lodge, refused, row, rows, seen_by, to

pytestmark = pytest.mark.usefixtures("database")


def test_lodging_writes_the_request_the_law_s_answers_and_a_delivery_to_the_custodian(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex, "notify", "hold", reference="BOS-1")
    assert kinds(request) == ["lodged", "answered"]
    stored = row("Request", request)
    assert (stored.state, stored.outcome, stored.live, stored.undecided) == ("lodged", "open", True, 2)
    assert (stored.requester_id, stored.custodian_id, stored.facility_id) == (ice.id, essex.id, essex.facility)
    assert (stored.reference, stored.lodged_at) == ("BOS-1", NOW)
    assert ask(request, "hold")["answer"]["value"] == "must_not"
    assert "lunn-2017" in [rule["id"] for rule in ask(request, "hold")["answer"]["rules"]]
    assert ask(request, "notify")["answer"]["value"] == "may"
    assert (to(essex, request), to(ice, request)) == (["lodged"], [])


def test_the_person_stands_in_an_identity_of_each_side_and_in_no_event(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    person = row("Request", request).person
    held = {identity.agency_id: identity for identity in rows("Identity", person=person)}
    assert set(held) == {ice.id, essex.id}
    assert {identity.name for identity in held.values()} == {PERSON["name"]}
    assert {identity.shared_by_id for identity in held.values()} == {ice.id}
    events = str([event.data for event in rows("Event", stream=request)])
    assert not any(word in events for word in ("Example", "1990-05-01", "A200000001"))


def test_both_parties_see_the_request_and_nobody_else_does(ice: Any, essex: Any, bristol: Any) -> None:
    request = lodge(ice, essex)
    assert [len(seen_by(agency.id, "Event", stream=request)) for agency in (ice, essex, bristol)] == [2, 2, 0]
    assert [len(seen_by(agency.id, "Request", pk=request)) for agency in (ice, essex, bristol)] == [1, 1, 0]


def test_a_person_already_known_is_named_by_id_and_shared_with_the_custodian(ice: Any, essex: Any, bristol: Any) -> None:
    person = row("Request", lodge(ice, essex)).person
    request = lodge(ice, bristol, person=None, person_id=str(person))
    assert row("Request", request).person == person
    assert [identity.name for identity in seen_by(bristol.id, "Identity", person=person)] == [PERSON["name"]]


def test_a_request_about_nobody_is_refused(ice: Any, essex: Any) -> None:
    with refused("invalid", "person"):
        lodge(ice, essex, person=None)
    with refused("invalid", "person_id"):
        lodge(ice, essex, person=None, person_id=str(uuid4()))


def test_a_person_of_whom_only_another_agency_holds_an_identity_is_not_known(ice: Any, border_patrol: Any, essex: Any) -> None:
    person = row("Request", lodge(ice, essex)).person
    with refused("invalid", "person_id"):
        lodge(border_patrol, essex, person=None, person_id=str(person))


def test_a_request_supersedes_an_earlier_one(ice: Any, essex: Any) -> None:
    earlier = lodge(ice, essex)
    later = lodge(ice, essex, replaces=str(earlier))
    assert last(earlier, "cancelled").data["reason"] == "superseded"
    assert row("Request", earlier).outcome == "superseded"
    assert row("Request", later).view["replaces"] == str(earlier)
    assert to(essex, earlier) == ["lodged", "cancelled"]


def test_a_request_of_another_requester_cannot_be_superseded(ice: Any, border_patrol: Any, essex: Any) -> None:
    earlier = lodge(ice, essex)
    with refused("not-found"):
        lodge(border_patrol, essex, replaces=str(earlier))


def test_a_custodian_that_also_lodges_cannot_supersede_what_was_lodged_with_it(ice: Any, essex: Any, party: Any) -> None:
    both = party("custodian", "requester")
    received = lodge(ice, both)
    with refused("not-allowed"):
        lodge(both, essex, replaces=str(received))


def test_a_request_that_has_ended_cannot_be_superseded(ice: Any, essex: Any) -> None:
    ended = lodge(ice, essex)
    do(ice.officer, "request.cancel", {}, ended)
    with refused("state"):
        lodge(ice, essex, replaces=str(ended))


def test_acknowledging_links_the_stay_by_id_or_by_booking_number(ice: Any, essex: Any) -> None:
    first, second = lodge(ice, essex), lodge(ice, essex)
    stay = book(essex, booking_number="24-77")
    do(essex.clerk, "request.acknowledge", {"stay": str(stay)}, first)
    do(essex.clerk, "request.acknowledge", {"booking_number": "24-77"}, second)
    for request in (first, second):
        stored = row("Request", request)
        assert (stored.state, stored.stay, stored.view["booking_number"]) == ("acknowledged", stay, "24-77")
        assert to(ice, request) == ["acknowledged"]


def test_charges_of_the_stay_become_facts_and_the_law_is_asked_again(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    stay = book(essex, charges=[{"offence": "robbery", "level": "felony"}])
    do(essex.clerk, "request.acknowledge", {"stay": str(stay)}, request)
    assert kinds(request) == ["lodged", "answered", "acknowledged", "answered"]
    assert row("Request", request).view["facts"]["pending_charges"] == [{"offence": "robbery", "class": "felony"}]


def test_a_request_is_linked_to_no_stay_of_another_custodian(ice: Any, essex: Any, bristol: Any) -> None:
    request, stay = lodge(ice, essex), book(bristol)
    with refused("invalid", "stay"):
        do(essex.clerk, "request.acknowledge", {"stay": str(stay)}, request)


def test_a_request_is_linked_to_no_stay_that_is_over(ice: Any, essex: Any) -> None:
    request, stay = lodge(ice, essex), book(essex)
    do(essex.clerk, "stay.release", {}, stay)
    with refused("state") as refusal:
        do(essex.clerk, "request.acknowledge", {"stay": str(stay)}, request)
    assert refusal.value.more["state"] == "released"


def test_a_custodian_that_keeps_no_stays_here_gives_its_own_number(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    do(essex.clerk, "request.acknowledge", {"booking_number": "of our own system"}, request)
    assert row("Request", request).stay is None
    assert row("Request", request).view["booking_number"] == "of our own system"


def test_not_here_ends_the_request_as_misdirected_and_not_as_declined(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    do(essex.clerk, "request.not_here", {"reason": "never_here", "where": "another county of the name"}, request)
    assert (row("Request", request).state, row("Request", request).outcome) == ("not_here", "not_in_custody")
    assert to(ice, request) == ["not_here"]


def test_not_here_is_taken_back_by_acknowledging(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    do(essex.clerk, "request.not_here", {"reason": "not_found"}, request)
    do(essex.clerk, "request.acknowledge", {"stay": str(book(essex))}, request)
    assert (row("Request", request).live, row("Request", request).outcome) == (True, "open")


def test_serving_the_copy_is_recorded_and_told(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    do(essex.clerk, "request.serve", {"how": "inmate_mail", "language": "Spanish", "occurred": "2026-03-02"}, request)
    assert row("Request", request).view["served"] == "2026-03-02"
    assert to(ice, request) == ["served"]


def test_facts_change_the_law_s_answer_and_what_is_left_out_stays(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex, basis={})
    assert ask(request, "hold")["answer"]["value"] == "needs_facts"
    assert "warrant" in ask(request, "hold")["answer"]["missing"]
    do(essex.clerk, "request.record_facts", {"facts": {"age": 40}}, request)
    do(essex.clerk, "request.record_facts", {"facts": {"warrant": ["judicial_criminal"]}}, request)
    assert ask(request, "hold")["answer"]["value"] == "may"
    assert row("Request", request).view["facts"]["age"] == 40
    do(essex.clerk, "request.record_facts", {"facts": {"age": None}}, request)
    assert "age" not in row("Request", request).view["facts"]


def test_a_fact_that_the_law_does_not_know_is_refused(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    with refused("invalid"):
        do(essex.clerk, "request.record_facts", {"facts": {"shoe_size": 44}}, request)


def test_an_answer_keeps_its_inputs_and_versions(ice: Any, essex: Any) -> None:
    answered = last(lodge(ice, essex), "answered").data
    assert answered["on"] == "2026-03-02"
    assert answered["place"] == "us/ma/essex"
    assert answered["facts"]["warrant"] == ["I-200"]
    assert answered["versions"]


def test_the_law_of_the_day_of_the_event_is_asked(ice: Any, essex: Any) -> None:
    before_lunn = lodge(ice, essex, occurred="2017-01-15T12:00-05:00", person={"name": "A", "date_of_birth": "1990-05-01"})
    assert last(before_lunn, "answered").data["on"] == "2017-01-15"
    assert "lunn-2017" not in str(last(before_lunn, "answered").data["answers"]["hold"])


def test_a_claim_against_the_request_waits_until_it_is_answered(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    do(essex.clerk, "request.contest", {"ground": "citizenship", "claimed_by": "person"}, request)
    claim = str(last(request, "contested").id)
    assert row("Request", request).view["contests_open"] == [claim]
    do(ice.officer, "request.answer_contest", {"contest": claim, "result": "still_checking"}, request)
    assert row("Request", request).view["contests_open"] == [claim]
    do(ice.officer, "request.answer_contest", {"contest": claim, "result": "upheld"}, request)
    assert (row("Request", request).view["contests_open"], row("Request", request).view["contests_upheld"]) == ([], [claim])
    assert to(ice, request) == ["contested"]
    assert to(essex, request) == ["lodged", "contest_answered", "contest_answered"]
    with refused("invalid", "contest"):
        do(ice.officer, "request.answer_contest", {"contest": claim, "result": "rejected"}, request)


def test_counsel_of_a_party_contests_but_decides_nothing(ice: Any, essex: Any) -> None:
    from dataclasses import replace

    request = lodge(ice, essex)
    counsel = replace(essex.clerk, roles=frozenset({"counsel"}))
    do(counsel, "request.contest", {"ground": "minority", "claimed_by": "counsel"}, request)
    with refused("not-allowed"):
        do(counsel, "request.decide", {"ask": "notify"}, request)


def test_both_sides_state_their_account_and_confirm_or_deny(ice: Any, essex: Any) -> None:
    request = lodge(ice, essex)
    do(ice.officer, "request.state", {"claim": "not_honoured", "text": "nobody called"}, request)
    about = str(last(request, "stated").id)
    do(essex.clerk, "request.state", {"claim": "other", "about": about, "confirms": False, "text": "we called"}, request)
    assert [event.says_id for event in rows("Event", stream=request, kind="stated")] == [ice.id, essex.id]
    assert (row("Request", request).state, row("Request", request).outcome) == ("lodged", "open")


def test_a_person_may_be_asked_for_by_two_requesters_who_see_nothing_of_each_other(
    ice: Any, border_patrol: Any, essex: Any
) -> None:
    first, second = lodge(ice, essex), lodge(border_patrol, essex)
    assert [seen.pk for seen in seen_by(ice.id, "Request")] == [first]
    assert [seen.pk for seen in seen_by(border_patrol.id, "Request")] == [second]
    assert {seen.pk for seen in seen_by(essex.id, "Request")} == {first, second}


def test_a_machine_without_a_user_lodges_in_its_agency_s_name(ice: Any, essex: Any) -> None:
    from dataclasses import replace

    machine = replace(ice.officer, user=None)
    done = do(machine, "request.lodge", {"facility": essex.facility, "basis": ADMINISTRATIVE})
    event = rows("Event", stream=UUID(str(done.stream)), version=1)[0]
    assert (event.by_agency_id, event.by_user, event.says_id) == (ice.id, None, ice.id)
