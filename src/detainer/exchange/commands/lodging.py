"""The command that begins a request, checked against the directory, the form and what is known of the person."""

import datetime as dt
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError

from detainer.exchange import answers, directory, identities, refusals
from detainer.exchange.commands.acknowledging import local_day
from detainer.exchange.identities import PersonSaid
from detainer.exchange.models import Facility, Identity, new_id
from detainer.exchange.refusals import FieldError, Refused
from detainer.exchange.work import Work
from detainer.record import kinds, when
from detainer.record.forms import contradictions
from detainer.record.said import Ask, Basis, Form, Line, Occurred, Payload, Text
from detainer.record.views import RequestView


class Lodge(Payload):
    """What a requester says to lodge a request."""

    facility: Line = Field(description="The facility's code. A name is refused, with the candidates.")
    person: PersonSaid | None = Field(
        None, description="Who it is about, as the form says. Not needed for a person already known."
    )
    person_id: UUID | None = Field(None, description="A person of whom the agency already holds an identity.")
    form: Form
    asks: tuple[Ask, ...] = Field(min_length=1)
    basis: Basis = Basis()
    prepared_on: Occurred | None = None
    reference: Line | None = None
    contact: Line | None = None
    requester_unit: Literal["civil_enforcement", "criminal_investigation"] = "civil_enforcement"
    replaces: UUID | None = None
    priority: Literal["urgent", "routine"] | None = Field(
        None, description="Urgent: an answer within 10 minutes unless another time was agreed; otherwise within 1 hour."
    )
    note: Text | None = None


def lodge(work: Work, said: Lodge, occurred: str | None) -> UUID:
    """Lodge a request with the custodian of a facility, and keep what the law answers to each ask on the facts it tells."""
    facility = directory.addressed(said.facility)
    custodian = facility.agency_id
    replaced = _replaced(work, said.replaces) if said.replaces else None
    person = said.person_id or _new_person(said)
    shared = None if said.person else _known(work, person, custodian)
    at = local_day(occurred, work.now, facility.zone)
    _check_person(work, said, facility, occurred)
    lodged = _lodged(said, person, custodian, facility.code)
    stream = work.begin("request", [work.actor.agency, custodian])
    work.append(stream, "lodged", lodged, occurred=occurred, zone=facility.zone)
    facts = answers.facts_of(facility, form=said.form, basis=said.basis, requester_unit=said.requester_unit, said={})
    answered = answers.answered(facility, lodged.asks, facts, at)
    work.append(stream, "answered", answered, occurred=occurred, zone=facility.zone)
    if said.person is not None:
        work.also(identities.row(person, said.person, agency=work.actor.agency, shared_by=work.actor.agency))
        work.also(identities.row(person, said.person, agency=custodian, shared_by=work.actor.agency))
    work.also(shared)
    if replaced:
        work.append(replaced.id, "cancelled", kinds.Cancelled(reason="superseded"))
    return stream


def _replaced(work: Work, replaces: UUID) -> RequestView:
    """Return the request that a new one supersedes. Raises Refused for one that the agency did not lodge itself."""
    view = work.request(replaces)
    if view.requester != work.actor.agency:
        raise Refused("not-allowed", "an agency supersedes what it lodged itself")
    return view


def _known(work: Work, person: UUID, custodian: UUID) -> Identity:
    """Return the custodian's copy of the identity that the agency holds. Raises Refused where it holds none (any more)."""
    shared = identities.copy(person, of=work.actor.agency, to=custodian)
    if shared is None:
        raise refusals.one_field("person_id", f"this agency holds no identity of a person [{person}]: name the person")
    return shared


def _new_person(said: Lodge) -> UUID:
    if said.person is None:
        raise refusals.one_field("person", "say who the request is about: name and what else the form tells, or a person_id")
    return new_id()


def _check_person(work: Work, said: Lodge, facility: Facility, occurred: str | None) -> None:
    born = said.person.date_of_birth if said.person else None
    today = work.now.astimezone(ZoneInfo(facility.zone)).date()
    if born and born > today:
        raise refusals.one_field("person.date_of_birth", f"[{born}] is in the future")
    for field, text in (("prepared_on", said.prepared_on), ("occurred", occurred)):
        at = when.parse(text, facility.zone) if text else None
        if born and at and at.to and at.to <= dt.datetime.combine(born, dt.time(), ZoneInfo(facility.zone)):
            raise refusals.one_field(field, f"[{text}] is before the person was born")
        if field == "prepared_on" and at and when.is_after(at, work.now):
            raise refusals.one_field(field, f"[{text}] is in the future: a form is prepared before it is sent")


def _lodged(said: Lodge, person: UUID, custodian: UUID, code: str) -> kinds.Lodged:
    told = said.model_dump(exclude={"person", "person_id", "facility"})
    try:
        lodged = kinds.Lodged(**told, person=person, custodian=custodian, facility=code)
    except ValidationError as error:
        raise refusals.invalid(error) from error
    found = contradictions(lodged)
    if found:
        errors = [FieldError(field, message) for field, message in found]
        raise Refused("contradiction", "; ".join(f"{item.field}: {item.message}" for item in errors), errors=errors)
    return lodged
