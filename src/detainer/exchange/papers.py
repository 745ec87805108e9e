"""The papers of a request: what each document shows, filled from the record as one agency may see it.

Pure functions of what was seen: the same record gives the same content, and so the same bytes; none knows what time it is.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from detainer.documents import contents, languages
from detainer.documents.moments import Moment
from detainer.exchange import work
from detainer.exchange.channels.keys import key_for
from detainer.exchange.models import Agency, Facility, Identity, Stay, User
from detainer.exchange.refusals import Refused
from detainer.law import facts
from detainer.record import views, when
from detainer.record.event import Event
from detainer.record.standing import first, last, standing
from detainer.record.views import AskView, RequestView, StayView

# Events that change nothing that a paper shows: it is dated by the last event that is none of these.
UNSEEN: Final = frozenset({"document_made", "delivered", "opened"})
ICE_LINE: Final = "(855) 448-6903"  # printed in the notice to the person of form I-247A (process.md section 3, field 20)


@dataclass(frozen=True)
class Seen:
    """A request as one agency sees it: the events that count, the stay and the identity where it has them, who the names are.

    `as_of` is the last event that a paper rests on.
    """

    agency: Agency
    view: RequestView
    told: tuple[Event, ...]
    leg: tuple[Event, ...]
    as_of: Event
    facility: Facility
    identity: Identity | None
    stay: StayView | None
    agencies: Mapping[UUID, Agency]
    users: Mapping[UUID, str]

    def moment(self, text: str | None) -> Moment | None:
        """Return a time of the record in the time of the facility."""
        return moment(text, self.facility.zone)

    def occurred(self, kind: str) -> Moment | None:
        """Return when the last event of a kind occurred, if one did."""
        found = last(self.leg, kind)
        return self.moment(found.occurred) if found else None


def seen(request: UUID, agency: UUID) -> Seen:
    """Return a request as the session sees it, with what `agency` knows of the person. Raises Refused `not-found`."""
    events = work.load(request)
    if not events:
        raise Refused("not-found", f"there is no request [{request}]")
    return seen_of(events, agency)


def seen_of(events: Sequence[Event], agency: UUID) -> Seen:
    """Return what an agency sees of the request that these events, all of its stream, add up to."""
    _, told, leg = standing("request", events)
    view = views.request(events)
    stay = Stay.objects.filter(pk=view.stay).first() if view.stay else None
    agencies = Agency.objects.in_bulk({agency, view.requester, view.custodian, *(event.says for event in told)})
    users = User.objects.filter(pk__in={event.by_user for event in told if event.by_user and event.says == agency})
    return Seen(
        agency=agencies[agency],
        view=view,
        told=told,
        leg=leg,
        as_of=[event for event in events if event.kind not in UNSEEN][-1],
        facility=Facility.objects.get(pk=view.facility),
        identity=Identity.objects.filter(person=view.person, agency=agency, destroyed_at=None).first(),
        stay=StayView.model_validate(stay.view) if stay else None,
        agencies=agencies,
        users={user.pk: user.get_full_name() or user.username for user in users},
    )


def moment(text: str | None, zone: str) -> Moment | None:
    """Return a time of the record (EDTF) as a document shows it: an instant in the zone's time, or the dates as said."""
    if text is None:
        return None
    one = when.parse(text, zone)
    if one.is_instant and one.from_ is not None:
        local = one.from_.astimezone(ZoneInfo(zone))
        return Moment(at=f"{local:%Y-%m-%dT%H:%M}", zone=local.tzname() or "")
    sides = [None if side == ".." else side for side in text.split("/")]
    return Moment(first=sides[0], last=sides[-1])


# --- what all of them show -----------------------------------------------------------------------------------------------


def head(seen: Seen) -> contents.Head:
    """Return what every page says of whose paper it is; the rules are those that the custodian adopted."""
    custodian = seen.agencies[seen.view.custodian]
    return contents.Head(
        reference=str(seen.view.id),
        mark=mark(seen.view, seen.agency),
        agency=seen.agency.name,
        rules_adopted_by=custodian.rules_adopted_by,
        as_of=seen.moment(when.instant(seen.as_of.recorded_at)),
    )


def mark(view: RequestView, agency: Agency) -> str:
    """Return what is printed on an agency's papers of a request and can be guessed from nothing: 20 hexadecimal digits."""
    said = b"".join(each.bytes for each in (view.id, agency.id, view.person))
    return hmac.new(key_for("marks of papers"), said, hashlib.sha256).hexdigest()[:20]


def about(seen: Seen) -> contents.About:
    """Return what tells the request from others. The person is named as the agency knows them, or not at all."""
    view = seen.view
    return contents.About(
        person=_person(seen.identity),
        requester=_party(seen.agencies[view.requester], view.contact),
        custodian=_party(seen.agencies[view.custodian]),
        facility=_place(seen.facility),
        form=view.form,
        lodged=moment(view.lodged, seen.facility.zone) or Moment(),
        their_reference=view.reference or "",
        booking_number=view.booking_number or "",
    )


def _person(identity: Identity | None) -> contents.Person:
    if identity is None:
        return contents.Person()
    born = identity.date_of_birth
    return contents.Person(
        name=identity.name,
        born=Moment(first=str(born), last=str(born)) if born else None,
        sex=identity.sex,
        citizenship=identity.citizenship,
        numbers=tuple(contents.Number(kind=kind, value=value) for kind, value in sorted(identity.numbers.items())),
    )


def _party(agency: Agency, contact: str | None = None) -> contents.Party:
    return contents.Party(name=agency.name, contact=contact or agency.contact)


def _place(facility: Facility) -> contents.Place:
    county = f"{facility.county} County" if facility.county and "County" not in facility.county else facility.county
    where = ", ".join(part for part in (facility.city, county, facility.state) if part)
    return contents.Place(name=facility.name, code=facility.code, where=where)


def _rows(seen: Seen) -> tuple[contents.AskRow, ...]:
    return tuple(_row(seen, ask) for ask in seen.view.asks)


def _row(seen: Seen, ask: AskView) -> contents.AskRow:
    answer = ask.answer
    decided = [event for event in seen.leg if event.kind == "decided" and event.data["ask"] == ask.ask]
    return contents.AskRow(
        ask=ask.ask,
        answer=answer.value if answer else None,
        rules=tuple(
            contents.Rule(cite=rule.cite, sentence=rule.sentence or "", source=rule.source or "")
            for rule in (answer.rules if answer else ())
        ),
        missing=tuple(facts.QUESTIONS.get(fact, fact) for fact in (answer.missing if answer else ())),
        choice=ask.choice,
        decided=seen.moment(decided[-1].occurred) if decided and ask.choice else None,
        reason=ask.reason or "",
        against_answer=ask.against_answer,
        proposal_waits=ask.proposal is not None,
    )


# --- the papers ----------------------------------------------------------------------------------------------------------


def request_sheet(seen: Seen) -> contents.RequestSheet:
    """Return the request with the fields of the form that it came on, and what the custodian returned."""
    view = seen.view
    lodged = first(seen.told, "lodged")
    return contents.RequestSheet(
        head=head(seen),
        about=about(seen),
        asks=tuple(ask.ask for ask in view.asks),
        basis=_basis(view),
        unit=view.requester_unit,
        priority=view.chase.priority,
        form_edition=view.form_edition or "",
        prepared=seen.moment(view.prepared_on),
        office=view.issuing_office or "",
        relay=view.relay_requested,
        events=view.notify_events_requested,
        upon_conviction=view.upon_conviction,
        cancels=seen.moment(view.cancels_prepared_on),
        replaces=str(view.replaces) if view.replaces else "",
        note=lodged.data.get("note", "") if lodged else "",
        returned=contents.Returned(
            booking_number=view.booking_number or "",
            release=seen.moment(view.estimated_release),
            charge=view.latest_charge or "",
            charged=seen.moment(view.latest_charge_on),
            served=seen.moment(view.served),
        ),
    )


def _basis(view: RequestView) -> contents.Basis:
    basis = view.basis
    dated = str(basis.warrant_dated) if basis.warrant_dated else None
    return contents.Basis(
        warrant=basis.warrant,
        warrant_form=basis.warrant_form,
        signed_by=basis.warrant_signed_by or "",
        dated=Moment(first=dated, last=dated) if dated else None,
        probable_cause=basis.probable_cause,
        dhs_transferred_custody=basis.dhs_transferred_custody,
    )


def cover_sheet(
    seen: Seen, event: Event, *, sender: UUID, receiver: UUID, reference: str, code: str, address: str = "", telephone: str = ""
) -> contents.CoverSheet:
    """Return the first page of what is sent about an event: how to acknowledge it, and nobody's name.

    `reference` and `code` are those of the receipt code, `address` that of the page where they are typed; `telephone` is the
    sender's office unless said.
    """
    return contents.CoverSheet(
        head=head(seen).model_copy(update={"agency": seen.agencies[sender].name}),
        sender=_party(seen.agencies[sender]),
        receiver=_party(seen.agencies[receiver]),
        facility=_place(seen.facility),
        subject=event.kind,
        recorded=moment(when.instant(event.recorded_at), seen.facility.zone) or Moment(),
        reference=reference,
        code=code,
        address=address,
        telephone=telephone or seen.agencies[sender].contact,
    )


def print_packet(seen: Seen, cover: contents.CoverSheet) -> contents.PrintPacket:
    """Return what is handed over on paper: the cover, the request, and an answer to fill in by hand."""
    return contents.PrintPacket(cover=cover, request=request_sheet(seen))


def answer_letter(seen: Seen) -> contents.AnswerLetter:
    """Return the custodian's answer, a row per ask."""
    return contents.AnswerLetter(
        head=head(seen),
        about=about(seen),
        place=seen.facility.jurisdiction,
        law_day=seen.moment(seen.view.answered_on),
        rows=_rows(seen),
        served=seen.moment(seen.view.served),
    )


def release_notice(seen: Seen) -> contents.ReleaseNotice:
    """Return the last notice that was given, that of a release before any other; an empty one where none was."""
    given = {event.id: event for event in seen.leg if event.kind == "notice_given"}
    notice = given.get(seen.view.release_notice) if seen.view.release_notice else None
    notice = notice or next(reversed(given.values()), None)
    if notice is None:
        return contents.ReleaseNotice(head=head(seen), about=about(seen))
    said = notice.data
    reply = next((event for event in reversed(seen.leg) if _replies(event, notice)), None)
    return contents.ReleaseNotice(
        head=head(seen),
        about=about(seen),
        of=said["of"],
        at=seen.moment(said.get("at")),
        place=said.get("place", ""),
        given=seen.moment(notice.occurred),
        how=said["how"],
        reached=said.get("reached", ""),
        note=said.get("note", ""),
        replied=seen.moment(reply.occurred) if reply else None,
        will_come=reply.data.get("will_come") if reply else None,
        comes_at=seen.moment(reply.data.get("comes_at")) if reply else None,
    )


def _replies(event: Event, notice: Event) -> bool:
    return event.kind == "notice_received" and str(event.data["notice"]) == str(notice.id)


def notice_to_person(seen: Seen) -> contents.NoticeToPerson:
    """Return what the person is told: what was asked, what the law says, what was decided, how to contest, whom to call."""
    told = about(seen)
    return contents.NoticeToPerson(
        head=head(seen),
        about=told,
        warrant=seen.view.basis.warrant,
        rows=_rows(seen),
        calls=(
            contents.Call(who="here", name=told.custodian.name, number=told.custodian.contact),
            contents.Call(who="there", name=told.requester.name, number=told.requester.contact),
            contents.Call(who="ice", number=ICE_LINE),
        ),
    )


def proof_of_service(seen: Seen) -> contents.ProofOfService:
    """Return what was served on the person and how; not served yet, a form to fill in and sign."""
    served = last(seen.told, "served")
    before = [event for event in seen.told if served is None or event.version < served.version]
    made = [event for event in before if event.kind == "document_made" and event.data["what"] in SERVED]
    latest = {(event.data["what"], event.data["language"]): event for event in made if event.says == seen.agency.pk}
    said = served.data if served else {}
    return contents.ProofOfService(
        head=head(seen),
        about=about(seen),
        papers=tuple(
            contents.PaperServed(what=what, language=languages.name(language), sha256=event.data["sha256"])
            for (what, language), event in latest.items()
        ),
        served=seen.moment(served.occurred) if served else None,
        how=said.get("how"),
        language=said.get("language", ""),
        interpreter=said.get("interpreter"),
        served_by=said.get("served_by", ""),
    )


SERVED: Final = ("request_sheet", "notice_to_person")
"""What is given to the person."""


def consent_form(seen: Seen) -> contents.ConsentForm:
    """Return the question of an interview, with the person's answer where it is recorded."""
    consented = last(seen.leg, "consented")
    return contents.ConsentForm(
        head=head(seen),
        about=about(seen),
        consent=contents.Consent(
            given=consented.data["given"],
            at=seen.moment(consented.occurred) or Moment(),
            until=seen.moment(consented.data.get("until")),
        )
        if consented
        else None,
    )


# What a hold log tells, with what the words of each name: (name in the words, key of what was said).
LOGGED: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "acknowledged": (),
    "served": (),
    "decided": (("ask", "ask"), ("choice", "choice")),
    "contested": (),
    "contest_answered": (),
    "notice_given": (),
    "notice_received": (),
    "hold_started": (),
    "clock_fired": (("clock", "clock"), ("step", "step")),
    "clock_answered": (("clock", "clock"),),
    "cancelled": (),
    "cancel_received": (),
    "hold_ended": (),
    "handed_over": (),
    "relayed": (),
    "closed": (),
}


def hold_log(seen: Seen) -> contents.HoldLog:
    """Return the hold from the moment of release on, its clocks as they were reckoned, and what was done."""
    started, ended = last(seen.leg, "hold_started"), last(seen.leg, "hold_ended")
    said: dict[str, Any] = started.data if started else {}
    due = said.get("release_due") or (seen.stay.release_due if seen.stay else None)
    return contents.HoldLog(
        head=head(seen),
        about=about(seen),
        release_due=seen.moment(due),
        started=seen.occurred("hold_started"),
        served=seen.moment(seen.view.served),
        ended=seen.moment(seen.view.hold_ended),
        reason=ended.data["reason"] if ended else None,
        clocks=tuple(
            contents.Clock(
                kind=item["kind"],
                rule=item["rule"],
                due=seen.moment(item["due_at"]) or Moment(),
                governs=item["governs"],
                arithmetic=item["arithmetic"],
            )
            for item in said.get("deadlines", ())
        ),
        entries=tuple(_entry(seen, event) for event in seen.leg if event.kind in LOGGED),
    )


def _entry(seen: Seen, event: Event) -> contents.Entry:
    agency = seen.agencies[event.says].name
    user = seen.users.get(event.by_user) if event.by_user and event.says == seen.agency.pk else None
    return contents.Entry(
        at=seen.moment(event.occurred) or Moment(),
        what=event.kind,
        who=f"{user}, {agency}" if user else agency,
        filled={name: event.data[key] for name, key in LOGGED[event.kind]},
        note=event.data.get("note") or (event.data.get("reason", "") if event.kind == "decided" else ""),
    )


def hand_over_record(seen: Seen) -> contents.HandOverRecord:
    """Return who was handed over to whom, where and on what papers; a form to fill in before that."""
    handed, started = last(seen.leg, "handed_over"), last(seen.leg, "hold_started")
    said = handed.data if handed else {}
    due = (started.data["release_due"] if started else None) or (seen.stay.release_due if seen.stay else None)
    return contents.HandOverRecord(
        head=head(seen),
        about=about(seen),
        at=seen.moment(handed.occurred) if handed else None,
        place=said.get("place", ""),
        officer=said.get("to_officer", ""),
        papers=tuple(said.get("papers", ())),
        held=said.get("held"),
        release_due=seen.moment(due),
        hold_started=seen.occurred("hold_started"),
        notice=seen.occurred("notice_given"),
        note=said.get("note", ""),
    )


# --- which there are -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Paper:
    """A kind of document that is made of a request and kept: which side may make it, and what fills it."""

    kind: str
    side: Literal["party", "custodian"]
    filled: Callable[[Seen], BaseModel]


PAPERS: Final[dict[str, Paper]] = {
    paper.kind: paper
    for paper in (
        Paper("request_sheet", "party", request_sheet),
        Paper("answer_letter", "custodian", answer_letter),
        Paper("notice_to_person", "custodian", notice_to_person),
        Paper("proof_of_service", "custodian", proof_of_service),
        Paper("release_notice", "custodian", release_notice),
        Paper("consent_form", "custodian", consent_form),
        Paper("hold_log", "custodian", hold_log),
        Paper("hand_over_record", "party", hand_over_record),
    )
}


def papers_of(view: RequestView, agency: UUID, parties: tuple[UUID, ...]) -> tuple[Paper, ...]:
    """Return the papers that an agency may make of a request: none for who only reads it."""
    if agency not in parties:
        return ()
    return tuple(paper for paper in PAPERS.values() if paper.side == "party" or agency == view.custodian)


def zone_of(view: RequestView) -> str:
    """Return the time zone of the facility that has the request."""
    return Facility.objects.get(pk=view.facility).zone
