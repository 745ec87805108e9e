"""A reconciliation: its entries, its signatures, holds against requests."""

import datetime as dt
from uuid import UUID

from pydantic import BaseModel, Field

from detainer.record.reconciling import Change, Entry, Sums


class EntryShown(Entry):
    """A request, or a leg of it, with why the two sides' books differ on it; empty when they agree."""

    why: str


class ReconciliationSigned(BaseModel):
    """One side's signature under a reconciliation."""

    id: UUID
    custodian: UUID
    requester: UUID
    from_day: dt.date
    until_day: dt.date = Field(description="The first day after the period.")
    sha256: str
    agency: UUID
    signed_at: dt.datetime


class SignatureShown(BaseModel):
    """A signature, whether it is of what stands now, and what changed since when it is not."""

    id: UUID
    agency: UUID
    signed_at: dt.datetime
    sha256: str
    stands: bool
    changes: list[Change]


class HoldAgainstRequest(BaseModel):
    """A live request and a hold under it as they are now; a hold without a live request is an `alarm`."""

    request: UUID
    reference: str
    facility: str
    live: bool
    holding: bool
    held_since: str | None
    must_end_by: dt.datetime | None
    alarm: bool


class ReconciliationShown(BaseModel):
    """What a requester sent a custodian in a period against what the other received; `sha256` is what a signature names."""

    custodian: UUID
    requester: UUID
    from_day: dt.date
    until_day: dt.date = Field(description="The first day after the period.")
    sha256: str
    sums: Sums
    entries: list[EntryShown]
    signatures: list[SignatureShown]
    holds: list[HoldAgainstRequest]


class Reconciliations(BaseModel):
    """The reconciliation that was asked for, and the signatures that the agency may see, the latest first."""

    reconciliation: ReconciliationShown | None
    signed: list[ReconciliationSigned]
