"""Clocks that fired and that nobody has seen to, as the page of a request and the board tell them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from told_making import CLERK, ICE, SHERIFF, START, ZONE, at, fired, told

from detainer.record import views
from detainer.web.alarms import Alarm, alarms


@dataclass
class Clock:
    """A clock that runs for the sheriff; it is due an hour after the request was lodged."""

    kind: str = "answer_due"
    rule: str = "routine"
    label: str = "every ask is to be answered"
    agency_id: UUID = SHERIFF
    due_at: dt.datetime = START + dt.timedelta(hours=1)
    open: bool = True
    fired: int = 1


HOLD: dict[str, Any] = {"release_due": "2026-03-02T15:00Z", "deadlines": []}
WARNED = fired(30, "warning", 1, "hold_expiry")
SEEN = (40, "clock_answered", SHERIFF, {"clock": "hold_expiry", "rule": "routine"}, CLERK)


def of(*said: Any, clocks: tuple[Clock, ...] = (Clock(),), minutes: float = 90, agency: UUID = SHERIFF) -> list[Alarm]:
    """The alarms of a request to which this was said, so many minutes after it was lodged."""
    return alarms(views.request(told(*said)), clocks, agency=agency, zone=ZONE, now=at(minutes))


def test_a_clock_that_has_not_fired_is_no_alarm() -> None:
    assert of(clocks=(Clock(fired=0),)) == []


def test_a_clock_that_fired_is_an_alarm_that_says_what_since_when_and_how_it_was_told() -> None:
    (one,) = of(fired(60, "reminder", 1))
    assert (one.title, one.is_urgent, one.is_mine) == ("Answer due", True, True)
    assert one.text == (
        "It ran out 2 March 2026, 11:00 EST (30 min ago). Every ask is to be answered. Last told 30 min ago: reminder 1."
    )


def test_a_warning_is_not_yet_urgent() -> None:
    (one,) = of(WARNED, clocks=(Clock("hold_expiry"),), minutes=35)
    assert not one.is_urgent
    assert one.may_be_answered


def test_what_a_named_person_saw_to_is_no_alarm_any_more() -> None:
    assert of(WARNED, SEEN, clocks=(Clock("hold_expiry"),), minutes=45) == []


def test_a_clock_that_stopped_is_no_alarm() -> None:
    assert of(fired(60, "reminder", 1), clocks=(Clock(open=False),)) == []


def test_who_is_held_past_the_hour_stays_on_top_whoever_has_seen_to_it() -> None:
    clocks = (Clock(due_at=at(10)), Clock("hold_expiry"))
    first, second = of((1, "hold_started", SHERIFF, HOLD), fired(10, "reminder", 1), WARNED, SEEN, clocks=clocks)
    assert (first.title, first.is_over_hold, first.may_be_answered) == ("Held past the hour", True, False)
    assert second.title == "Answer due"


def test_a_hold_that_ran_out_is_an_alarm_before_its_clock_has_fired() -> None:
    (one,) = of((1, "hold_started", SHERIFF, HOLD), clocks=(Clock("hold_expiry", fired=0),), minutes=60)
    assert one.title == "Held past the hour"


def test_an_answer_that_is_due_is_ended_by_the_answer_alone() -> None:
    (one,) = of(fired(60, "reminder", 1))
    assert not one.may_be_answered


def test_the_other_side_sees_that_it_is_not_its_own() -> None:
    (one,) = of(fired(60, "reminder", 1), agency=ICE)
    assert not one.is_mine
