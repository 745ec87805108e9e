"""What fires next, and what fires now: each step once, whatever the machine's clock says in between."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detainer import clock

HOUR = timedelta(hours=1)
START = datetime(2024, 5, 6, 14, 0, tzinfo=UTC)
kinds = st.sampled_from(sorted(clock.KINDS))
instants = st.datetimes(datetime(1997, 4, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def one(kind: str, start: datetime = START, hours: int = 48) -> clock.Deadline:
    """Return a deadline of a kind, that many hours after its start."""
    rule = clock.CountingRule(rule="example", label="example", hours=hours, cite="", source="")
    return clock.deadline(kind, start, rule, zone="America/New_York")  # type: ignore[arg-type]


class Machine:
    """Fires a clock whenever it is asked what the machine's clock says, and keeps what fired as the record would."""

    def __init__(self, deadline: clock.Deadline) -> None:
        self.deadline, self.fired, self.at = deadline, list[clock.Firing](), None

    def look(self, now: datetime) -> clock.Firing | None:
        found = clock.fires_now(self.deadline, self.fired[-1].number if self.fired else 0, self.at, None, now)
        if found:
            self.fired.append(found)
            self.at = now
        return found


def test_every_kind_says_who_acts_and_what_it_does() -> None:
    assert set(clock.KINDS) == set(get_args(clock.Kind))
    for kind in clock.KINDS.values():
        assert kind.name
        assert kind.label
        assert list(kind.warns) == sorted(kind.warns, reverse=True)
        assert kind.ladder
        assert set(kind.ladder) | {"repeat"} >= kind.second_contact


def test_a_hold_s_steps_in_order_and_then_every_half_hour() -> None:
    deadline, machine = one("hold_expiry"), Machine(one("hold_expiry"))
    moments = [deadline.due_at - 12 * HOUR, deadline.due_at - 4 * HOUR, deadline.due_at - HOUR, deadline.due_at]
    assert clock.firing_times(deadline) == tuple(moments)
    for index, moment in enumerate([*moments, deadline.due_at + HOUR / 2, deadline.due_at + HOUR]):
        assert machine.look(moment - timedelta(microseconds=1)) is None
        fired = machine.look(moment)
        assert fired is not None
        assert (fired.instant, fired.number, fired.missed) == (moment, index + 1, 0)
        assert machine.look(moment) is None
    assert [fired.step for fired in machine.fired] == ["warning"] * 3 + ["due"] + ["repeat"] * 2


def test_reminders_come_at_the_clock_s_own_length_and_end_at_the_second_contact_and_on() -> None:
    deadline = one("answer_due", hours=1)
    assert [(moment - deadline.due_at) // HOUR for moment in clock.firing_times(deadline)] == [0, 1, 2, 3, 4]
    assert [step for _, step in clock.schedule(deadline)] == ["reminder", "reminder", "reminder", "second_contact", "escalation"]
    last = clock.next_firing(deadline, 5, deadline.due_at + 4 * HOUR, deadline.due_at + 4 * HOUR)
    assert last == clock.Firing(deadline.due_at + 5 * HOUR, "repeat", 6)  # only the answer itself ends it


@pytest.mark.parametrize(
    ("fired", "answered_at", "next_step"),
    [(3, -HOUR, "due"), (4, -HOUR, "repeat"), (4, 0 * HOUR, None), (9, 3 * HOUR, None), (0, None, "warning")],
)
def test_a_person_who_sees_to_it_once_it_is_due_ends_it_and_before_that_only_what_has_been(
    fired: int, answered_at: timedelta | None, next_step: str | None
) -> None:
    deadline = one("hold_expiry")
    answered = None if answered_at is None else deadline.due_at + answered_at
    found = clock.next_firing(deadline, fired, deadline.due_at if fired else None, answered)
    assert (found.step if found else None) == next_step


def test_a_clock_without_repeats_ends_at_the_hour() -> None:
    deadline = one("consent_expiry")
    assert clock.next_firing(deadline, 2, deadline.due_at, None) is None


def test_a_number_of_firings_without_the_moment_of_the_last_is_refused() -> None:
    with pytest.raises(ValueError, match="says when it last did"):
        clock.next_firing(one("hold_expiry"), 2, None, None)
    with pytest.raises(ValueError, match="says when it last did"):
        clock.next_firing(one("hold_expiry"), -1, None, None)


def test_what_was_missed_is_counted_and_the_hour_itself_is_never_passed_over() -> None:
    machine = Machine(one("hold_expiry"))
    late = machine.deadline.due_at + 10 * HOUR
    assert machine.look(late) == clock.Firing(machine.deadline.due_at, "due", 4, missed=3)
    assert machine.look(late + 5 * HOUR) == clock.Firing(late + HOUR / 2, "repeat", 5, missed=9)


def test_a_machine_an_hour_and_more_ahead_puts_off_no_alarm() -> None:
    machine = Machine(one("hold_expiry"))
    due = machine.deadline.due_at
    machine.look(due + 24 * HOUR)
    assert machine.look(due - HOUR) is None
    assert machine.look(due) == clock.Firing(due, "repeat", 5)
    assert machine.look(due) is None


def test_a_machine_put_back_by_up_to_an_hour_fires_nothing_more_for_it() -> None:
    machine = Machine(one("hold_expiry"))
    due = machine.deadline.due_at
    machine.look(due + 2 * HOUR)
    for back in range(1, 60):
        assert machine.look(due + 2 * HOUR - timedelta(minutes=back)) is None


looks = st.lists(st.timedeltas(timedelta(days=-4), timedelta(days=4)), max_size=30)


@given(kinds, instants, st.integers(0, 96), looks)
def test_no_number_ever_fires_twice_and_each_is_the_next_or_counts_what_it_skipped(
    kind: str, start: datetime, hours: int, at: list[timedelta]
) -> None:
    machine = Machine(one(kind, start, hours))
    for later in at:  # in any order: the machine's clock jumps about
        machine.look(start + later)
    numbers = [fired.number for fired in machine.fired]
    assert numbers == sorted(set(numbers))
    steps = len(clock.schedule(machine.deadline))
    for before, fired in zip([0, *numbers], machine.fired, strict=False):
        assert fired.missed >= 0
        assert fired.number == before + 1 + (fired.missed if fired.step != "repeat" else 0)
        assert (fired.step == "repeat") == (fired.number > steps)


@given(kinds, instants, st.integers(0, 96), looks)
def test_a_clock_that_only_goes_on_fires_nothing_early_and_nothing_is_left_undone(
    kind: str, start: datetime, hours: int, at: list[timedelta]
) -> None:
    machine = Machine(one(kind, start, hours))
    for now in sorted(start + later for later in at):
        fired = machine.look(now)
        assert fired is None or fired.instant <= now
        assert machine.look(now) is None
        done = machine.fired[-1].number if machine.fired else 0
        assert done >= sum(moment <= now for moment in clock.firing_times(machine.deadline))


@given(kinds, instants, st.integers(0, 96), st.integers(0, 12))
def test_what_fires_next_never_lies_before_what_fired(kind: str, start: datetime, hours: int, number: int) -> None:
    deadline = one(kind, start, hours)
    times = [*clock.firing_times(deadline)]
    at = times[min(number, len(times)) - 1] if number else None
    found = clock.next_firing(deadline, number, at, None)
    assert found is None or (found.number == number + 1 and (at is None or found.instant >= at))
