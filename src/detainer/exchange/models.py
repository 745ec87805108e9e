"""The tables: who takes part, the record, what is read from it, and what is on its way.

Row-level security (sql/policies.sql) stands under every table that holds a case: a session sees the rows of its agency.
"""

import uuid
from typing import ClassVar

import pgtrigger
import uuid_utils.compat
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from detainer.exchange.roles import ROLES

KINDS_OF_AGENCY = ("custodian", "requester", "court", "counsel", "oversight")
KINDS_OF_FACILITY = ("jail", "police", "court", "state_prison", "probation", "federal", "juvenile")


def new_id() -> uuid.UUID:
    """Return a UUIDv7: ids sort by the time they were made."""
    return uuid_utils.compat.uuid7()


# --- who takes part --------------------------------------------------------------------------------------------------


class Agency(models.Model):
    """An organisation: custodian, requester, court, counsel, oversight (one may be several)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.SlugField(unique=True, max_length=80)
    name = models.CharField(max_length=200)
    kinds = ArrayField(models.CharField(max_length=20))
    jurisdiction = models.CharField(max_length=120)
    ori = models.CharField(max_length=12, blank=True)
    enrolled = models.BooleanField(default=False, help_text="Takes part in the exchange: a request can be delivered to it.")
    contact = models.CharField(max_length=200, blank=True, help_text="The office that answers, day and night.")
    rules_adopted_by = models.CharField(max_length=200, blank=True, help_text="Who adopted the rules that answers rest on.")

    class Meta:
        db_table = "agency"
        verbose_name_plural = "agencies"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kinds__contained_by=list(KINDS_OF_AGENCY)), name="agency_kinds_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Facility(models.Model):
    """A place of custody, named by a code (DETLOC, ORI), never by its name alone."""

    code = models.CharField(primary_key=True, max_length=12)
    agency = models.ForeignKey(Agency, null=True, on_delete=models.PROTECT, related_name="facilities")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in KINDS_OF_FACILITY])
    city = models.CharField(max_length=100, blank=True)
    county = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=2, blank=True)
    jurisdiction = models.CharField(max_length=120, blank=True)
    zone = models.CharField(max_length=60)
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "facility"
        verbose_name_plural = "facilities"
        indexes: ClassVar = [
            models.Index(fields=["name"], name="facility_name"),
            models.Index(fields=["state", "county"], name="facility_place"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class User(AbstractUser):
    """A person who works at one or more agencies."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        db_table = "user"


class Membership(models.Model):
    """What a user may do at an agency."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    role = models.CharField(max_length=20, choices=[(role, role) for role in ROLES])

    class Meta:
        db_table = "membership"
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "agency", "role"], name="membership_once")]


class Token(models.Model):
    """A machine's key to the API, for one agency and some scopes; only the hash of its secret is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE)
    user = models.ForeignKey(
        User, null=True, on_delete=models.CASCADE, help_text="The person it acts for, where one must be named."
    )
    name = models.CharField(max_length=100)
    scopes = ArrayField(models.CharField(max_length=20))
    secret_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "token"


class OversightGrant(models.Model):
    """An agency lets an oversight body read its records: never the identities."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="granted")
    oversight = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="oversees")
    basis = models.CharField(max_length=300)
    granted_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "oversight_grant"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agency", "oversight"], condition=Q(ended_at=None), name="oversight_grant_once"),
        ]


_REFUSE_CHANGE = """
IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    RETURN COALESCE(NEW, OLD);
END IF;
RAISE EXCEPTION 'events are appended, never changed: [%] refused', TG_OP USING ERRCODE = 'insufficient_privilege';
"""


def _appended_only(what: str) -> list[pgtrigger.Trigger]:
    """Return the triggers of a table whose rows are appended and never changed.

    A superuser can always switch a trigger off, so the trigger lets it pass.
    """
    refuse = _REFUSE_CHANGE.replace("events", what)
    return [
        pgtrigger.Trigger(name="append_only", when=pgtrigger.Before, operation=pgtrigger.Update | pgtrigger.Delete, func=refuse),
        pgtrigger.Trigger(
            name="never_truncated",
            when=pgtrigger.Before,
            level=pgtrigger.Statement,
            operation=pgtrigger.Truncate,
            func=refuse.replace("COALESCE(NEW, OLD)", "NULL"),
        ),
    ]


class LawLayer(models.Model):
    """A version of an agency's own layer of law for a place, in force from a day on; without a text it says: no more.

    Appended, never changed: of the versions whose first day has come the one that was entered last is in force.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="law_layers", db_index=False)
    place = models.CharField(max_length=120)
    from_day = models.DateField()
    text = models.TextField(blank=True, help_text="The whole file (YAML), with who adopted it; empty: it was withdrawn.")
    hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the text: what an answer names it by.")
    adopted_by = models.CharField(max_length=200, help_text="Who adopted or withdrew it.")
    note = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    by_user = models.UUIDField(null=True)

    class Meta:
        db_table = "law_layer"
        indexes: ClassVar = [models.Index(fields=["agency", "place", "-recorded_at"], name="law_layer_latest")]
        triggers: ClassVar = _appended_only("layers of law")


class Identity(models.Model):
    """Who a person is, as one agency knows it. Destroyed when a court orders so; the events stay and name nobody."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.UUIDField(db_index=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    shared_by = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200, blank=True)
    date_of_birth = models.DateField(null=True)
    sex = models.CharField(max_length=20, blank=True)
    citizenship = models.CharField(max_length=100, blank=True)
    numbers = models.JSONField(default=dict)
    destroyed_at = models.DateTimeField(null=True)
    destroyed_under = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "identity"
        verbose_name_plural = "identities"
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "agency"], name="identity_once_per_agency")]


# --- the record ------------------------------------------------------------------------------------------------------


class Stream(models.Model):
    """A stay, a file or a request: its parties, and the head of its hash chain."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10)
    parties = ArrayField(models.UUIDField())
    version = models.PositiveIntegerField()
    head = models.CharField(max_length=64)

    class Meta:
        db_table = "stream"
        indexes: ClassVar = [GinIndex(fields=["parties"], name="stream_parties")]


class Event(models.Model):
    """Something that happened. Appended, never changed: UPDATE, DELETE and TRUNCATE fail for every role of the service.

    A superuser can always switch a trigger off, so the trigger lets it pass: what proves the record is the hash chain.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="events", db_index=False)
    version = models.PositiveIntegerField()
    stream_kind = models.CharField(max_length=10)
    kind = models.CharField(max_length=30)
    occurred = models.CharField(max_length=64)
    occurred_from = models.DateTimeField(null=True)
    occurred_to = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()
    by_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    by_user = models.UUIDField(null=True)
    says = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    data = models.JSONField()
    prev = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "event"
        constraints: ClassVar = [models.UniqueConstraint(fields=["stream", "version"], name="event_once_per_version")]
        triggers: ClassVar = _appended_only("events")


class Feed(models.Model):
    """An event in the order in which an agency may read it: (`txid`, `position`).

    A transaction's id is taken after the stream is read and before anything is written, so a reader that stops behind the
    oldest transaction still open (pg_snapshot_xmin) never passes over a row that commits late.
    """

    position = models.BigAutoField(primary_key=True)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    txid = models.BigIntegerField(db_default=models.Func(function="detainer_txid"))
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "feed"
        indexes: ClassVar = [models.Index(fields=["agency", "txid", "position"], name="feed_order")]


class Checkpoint(models.Model):
    """A day's hash over the heads of all streams, signed by the exchange."""

    day = models.DateField(primary_key=True)
    made_at = models.DateTimeField()
    streams = models.PositiveIntegerField()
    root = models.CharField(max_length=64)
    signature = models.CharField(max_length=200)

    class Meta:
        db_table = "checkpoint"


# --- what is read: a fold of the events, and can be made from them again ------------------------------------------------


class Request(models.Model):
    """A request as its events tell it."""

    stream = models.OneToOneField(Stream, primary_key=True, on_delete=models.PROTECT, related_name="request")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=20)
    outcome = models.CharField(max_length=30)
    person = models.UUIDField()
    requester = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    custodian = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="+")
    stay = models.UUIDField(null=True)
    form = models.CharField(max_length=10)
    reference = models.CharField(max_length=200, blank=True)
    asks = models.JSONField(help_text="Per ask: the law's answer, the decision, what became of it.")
    live = models.BooleanField(help_text="Something may still be done about it.")
    holding = models.BooleanField(help_text="The person is held under it past the moment of release, even if it was cancelled.")
    undecided = models.PositiveSmallIntegerField()
    lodged_at = models.DateTimeField(help_text="When the request was recorded.")
    lodged = models.CharField(max_length=64)
    view = models.JSONField(help_text="The whole fold, for the page of one request.")

    class Meta:
        db_table = "request"
        indexes: ClassVar = [
            models.Index(fields=["custodian", "-lodged_at"], condition=Q(live=True), name="request_custodian_live"),
            models.Index(fields=["custodian", "-lodged_at"], name="request_custodian"),
            models.Index(fields=["requester", "-lodged_at"], name="request_requester"),
            models.Index(fields=["stay"], name="request_stay"),
        ]


class Stay(models.Model):
    """A custody episode as its events tell it."""

    stream = models.OneToOneField(Stream, primary_key=True, on_delete=models.PROTECT, related_name="stay")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=20)
    custodian = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    facility = models.ForeignKey(Facility, null=True, on_delete=models.PROTECT, related_name="+")
    person = models.UUIDField(null=True)
    booking_number = models.CharField(max_length=200, blank=True)
    in_custody = models.BooleanField()
    began_at = models.DateTimeField(null=True)
    release_planned = models.CharField(max_length=64, blank=True)
    release_due_at = models.DateTimeField(null=True)
    ended = models.CharField(max_length=64, blank=True)
    view = models.JSONField()

    class Meta:
        db_table = "stay"
        indexes: ClassVar = [models.Index(fields=["custodian", "-began_at"], name="stay_custodian")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["custodian", "booking_number"], condition=~Q(booking_number=""), name="stay_booking_number_once"
            ),
        ]


class File(models.Model):
    """A requester's history of a person as its events tell it."""

    stream = models.OneToOneField(Stream, primary_key=True, on_delete=models.PROTECT, related_name="file")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=20)
    requester = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+")
    person = models.UUIDField(null=True, db_index=True)
    view = models.JSONField()

    class Meta:
        db_table = "file"


class Deadline(models.Model):
    """A clock that runs for a request: computed from its events and the rules, and so made again with them."""

    id = models.BigAutoField(primary_key=True)
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="deadlines")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=30)
    rule = models.CharField(max_length=120)
    label = models.CharField(max_length=200)
    starts_at = models.DateTimeField()
    due_at = models.DateTimeField()
    governs = models.BooleanField()
    open = models.BooleanField()
    arithmetic = models.TextField()

    class Meta:
        db_table = "deadline"
        indexes: ClassVar = [models.Index(fields=["agency", "due_at"], condition=Q(open=True), name="deadline_open")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["stream", "kind", "rule", "agency"], name="deadline_once")]


# --- what is on its way ------------------------------------------------------------------------------------------------


class Delivery(models.Model):
    """An event on its way to an agency by one channel, tried until received."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="deliveries")
    kind = models.CharField(max_length=30)
    from_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=10, default="inbox")
    created_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    opened_by = models.UUIDField(null=True)
    needs_person = models.BooleanField(default=False)

    class Meta:
        db_table = "delivery"
        verbose_name_plural = "deliveries"
        indexes: ClassVar = [
            models.Index(fields=["to_agency", "-created_at"], name="delivery_inbox"),
            models.Index(fields=["created_at"], condition=Q(delivered_at=None), name="delivery_waiting"),
        ]
        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "to_agency", "channel"], name="delivery_once")]


class IdempotencyKey(models.Model):
    """A command that was done under a key: the same key gives the same reply, and never a second command."""

    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    reply = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "idempotency_key"
        constraints: ClassVar = [models.UniqueConstraint(fields=["agency", "key"], name="idempotency_key_once")]
