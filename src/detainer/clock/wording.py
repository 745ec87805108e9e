"""How a deadline was reckoned, said in plain English in the time of the facility, whatever the machine's language."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from detainer.clock.calendars import holiday_name

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

LOOK_EVERY = timedelta(hours=12)
"""No place changes its clocks there and back within this time."""


def day_in_words(day: date) -> str:
    """A day as `Saturday 9 March 2024`."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def day_left_out_in_words(day: date, calendar: str = "us") -> str:
    """A day with the name of its holiday, if it is one: `Monday 11 November 2024 (Veterans Day)`."""
    if (holiday := holiday_name(day) or holiday_name(day, calendar)) is None:
        return day_in_words(day)
    return f"{day_in_words(day)} ({holiday.replace(' (observed)', ', observed')})"


def moment_in_words(moment: datetime, place: ZoneInfo) -> str:
    """An instant as `16:30 EST on Saturday 9 March 2024`, with seconds only where there are any."""
    local = moment.astimezone(place)
    clock = local.strftime("%H:%M:%S" if local.second else "%H:%M")
    name = local.tzname() or ""
    zone = f"UTC{name}" if name.startswith(("+", "-")) else name
    return f"{clock} {zone} on {day_in_words(local.date())}"


def changes_in_words(start: datetime, end: datetime, place: ZoneInfo) -> tuple[str, ...]:
    """Each change of the place's clocks between two instants in UTC, in order, such as `the change to summer time`."""
    steps = int((end - start) / LOOK_EVERY)
    looks = [*(start + step * LOOK_EVERY for step in range(steps + 1)), end]
    locals_ = [look.astimezone(place) for look in looks]
    return tuple(
        _change_in_words(before, after) for before, after in pairwise(locals_) if before.utcoffset() != after.utcoffset()
    )


def _change_in_words(before: datetime, after: datetime) -> str:
    named = {(False, True): "the change to summer time", (True, False): "the change back to standard time"}
    return named.get((bool(before.dst()), bool(after.dst())), "a change of the place's time zone")


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence: `a, b and c`."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def reckoning(
    length: str, start: datetime, due: datetime, place: ZoneInfo, left_out: Sequence[date], calendar: str = "us"
) -> str:
    """The whole sum: length and start (`48 h from`), days left out, changes of the clocks on the way, and the end."""
    parts = [f"{length} {moment_in_words(start, place)}"]
    if left_out:
        parts.append(f"leaving out {listed([day_left_out_in_words(day, calendar) for day in left_out])}")
    if changes := changes_in_words(min(start, due), max(start, due), place):
        parts.append(f"over {listed(changes)}")
    return f"{', '.join(parts)}: {moment_in_words(due, place)}"
