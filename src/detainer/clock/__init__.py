"""Deadlines from events and rules, and the calendars they are counted on; pure, with no clock of its own."""

from detainer.clock.calendars import CALENDARS, DAY_KINDS, Calendar, DayKind, holiday_name, is_federal_holiday
from detainer.clock.counting import counted, counted_except, days_left_out, elapsed
from detainer.clock.deadlines import (
    WARNING_STEPS,
    CountingRule,
    Deadline,
    Kind,
    State,
    deadlines,
    firing_times,
    remaining,
    state,
    warning_step,
)
from detainer.clock.holds import HOLD_RULES, hold_deadlines
from detainer.clock.notices import NOTICE_TARGET_HOURS, notice_lead, notice_target

__all__ = [
    "CALENDARS",
    "DAY_KINDS",
    "HOLD_RULES",
    "NOTICE_TARGET_HOURS",
    "WARNING_STEPS",
    "Calendar",
    "CountingRule",
    "DayKind",
    "Deadline",
    "Kind",
    "State",
    "counted",
    "counted_except",
    "days_left_out",
    "deadlines",
    "elapsed",
    "firing_times",
    "hold_deadlines",
    "holiday_name",
    "is_federal_holiday",
    "notice_lead",
    "notice_target",
    "remaining",
    "state",
    "warning_step",
]
