"""A reconciliation as the document of it: what `documents.made("reconciliation_sheet", ...)` takes. It names no person."""

import datetime as dt
from typing import Final

from detainer import documents
from detainer.documents import contents
from detainer.documents.moments import Moment
from detainer.exchange.models import Agency
from detainer.exchange.papers import moment
from detainer.exchange.reconciliation import Reconciled
from detainer.record import when
from detainer.record.reconciling import Entry

KIND: Final = "reconciliation_sheet"


def pdf(found: Reconciled, reader: Agency, zone: str, language: str = "en") -> bytes:
    """Return a reconciliation as a PDF for one of its readers, in the time of a zone: the same record gives the same bytes."""
    return documents.made(KIND, sheet(found, reader, zone), language)


def sheet(found: Reconciled, reader: Agency, zone: str) -> contents.ReconciliationSheet:
    """Return what the document shows."""
    period = found.period
    return contents.ReconciliationSheet(
        head=contents.Head(
            reference=f"{found.custodian.key} / {found.requester.key} / {period.month}",
            agency=reader.name,
            rules_adopted_by=found.custodian.rules_adopted_by,
        ),
        requester=contents.Party(name=found.requester.name, contact=found.requester.contact),
        custodian=contents.Party(name=found.custodian.name, contact=found.custodian.contact),
        first=_day(period.from_day),
        last=_day(period.until_day - dt.timedelta(days=1)),
        rows=tuple(_row(found, entry, zone) for entry in found.content.entries),
        sha256=found.content.sha256,
        signatures=tuple(
            contents.Signature(who=one.agency_name, at=at)
            for one in reversed(found.signatures)
            if one.stands and (at := _at(one.signed_at, zone))
        ),
    )


def _row(found: Reconciled, entry: Entry, zone: str) -> contents.ReconciliationRow:
    return contents.ReconciliationRow(
        reference=entry.reference or str(entry.request),
        lodged=_at(entry.sent, zone) or Moment(),
        received=_at(entry.received, zone),
        opened=_at(entry.opened, zone),
        answered=_at(entry.answered, zone),
        outcome=entry.ended,
        difference=entry.difference,
        why=found.why(entry),
    )


def _at(at: dt.datetime | None, zone: str) -> Moment | None:
    return moment(when.instant(at), zone) if at else None


def _day(day: dt.date) -> Moment:
    return Moment(first=day.isoformat(), last=day.isoformat())
