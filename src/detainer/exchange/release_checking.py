"""The release check: reads a stay, what waits on it and what the law says; as many queries for one request as for 200."""

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from detainer import law
from detainer.exchange import directory, law_layers
from detainer.exchange.models import Agency, Deadline, Facility, Request, Stay
from detainer.exchange.refusals import Refused
from detainer.record import release_check
from detainer.record.release_check import Beside, Check, Finding, HoldEnd, Waiting
from detainer.record.said import RuleSaid
from detainer.record.views import RequestView, StayView

WAITING: Final = Q(live=True) | Q(holding=True)
SERVES: Final = "serve_copy"


def check(stay: UUID, now: dt.datetime) -> Check:
    """Return what stands in the way of a release from a stay now, or must be done at it, as far as the session may see.

    Raises Refused: `not-found`, the same for another's stay; `state` when the person is no longer there.
    """
    found = Stay.objects.select_related("facility").filter(pk=stay).first()
    if found is None:
        raise Refused("not-found", f"there is no stay [{stay}]")
    return of_stay(found, now)


def of_booking(agency: str, booking_number: str, now: dt.datetime) -> tuple[Stay, Check]:
    """Return the stay of a booking number of an agency, by its key, and its check. Raises Refused as `check` does."""
    custodian = Agency.objects.filter(key=agency).first()
    if custodian is None:
        raise Refused("not-found", f"there is no agency [{agency}]")
    own = Stay.objects.select_related("facility").filter(custodian=custodian, booking_number=booking_number)
    found = own.first()
    if found is None:
        raise Refused("not-found", f"no booking of [{agency}] has the number [{booking_number}]")
    return found, of_stay(found, now)


def at_hand_over(stay: UUID | None, request: UUID, now: dt.datetime) -> tuple[tuple[Finding, ...], tuple[Waiting, ...]]:
    """Return what takes a reason to hand the person over for a request, and the requests that wait on the stay."""
    found = Stay.objects.select_related("facility").filter(pk=stay, in_custody=True).first() if stay else None
    if found is None:
        return (), ()
    looked = of_stay(found, now)
    return release_check.at_hand_over(looked.findings, request), looked.requests


def of_stay(found: Stay, now: dt.datetime) -> Check:
    """Return the check of a stay whose person is still there."""
    if not found.in_custody:
        raise Refused("state", f"the person is no longer here: the stay is [{found.state}]", state=found.state)
    rows = Request.objects.filter(WAITING, stay=found.pk, custodian=found.custodian_id).order_by("lodged_at", "pk")
    waiting = [RequestView.model_validate(view) for view in rows.values_list("view", flat=True)]
    zone = found.facility.zone if found.facility else "UTC"
    return of_views(StayView.model_validate(found.view), waiting, now, zone, custodian=found.custodian_id)


def of_views(
    stay: StayView,
    waiting: Sequence[RequestView],
    now: dt.datetime,
    zone: str,
    *,
    custodian: UUID | None = None,
    cause: str | None = None,
) -> Check:
    """Return the check from views that are read already, as a command has them.

    `custodian`: count its live requests that are linked to no stay, too. `cause` is why the person is let out, where it is
    said; else what the stay says.
    """
    beside = Beside(
        now=now,
        zone=zone,
        cause=cause or stay.release_cause,
        names=directory.names([view.requester for view in waiting]) if waiting else {},
        hold_ends=_hold_ends([view.id for view in waiting if view.is_holding]),
        copies=_copies([view for view in waiting if view.is_live and view.served is None], now),
        unlinked=Request.objects.filter(live=True, stay=None, custodian=custodian).count() if custodian else 0,
    )
    return release_check.check(stay, waiting, beside)


def _hold_ends(requests: Sequence[UUID]) -> dict[UUID, list[HoldEnd]]:
    """Return until when each hold may last, under each rule that its clocks run by."""
    found: dict[UUID, list[HoldEnd]] = {}
    rows = Deadline.objects.filter(stream__in=requests, kind="hold_expiry", open=True) if requests else ()
    for row in rows:
        end = HoldEnd(
            rule=row.rule,
            label=row.label,
            due_at=row.due_at,
            governs=row.governs,
            arithmetic=row.arithmetic,
            cite=row.cite or None,
            source=row.source or None,
        )
        found.setdefault(row.stream_id, []).append(end)
    return found


def _copies(unserved: Sequence[RequestView], now: dt.datetime) -> dict[UUID, RuleSaid]:
    """Return the law under which the person is owed a copy of each request, for those that it asks it of.

    Only a duty that follows from the request itself: one that follows from the act asked for is a condition of that act.
    """
    facilities = Facility.objects.in_bulk({view.facility for view in unserved}) if unserved else {}
    found = {}
    for code, facility in facilities.items():
        on = now.astimezone(ZoneInfo(facility.zone)).date()
        with suppress(Refused, law.LawError):  # a law that cannot be read stops no release
            library, _ = law_layers.law_at(facility, on)
            here = [view for view in unserved if view.facility == code]
            found |= {view.id: rule for view in here if (rule := _serves(facility, view, on, library))}
    return found


def _serves(facility: Facility, view: RequestView, on: dt.date, library: law.Library) -> RuleSaid | None:
    answers = (law.answer(facility.jurisdiction or "us", ask.ask, on, view.facts, library) for ask in view.asks)
    duties = (duty for answer in answers for duty in answer.duties)
    owed = next((duty for duty in duties if (duty.kind, duty.follows, duty.applies) == (SERVES, "request", "yes")), None)
    if owed is None:
        return None
    return RuleSaid(id=owed.id, cite=owed.cite or owed.id, source=owed.source, confidence=owed.confidence, sentence=owed.text)
