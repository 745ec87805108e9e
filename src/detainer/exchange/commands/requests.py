"""The other commands on a request: relay it, receive its cancellation, answer a claim, close it."""

from typing import Literal

from pydantic import Field

from detainer.exchange import answers, directory, identities, refusals
from detainer.exchange.commands.acknowledging import answer_again, facility_of
from detainer.exchange.models import Facility
from detainer.exchange.refusals import Refused
from detainer.exchange.work import Work
from detainer.record import kinds
from detainer.record.said import JsonObject, Line, Payload, Text
from detainer.record.views import RequestView


class Relay(Payload):
    """Pass the request on to the custodian to whom the person went."""

    facility: Line = Field(description="The facility's code. A name is refused, with the candidates.")
    reason: Literal["person_transferred", "misdirected"] = "person_transferred"
    note: Text | None = None


def relay(work: Work, view: RequestView, said: Relay, occurred: str | None) -> None:
    """Pass the request on to another custodian: the same request, a new leg, and the person's identity with it."""
    facility = directory.addressed(said.facility)
    if facility.code == view.facility:
        raise refusals.one_field("facility", f"[{facility.code}] is where the request already is")
    told = kinds.Relayed(custodian=facility.agency_id, facility=facility.code, reason=said.reason, note=said.note)
    identity = identities.copy(view.person, of=work.actor.agency, to=facility.agency_id)
    work.append(view.id, "relayed", told, occurred=occurred, zone=facility.zone)
    work.add_party(view.id, facility.agency_id)
    work.also(identity)
    answer_again(work, view, _facts_of_request(view, facility), facility, occurred)


def _facts_of_request(view: RequestView, facility: Facility) -> JsonObject:
    """Return the facts that the request itself tells at another facility: what a custodian said stays with that custodian."""
    return answers.facts_of(facility, form=view.form, basis=view.basis, requester_unit=view.requester_unit, said={})


def cancel_received(work: Work, view: RequestView, said: kinds.Noted, occurred: str | None) -> None:
    """Say, as the custodian, that the cancellation arrived."""
    if view.cancelled is None:
        raise Refused("state", "the request is not cancelled", state=view.state)
    work.append(view.id, "cancel_received", kinds.CancelReceived(cancel=view.cancelled, note=said.note), occurred=occurred)


def answer_contest(work: Work, view: RequestView, said: kinds.ContestAnswered, occurred: str | None) -> None:
    """Answer a claim that is open."""
    if said.contest not in view.contests_open:
        raise refusals.one_field("contest", "no claim of this id is open")
    work.append(view.id, "contest_answered", said, occurred=occurred)


def close(work: Work, view: RequestView, said: kinds.Closed, occurred: str | None) -> None:
    """Close a request that no stay here closes; whether notice was given follows from the record."""
    told = said.model_copy(update={"notice_given": view.release_notice is not None}) if said.cause == "released" else said
    work.append(view.id, "closed", told, occurred=occurred, zone=facility_of(view).zone)
