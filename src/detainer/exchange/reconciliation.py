"""The reconciliation of two agencies: read for either of them, or for oversight that one of them lets read; signed by both."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from django.db.models import Q
from pydantic import Field

from detainer.exchange import directory, refusals, work, writing
from detainer.exchange.models import Agency, Deadline, Delivery, Event, Facility, OversightGrant, Reconciliation, Request, new_id
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import CONFIRMING, Actor
from detainer.record import event as record_event
from detainer.record import reconciling
from detainer.record.reconciling import Change, Content, Entry, Sums
from detainer.record.said import Payload

_MONTH: Final = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_ZONES: Final = dt.timedelta(hours=14)  # a local day begins so much before or after that of UTC, at most
Month = Annotated[str, Field(pattern=r"^\d{4}-\d{2}$", description="A month such as 2026-10.")]


class SignReconciliation(Payload):
    """A side's signature under what the two agencies' records of a month add up to, as it was shown."""

    custodian: UUID
    requester: UUID
    month: Month
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="The hash of what was shown.")]


@dataclass(frozen=True)
class Period:
    """Whole days in the zone of each facility; `until_day` is the first day after it."""

    from_day: dt.date
    until_day: dt.date

    @property
    def month(self) -> str:
        """The month as it is asked for: 2026-10."""
        return f"{self.from_day:%Y-%m}"

    def is_over(self, now: dt.datetime) -> bool:
        """Return whether its last day has ended in every zone."""
        return (now - _ZONES).date() >= self.until_day


@dataclass(frozen=True)
class Signed:
    """A signature: whose, when, what was signed, whether it is of what stands now, and if not what changed since."""

    id: UUID
    agency: UUID
    agency_name: str
    signed_at: dt.datetime
    sha256: str
    stands: bool
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Hold:
    """A request that is live at the custodian, or under which somebody is held: both are to be so together."""

    request: UUID
    reference: str
    facility: str
    live: bool
    holding: bool
    held_since: str | None
    must_end_by: dt.datetime | None

    @property
    def is_alarm(self) -> bool:
        """True for a hold without a live request (process.md section 6, F10)."""
        return self.holding and not self.live


@dataclass(frozen=True)
class Reconciled:
    """What two agencies' records of a period add up to, who signed it, and why what did not arrive did not."""

    custodian: Agency
    requester: Agency
    period: Period
    content: Content
    sums: Sums
    failures: Mapping[UUID, str]
    signatures: tuple[Signed, ...]
    holds: tuple[Hold, ...]

    def why(self, entry: Entry) -> str:
        """Return why an entry differs, in words."""
        return reconciling.why(entry, self.failures.get(entry.request, ""))


def month(text: str) -> Period:
    """Return the period of a month such as `2026-10`. Raises Refused `invalid`."""
    found = _MONTH.fullmatch(text.strip())
    try:
        first = dt.date(int(found[1]), int(found[2]), 1) if found else None
        after = (first + dt.timedelta(days=31)).replace(day=1) if first else None
    except (ValueError, OverflowError):
        first = after = None
    if first is None or after is None or not 1990 <= first.year <= 2199:
        raise refusals.one_field("month", f"[{text[:20]}] is no month: write one such as 2026-10")
    return Period(first, after)


def sides(one: Agency, other: Agency, one_as: str = "") -> tuple[Agency, Agency]:
    """Return the custodian and the requester of two agencies; where each may be either, the first is what `one_as` says.

    Raises Refused `invalid` where the two cannot stand on the two sides of a request.
    """
    both = directions(one, other)
    chosen = [pair for pair in both if not one_as or pair[one_as == "requester"].pk == one.pk]
    if not chosen:
        raise refusals.one_field("with", f"of [{one.key}] and [{other.key}] one must be a custodian and the other a requester")
    return chosen[0]


def directions(one: Agency, other: Agency) -> list[tuple[Agency, Agency]]:
    """Return each way in which two agencies can be the custodian and the requester of a request."""
    return [
        (custodian, requester)
        for custodian, requester in ((one, other), (other, one))
        if {"custodian", "court"} & set(custodian.kinds) and "requester" in requester.kinds and custodian.pk != requester.pk
    ]


def partners(agency: UUID) -> list[Agency]:
    """Return the agencies with which an agency has a request in common, as far as the session may see, by name."""
    pairs = Request.objects.filter(stream__parties__contains=[agency]).values_list("custodian", "requester").distinct()
    legs = Request.objects.filter(requester=agency, view__legs__1__isnull=False).values_list("view__legs", flat=True)
    found = {one for pair in pairs for one in pair} | {UUID(str(one)) for told in legs for one in told}
    return list(Agency.objects.filter(pk__in=found - {agency}).order_by("name", "key"))


def check_reader(actor: Actor, custodian: UUID, requester: UUID) -> None:
    """Refuse who is neither side, nor an oversight body that one of them lets read: `not-allowed`."""
    if actor.agency in (custodian, requester):
        return
    grants = OversightGrant.objects.filter(oversight=actor.agency, agency__in=(custodian, requester), ended_at=None)
    if not grants.exists():
        raise Refused("not-allowed", "a reconciliation is its two agencies' to read, and of who oversees one of them")


def named(key: str) -> Agency:
    """Return an agency by its key. Raises Refused `not-found`."""
    found = Agency.objects.filter(key=key).first()
    if found is None:
        raise Refused("not-found", f"there is no agency [{key}]")
    return found


def between(actor: Actor, custodian: UUID, requester: UUID, period: Period) -> Reconciled:
    """Return the reconciliation of a requester with a custodian, in the session of `actor`; the same for both sides.

    Raises Refused: `not-found` for no such agency, `not-allowed` for who may not read it.
    """
    _there(custodian, requester)
    check_reader(actor, custodian, requester)
    return read(custodian, requester, period)


def _there(*agencies: UUID) -> dict[UUID, Agency]:
    found = Agency.objects.in_bulk(agencies)
    for one in agencies:
        if one not in found:
            raise Refused("not-found", f"there is no agency [{one}]")
    return found


def read(custodian: UUID, requester: UUID, period: Period) -> Reconciled:
    """Return the reconciliation as far as the session sees the record: the whole of it for either side and for the operator."""
    agencies = _there(custodian, requester)
    requests = _requests(custodian, requester, period)
    codes = {event.data["facility"] for told in requests for event in told if event.kind in ("lodged", "relayed")}
    zones = dict(Facility.objects.filter(pk__in=codes).values_list("code", "zone"))
    content = _content(custodian, requester, period, requests, zones)
    return Reconciled(
        custodian=agencies[custodian],
        requester=agencies[requester],
        period=period,
        content=content,
        sums=reconciling.sums(content.entries),
        failures=_failures(content, custodian),
        signatures=_signatures(content, requests, zones),
        holds=holds(custodian, requester),
    )


def _requests(custodian: UUID, requester: UUID, period: Period) -> list[list[record_event.Event]]:
    """Return the events of each request that may have come to the custodian in the period: sent to it then, or passed on."""
    begin, end = (
        dt.datetime.combine(day, dt.time(), dt.UTC) + span
        for day, span in ((period.from_day, -_ZONES), (period.until_day, _ZONES))
    )
    sent = Q(custodian=custodian, lodged_at__gte=begin)
    passed_on = Q(stream__parties__contains=[custodian], view__legs__1__isnull=False)
    found = Request.objects.filter(sent | passed_on, requester=requester, lodged_at__lt=end).values_list("pk", flat=True)
    told: dict[UUID, list[record_event.Event]] = {}
    for row in Event.objects.filter(stream__in=list(found)).order_by("stream", "version"):
        told.setdefault(row.stream_id, []).append(work.of_row(row))
    return list(told.values())


def _content(
    custodian: UUID,
    requester: UUID,
    period: Period,
    requests: Sequence[Sequence[record_event.Event]],
    zones: Mapping[str, str],
) -> Content:
    return reconciling.content(custodian, requester, period.from_day, period.until_day, requests, zones)


def _failures(content: Content, custodian: UUID) -> dict[UUID, str]:
    """Return what the session may see of why requests did not arrive. Words beside the figures: no part of what is signed."""
    lost = [entry.request for entry in content.entries if entry.received is None]
    rows = Delivery.objects.filter(stream__in=lost, to_agency=custodian, kind__in=("lodged", "relayed"), delivered_at=None)
    found: dict[UUID, list[str]] = {}
    for row in rows.order_by("created_at", "pk") if lost else ():
        state = "needs a person" if row.needs_person else "not sent yet" if not row.attempts else f"tried {row.attempts} times"
        found.setdefault(row.stream_id, []).append(f"{row.channel} {state}{f' ({row.failure})' if row.failure else ''}")
    return {stream: "; ".join(dict.fromkeys(words)) for stream, words in found.items()}


def _signatures(
    content: Content, requests: Sequence[Sequence[record_event.Event]], zones: Mapping[str, str]
) -> tuple[Signed, ...]:
    """Return who signed, the latest first, each with what changed since: the record tells what it said at that moment."""
    rows = list(
        Reconciliation.objects.filter(
            custodian=content.custodian,
            requester=content.requester,
            from_day=content.from_day,
            until_day=content.until_day,
        ).order_by("-signed_at", "-id")
    )
    names = directory.names([row.agency_id for row in rows]) if rows else {}
    period, now = Period(content.from_day, content.until_day), content.sha256
    found = []
    for row in rows:
        changes: tuple[Change, ...] = ()
        if row.sha256 != now:
            known = [told for told in (record_event.known_at(events, row.signed_at) for events in requests) if told]
            then = _content(content.custodian, content.requester, period, known, zones)
            changes = tuple(reconciling.changes(then.entries, content.entries))
        found.append(
            Signed(row.id, row.agency_id, names.get(row.agency_id, ""), row.signed_at, row.sha256, row.sha256 == now, changes)
        )
    return tuple(found)


def holds(custodian: UUID, requester: UUID) -> tuple[Hold, ...]:
    """Return the custodian's holds for a requester beside the requester's live requests there, as they are now; alarms first."""
    rows = Request.objects.filter(Q(live=True) | Q(holding=True), custodian=custodian, requester=requester)
    found = list(rows.order_by("live", "-holding", "lodged_at", "pk"))
    clocks = Deadline.objects.filter(
        stream__in=[row.pk for row in found if row.holding], kind="hold_expiry", open=True, governs=True
    )
    ends = dict(clocks.values_list("stream", "due_at")) if any(row.holding for row in found) else {}
    return tuple(
        Hold(
            request=row.pk,
            reference=row.reference,
            facility=row.facility_id,
            live=row.live,
            holding=row.holding,
            held_since=row.view["hold_started"] if row.holding else None,
            must_end_by=ends.get(row.pk),
        )
        for row in found
    )


def signatures_of() -> list[Reconciliation]:
    """Return the signatures that the session may see, the latest first."""
    return list(Reconciliation.objects.order_by("-signed_at", "-id")[:200])


def sign(actor: Actor, said: SignReconciliation, now: dt.datetime) -> Reconciled:
    """Sign what was shown for the actor's agency, and return it as it then is; the same signature again is the same one.

    Raises Refused: `not-allowed` for who is no supervisor of one of the two, by name; `state` before the month is over;
    `changed` when the record is no more what was shown.
    """
    if actor.agency not in (said.custodian, said.requester) or not actor.roles & CONFIRMING:
        raise Refused("not-allowed", "a reconciliation is signed by a supervisor of either of its two agencies")
    if actor.user is None:
        raise Refused("not-allowed", "a signature is a person's: the token must act for a user")
    period = month(said.month)
    if not period.is_over(now):
        raise Refused("state", f"the month [{period.month}] is not over: what is still to come cannot be signed")
    found = between(actor, said.custodian, said.requester, period)
    if found.content.sha256 != said.sha256:
        raise Refused(
            "changed", "the record has changed since it was shown: look again before you sign", sha256=found.content.sha256
        )
    row: dict[str, Any] = {
        "id": new_id(),
        "custodian_id": said.custodian,
        "requester_id": said.requester,
        "from_day": period.from_day,
        "until_day": period.until_day,
        "sha256": said.sha256,
        "agency_id": actor.agency,
        "by_user": actor.user,
        "signed_at": now,
    }
    writing.insert(Reconciliation, [row], once=True)
    return between(actor, said.custodian, said.requester, period)
