"""Deadlines from events and rules, and the calendars they are counted on; pure, with no clock of its own."""

from detainer.clock.calendars import CALENDARS, DAY_KINDS, Calendar, DayKind, holiday_name, is_federal_holiday
from detainer.clock.counting import counted, counted_except, days_left_out, elapsed
from detainer.clock.deadlines import (
    WARNING_STEPS,
    Deadline,
    State,
    deadline,
    deadlines,
    governed,
    promised,
    put_off,
    remaining,
    state,
    warning_step,
    window,
)
from detainer.clock.firing import WRONG_BY, Firing, fires_now, firing_times, next_firing, schedule
from detainer.clock.holds import HOLD_RULES, hold_deadlines
from detainer.clock.kinds import KINDS, ClockKind, Kind, Step
from detainer.clock.notices import NOTICE_TARGET_HOURS, notice_lead, notice_target
from detainer.clock.rules import CountingRule

__all__ = [
    "CALENDARS",
    "DAY_KINDS",
    "HOLD_RULES",
    "KINDS",
    "NOTICE_TARGET_HOURS",
    "WARNING_STEPS",
    "WRONG_BY",
    "Calendar",
    "ClockKind",
    "CountingRule",
    "DayKind",
    "Deadline",
    "Firing",
    "Kind",
    "State",
    "Step",
    "counted",
    "counted_except",
    "days_left_out",
    "deadline",
    "deadlines",
    "elapsed",
    "fires_now",
    "firing_times",
    "governed",
    "hold_deadlines",
    "holiday_name",
    "is_federal_holiday",
    "next_firing",
    "notice_lead",
    "notice_target",
    "promised",
    "put_off",
    "remaining",
    "schedule",
    "state",
    "warning_step",
    "window",
]
