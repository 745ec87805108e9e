"""The payloads of a file's events: the requester's own history of a person."""

from typing import Literal

from detainer.record.kinds.noted import Noted
from detainer.record.said import (
    Line,
    PersonId,
)


class Encountered(Noted):
    """First met by the agency."""

    person: PersonId | None = None
    place: Line | None = None


class Supervised(Noted):
    """Enrolled in supervision, such as Alternatives to Detention."""

    program: Line | None = None


class ArrestedByRequester(Noted):
    """Arrested by the requester: at large, or at a facility."""

    at_large: bool | None = None
    place: Line | None = None


class TakenIntoCustody(Noted):
    """In the requester's own custody."""

    pending: Line | None = None
    place: Line | None = None


class Hearing(Noted):
    """Before an immigration court."""

    court: Line | None = None
    result: Line | None = None


class Ordered(Noted):
    """An order of an immigration court or board."""

    order: Literal["removal", "voluntary_departure", "relief", "termination", "release", "other"]


class Ended(Noted):
    """How it ended."""

    reason: Line | None = None
