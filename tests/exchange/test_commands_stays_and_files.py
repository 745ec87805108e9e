"""The custodian's stay and the requester's file: each agency's own, recorded as it happens."""

from typing import Any

import pytest
from exchange_making import PERSON, book, do, kinds, last, linked, refused, row, rows, seen_by, told

pytestmark = pytest.mark.usefixtures("database")


def test_a_booking_begins_a_stay_of_the_custodian_alone(ice: Any, essex: Any) -> None:
    stay = book(essex, booking_number="24-1", charges=[{"offence": "larceny", "level": "misdemeanor"}])
    stored = row("Stay", stay)
    assert kinds(stay) == ["booked", "charged"]
    assert (stored.state, stored.in_custody, stored.custodian_id) == ("in_custody", True, essex.id)
    assert (stored.booking_number, stored.facility_id) == ("24-1", essex.facility)
    assert [identity.name for identity in seen_by(essex.id, "Identity", person=stored.person)] == [PERSON["name"]]
    assert [len(seen_by(agency.id, "Stay", pk=stay)) for agency in (essex, ice)] == [1, 0]
    assert rows("Delivery", stream=stay) == []


def test_a_court_books_whom_it_holds(party: Any) -> None:
    court = party("court", facility_kind="court")
    assert row("Stay", book(court)).state == "in_custody"


def test_a_stay_stays_its_custodian_s_own_when_a_request_is_linked_to_it(ice: Any, essex: Any) -> None:
    _, stay = linked(ice, essex)
    assert seen_by(ice.id, "Event", stream=stay) == []
    with refused("not-found"):
        do(ice.officer, "stay.state", {}, stay)


def test_charges_are_the_whole_list_as_it_now_stands(essex: Any) -> None:
    stay = book(essex, charges=[{"offence": "larceny"}])
    do(essex.clerk, "stay.charge", {"charges": [{"offence": "robbery"}, {"offence": "larceny"}]}, stay)
    assert [charge["offence"] for charge in row("Stay", stay).view["charges"]] == ["robbery", "larceny"]
    do(essex.clerk, "stay.charge", {"charges": []}, stay)
    assert row("Stay", stay).view["charges"] == []


def test_a_planned_release_moves_and_one_that_is_due_has_its_cause(essex: Any) -> None:
    stay = book(essex)
    for at in ("2026-03", "2026-03-09T09:00-04:00"):
        do(essex.clerk, "stay.plan_release", {"at": at}, stay)
        assert row("Stay", stay).release_planned == at
    do(essex.clerk, "stay.release_due", {"cause": "charges_dropped", "occurred": "2026-03-02T10:00-05:00"}, stay)
    stored = row("Stay", stay)
    assert (stored.state, stored.in_custody, stored.view["release_cause"]) == ("release_due", True, "charges_dropped")
    assert stored.release_due_at.isoformat() == "2026-03-02T15:00:00+00:00"


def test_out_to_court_to_hospital_and_back(essex: Any) -> None:
    stay = book(essex)
    for to, away in (("court", "court"), ("hospital", "hospital"), ("back", None)):
        do(essex.clerk, "stay.move", {"to": to}, stay)
        assert (row("Stay", stay).view["away"], row("Stay", stay).in_custody) == (away, True)


def test_a_court_that_releases_in_the_courtroom_ends_the_stay_with_a_reason_for_the_notice_owed(ice: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    do(essex.clerk, "request.decide", {"ask": "notify"}, request)
    do(essex.clerk, "stay.appear_in_court", {"what": "bail_hearing", "result": "released on recognizance"}, stay)
    do(essex.clerk, "stay.release", {"cause": "court_order", "against_duty": "released in the courtroom"}, stay)
    assert last(stay, "released").data["against_duty"] == "released in the courtroom"


def test_a_transfer_to_a_facility_says_whose_it_is(essex: Any, missouri: Any) -> None:
    stay = book(essex)
    do(essex.clerk, "stay.transfer", {"to_facility": missouri.facility}, stay)
    assert last(stay, "transferred").data == {"to_agency": str(missouri.id), "to_facility": missouri.facility}
    assert (row("Stay", stay).state, row("Stay", stay).in_custody) == ("transferred", False)


def test_an_escape_leaves_the_request_open_and_the_person_not_in_custody(ice: Any, essex: Any) -> None:
    request, stay = linked(ice, essex)
    do(essex.clerk, "stay.escape", {}, stay)
    assert (row("Stay", stay).in_custody, row("Request", request).live) == (False, True)


@pytest.mark.parametrize("end", ["release", "transfer", "die"])
@pytest.mark.parametrize("after", ["charge", "plan_release", "release_due", "move", "release", "transfer", "die", "escape"])
def test_nothing_happens_to_a_stay_that_is_over(essex: Any, end: str, after: str) -> None:
    stay = book(essex)
    do(essex.clerk, f"stay.{end}", {}, stay)
    with refused("state"):
        do(essex.clerk, f"stay.{after}", {}, stay)


def test_a_statement_on_a_stay_that_is_over_is_still_taken(essex: Any) -> None:
    stay = book(essex)
    do(essex.clerk, "stay.release", {}, stay)
    do(essex.clerk, "stay.state", {"claim": "other", "text": "our log"}, stay)
    assert row("Stay", stay).state == "released"


def test_a_file_is_the_requester_s_own_history_with_times_only_roughly_known(ice: Any, essex: Any) -> None:
    file = do(ice.officer, "file.begin", {"kind": "encountered", "occurred": "2022-07"}).stream
    for kind, occurred in (("notice_to_appear_issued", "2022-07"), ("supervision_enrolled", "2022-07/..")):
        do(ice.officer, "file.record", {"kind": kind, "occurred": occurred}, file)
    do(ice.officer, "file.record", {"kind": "arrested", "data": {"at_large": True}, "occurred": "2024-03-28"}, file)
    assert [event.occurred for event in told(file)] == ["2022-07", "2022-07", "2022-07/..", "2024-03-28"]
    assert (row("File", file).state, row("File", file).view["last_kind"]) == ("open", "arrested")
    assert [len(seen_by(agency.id, "File", pk=file)) for agency in (ice, essex)] == [1, 0]


def test_a_file_names_its_person_by_an_identity_and_in_no_event(ice: Any) -> None:
    file = do(ice.officer, "file.begin", {}).stream
    assert [identity.name for identity in seen_by(ice.id, "Identity", person=row("File", file).person)] == [PERSON["name"]]
    assert PERSON["name"] not in str([event.data for event in told(file)])


def test_a_closed_file_takes_nothing_but_a_statement_or_a_correction(ice: Any) -> None:
    file = do(ice.officer, "file.begin", {}).stream
    do(ice.officer, "file.record", {"kind": "closed"}, file)
    with refused("state"):
        do(ice.officer, "file.record", {"kind": "hearing"}, file)
    do(ice.officer, "file.state", {"text": "reopened elsewhere"}, file)
    do(ice.officer, "file.correct", {"corrects": str(last(file, "closed").id), "reason": "not closed", "void": True}, file)
    assert row("File", file).state == "open"


def test_a_file_takes_what_its_kind_of_event_carries_and_nothing_else(ice: Any) -> None:
    file = do(ice.officer, "file.begin", {}).stream
    with refused("invalid", "order"):
        do(ice.officer, "file.record", {"kind": "ordered", "data": {"order": "exile"}}, file)
    with refused("invalid", "shoe_size"):
        do(ice.officer, "file.record", {"kind": "hearing", "data": {"shoe_size": 44}}, file)
    with refused("invalid", "kind"):
        do(ice.officer, "file.record", {"kind": "searched_for"}, file)


def test_a_file_does_not_begin_with_its_end(ice: Any) -> None:
    with refused("state"):
        do(ice.officer, "file.begin", {"kind": "closed"})
