"""How requests end, each path as it happens in the world."""

from typing import Any

import pytest
from hypothesis import given
from record_making import COURT, ICE, PRISON, SHERIFF, following, record, some_id, streams

from detainer.record import lifecycle
from detainer.record.ends import OUTCOMES
from detainer.record.event import Event
from detainer.record.outcome import Outcome, disposition, of_request
from detainer.record.standing import standing

Told = str | tuple[str, dict[str, Any]]
RELEASED = ("closed", {"cause": "released"})
WITHOUT_NOTICE = ("closed", {"cause": "released", "notice_given": False})


def ended(*told: Told) -> Outcome:
    return of_request(record("request", "lodged", *told))


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ([], "open"),
        (["delivered", "acknowledged"], "open"),
        (["acknowledged", ("decided", {"choice": "decline"})], "open"),
        (["acknowledged", "handed_over"], "handed_over"),
        (["handed_over"], "handed_over"),
        (["acknowledged", "hold_started", "handed_over", "hold_ended"], "handed_over"),
        (["acknowledged", "notice_given", RELEASED], "released_with_notice"),
        (["acknowledged", "notice_given", WITHOUT_NOTICE], "released_with_notice"),
        (["acknowledged", WITHOUT_NOTICE], "released_without_notice"),
        (["acknowledged", ("closed", {"cause": "released", "notice_given": True})], "released_with_notice"),
        (["acknowledged", RELEASED], "released"),
        (["acknowledged", "hold_started", "hold_ended", WITHOUT_NOTICE], "released_without_notice"),
        (["acknowledged", "hold_started", RELEASED, "hold_ended"], "released"),
        (["cancelled"], "withdrawn"),
        (["acknowledged", "hold_started", "cancelled", "hold_ended"], "withdrawn"),
        ([("cancelled", {"reason": "superseded"})], "superseded"),
        ([("cancelled", {"reason": "duplicate"})], "duplicate"),
        (["not_here"], "not_in_custody"),
        (["not_here", "acknowledged"], "open"),
        (["not_here", "relayed"], "open"),
        (["acknowledged", "relayed", "acknowledged", "handed_over"], "handed_over"),
        ([("closed", {"cause": "died"})], "died"),
        ([("closed", {"cause": "passed_on"})], "passed_on"),
        ([("closed", {"cause": "superseded"})], "superseded"),
        ([("closed", {"cause": "duplicate"})], "duplicate"),
        ([("closed", {"cause": "handed_over"})], "handed_over"),
        ([("closed", {"cause": "cancelled"})], "withdrawn"),
        ([("closed", {"cause": "not_in_custody"})], "not_in_custody"),
        ([("closed", {"cause": "other"})], "unknown"),
    ],
)
def test_each_path_has_its_outcome(told: list[Told], value: str) -> None:
    assert ended(*told).value == value


def test_a_withdrawal_keeps_its_reason() -> None:
    assert ended(("cancelled", {"reason": "citizen"})).reason == "citizen"
    assert ended(("not_here", {"reason": "transferred"})).reason == "transferred"


@pytest.mark.parametrize("end", ["handed_over", "cancelled"])
@pytest.mark.parametrize("cause", ["released", "died", "other"])
def test_what_ended_a_request_stands_when_it_is_closed_later(end: str, cause: str) -> None:
    assert ended("acknowledged", end, ("closed", {"cause": cause})) == ended("acknowledged", end)


@pytest.mark.parametrize(
    ("cause", "value"),
    [("other", "not_in_custody"), ("cancelled", "not_in_custody"), ("passed_on", "passed_on"), ("died", "died")],
)
def test_not_here_gives_way_only_to_what_is_then_known(cause: str, value: str) -> None:
    assert ended(("not_here", {"reason": "transferred"}), ("closed", {"cause": cause})).value == value


def test_the_notice_of_an_earlier_custodian_is_of_another_release() -> None:
    relayed = ended("acknowledged", "notice_given", "relayed", "acknowledged", WITHOUT_NOTICE)
    assert relayed.value == "released_without_notice"
    again = ended("acknowledged", "notice_given", "relayed", "acknowledged", "notice_given", RELEASED)
    assert again.value == "released_with_notice"


@pytest.mark.parametrize("of", ["transfer", "hospital", "death"])
def test_notice_of_something_else_is_no_notice_of_release(of: str) -> None:
    assert ended("acknowledged", ("notice_given", {"of": of}), WITHOUT_NOTICE).value == "released_without_notice"


def test_a_notice_that_came_after_the_release_is_none() -> None:
    late = ("notice_given", {"occurred": "2024-02-03T12:00Z"})
    gone = ("closed", {"cause": "released", "notice_given": False, "occurred": "2024-02-01T12:00Z"})
    events = record("request", "lodged", "acknowledged", late, gone)
    assert of_request(events).value == "released_without_notice"
    assert disposition("notify", events, of_request(events)) == "overtaken"


def test_a_notice_on_the_day_of_release_counts_when_the_hour_is_not_known() -> None:
    gone = ("closed", {"cause": "released", "occurred": "2024-02-01"})
    assert ended("acknowledged", ("notice_given", {"occurred": "2024-02-02T01:30Z"}), gone).value == "released_with_notice"


def test_a_voided_notice_does_not_count() -> None:
    events = record("request", "lodged", "acknowledged", "notice_given")
    events.append(
        following(events, "request", "corrected", {"corrects": str(events[2].id), "reason": "never sent", "void": True})
    )
    events.append(following(events, "request", "closed", {"cause": "released", "notice_given": False}))
    assert of_request(events).value == "released_without_notice"


def test_a_correction_that_voids_the_end_opens_the_request_again() -> None:
    events = record("request", "lodged", "acknowledged", "handed_over")
    events.append(
        following(events, "request", "corrected", {"corrects": str(events[2].id), "reason": "another person", "void": True})
    )
    assert of_request(events).value == "open"
    assert standing("request", events).state == "acknowledged"


def the_lynn_request(*more: Told) -> list[Event]:
    by_the_sheriff = {"by_agency": SHERIFF, "says": ICE, "occurred": "2024-01-29/2024-03-28"}
    return record(
        "request",
        ("lodged", {"custodian": str(COURT), "facility": "LYNNDC", "asks": ["notify", "hold"], "occurred": "2024-01-29/.."}),
        ("stated", {"claim": "not_honoured", **by_the_sheriff}),
        ("closed", {"cause": "released", "notice_given": False, **by_the_sheriff}),
        *more,
    )


def test_lynn_ends_released_without_notice_on_the_word_of_the_requester_alone() -> None:
    outcome = of_request(the_lynn_request())
    assert (outcome.value, outcome.confirmed, outcome.occurred) == ("released_without_notice", False, "2024-01-29/2024-03-28")


def test_lynn_shows_no_refusal_where_nobody_answered() -> None:
    events = the_lynn_request()
    assert {ask: disposition(ask, events, of_request(events)) for ask in ("notify", "hold")} == {
        "notify": "overtaken",
        "hold": "overtaken",
    }


@pytest.mark.parametrize(
    ("says", "confirms", "confirmed"), [(SHERIFF, True, True), (SHERIFF, False, False), (COURT, True, False)]
)
def test_only_the_agency_that_did_it_can_confirm_it(says: Any, confirms: Any, confirmed: Any) -> None:
    told = the_lynn_request()
    events = the_lynn_request(("stated", {"about": str(told[-1].id), "confirms": confirms, "by_agency": says, "says": says}))
    assert of_request(events).confirmed is confirmed


def became(ask: Any, *told: Told) -> str:
    events = record("request", "lodged", *told)
    return disposition(ask, events, of_request(events))


@pytest.mark.parametrize("ask", ["notify", "hold", "transfer", "share", "interview"])
def test_silence_is_never_a_refusal(ask: str) -> None:
    assert became(ask) == "open"
    assert became(ask, "delivered", "acknowledged") == "open"
    assert became(ask, "acknowledged", WITHOUT_NOTICE) == "overtaken"
    assert became(ask, "not_here") == "overtaken"


@pytest.mark.parametrize("ask", ["notify", "hold", "transfer", "share", "interview"])
def test_an_ask_is_declined_by_a_decision_that_says_so(ask: str) -> None:
    decline = ("decided", {"ask": ask, "choice": "decline"})
    assert became(ask, "acknowledged", decline) == "declined"
    assert became(ask, "acknowledged", decline, WITHOUT_NOTICE) == "declined"
    assert became(ask, "acknowledged", decline, ("decided", {"ask": ask})) in ("open", "honoured")


@pytest.mark.parametrize(("ask", "deed"), [("notify", "notice_given"), ("hold", "hold_started"), ("transfer", "handed_over")])
def test_a_deed_counts_over_the_decision(ask: str, deed: str) -> None:
    assert became(ask, "acknowledged", ("decided", {"ask": ask, "choice": "decline"}), deed) == "honoured"
    assert became(ask, "acknowledged", ("decided", {"ask": ask})) == "open"


def test_sharing_and_interview_are_honoured_by_the_decision() -> None:
    assert became("share", "acknowledged", ("decided", {"ask": "share"})) == "honoured"


def test_a_hold_that_was_decided_but_not_needed_was_overtaken() -> None:
    assert became("hold", "acknowledged", ("decided", {"ask": "hold"}), "handed_over") == "overtaken"
    assert became("hold", "acknowledged", ("handed_over", {"held": True})) == "honoured"


def test_the_decision_of_an_earlier_custodian_is_not_laid_to_the_later_one() -> None:
    decline = ("decided", {"ask": "hold", "choice": "decline"})
    assert became("hold", "acknowledged", decline, "relayed", "acknowledged") == "open"
    assert became("hold", "acknowledged", decline, "relayed", "acknowledged", WITHOUT_NOTICE) == "overtaken"


@given(streams("request"))
def test_the_outcome_is_open_exactly_while_the_request_has_not_ended(events: list[Event]) -> None:
    state, told, leg = standing("request", events)
    outcome = of_request(events)
    assert (outcome.value == "open") == (state in lifecycle.LIVE)
    assert outcome.value in OUTCOMES
    assert outcome.value != "declined"
    assert set(outcome.evidence) <= {event.id for event in told}
    assert leg == told[-len(leg) :]


@given(streams("request"))
def test_no_ask_is_declined_without_a_decision_and_none_is_open_when_the_request_ended(events: list[Event]) -> None:
    outcome = of_request(events)
    for ask in ("notify", "hold", "transfer", "share", "interview"):
        found = disposition(ask, events, outcome)
        if found == "declined":
            assert any(
                event.kind == "decided" and event.data["ask"] == ask and event.data["choice"] == "decline" for event in events
            )
        assert found != "open" or outcome.value == "open"


@given(streams("request", corrected=False))
def test_without_corrections_the_state_is_what_the_table_alone_says_but_for_what_is_said_beside_it(events: list[Event]) -> None:
    from_table = lifecycle.reached("request", (event.kind for event in events))
    state = standing("request", events).state
    assert set(lifecycle.TABLE["request"][state]) == set(lifecycle.TABLE["request"][from_table])


def test_word_of_a_relay_to_the_requester_is_no_delivery_to_the_custodian() -> None:
    to_ice = record("request", "lodged", "relayed", ("delivered", {"to": str(ICE)}))
    to_prison = record("request", "lodged", "relayed", ("delivered", {"to": str(PRISON)}))
    assert (standing("request", to_ice).state, standing("request", to_prison).state) == ("lodged", "delivered")
    assert some_id("prison") == PRISON
