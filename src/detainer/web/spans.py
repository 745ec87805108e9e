"""How long is left, and how long ago, as a person says it. Pure."""

import datetime as dt

HOUR, DAY = 60, 24 * 60  # minutes
FINE = 6  # hours: what is longer is not told to the minute


def length(span: dt.timedelta) -> str:
    """Return a length of time in its two largest parts: `2 days 4 h`, `3 h 20 min`, `9 h`, `5 min`, `under a minute`."""
    minutes = int(abs(span).total_seconds() // 60)
    days, hours, rest = minutes // DAY, minutes % DAY // HOUR, minutes % HOUR
    if days:
        return f"{days} day{'s' if days > 1 else ''}" + (f" {hours} h" if hours and days < 7 else "")
    if hours:
        return f"{hours} h" + (f" {rest} min" if rest and hours < FINE else "")
    return f"{rest} min" if rest else "under a minute"


def left(due: dt.datetime, now: dt.datetime) -> str:
    """Return how long is left until an instant: `in 3 h 20 min`; once it has passed `40 min ago`."""
    return f"in {length(due - now)}" if due > now else ago(due, now)


def ago(at: dt.datetime, now: dt.datetime) -> str:
    """Return how long ago an instant was: `2 days 4 h ago`; the clocks of two machines may differ, so never `in`."""
    return f"{length(max(now - at, dt.timedelta()))} ago"
