"""The commands on a request: lodge, acknowledge, decide, give notice, hold, hand over, relay, cancel, contest, correct."""

import datetime as dt
from typing import Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from pydantic import Field, ValidationError

from detainer.exchange import answers, clocks, directory, identities, refusals
from detainer.exchange.identities import PersonSaid
from detainer.exchange.models import Facility, Identity, Request, Stay, new_id
from detainer.exchange.refusals import FieldError, Refused
from detainer.exchange.roles import CONFIRMING
from detainer.exchange.work import Work
from detainer.record import event as record_event
from detainer.record import kinds, when
from detainer.record.forms import contradictions
from detainer.record.said import (
    Ask,
    Basis,
    Choice,
    Form,
    JsonObject,
    Line,
    Occurred,
    Payload,
    Text,
)
from detainer.record.views import AskView, RequestView

# A choice that goes against what the law answers: it takes a reason and a second person.
AGAINST: Final = frozenset({("must", "decline"), ("must_not", "honour")})
# An answer that settles nothing: whichever choice is made, the reason is kept.
UNSETTLED: Final = frozenset({"needs_facts", "conflict", "ask_counsel"})
HoldEndReason = Literal["handed_over", "other"]  # of the reasons of `hold_ended`, those that follow from another command


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
    note: Text | None = None


class Decide(Payload):
    """One ask, and what the custodian chooses."""

    ask: Ask
    choice: Choice
    reason: Text | None = None
    note: Text | None = None


class ConfirmDecision(Payload):
    """A second person's word on a decision against the law's answer."""

    ask: Ask
    note: Text | None = None


class RecordFacts(Payload):
    """Facts that the law's answer turns on, as the custodian knows them. What is left out stays as it was."""

    facts: JsonObject


class StartHold(Payload):
    """Keep the person past the moment of release."""

    note: Text | None = None


class Relay(Payload):
    """Pass the request on to the custodian to whom the person went."""

    facility: Line = Field(description="The facility's code. A name is refused, with the candidates.")
    reason: Literal["person_transferred", "misdirected"] = "person_transferred"
    note: Text | None = None


class NoticeReceived(Payload):
    """The requester has the notice; the last one unless another is named."""

    notice: UUID | None = None
    will_come: bool | None = None
    note: Text | None = None


def lodge(work: Work, said: Lodge, occurred: str | None) -> UUID:
    """Lodge a request with the custodian of a facility, and keep what the law answers to each ask on the facts it tells."""
    facility = directory.addressed(said.facility)
    custodian = facility.agency_id
    replaced = _replaced(work, said.replaces) if said.replaces else None
    person = said.person_id or _new_person(said)
    shared = None if said.person else _known(work, person, custodian)
    at = _local_day(occurred, work.now, facility.zone)
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


def _local_day(occurred: str | None, now: dt.datetime, zone: str) -> dt.date:
    """Return the local day whose law applies: that of the event, where it is known from a first day on; today otherwise."""
    started = _parsed(occurred, zone).from_ if occurred else None
    return (started or now).astimezone(ZoneInfo(zone)).date()


def _parsed(occurred: str, zone: str) -> when.When:
    try:
        return when.parse(occurred, zone)
    except ValueError as error:
        raise refusals.one_field("occurred", str(error)) from error


def acknowledge(work: Work, view: RequestView, said: kinds.Acknowledged, occurred: str | None) -> None:
    """Say that the custodian has the request, and link it to the stay of the person when that is known."""
    facility = _facility(view)
    stay = _own_stay(work, said)
    told = said.model_copy(update={"stay": stay.pk, "booking_number": stay.booking_number or None}) if stay else said
    work.append(view.id, "acknowledged", told, occurred=occurred, zone=facility.zone)
    facts = {**view.facts, **(charges_as_facts(stay) if stay else {})}
    if facts != view.facts:
        _answer_again(work, view, facts, facility, occurred)


def _own_stay(work: Work, said: kinds.Acknowledged) -> Stay | None:
    """Return the custodian's stay that is named by id or booking number. Raises Refused for one that is not there or is over."""
    if said.stay is None and said.booking_number is None:
        return None
    own = Stay.objects.filter(custodian=work.actor.agency)
    stay = own.filter(pk=said.stay).first() if said.stay else own.filter(booking_number=said.booking_number).first()
    if stay is None:
        if said.stay is None:
            return None  # a custodian that keeps no stays here gives its own number
        raise refusals.one_field("stay", f"there is no stay [{said.stay}]")
    if not stay.in_custody:
        raise Refused(
            "state",
            f"the stay [{stay.pk}] is [{stay.state}]: the person is no longer here; say so with not_here",
            state=stay.state,
        )
    return stay


def charges_as_facts(stay: Stay) -> dict[str, list[dict[str, object]]]:
    """Return a stay's charges as the law's `pending_charges`; nothing when none were said (unknown, not none)."""
    charges = stay.view.get("charges") or []
    told: list[dict[str, object]] = []
    for charge in charges:
        fact = {"offence": charge["offence"], "statute": charge.get("statute"), "class": charge.get("level")}
        fact["probable_cause_found"] = charge.get("probable_cause_found")
        told.append({key: value for key, value in fact.items() if value is not None})
    return {"pending_charges": told} if told else {}


def record_facts(work: Work, view: RequestView, said: RecordFacts, occurred: str | None) -> None:
    """Record facts, and answer every ask again on them."""
    facility = _facility(view)
    facts = {key: value for key, value in {**view.facts, **said.facts}.items() if value is not None}
    _answer_again(work, view, facts, facility, occurred)


def _answer_again(work: Work, view: RequestView, facts: JsonObject, facility: Facility, occurred: str | None) -> None:
    asks = tuple(ask.ask for ask in view.asks)
    answered = answers.answered(facility, asks, facts, _local_day(occurred, work.now, facility.zone))
    work.append(view.id, "answered", answered, occurred=occurred, zone=facility.zone)


def decide(work: Work, view: RequestView, said: Decide, occurred: str | None) -> None:
    """Decide one ask. Against the law's answer it only proposes: a second person confirms."""
    ask = _asked(view, said.ask)
    answer = ask.answer
    if answer is None:
        raise Refused("state", f"the law's answer to [{said.ask}] is not there yet: acknowledge the request first")
    against = (answer.value, said.choice) in AGAINST
    if said.reason is None and (against or answer.value in UNSETTLED):
        law_says = f"the law's answer is [{answer.value}]"
        raise refusals.one_field(
            "reason", f"{law_says}: to {said.choice} needs a reason" + (" and a second person" if against else "")
        )
    told = {"ask": said.ask, "choice": said.choice, "answer": answer, "reason": said.reason, "note": said.note}
    kind = "decision_proposed" if against else "decided"
    work.append(view.id, kind, record_event.payload_of("request", kind, told), occurred=occurred)


def confirm_decision(work: Work, view: RequestView, said: ConfirmDecision, occurred: str | None) -> None:
    """Confirm, as a second person, what another proposed against the law's answer."""
    ask = _asked(view, said.ask)
    proposal = ask.proposal
    if proposal is None or ask.answer is None:
        raise Refused("state", f"no decision on [{said.ask}] waits for a second person")
    if work.actor.user is None or work.actor.user == proposal.by_user:
        raise Refused(
            "second-person", "the person who proposed a decision cannot confirm it: it takes another, a supervisor, by name"
        )
    if not work.actor.roles & CONFIRMING:
        raise Refused("not-allowed", "only a supervisor can confirm a decision against the law's answer")
    decided = kinds.Decided(
        ask=said.ask,
        choice=proposal.choice,
        answer=ask.answer,
        against_answer=(ask.answer.value, proposal.choice) in AGAINST,
        reason=proposal.reason,
        proposal=proposal.event,
        second_person=work.actor.user,
        note=said.note,
    )
    work.append(view.id, "decided", decided, occurred=occurred)


def give_notice(work: Work, view: RequestView, said: kinds.NoticeGiven, occurred: str | None) -> None:
    """Tell the requester of a release (or a transfer, a death) ahead of it; the time is the stay's unless said."""
    if said.of == "release":
        _decided_to_honour(view, "notify")
    stay = _linked(view)
    at = said.at or ((stay.view.get("release_due") or stay.release_planned) if stay else None) or None
    work.append(view.id, "notice_given", said.model_copy(update={"at": at}), occurred=occurred, zone=_facility(view).zone)


def notice_received(work: Work, view: RequestView, said: NoticeReceived, occurred: str | None) -> None:
    """Say, as the requester, that a notice arrived, and whether somebody will come."""
    if not view.notices or (said.notice and said.notice not in view.notices):
        raise refusals.one_field("notice", "no such notice was given")
    told = kinds.NoticeReceived(notice=said.notice or view.notices[-1], will_come=said.will_come, note=said.note)
    work.append(view.id, "notice_received", told, occurred=occurred)


def start_hold(work: Work, view: RequestView, said: StartHold, occurred: str | None) -> None:
    """Start a hold. It takes a decision to honour, a copy served on the person, and a release that is due."""
    _decided_to_honour(view, "hold")
    if view.served is None:
        raise Refused(
            "state",
            "the copy is not served on the person: on its own words the request takes no effect as to the hold until it is",
        )
    stay = _linked(view)
    release_due = stay.view.get("release_due") if stay else None
    if stay is None or not stay.in_custody or release_due is None:
        raise Refused(
            "state", "a hold starts when the release is due: record on the person's stay the moment and its cause first"
        )
    zone = _facility(view).zone
    deadlines = tuple(
        kinds.DeadlineSaid(
            kind=item.kind, rule=item.rule, due_at=when.instant(item.due_at), governs=item.governs, arithmetic=item.arithmetic
        )
        for item in clocks.hold_deadlines(view.form, release_due, zone)
    )
    work.append(
        view.id,
        "hold_started",
        kinds.HoldStarted(release_due=release_due, deadlines=deadlines, note=said.note),
        occurred=occurred,
        zone=zone,
    )


def hand_over(work: Work, view: RequestView, said: kinds.HandedOver, occurred: str | None) -> None:
    """Record that the requester took custody: it ends the stay, and what other requests wait on it."""
    transfer = next((ask for ask in view.asks if ask.ask == "transfer"), None)
    if transfer and transfer.choice != "honour":
        raise Refused(
            "state", f"the transfer is [{transfer.choice or 'undecided'}]: decide to honour it before the person is handed over"
        )
    stay = _linked(view)
    if stay and not stay.in_custody:
        raise Refused("state", f"the person cannot be handed over: the stay is [{stay.state}]", state=stay.state)
    zone = _facility(view).zone
    held = view.hold_started is not None
    end_hold(work, view, "handed_over", occurred, zone)
    work.append(view.id, "handed_over", said.model_copy(update={"held": held}), occurred=occurred, zone=zone)
    if stay:
        work.stay(stay.pk)
        work.append(stay.pk, "transferred", kinds.Transferred(to_agency=view.requester), occurred=occurred, zone=zone)
        close_others(work, stay.pk, view.id, kinds.Closed(cause="passed_on", stay=stay.pk), occurred)


def close_others(work: Work, stay: UUID, but: UUID | None, closed: kinds.Closed, occurred: str | None) -> None:
    """Close every live request that waits on a stay, but one."""
    for view in waiting_on(work, stay, but):
        end_hold(work, view, "other", occurred)
        if view.is_live:
            work.append(view.id, "closed", closed, occurred=occurred)


def waiting_on(work: Work, stay: UUID, but: UUID | None = None) -> list[RequestView]:
    """Return the agency's requests that wait on a stay: live ones, and those that ended while the person was still held."""
    found = Request.objects.filter(Q(live=True) | Q(holding=True), stay=stay, custodian=work.actor.agency).exclude(pk=but)
    return [work.request(pk) for pk in found.values_list("pk", flat=True)]


def end_hold(work: Work, view: RequestView, reason: HoldEndReason, occurred: str | None, zone: str = "UTC") -> None:
    """End the hold of a request, if the person is held under it."""
    if view.is_holding:
        work.append(view.id, "hold_ended", kinds.HoldEnded(reason=reason), occurred=occurred, zone=zone)


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
    _answer_again(work, view, _facts_of_request(view, facility), facility, occurred)


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
    work.append(view.id, "closed", told, occurred=occurred, zone=_facility(view).zone)


def _asked(view: RequestView, ask: Ask) -> AskView:
    found = next((item for item in view.asks if item.ask == ask), None)
    if found is None:
        raise refusals.one_field(
            "ask", f"the request does not ask for [{ask}]: it asks for {', '.join(item.ask for item in view.asks)}"
        )
    return found


def _decided_to_honour(view: RequestView, ask: Ask) -> None:
    asked = _asked(view, ask)
    if asked.choice != "honour":
        raise Refused("state", f"[{ask}] is [{asked.choice or 'undecided'}]: decide to honour it first", state=view.state)
    if asked.answer and (asked.answer.value, asked.choice) in AGAINST and not asked.against_answer:
        raise Refused("state", f"since [{ask}] was decided, the law's answer became [{asked.answer.value}]: decide it again")


def _facility(view: RequestView) -> Facility:
    return Facility.objects.select_related("agency").get(pk=view.facility)


def _linked(view: RequestView) -> Stay | None:
    return Stay.objects.filter(pk=view.stay).first() if view.stay else None
