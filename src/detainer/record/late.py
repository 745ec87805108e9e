"""What was entered long after it happened, such as the answers of a paper that was handed over in an outage. Pure."""

import datetime as dt
from typing import Final

from detainer.record import when
from detainer.record.event import Event

LATE: Final = dt.timedelta(hours=1)


def entered_late(event: Event, zone: str = "UTC") -> dt.timedelta | None:
    """Return how long after it occurred, at the latest that is said, an event was recorded; None within an hour."""
    to = when.parse(event.occurred, zone).to
    late = event.recorded_at - to if to else dt.timedelta()
    return late if late > LATE else None
