"""Reconciliation: what one agency sent another in a month against what the other received; signed here, taken away as a file."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods
from pydantic import ValidationError

from detainer.exchange import reconciliation, reconciliation_sheet, refusals
from detainer.exchange.models import Agency, Facility, OversightGrant
from detainer.exchange.reconciliation import Reconciled, SignReconciliation
from detainer.exchange.refusals import Refused
from detainer.exchange.roles import CONFIRMING, Actor
from detainer.exchange.session import acting
from detainer.record import reconciling_csv
from detainer.record.reconciling import Change, Entry
from detainer.web import words
from detainer.web.access import signed_in
from detainer.web.templatetags.detainer import moment

KINDS: Final = ("custodian", "court", "requester", "oversight")
SHOWN: Final = 200  # lines of a list on the page; the file has them all
_ALARMING: Final = frozenset({"held_without_request", "never_delivered"})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in(kinds=KINDS)
def show(request: HttpRequest) -> HttpResponse:
    """Show the reconciliation of a month with another agency; a POST signs what was shown."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if request.method == "POST":
        return _sign(request, actor)
    return _shown(request, actor)


@require_GET
@signed_in(kinds=KINDS)
def as_csv(request: HttpRequest) -> HttpResponse:
    """Return every request of the month as CSV. It names no person."""
    found = _asked(request, request.actor).whole()  # type: ignore[attr-defined]
    text = reconciling_csv.written(found.content.entries, found.why)
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=_as_file(found, "csv"))


@require_GET
@signed_in(kinds=KINDS)
def as_pdf(request: HttpRequest) -> HttpResponse:
    """Return the reconciliation as a PDF, to sign on paper or to file."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = _asked(request, actor).whole()
    reader = Agency.objects.get(pk=actor.agency)
    pdf = reconciliation_sheet.pdf(found, reader, _zone(found.custodian.pk))
    return HttpResponse(pdf, content_type="application/pdf", headers=_as_file(found, "pdf"))


def _as_file(found: Reconciled, suffix: str) -> dict[str, str]:
    name = f"reconciliation-{found.custodian.key}-{found.requester.key}-{found.period.month}.{suffix}"
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _zone(custodian: UUID) -> str:
    """Return the zone in which moments are shown: that of the custodian's first facility."""
    return Facility.objects.filter(agency=custodian).order_by("code").values_list("zone", flat=True).first() or "UTC"


# --- which two agencies, and when ------------------------------------------------------------------------------------------


def _ours(actor: Actor) -> list[Agency]:
    """Return the agencies for which the actor may ask: its own; an oversight body has those that let it read."""
    granted = OversightGrant.objects.filter(oversight=actor.agency, ended_at=None).values("agency")
    own = Agency.objects.filter(pk=actor.agency) if actor.kinds - {"oversight", "counsel"} else Agency.objects.none()
    return list(own) + list(Agency.objects.filter(pk__in=granted).order_by("name", "key"))


def _found(asked: str, among: list[Agency], field: str) -> Agency | None:
    """Return the agency that is asked for by its id, or the first that there is. Raises Refused `invalid` for another's."""
    if not asked:
        return among[0] if among else None
    found = next((one for one in among if str(one.pk) == asked), None)
    if found is None:
        raise refusals.one_field(field, "no agency with which you have a request in common")
    return found


@dataclass(frozen=True)
class Asked:
    """What an address asks for: of which agency, with which, in which month, and the reconciliation where there is one."""

    ours: list[Agency]
    one: Agency | None
    others: list[Agency]
    other: Agency | None
    month: str
    found: Reconciled | None = None

    def whole(self) -> Reconciled:
        """Return the reconciliation. Raises Refused `not-found` where the agency has no request in common with another."""
        if self.found is None:
            raise Refused("not-found", "there is no agency with which yours has a request in common")
        return self.found

    @property
    def one_as(self) -> str:
        """Which side the first agency is."""
        return "requester" if self.one and self.found and self.found.requester.pk == self.one.pk else "custodian"

    @property
    def query(self) -> str:
        """What an address says to ask for the same again."""
        if self.one is None or self.other is None:
            return ""
        return urlencode({"of": self.one.pk, "with": self.other.pk, "month": self.month, "as": self.one_as})


def _asked(request: HttpRequest, actor: Actor) -> Asked:
    """Return what an address asks for: the first agencies and the month that is over last where it does not say."""
    given, ours = request.GET, _ours(actor)
    one = _found(given.get("of", ""), ours, "of")
    others = reconciliation.partners(one.pk) if one else []
    other = _found(given.get("with", ""), others, "with")
    month = given.get("month", "") or _last_month(dt.datetime.now(dt.UTC).date())
    asked = Asked(ours, one, others, other, month)
    if one is None or other is None:
        return asked
    pair = reconciliation.sides(one, other, given.get("as", ""))
    return replace(asked, found=reconciliation.between(actor, *(side.pk for side in pair), reconciliation.month(month)))


def _last_month(today: dt.date) -> str:
    return f"{today.replace(day=1) - dt.timedelta(days=1):%Y-%m}"


# --- the page ----------------------------------------------------------------------------------------------------------------


def _shown(request: HttpRequest, actor: Actor) -> HttpResponse:
    now, asked = dt.datetime.now(dt.UTC), _asked(request, actor)
    context: dict[str, Any] = {
        name: getattr(asked, name) for name in ("ours", "one", "others", "other", "month", "found", "one_as")
    }
    if asked.one and asked.other and asked.found:
        context["both"] = len(reconciliation.directions(asked.one, asked.other)) > 1
        context["csv_url"] = f"{reverse('reconciliation-csv')}?{asked.query}"
        context["pdf_url"] = f"{reverse('reconciliation-pdf')}?{asked.query}"
        context |= _context(asked.found, actor, now)
    return render(request, "reconciliation.html", context)


def _context(found: Reconciled, actor: Actor, now: dt.datetime) -> dict[str, Any]:
    zone, sums = _zone(found.custodian.pk), found.sums
    differing = [entry for entry in found.content.entries if entry.difference]
    agreed = [entry for entry in found.content.entries if not entry.difference]
    signed = next((one for one in found.signatures if one.agency == actor.agency and one.stands), None)
    may_sign = actor.agency in (found.custodian.pk, found.requester.pk) and bool(actor.roles & CONFIRMING)
    return {
        "found": found,
        "zone": zone,
        "ladder": [
            ("Sent", sums.sent),
            ("Received", sums.received),
            ("Opened", sums.opened),
            ("Acknowledged", sums.acknowledged),
            ("Answered", sums.answered),
        ],
        "differences": [(words.DIFFERENCES[key], count) for key, count in sums.differences.items()],
        "endings": [(words.OUTCOMES[key][0], count) for key, count in sums.endings.items()],
        "asks": [
            (words.ASKS[ask], ", ".join(f"{words.DISPOSITIONS[key][0].lower()} {count}" for key, count in became.items()))
            for ask, became in sums.asks.items()
        ],
        "differing": [_row(entry, found, zone) for entry in differing[:SHOWN]],
        "agreed": [_row(entry, found, zone) for entry in agreed[:SHOWN]],
        "left_out": max(0, len(differing) - SHOWN) + max(0, len(agreed) - SHOWN),
        "holds": [
            {"hold": hold, "url": reverse("request", args=[hold.request]), "ends": moment(hold.must_end_by, zone)}
            for hold in found.holds
        ],
        "alarms": sum(hold.is_alarm for hold in found.holds),
        "signatures": [
            {
                "who": one.agency_name,
                "at": moment(one.signed_at, zone),
                "stands": one.stands,
                "sha256": one.sha256,
                "changes": [_change(change, zone) for change in one.changes[:SHOWN]],
            }
            for one in found.signatures
        ],
        "may_sign": may_sign and signed is None and found.period.is_over(now),
        "is_over": found.period.is_over(now),
    }


def _row(entry: Entry, found: Reconciled, zone: str) -> dict[str, Any]:
    return {
        "url": reverse("request", args=[entry.request]),
        "number": entry.reference or str(entry.request)[:13],
        "leg": entry.leg,
        "came": entry.came,
        "facility": entry.facility,
        "sent": moment(entry.sent, zone),
        "reached": _reached(entry, zone),
        "ended": entry.ended,
        "difference": words.DIFFERENCES[entry.difference] if entry.difference else "",
        "tone": "urgent" if entry.difference in _ALARMING else "wait" if entry.difference else "done",
        "why": found.why(entry),
    }


def _reached(entry: Entry, zone: str) -> str:
    """Return the highest rung of the ladder that the record shows, and when."""
    rungs = (("Answered", entry.answered), ("Acknowledged", entry.acknowledged), ("Opened", entry.opened))
    at = next(((name, when) for name, when in (*rungs, ("Received", entry.received)) if when), None)
    return f"{at[0]} {moment(at[1], zone)}" if at else "Sent, no more"


def _change(change: Change, zone: str) -> dict[str, str]:
    return {
        "url": reverse("request", args=[change.request]),
        "number": str(change.request)[:13],
        "field": words.plain(change.field),
        "before": _said(change.before, zone),
        "after": _said(change.after, zone),
    }


def _said(value: str | None, zone: str) -> str:
    if value is None:
        return "none"
    try:
        return moment(dt.datetime.fromisoformat(value), zone) if value[:4].isdigit() and "T" in value else words.plain(value)
    except ValueError:
        return value


def _sign(request: HttpRequest, actor: Actor) -> HttpResponse:
    given = {name: request.POST.get(name, "") for name in ("custodian", "requester", "month", "sha256")}
    try:
        said = SignReconciliation.model_validate(given)
    except ValidationError as error:
        raise refusals.invalid(error) from error
    other = said.requester if actor.agency == said.custodian else said.custodian
    back = f"{reverse('reconciliation')}?{urlencode({'with': other, 'month': said.month, 'as': request.POST.get('as', '')})}"
    try:
        with acting(actor.agency, actor.user):
            reconciliation.sign(actor, said, dt.datetime.now(dt.UTC))
    except Refused as refused:
        if refused.kind != "changed":
            raise
        messages.error(request, "Not signed: the record has changed since it was shown. This is how it stands now.")
        return redirect(back)
    messages.success(request, "Signed for your agency.")
    return redirect(back)
