"""Places in a list, opaque to who reads it: they hold what the list is ordered by."""

import base64
import datetime as dt
from typing import Final
from uuid import UUID

from detainer.exchange import refusals
from detainer.exchange.refusals import Refused

LARGEST: Final = 2**63 - 1


def written(*place: object) -> str:
    """Return the cursor of a place."""
    return base64.urlsafe_b64encode(" ".join(map(str, place)).encode()).decode().rstrip("=")


def numbers(cursor: str) -> tuple[int, int]:
    """Return the place of a cursor into the feed. Raises Refused `invalid` for one that this list did not give."""
    first, second = _read(cursor)
    try:
        place = int(first), int(second)
    except ValueError as error:
        raise _foreign() from error
    if not all(0 <= number <= LARGEST for number in place):
        raise _foreign()
    return place


def moment(cursor: str) -> tuple[dt.datetime, UUID]:
    """Return the place of a cursor into a list ordered by time and id. Raises Refused `invalid` as above."""
    first, second = _read(cursor)
    try:
        at = dt.datetime.fromisoformat(first)
        place = UUID(second)
    except ValueError as error:
        raise _foreign() from error
    if at.tzinfo is None:
        raise _foreign()
    return at, place


def stream(cursor: str) -> UUID:
    """Return the place of a cursor into a list ordered by id. Raises Refused `invalid` as above."""
    try:
        return UUID(word(cursor))
    except ValueError as error:
        raise _foreign() from error


def word(cursor: str) -> str:
    """Return the place of a cursor into a list ordered by one word. Raises Refused `invalid` as above."""
    kind, place = _read(cursor)
    if kind != "after" or not place.isprintable():
        raise _foreign()
    return place


def _read(cursor: str) -> tuple[str, str]:
    try:
        told = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        first, second = told.split(" ")
    except ValueError as error:
        raise _foreign() from error
    return first, second


def _foreign() -> Refused:
    return refusals.one_field("after", "not a cursor that this list gave")
