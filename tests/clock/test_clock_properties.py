"""What holds for every start, in every zone, whatever machine it is reckoned on."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detainer import clock

ZONES = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles"),
    *("America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico", "Pacific/Guam", "Pacific/Pago_Pago"),
)
zones = st.sampled_from(ZONES)
instants = st.datetimes(datetime(1997, 4, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
lengths = st.integers(1, 240)
forms = st.sampled_from(sorted(clock.HOLD_RULES))


def left_out(day_and_time: datetime) -> bool:
    return any(told(day_and_time.date()) for told in clock.DAY_KINDS.values())


@given(instants, lengths, zones)
def test_counted_hours_never_end_before_elapsed_hours(start: datetime, hours: int, zone: str) -> None:
    assert clock.counted(start, hours, zone) >= clock.elapsed(start, hours)


@given(instants, st.timedeltas(timedelta(0), timedelta(days=10)), lengths, zones)
def test_a_later_start_never_ends_earlier(start: datetime, later: timedelta, hours: int, zone: str) -> None:
    assert clock.counted(start + later, hours, zone) >= clock.counted(start, hours, zone)
    assert clock.elapsed(start + later, hours) - clock.elapsed(start, hours) == later


@given(instants, zones, st.sampled_from(["I-247A", "I-247D"]))
def test_the_governing_deadline_of_todays_form_is_48_elapsed_hours_after_the_start(start: datetime, zone: str, form: str) -> None:
    (governing,) = [each for each in clock.hold_deadlines(start, zone=zone, form=form) if each.governs]
    assert governing.due_at - governing.starts_at == timedelta(hours=48)


@given(instants, zones, forms)
def test_exactly_one_deadline_governs_and_none_ends_before_it(start: datetime, zone: str, form: str) -> None:
    made = clock.hold_deadlines(start, zone=zone, form=form)
    governing = [each for each in made if each.governs]
    assert len(governing) == bool(made)
    assert all(each.due_at >= governing[0].due_at for each in made)


@given(instants, st.integers(1, 72), zones)
def test_the_count_is_the_same_as_walking_in_half_hours_over_the_days_that_count(start: datetime, hours: int, zone: str) -> None:
    place, half_hour = ZoneInfo(zone), timedelta(minutes=30)
    begins = start.replace(minute=start.minute // 30 * 30, second=0, microsecond=0)
    moment, left = begins, hours * 2
    while left:
        left -= not left_out(moment.astimezone(place))
        moment += half_hour
    assert clock.counted(begins, hours, zone) == moment


@given(instants, lengths, zones)
def test_counts_one_after_the_other_are_the_same_as_one_long_count(start: datetime, hours: int, zone: str) -> None:
    in_two = clock.counted(clock.counted(start, hours, zone), 48, zone)
    assert in_two == clock.counted(start, hours + 48, zone)


@given(instants, st.timedeltas(timedelta(days=-5), timedelta(days=5)), zones)
def test_a_deadline_has_passed_exactly_when_nothing_is_left(start: datetime, later: timedelta, zone: str) -> None:
    for deadline in clock.hold_deadlines(start, zone=zone, form="I-247A"):
        passed = clock.state(deadline, start + later) == "passed"
        assert passed == (clock.remaining(deadline, start + later) <= timedelta(0))


@contextmanager
def machine_in(zone: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        try:
            yield
        finally:
            patch.undo()
            time.tzset()


@given(instants, zones, st.sampled_from(["Asia/Tokyo", "Pacific/Honolulu", "Europe/London"]))
def test_the_zone_of_the_machine_changes_nothing(start: datetime, zone: str, machine: str) -> None:
    here = clock.hold_deadlines(start, zone=zone, form="I-247A")
    with machine_in(machine):
        assert clock.hold_deadlines(start, zone=zone, form="I-247A") == here
        assert clock.notice_target(start, known_at=start, zone=zone) == clock.notice_target(
            start, known_at=start.astimezone(ZoneInfo(zone)), zone=zone
        )
