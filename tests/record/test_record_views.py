"""What a request, a stay and a file look like from their events."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from record_making import COURT, ICE, MAY, PRISON, SHERIFF, STAY, following, record, some_id, streams

from detainer.record import lifecycle, views
from detainer.record.event import Event

CLERK, SUPERVISOR = some_id("clerk"), some_id("supervisor")
FOLD = {"request": views.request, "stay": views.stay, "file": views.file}


def request_of(*told: Any) -> views.RequestView:
    return views.request(record("request", "lodged", *told))


def ask_of(view: views.RequestView, ask: str) -> views.AskView:
    return next(one for one in view.asks if one.ask == ask)


@given(streams())
def test_every_beginning_of_a_stream_folds_and_has_a_state_of_the_table(events: list[Event]) -> None:
    for end in range(1, len(events) + 1):
        view = FOLD[events[0].stream_kind](events[:end])
        assert view.state in lifecycle.TABLE[events[0].stream_kind]
        assert (view.id, view.version) == (events[0].stream, end)


@given(streams())
def test_a_view_survives_the_way_through_the_read_table(events: list[Event]) -> None:
    view = FOLD[events[0].stream_kind](events)
    assert type(view).model_validate(view.model_dump(mode="json")) == view


@pytest.mark.parametrize("kind", ["request", "stay", "file"])
def test_nothing_adds_up_to_nothing(kind: str) -> None:
    with pytest.raises(ValueError, match="begins with"):
        FOLD[kind]([])
    with pytest.raises(ValueError, match="begins with"):
        FOLD[kind](record("request", "closed"))  # type: ignore[arg-type]


def test_a_request_as_lodged_says_what_the_form_said() -> None:
    said = {
        "form_edition": "02/17",
        "relay_requested": True,
        "notify_events_requested": False,
        "issuing_office": "PERC",
        "reference": "R-1",
    }
    view = views.request(record("request", ("lodged", said)))
    assert {key: getattr(view, key) for key in said} == said
    assert (view.upon_conviction, view.prepared_on, view.contact) == (None, None, None)
    assert (view.requester, view.custodian, view.state, view.undecided) == (
        ICE,
        SHERIFF,
        "lodged",
        ("notify", "hold", "transfer", "share"),
    )


def test_what_the_custodian_returns_is_shown_and_a_second_acknowledgement_links_another_stay() -> None:
    first = {
        "stay": str(STAY),
        "booking_number": "24-1",
        "latest_charge": "larceny",
        "estimated_release": "2024-02",
        "by_user": CLERK,
    }
    view = request_of(("acknowledged", first), ("acknowledged", {"stay": str(some_id("other stay"))}))
    assert (view.stay, view.booking_number, view.latest_charge, view.estimated_release) == (
        some_id("other stay"),
        "24-1",
        "larceny",
        "2024-02",
    )
    assert (view.acknowledged, view.acknowledged_by) == (record("request", "lodged", "acknowledged")[1].occurred, CLERK)


def test_each_ask_shows_the_answer_and_the_decision_on_it() -> None:
    answers = {"hold": {**MAY, "value": "must_not"}, "notify": MAY}
    decided = ("decided", {"ask": "hold", "choice": "decline", "reason": "Lunn", "by_user": CLERK})
    view = request_of("acknowledged", ("answered", {"answers": answers, "facts": {"age": 34}}), decided)
    hold = ask_of(view, "hold")
    assert hold.answer is not None
    assert (hold.answer.value, hold.choice, hold.reason, hold.decided_by, hold.disposition) == (
        "must_not",
        "decline",
        "Lunn",
        CLERK,
        "declined",
    )
    assert ask_of(view, "share").answer is None
    assert (view.facts, view.undecided) == ({"age": 34}, ("notify", "transfer", "share"))


def test_a_proposal_waits_until_it_is_decided() -> None:
    proposed = ("decision_proposed", {"ask": "hold", "by_user": CLERK})
    waiting = request_of("acknowledged", proposed)
    proposal = ask_of(waiting, "hold").proposal
    assert proposal is not None
    assert (proposal.by_user, ask_of(waiting, "notify").proposal) == (CLERK, None)
    decided = ("decided", {"ask": "hold", "against_answer": True, "second_person": str(SUPERVISOR), "reason": "a judge's order"})
    hold = ask_of(request_of("acknowledged", proposed, decided), "hold")
    assert (hold.proposal, hold.against_answer, hold.second_person) == (None, True, SUPERVISOR)
    assert ask_of(request_of("acknowledged", proposed, decided, proposed), "hold").proposal is not None


def test_no_proposal_waits_on_a_request_that_has_ended() -> None:
    assert ask_of(request_of("acknowledged", ("decision_proposed", {"ask": "hold"}), "cancelled"), "hold").proposal is None


def test_a_relay_begins_a_new_leg_with_nothing_acknowledged_or_decided() -> None:
    before = ["delivered", ("acknowledged", {"stay": str(STAY)}), "decided", "served", "notice_given"]
    view = request_of(*before, "relayed")
    assert (view.custodian, view.facility, view.legs) == (PRISON, "STATEMA", (SHERIFF, PRISON))
    assert (view.state, view.delivered, view.acknowledged, view.stay, view.release_notice) == ("lodged", None, None, None, None)
    assert view.undecided == ("notify", "hold", "transfer", "share")
    assert view.served is not None, "the copy that the person has stays theirs"
    assert len(view.notices) == 1


def test_delivery_is_the_first_to_the_custodian_not_that_of_a_notice_to_the_requester() -> None:
    view = request_of("delivered", "notice_given", ("delivered", {"to": str(ICE)}), "delivered")
    assert view.delivered == record("request", "lodged", "delivered")[1].occurred
    assert request_of(("delivered", {"to": str(ICE)})).delivered is None


def test_a_person_is_being_held_until_the_hold_ends_even_after_a_cancellation() -> None:
    holding = ["acknowledged", "hold_started"]
    assert request_of(*holding).is_holding
    assert request_of(*holding, "cancelled").is_holding
    for end in (["hold_ended"], ["cancelled", "hold_ended"], ["handed_over"], [("closed", {"cause": "died"})]):
        assert not request_of(*holding, *end).is_holding
    assert not request_of("acknowledged").is_holding


def test_the_requester_says_whether_it_comes() -> None:
    assert request_of("notice_given", ("notice_received", {"will_come": False})).will_come is False
    assert request_of("notice_given", "notice_received").will_come is None


def test_a_cancellation_is_received_only_by_a_receipt_that_names_it() -> None:
    cancelled = record("request", "lodged", "cancelled")
    assert not views.request(cancelled).cancel_received
    assert not views.request([*cancelled, following(cancelled, "request", "cancel_received", {})]).cancel_received
    receipt = following(cancelled, "request", "cancel_received", {"cancel": str(cancelled[1].id)})
    assert views.request([*cancelled, receipt]).cancel_received


@pytest.mark.parametrize(
    ("result", "is_open", "is_upheld"), [("still_checking", True, False), ("rejected", False, False), ("upheld", False, True)]
)
def test_a_claim_is_open_until_it_is_answered_and_stays_visible_when_upheld(result: str, is_open: Any, is_upheld: Any) -> None:
    events = record("request", "lodged", "contested")
    answer = following(events, "request", "contest_answered", {"contest": str(events[1].id), "result": result})
    view = views.request([*events, answer])
    assert view.contests_open == ((events[1].id,) if is_open else ())
    assert view.contests_upheld == ((events[1].id,) if is_upheld else ())


def told_by_ice(kind: str = "closed") -> tuple[str, dict[str, Any]]:
    return kind, {"by_agency": SHERIFF, "says": ICE}


def test_both_sides_account_is_shown_what_nobody_confirmed_and_what_was_denied() -> None:
    events = record("request", "lodged", told_by_ice())
    assert (views.request(events).unconfirmed, views.request(events).denied) == ((events[1].id,), ())

    def answered(confirms: Any, by: UUID = SHERIFF) -> views.RequestView:
        said = {"about": str(events[1].id), "confirms": confirms}
        return views.request([*events, following(events, "request", "stated", said, by_agency=by)])

    assert (answered(True).unconfirmed, answered(True).denied) == ((), ())
    assert (answered(False).unconfirmed, answered(False).denied) == ((events[1].id,), (events[1].id,))
    assert (answered(True, COURT).unconfirmed, answered(False, COURT).denied) == ((events[1].id,), ())


def test_a_stay_goes_from_booking_to_release() -> None:
    events = record("stay", "booked", "charged", "release_planned", "release_due", ("released", {"cause": "bail_posted"}))
    planned, ended = views.stay(events[:3]), views.stay(events)
    assert (planned.in_custody, planned.release_planned, planned.facility, planned.booking_number) == (
        True,
        "2024-02-01",
        "ESSEXMA",
        "24-1",
    )
    assert (ended.in_custody, ended.release_due, ended.release_cause) == (False, events[3].occurred, "bail_posted")
    assert ended.ended == events[4].occurred


def test_the_charges_are_those_of_the_arrest_until_they_are_booked() -> None:
    arrested = ("arrested", {"charges": ["rape", "indecent assault and battery"]})
    assert [charge["offence"] for charge in views.stay(record("stay", arrested)).charges] == [
        "rape",
        "indecent assault and battery",
    ]
    assert [charge["offence"] for charge in views.stay(record("stay", arrested, "booked", "charged")).charges] == ["larceny"]
    assert views.stay(record("stay", "booked")).charges == ()


@pytest.mark.parametrize(("to", "away"), [("court", "court"), ("hospital", "hospital"), ("back", None), ("facility", None)])
def test_a_stay_shows_who_is_out_to_court_or_in_hospital(to: str, away: str | None) -> None:
    assert views.stay(record("stay", "booked", ("moved", {"to": to}))).away == away
    assert views.stay(record("stay", "booked", ("moved", {"to": to}), "released")).away is None


def test_who_was_caught_again_is_in_custody_and_the_stay_has_not_ended() -> None:
    escaped, again = views.stay(record("stay", "booked", "escaped")), views.stay(record("stay", "booked", "escaped", "booked"))
    assert (escaped.in_custody, again.in_custody, again.ended) == (False, True, None)


def test_a_correction_of_a_booking_number_shows_at_once() -> None:
    events = record("stay", "booked", "charged")
    right = {**events[0].data, "booking_number": "24-9"}
    events.append(following(events, "stay", "corrected", {"corrects": str(events[0].id), "reason": "a slip", "data": right}))
    assert views.stay(events).booking_number == "24-9"


def test_a_file_keeps_its_person_and_its_last_event() -> None:
    view = views.file(
        record(
            "file",
            ("encountered", {"person": str(some_id("person"))}),
            "notice_to_appear_issued",
            "arrested",
            says=ICE,
            by_agency=COURT,
        )
    )
    assert (view.state, view.person, view.last_kind, len(view.unconfirmed)) == ("open", some_id("person"), "arrested", 3)


def test_the_event_that_voids_the_relay_gives_the_request_back_to_the_first_custodian() -> None:
    events = record("request", "lodged", "acknowledged", "relayed")
    events.append(following(events, "request", "corrected", {"corrects": str(events[2].id), "reason": "stayed", "void": True}))
    view = views.request(events)
    assert (view.custodian, view.state, view.legs) == (SHERIFF, "acknowledged", (SHERIFF,))
