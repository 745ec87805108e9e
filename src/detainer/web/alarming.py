"""Which clocks are alarms as the database tells it: those that ran out, fired, and that no named person has seen to."""

import datetime as dt
from typing import Final

from django.db.models import Q, QuerySet

from detainer.exchange.models import Deadline

HELD: Final = ("hold_expiry", "hold_without_request")
_FIRED: Final = Q(fired__gt=0, next_fire_at__isnull=False)  # a clock that somebody has seen to fires no more
_OVER: Final = Q(kind="hold_expiry", stream__request__holding=True) | Q(kind="hold_without_request")


def alarming(now: dt.datetime) -> QuerySet[Deadline]:
    """Return the clocks that have run out and that nobody has seen to; who is held past the hour is one, whoever saw to it."""
    return Deadline.objects.filter(_FIRED | _OVER, open=True, due_at__lte=now)
