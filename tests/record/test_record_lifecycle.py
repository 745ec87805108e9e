"""The life-cycle table says what happens in the world."""

from collections import deque
from itertools import pairwise

import pytest

from detainer.record import lifecycle
from detainer.record.kinds import KINDS

STREAMS = ("request", "stay", "file")


def request_after(*kinds: str) -> str:
    """Return the state after these events, each of which the state before must take."""
    state = lifecycle.BEGIN
    for kind in kinds:
        state = lifecycle.after("request", state, kind)
    return state


@pytest.mark.parametrize("stream", STREAMS)
def test_every_state_can_be_reached(stream: str) -> None:
    seen, todo = {lifecycle.BEGIN}, deque([lifecycle.BEGIN])
    while todo:
        new = set(lifecycle.TABLE[stream][todo.popleft()].values()) - seen
        seen |= new
        todo.extend(new)
    assert seen == set(lifecycle.TABLE[stream])


@pytest.mark.parametrize("stream", STREAMS)
def test_every_kind_has_a_place_in_the_life_cycle_and_the_life_cycle_knows_no_other(stream: str) -> None:
    assert {kind for moves in lifecycle.TABLE[stream].values() for kind in moves} == set(KINDS[stream])


@pytest.mark.parametrize("stream", STREAMS)
def test_what_may_always_be_said_may_be_said_in_every_state_and_changes_none(stream: str) -> None:
    for state, moves in lifecycle.TABLE[stream].items():
        if state != lifecycle.BEGIN:
            assert (moves["stated"], moves["corrected"]) == (state, state)


def test_a_request_goes_from_lodging_to_hand_over() -> None:
    path = [
        "lodged",
        "delivered",
        "acknowledged",
        "answered",
        "decided",
        "served",
        "notice_given",
        "notice_received",
        "handed_over",
        "closed",
    ]
    assert request_after(*path) == "closed"


@pytest.mark.parametrize("state", ["lodged", "delivered", "acknowledged", "decided", "notified", "holding", "hold_ended"])
def test_notice_can_be_given_in_every_live_state(state: str) -> None:
    assert lifecycle.after("request", state, "notice_given") == (state if state in ("holding", "hold_ended") else "notified")


@pytest.mark.parametrize("state", lifecycle.LIVE)
def test_what_happens_to_the_person_can_be_recorded_though_nobody_acknowledged(state: str) -> None:
    assert lifecycle.after("request", state, "handed_over") == "handed_over"


@pytest.mark.parametrize("state", [state for state in lifecycle.TABLE["request"] if state])
def test_a_request_can_be_contested_in_every_state_without_changing_it(state: str) -> None:
    assert lifecycle.after("request", state, "contested") == state
    assert lifecycle.after("request", state, "contest_answered") == state


def test_a_hold_can_be_ended_after_the_request_was_cancelled_or_has_ended() -> None:
    for end in ("cancelled", "handed_over", "closed"):
        assert request_after("lodged", "acknowledged", "hold_started", end, "hold_ended") == end


def test_not_here_is_taken_back_by_an_acknowledgement_or_followed_by_a_relay() -> None:
    assert request_after("lodged", "not_here", "acknowledged") == "acknowledged"
    assert request_after("lodged", "not_here", "relayed", "delivered", "acknowledged") == "acknowledged"


def test_nobody_is_relayed_or_not_here_while_being_held() -> None:
    for kind in ("relayed", "not_here"):
        with pytest.raises(ValueError, match=r"\[holding\] cannot take"):
            request_after("lodged", "acknowledged", "hold_started", kind)
        assert request_after("lodged", "acknowledged", "hold_started", "hold_ended", kind)


def test_nobody_is_held_twice_on_one_request() -> None:
    with pytest.raises(ValueError, match=r"\[hold_ended\] cannot take \[hold_started\]"):
        request_after("lodged", "acknowledged", "hold_started", "hold_ended", "hold_started")


@pytest.mark.parametrize("state", ["acknowledged", "decided", "notified", "holding", "hold_ended"])
def test_an_acknowledgement_said_again_links_another_stay_and_changes_nothing(state: str) -> None:
    assert lifecycle.after("request", state, "acknowledged") == state


@pytest.mark.parametrize(
    "kind", ["decided", "acknowledged", "hold_started", "handed_over", "notice_given", "relayed", "lodged", "cancelled"]
)
def test_a_closed_request_takes_no_more_decisions_or_deeds(kind: str) -> None:
    with pytest.raises(ValueError, match=r"a request that is \[closed\] cannot take"):
        lifecycle.after("request", "closed", kind)


def test_a_refusal_names_the_state_and_what_it_takes() -> None:
    with pytest.raises(ValueError, match=r"a stay that is \[not begun\] cannot take \[released\]: it takes arrested, booked"):
        lifecycle.after("stay", lifecycle.BEGIN, "released")


def test_states_that_differ_only_in_what_is_known_take_the_same_events() -> None:
    """`lodged` and `delivered`, and those with the person: so a door that reads the table alone refuses the same."""
    for one, other in [*pairwise(["lodged", "delivered"]), *pairwise(["acknowledged", "decided", "notified"])]:
        assert set(lifecycle.TABLE["request"][one]) == set(lifecycle.TABLE["request"][other])


def test_after_a_voided_event_those_that_stood_on_it_leave_the_state_as_it_is() -> None:
    assert lifecycle.reached("request", ["lodged", "acknowledged", "hold_ended"]) == "acknowledged"


@pytest.mark.parametrize("end", ["released", "transferred", "died", "escaped"])
def test_a_stay_ends_from_every_state_in_custody(end: str) -> None:
    for state in lifecycle.IN_CUSTODY:
        assert lifecycle.after("stay", state, end) == end


def test_who_escaped_can_be_booked_again_and_who_was_released_cannot() -> None:
    assert lifecycle.after("stay", "escaped", "booked") == "in_custody"
    with pytest.raises(ValueError, match=r"\[released\] cannot take \[booked\]"):
        lifecycle.after("stay", "released", "booked")


def test_nobody_is_released_before_booking_or_arrest() -> None:
    with pytest.raises(ValueError, match="not begun"):
        lifecycle.after("stay", lifecycle.BEGIN, "released")


def test_a_file_takes_its_events_in_any_order_until_it_is_closed() -> None:
    assert lifecycle.reached("file", ["arrested", "encountered", "removed"]) == "open"
    with pytest.raises(ValueError, match=r"\[closed\] cannot take \[arrested\]"):
        lifecycle.after("file", "closed", "arrested")


@pytest.mark.parametrize("stream", STREAMS)
def test_the_diagram_shows_every_change_of_state(stream: str) -> None:
    drawn = lifecycle.diagram(stream)
    assert drawn.startswith("stateDiagram-v2\n    [*] --> ")
    for state, moves in lifecycle.TABLE[stream].items():
        for kind, target in moves.items():
            if target != state:
                line = next(line for line in drawn.splitlines() if line.startswith(f"    {state or '[*]'} --> {target}:"))
                assert kind in line
