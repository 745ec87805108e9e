"""Deadlines at the edges of the calendar: both changes of the clocks, the year's end, leap day, in the facility's own zone."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from exchange_making import ADMINISTRATIVE, NOW, book, do, last, lodge, row, rows

pytestmark = pytest.mark.usefixtures("database")

ELAPSED, REGULATION = "us-time-limit/form_2017", "us-time-limit/regulation"


def clocks(ice: Any, custodian: Any, release_due: str, form: str = "I-247A") -> dict[str, str]:
    """Hold a person whose release fell due at an instant; return until when under each rule, in the facility's own time."""
    now = dt.datetime.fromisoformat(release_due).astimezone(dt.UTC) + dt.timedelta(minutes=1)
    before = now - dt.timedelta(days=3)
    told = {"facility": custodian.facility, "asks": ["notify", "hold"], "form": form, "basis": ADMINISTRATIVE}
    request = do(ice.officer, "request.lodge", told, now=before).stream
    stay = book(custodian, now=before)
    do(custodian.clerk, "request.acknowledge", {"stay": str(stay)}, request, now=before)
    do(custodian.clerk, "request.decide", {"ask": "hold", "reason": "as ordered"}, request, now=before)
    do(custodian.clerk, "request.serve", {}, request, now=before)
    do(custodian.clerk, "stay.release_due", {"occurred": release_due}, stay, now=now)
    do(custodian.clerk, "request.start_hold", {}, request, now=now)
    zone = row("Facility", custodian.facility).zone
    found = rows("Deadline", stream=request, kind="hold_expiry")
    said = {
        deadline["rule"]: dt.datetime.fromisoformat(deadline["due_at"])
        for deadline in last(request, "hold_started").data["deadlines"]
    }
    assert {deadline.rule: deadline.due_at for deadline in found} == said  # what the event keeps is what the clock shows
    assert [deadline.due_at for deadline in found if deadline.governs] == [min(deadline.due_at for deadline in found)]
    return {deadline.rule: in_zone(deadline.due_at, zone) for deadline in found}


def in_zone(at: dt.datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


@pytest.fixture
def jail(party: Any) -> Any:
    """A jail in Missouri on the time of New York, so that a hold may be chosen and the clocks change at two in the morning."""
    return party("custodian", jurisdiction="us/mo", zone="America/New_York")


def test_an_ordinary_weekday(ice: Any, jail: Any) -> None:
    assert clocks(ice, jail, "2026-03-03T09:00-05:00") == {
        ELAPSED: "2026-03-05T09:00-05:00",
        REGULATION: "2026-03-05T09:00-05:00",
    }


def test_over_a_weekend_the_form_s_hours_run_and_the_regulation_s_wait(ice: Any, jail: Any) -> None:
    assert clocks(ice, jail, "2026-02-27T16:30-05:00") == {
        ELAPSED: "2026-03-01T16:30-05:00",
        REGULATION: "2026-03-03T16:30-05:00",
    }


def test_in_the_spring_an_hour_is_missing_and_48_are_counted(ice: Any, jail: Any) -> None:
    assert clocks(ice, jail, "2026-03-07T01:30-05:00")[ELAPSED] == "2026-03-09T02:30-04:00"


@pytest.mark.parametrize(
    ("offset", "due"),
    [("-04:00", "2026-11-03T00:30-05:00"), ("-05:00", "2026-11-03T01:30-05:00")],
    ids=["the first 01:30", "the second 01:30"],
)
def test_in_the_repeated_hour_of_autumn_each_of_the_two_instants_counts_from_itself(
    ice: Any, jail: Any, offset: str, due: str
) -> None:
    assert clocks(ice, jail, f"2026-11-01T01:30{offset}")[ELAPSED] == due


def test_a_hold_that_begins_before_the_repeated_hour_ends_an_hour_earlier_by_the_clock(ice: Any, jail: Any) -> None:
    assert clocks(ice, jail, "2026-10-31T12:00-04:00")[ELAPSED] == "2026-11-02T11:00-05:00"


def test_over_the_year_s_end_new_year_s_day_is_left_out_by_the_regulation(ice: Any, jail: Any) -> None:
    assert clocks(ice, jail, "2025-12-31T15:00-05:00") == {
        ELAPSED: "2026-01-02T15:00-05:00",
        REGULATION: "2026-01-05T15:00-05:00",
    }


def test_over_leap_day(ice: Any, jail: Any) -> None:
    assert clocks(ice, jail, "2028-02-28T10:00-05:00") == {
        ELAPSED: "2028-03-01T10:00-05:00",
        REGULATION: "2028-03-01T10:00-05:00",
    }


def test_a_day_is_the_facility_s_day_and_not_that_of_utc(ice: Any, party: Any) -> None:
    hawaii = party("custodian", jurisdiction="us/mo", zone="Pacific/Honolulu")
    # Friday 20:00 in Honolulu is Saturday in UTC: four hours of Friday count, the rest from Monday.
    assert clocks(ice, hawaii, "2026-03-06T20:00-10:00")[REGULATION] == "2026-03-10T20:00-10:00"


def test_a_form_of_before_2015_is_counted_by_its_own_words(ice: Any, jail: Any) -> None:
    assert set(clocks(ice, jail, "2026-02-27T16:30-05:00", form="I-247").values()) == {"2026-03-03T16:30-05:00"}


def test_a_release_planned_for_a_day_asks_for_notice_48_hours_before_that_local_day_begins(ice: Any, jail: Any) -> None:
    request = lodge(ice, jail)
    stay = book(jail)
    do(jail.clerk, "request.acknowledge", {"stay": str(stay)}, request)
    do(jail.clerk, "stay.plan_release", {"at": "2026-03-09"}, stay)  # the day after the clocks went forward
    (clock,) = rows("Deadline", stream=request, kind="notice_lead")
    assert in_zone(clock.due_at, "America/New_York") == "2026-03-06T23:00-05:00"


def test_a_notice_target_that_is_past_is_due_at_once_and_falls_away_with_the_notice(ice: Any, jail: Any) -> None:
    request = lodge(ice, jail)
    stay = book(jail)
    do(jail.clerk, "request.acknowledge", {"stay": str(stay)}, request)
    do(jail.clerk, "request.decide", {"ask": "notify"}, request)
    do(jail.clerk, "stay.plan_release", {"at": "2026-03-03T09:00-05:00"}, stay)
    (clock,) = rows("Deadline", stream=request, kind="notice_lead")
    assert clock.due_at == NOW
    do(jail.clerk, "request.give_notice", {}, request)
    assert rows("Deadline", stream=request, kind="notice_lead", open=True) == []


def test_a_local_day_said_of_the_past_is_the_facility_s_day(ice: Any, jail: Any) -> None:
    stay = book(jail, occurred="2026-03-01")
    booked = rows("Event", stream=stay)[0]
    assert in_zone(booked.occurred_from, "America/New_York") == "2026-03-01T00:00-05:00"
    assert in_zone(booked.occurred_to, "America/New_York") == "2026-03-02T00:00-05:00"
    assert booked.occurred == "2026-03-01"


def test_two_times_are_kept_apart_when_it_occurred_and_when_it_was_recorded(ice: Any, jail: Any) -> None:
    later = NOW + dt.timedelta(days=4)
    stay = book(jail)
    do(jail.clerk, "stay.release", {"occurred": "2026-03-03T08:00-05:00"}, stay, now=later)
    released = last(stay, "released")
    assert (released.occurred, released.recorded_at) == ("2026-03-03T08:00-05:00", later)
    assert row("Stay", stay).ended == "2026-03-03T08:00-05:00"
