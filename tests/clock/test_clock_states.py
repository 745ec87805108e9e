"""How long is left, when a deadline warns, and when it has passed."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from pydantic import ValidationError

from detainer import clock

START = datetime(2024, 5, 6, 14, 0, tzinfo=UTC)
HOLD = clock.hold_deadlines(START, zone="America/New_York", form="I-247A")[0]


@pytest.mark.parametrize(
    ("before_due", "state", "step"),
    [
        (timedelta(hours=48), "running", None),
        (timedelta(hours=12, seconds=1), "running", None),
        (timedelta(hours=12), "warning", timedelta(hours=12)),
        (timedelta(hours=4), "warning", timedelta(hours=4)),
        (timedelta(hours=1), "warning", timedelta(hours=1)),
        (timedelta(microseconds=1), "warning", timedelta(hours=1)),
        (timedelta(0), "passed", timedelta(hours=1)),
        (timedelta(days=-3), "passed", timedelta(hours=1)),
    ],
)
def test_a_hold_warns_at_12_4_and_1_hours_and_has_ended_at_the_instant_itself(
    before_due: timedelta, state: str, step: timedelta | None
) -> None:
    now = HOLD.due_at - before_due
    assert clock.state(HOLD, now) == state
    assert clock.warning_step(HOLD, now) == step
    assert clock.remaining(HOLD, now) == before_due


def test_the_times_at_which_it_fires_are_the_warnings_and_the_end() -> None:
    hours_left = [(HOLD.due_at - moment) / timedelta(hours=1) for moment in clock.firing_times(HOLD)]
    assert hours_left == [12, 4, 1, 0]


def test_a_warning_that_would_lie_before_the_start_is_not_given() -> None:
    short = clock.CountingRule(rule="example", label="six hours", hours=6, cite="example", source="example")
    (hold,) = clock.deadlines("hold_expiry", START, [short], zone="America/New_York")
    assert clock.firing_times(hold) == tuple(hold.due_at - timedelta(hours=hours) for hours in (4, 1, 0))


def test_every_kind_of_deadline_has_its_warning_steps_the_longest_first() -> None:
    assert set(clock.WARNING_STEPS) == set(get_args(clock.Kind))
    assert all(list(steps) == sorted(steps, reverse=True) for steps in clock.WARNING_STEPS.values())


def test_now_without_a_time_zone_is_refused() -> None:
    for ask in (clock.remaining, clock.state, clock.warning_step):
        with pytest.raises(ValueError, match=r"^now must say its time zone"):
            ask(HOLD, datetime(2024, 5, 6))  # noqa: DTZ001


def test_a_deadline_survives_json_and_cannot_be_changed() -> None:
    assert clock.Deadline.model_validate_json(HOLD.model_dump_json()) == HOLD
    with pytest.raises(ValidationError, match="frozen"):
        HOLD.governs = False  # type: ignore[misc]


def test_a_deadline_that_ends_before_it_starts_or_has_no_zone_is_none() -> None:
    with pytest.raises(ValidationError, match="due_at must not be before starts_at"):
        clock.Deadline.model_validate(HOLD.model_dump() | {"due_at": START - timedelta(hours=1)})
    with pytest.raises(ValidationError, match="timezone"):
        clock.Deadline.model_validate(HOLD.model_dump() | {"due_at": datetime(2024, 5, 8)})  # noqa: DTZ001
