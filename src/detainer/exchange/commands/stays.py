"""The commands on a stay: book, charge, plan the release, let out; what ends a stay ends what waits on it."""

import datetime as dt
from typing import Final
from uuid import UUID

from pydantic import Field

from detainer.exchange import directory, identities, refusals, release_checking
from detainer.exchange.commands.acknowledging import answer_if_it_matters
from detainer.exchange.commands.ending import close_others, end_hold, go_on, waiting_on
from detainer.exchange.identities import PersonSaid
from detainer.exchange.models import Facility, Stay, new_id
from detainer.exchange.refusals import Refused
from detainer.exchange.work import Work
from detainer.record import kinds, when
from detainer.record.said import Charge, Line, Payload, Text
from detainer.record.views import StayView


class Book(Payload):
    """What a custodian says to book a person into one of its facilities."""

    facility: Line = Field(description="The facility's code.")
    booking_number: Line
    person: PersonSaid
    charges: tuple[Charge, ...] | None = None
    note: Text | None = None


def book(work: Work, said: Book, occurred: str | None) -> UUID:
    """Begin a stay: a person is booked into the agency's own facility under a booking number not used before."""
    facility = own_facility(work, said.facility)
    check_free(work, said.booking_number)
    return begin(work, said, facility, occurred)


def check_free(work: Work, booking_number: str) -> None:
    """Refuse a booking number that the agency has already given."""
    if Stay.objects.filter(custodian=work.actor.agency, booking_number=booking_number).exists():
        raise refusals.one_field("booking_number", f"[{booking_number}] is already booked", kind="state")


def begin(work: Work, said: Book, facility: Facility, occurred: str | None) -> UUID:
    """Begin a stay at a facility that is the agency's own, for a booking number that is free."""
    born = said.person.date_of_birth
    at = _parsed(occurred, facility.zone)
    if born and (born > work.now.date() or (at and at.to and at.to <= dt.datetime.combine(born, dt.time(), dt.UTC))):
        raise refusals.one_field("person.date_of_birth", f"[{born}] is after the booking")
    person = new_id()
    stream = work.begin("stay", [work.actor.agency])
    booked = kinds.Booked(person=person, facility=facility.code, booking_number=said.booking_number, note=said.note)
    work.append(stream, "booked", booked, occurred=occurred, zone=facility.zone)
    if said.charges is not None:
        work.append(stream, "charged", kinds.Charged(charges=said.charges), occurred=occurred, zone=facility.zone)
    work.also(identities.row(person, said.person, agency=work.actor.agency, shared_by=work.actor.agency))
    return stream


def own_facility(work: Work, code: str) -> Facility:
    """Return a facility of the agency itself by its code. Raises Refused for another's."""
    facility = directory.addressed(code)
    if facility.agency_id != work.actor.agency:
        raise refusals.one_field("facility", f"[{facility.code}] is not a facility of this agency")
    return facility


def release_due(work: Work, view: StayView, said: kinds.ReleaseDue, occurred: str | None) -> None:
    """Record the instant at which the person would be let out, and why: the hold clock starts here."""
    at = _parsed(occurred, zone_of(view))
    if at and not at.is_instant:
        raise refusals.one_field(
            "occurred", f"[{occurred}] is not an instant: a hold is counted in hours, so give the time with its offset"
        )
    work.append(view.id, "release_due", said, occurred=occurred, zone=zone_of(view))
    ground = GROUND_OF.get(said.cause)
    for request in waiting_on(work, view.id) if ground else ():
        if request.is_live:  # Colorado's six hours, for one, turn on why the person is due for release
            answer_if_it_matters(work, request, {"release_ground": ground}, occurred)


GROUND_OF: Final = {
    "bail_posted": "bond_posted",
    "charges_dropped": "charges_dropped",
    "sentence_served": "sentence_served",
    "court_order": "court_order",
}
"""What the law calls the cause of a release, as a fact; `other` says nothing."""


def _parsed(occurred: str | None, zone: str) -> when.When | None:
    try:
        return when.parse(occurred, zone) if occurred else None
    except ValueError as error:
        raise refusals.one_field("occurred", str(error)) from error


def move(work: Work, view: StayView, said: kinds.Moved, occurred: str | None) -> None:
    """Record a move inside the agency's own facilities, to hospital, or out to court and back."""
    if said.facility and said.to == "facility":
        own_facility(work, said.facility)
    elif said.facility:
        _known(said.facility, "facility")
    work.append(view.id, "moved", said, occurred=occurred, zone=zone_of(view))


def _known(code: str, field: str) -> Facility:
    """Return a facility of the directory, whether or not its agency takes part. Raises Refused `facility-unknown`."""
    known = Facility.objects.filter(pk=code).first()
    if known is None:
        raise refusals.one_field(field, f"no facility has the code [{code}]", kind="facility-unknown")
    return known


def transfer(work: Work, view: StayView, said: kinds.Transferred, occurred: str | None) -> None:
    """Record that the person went to another custodian. Each live request is then to be relayed, or closed as passed on."""
    told = said
    if said.to_facility:
        known = _known(said.to_facility, "to_facility")
        told = said.model_copy(update={"to_agency": said.to_agency or known.agency_id})
    work.append(view.id, "transferred", told, occurred=occurred, zone=zone_of(view))


class ReleaseCheck(Payload):
    """Look at what stands in the way of a release; it is of now, and takes nothing."""


def release_check(work: Work, view: StayView, _said: ReleaseCheck, occurred: str | None) -> None:
    """Record what stood in the way of a release, or had to be done at it, when somebody looked."""
    if occurred is not None:
        raise refusals.one_field("occurred", "a check is of the moment at which it is made")
    if not view.in_custody:
        raise Refused("state", f"the person is no longer here: the stay is [{view.state}]", state=view.state)
    found = release_checking.of_views(view, waiting_on(work, view.id), work.now, zone_of(view))
    work.append(view.id, "release_checked", found.recorded(), zone=zone_of(view))


def release(work: Work, view: StayView, said: kinds.Released, occurred: str | None) -> None:
    """Record that the person was let out. Never refused where it is lawful: against what is still owed it takes a reason."""
    zone = zone_of(view)
    waiting = waiting_on(work, view.id) if view.in_custody else []
    found = release_checking.of_views(view, waiting, work.now, zone, cause=said.cause)
    go_on(found.duties, said.against_duty, said.over_warrants)
    given = all(request.release_notice for request in waiting) if waiting else None
    told = said.model_copy(update={"notice_given": given if said.notice_given is None else said.notice_given})
    work.append(view.id, "released", told, occurred=occurred, zone=zone)
    for request in waiting:
        end_hold(work, request, "other", occurred, zone)
        if request.is_live:
            closed = kinds.Closed(cause="released", stay=view.id, notice_given=request.release_notice is not None)
            work.append(request.id, "closed", closed, occurred=occurred, zone=zone)


def die(work: Work, view: StayView, said: kinds.Noted, occurred: str | None) -> None:
    """Record a death in custody; it closes the requests that wait on the stay."""
    work.append(view.id, "died", said, occurred=occurred, zone=zone_of(view))
    close_others(work, view.id, None, kinds.Closed(cause="died", stay=view.id), occurred)


def zone_of(view: StayView) -> str:
    """Return the zone of the facility where the person is."""
    return (Facility.objects.filter(pk=view.facility).values_list("zone", flat=True).first() if view.facility else None) or "UTC"
