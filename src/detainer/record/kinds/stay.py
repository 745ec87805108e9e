"""The payloads of a stay's events: one custody episode, the custodian's own."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from detainer.record.kinds.noted import Noted
from detainer.record.said import (
    Charge,
    FacilityCode,
    Line,
    Occurred,
    Payload,
    PersonId,
    ReleaseCause,
    Text,
)


class Arrested(Noted):
    """Arrested by an agency that may or may not be the one that later holds the person."""

    person: PersonId | None = None
    facility: FacilityCode | None = None
    place: Line | None = None
    charges: tuple[Line, ...] = ()


class Booked(Noted):
    """Taken into a facility."""

    person: PersonId
    facility: FacilityCode
    booking_number: Line


class Charged(Noted):
    """Charged, or the charges changed: the whole list as it now stands."""

    charges: tuple[Charge, ...]


class CourtAppeared(Noted):
    """Before a court."""

    what: Literal["arraignment", "bail_hearing", "plea", "trial", "sentencing", "other"] = "other"
    court: Line | None = None
    result: Line | None = None


class ReleasePlanned(Noted):
    """A release is expected at a time that may change."""

    at: Occurred
    cause: ReleaseCause = "other"


class ReleaseDue(Noted):
    """The instant at which criminal custody ended: the hold clock starts here (8 CFR 287.7(d))."""

    cause: ReleaseCause


class Moved(Noted):
    """Moved inside the custodian's own facilities, to hospital, or out to court and back."""

    to: Literal["facility", "hospital", "court", "back"]
    facility: FacilityCode | None = None


class Transferred(Noted):
    """Handed to another custodian, who now has the person."""

    to_agency: UUID | None = None
    to_facility: FacilityCode | None = None
    to: Line | None = None


class ReleaseChecked(Payload):
    """What stood in the way of a release, or must be done at it, when somebody looked just before."""

    requests: tuple[UUID, ...] = ()
    warrants: int = Field(0, ge=0, description="Warrants that a judge signed: kept apart from civil papers.")
    duties: tuple[Line, ...] = Field((), description="What is still owed, each by its short name and the request.")


class Released(Noted):
    """Let out. `notice_given`: whether a requester was told before; None is not known."""

    cause: ReleaseCause = "other"
    notice_given: bool | None = None
    against_duty: Text | None = Field(None, description="Why the release went on although something was still owed.")
    over_warrants: tuple[UUID, ...] | None = Field(
        None, description="The requests whose judge-signed warrants the reason is about."
    )
