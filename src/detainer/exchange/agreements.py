"""What a custodian and a requester agreed on: how soon an answer, a receipt, an answer to a claim. One proposes, one agrees."""

import datetime as dt
from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from pydantic import Field

from detainer.exchange import refusals
from detainer.exchange.models import Agency, Agreement
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import CONFIRMING, Actor
from detainer.record.said import Payload, Text

LONGEST: Final = 60 * 24 * 30  # minutes: thirty days
CUSTODIANS: Final = frozenset({"custodian", "court"})
REQUESTERS: Final = frozenset({"requester"})


class Terms(NamedTuple):
    """How soon what is due, and under which agreement (None: nobody agreed, so it is the exchange's own measure)."""

    urgent_minutes: int = 10
    routine_minutes: int = 60
    receipt_minutes: int = 60
    contest_hours: int = 24
    agreement: UUID | None = None
    since: dt.datetime | None = None

    @property
    def cite(self) -> str:
        """What a clock under these terms is kept under."""
        return f"agreement of {self.since:%-d %B %Y}" if self.since else "the exchange's measure, where nothing else is agreed"


DEFAULT: Final = Terms()


class ProposeAgreement(Payload):
    """What an agency proposes to another: it is in force once the other agrees."""

    custodian: UUID
    requester: UUID
    urgent_minutes: int = Field(10, ge=1, le=LONGEST, description="How soon an urgent request is answered.")
    routine_minutes: int = Field(60, ge=1, le=LONGEST, description="How soon a routine request is answered.")
    receipt_minutes: int = Field(60, ge=1, le=LONGEST, description="How soon a cancellation, a relay or a claim is acknowledged.")
    contest_hours: int = Field(24, ge=1, le=LONGEST // 60, description="How soon a claim is answered.")
    purposes: Text = Field(description="What may be asked and shared, and under what.")


class AgreeTo(Payload):
    """An agency agrees to what the other proposed, as it stands."""

    proposal: UUID


def propose(actor: Actor, said: ProposeAgreement, now: dt.datetime) -> Agreement:
    """Propose terms to the other side; the same again is the same entry. Raises Refused for who may not, or no such agency."""
    check_who(actor)
    if actor.agency not in (said.custodian, said.requester):
        raise Refused("not-allowed", "an agency proposes terms between itself and another")
    if said.custodian == said.requester:
        raise refusals.one_field("requester", "an agreement is between two agencies")
    kinds = dict(Agency.objects.filter(pk__in=(said.custodian, said.requester)).values_list("pk", "kinds"))
    for field, agency, needed in (("custodian", said.custodian, CUSTODIANS), ("requester", said.requester, REQUESTERS)):
        if not needed & set(kinds.get(agency, ())):
            raise refusals.one_field(field, f"[{agency}] is no {field}")
    last = between(said.custodian, said.requester).filter(agrees_to=None, by_agency=actor.agency).last()
    told = said.model_dump()
    if last and not hasattr(last, "agreed") and all(told[name] == _plain(last, name) for name in told):
        return last
    ids = {f"{name}_id": told.pop(name) for name in ("custodian", "requester")}
    return Agreement.objects.create(by_agency_id=actor.agency, by_user=actor.user, recorded_at=now, **ids, **told)


def _plain(row: Agreement, name: str) -> object:
    return getattr(row, f"{name}_id" if name in ("custodian", "requester") else name)


def agree(actor: Actor, said: AgreeTo, now: dt.datetime) -> Agreement:
    """Agree to what the other side proposed last; the same again is the same entry. It is in force from now on.

    Raises Refused for one's own proposal, one that is not there, and one that a later proposal of the same agency replaced.
    """
    check_who(actor)
    proposal = Agreement.objects.filter(pk=said.proposal, agrees_to=None).first()
    if proposal is None:
        raise refusals.one_field("proposal", f"there is no proposal [{said.proposal}]")
    if proposal.by_agency_id == actor.agency or actor.agency not in (proposal.custodian_id, proposal.requester_id):
        raise Refused("not-allowed", "only the other side can agree to a proposal")
    before = Agreement.objects.filter(agrees_to=proposal).first()
    if before is not None:
        return before
    newer = between(proposal.custodian_id, proposal.requester_id).filter(agrees_to=None, by_agency=proposal.by_agency_id).last()
    if newer is not None and newer.pk != proposal.pk:
        raise Refused("state", f"this proposal is replaced by [{newer.pk}]: agree to that one")
    names = ("custodian_id", "requester_id", "urgent_minutes", "routine_minutes", "receipt_minutes", "contest_hours", "purposes")
    same = {name: getattr(proposal, name) for name in names}
    own = {"by_agency_id": actor.agency, "by_user": actor.user, "recorded_at": now}
    try:
        with transaction.atomic():
            return Agreement.objects.create(agrees_to=proposal, **own, **same)
    except IntegrityError:  # another supervisor agreed at the same moment
        return Agreement.objects.get(agrees_to=proposal)


def check_who(actor: Actor) -> None:
    """Refuse who may not speak for the agency in this: it takes a supervisor of a custodian or a requester, by name."""
    if actor.user is None or not actor.roles & CONFIRMING or not actor.kinds & (CUSTODIANS | REQUESTERS):
        raise Refused("not-allowed", "an agreement between agencies takes a supervisor, by name")


def between(custodian: UUID, requester: UUID) -> QuerySet[Agreement]:
    """Return what a custodian and a requester ever proposed and agreed to, the oldest first."""
    return Agreement.objects.filter(custodian=custodian, requester=requester).order_by("recorded_at", "id")


def of_agency(agency: UUID) -> Sequence[Agreement]:
    """Return everything that an agency proposed or agreed to, or was proposed to it, the latest first."""
    mine = Agreement.objects.filter(Q(custodian=agency) | Q(requester=agency))
    return list(mine.select_related("custodian", "requester", "by_agency", "agrees_to", "agreed").order_by("-recorded_at", "-id"))


def agreed(custodian: UUID, requester: UUID) -> tuple[Terms, ...]:
    """Return the terms that the two ever agreed to, the oldest first, each with the instant from which it is in force."""
    names = ("urgent_minutes", "routine_minutes", "receipt_minutes", "contest_hours", "id", "recorded_at")
    return tuple(Terms(*row) for row in between(custodian, requester).exclude(agrees_to=None).values_list(*names))


def in_force(terms: Sequence[Terms], at: dt.datetime) -> Terms:
    """Return the terms in force at an instant, of what two agencies ever agreed to; the exchange's own where nothing was."""
    return next((one for one in reversed(terms) if one.since is not None and one.since <= at), DEFAULT)
