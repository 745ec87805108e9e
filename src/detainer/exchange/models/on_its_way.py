"""What is on its way: deliveries and the channels that carry them, receipts, agreements, documents, keys of commands done."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from detainer.exchange.models.record import Event, Stream
from detainer.exchange.models.rows import appended_only, new_id
from detainer.exchange.models.taking_part import Agency

CHANNELS = ("inbox", "webhook", "email", "second_email", "fax", "paper")
"""How an event reaches an agency. `second_email` goes to its second contact, and only when the first does not act."""


class Channel(models.Model):
    """An agency's way of being told beside its inbox: where to, and the secrets that sign what goes there."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.CASCADE, related_name="channels", db_index=False)
    kind = models.CharField(max_length=12)
    address = models.CharField(
        max_length=500, help_text="An address of a web server, an e-mail address, a fax number at a gateway."
    )
    active = models.BooleanField(default=True)
    secrets = models.JSONField(default=list, help_text="Webhook: at most two live secrets, the newest first, encrypted.")
    failing_since = models.DateTimeField(null=True, help_text="Since when nothing arrives there; empty: the last one did.")
    next_try_at = models.DateTimeField(null=True, help_text="While it fails nothing is tried before.")
    failure = models.CharField(max_length=300, blank=True, help_text="What the last failure was, as the channel said it.")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "channel"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agency", "kind"], name="channel_once"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind for kind in CHANNELS if kind not in ("inbox", "paper")]), name="channel_kind_known"
            ),
        ]


class Delivery(models.Model):
    """An event on its way to an agency by one channel, tried until received."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="deliveries")
    kind = models.CharField(max_length=30)
    from_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=12, default="inbox")
    created_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    opened_by = models.UUIDField(null=True)
    needs_person = models.BooleanField(default=False, help_text="It is not tried again: somebody must see to it.")
    failure = models.CharField(max_length=300, blank=True, help_text="Why the last try failed.")
    reply_head = models.CharField(max_length=500, blank=True, help_text="The beginning of what the receiver last replied.")

    class Meta:
        db_table = "delivery"
        verbose_name_plural = "deliveries"
        indexes: ClassVar = [
            models.Index(fields=["to_agency", "-created_at"], name="delivery_inbox"),
            models.Index(fields=["created_at"], condition=Q(delivered_at=None, channel="inbox"), name="delivery_waiting"),
            models.Index(
                fields=["to_agency", "channel", "id"],
                condition=Q(delivered_at=None, needs_person=False),
                name="delivery_to_send",
            ),
            models.Index(fields=["from_agency"], condition=Q(needs_person=True), name="delivery_needs_person"),
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


class ReceiptCode(models.Model):
    """The short code on a fax or a packet: who has the paper types it or reads it out. Only a hash of it is kept."""

    delivery = models.OneToOneField(Delivery, primary_key=True, on_delete=models.CASCADE, related_name="code")
    reference = models.CharField(max_length=12, unique=True, help_text="What names the paper; it opens nothing.")
    code_hash = models.CharField(max_length=200)
    wrong = models.PositiveSmallIntegerField(default=0, help_text="Wrong codes typed; ten lock it.")
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "receipt_code"


class Agreement(models.Model):
    """What a custodian and a requester agreed on: how soon an answer and a receipt are due. Appended, never changed.

    In force once the other side agreed to it; of those in force the last one counts.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    custodian = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    requester = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    by_agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    by_user = models.UUIDField(null=True)
    agrees_to = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="agreed")
    urgent_minutes = models.PositiveIntegerField()
    routine_minutes = models.PositiveIntegerField()
    receipt_minutes = models.PositiveIntegerField(help_text="How soon a cancellation, a relay or a contest is acknowledged.")
    contest_hours = models.PositiveIntegerField(help_text="How soon a claim is answered.")
    purposes = models.TextField(help_text="What may be asked and shared, and under what.")
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "agreement"
        indexes: ClassVar = [models.Index(fields=["custodian", "requester", "-recorded_at"], name="agreement_pair")]
        triggers: ClassVar = appended_only("agreements")


class Document(models.Model):
    """A notice, a letter or a sheet as it was made for an agency: the bytes whose hash an event keeps. It may name a person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="documents", db_index=False)
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, related_name="documents")
    person = models.UUIDField(null=True, db_index=True)
    kind = models.CharField(max_length=30)
    language = models.CharField(max_length=10)
    sha256 = models.CharField(max_length=64)
    pdf = models.BinaryField(null=True, help_text="Empty once a court ordered the identity of the person destroyed.")
    made_at = models.DateTimeField()

    class Meta:
        db_table = "document"
        constraints: ClassVar = [models.UniqueConstraint(fields=["agency", "stream", "sha256"], name="document_once")]


class Reconciliation(models.Model):
    """One side's signature under what two agencies' records of a period add up to, named by its hash. Appended, never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    custodian = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    requester = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    from_day = models.DateField()
    until_day = models.DateField(help_text="The first day after the period.")
    sha256 = models.CharField(max_length=64)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="+", db_index=False)
    by_user = models.UUIDField()
    signed_at = models.DateTimeField()

    class Meta:
        db_table = "reconciliation"
        indexes: ClassVar = [models.Index(fields=["custodian", "requester", "from_day"], name="reconciliation_pair")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["custodian", "requester", "from_day", "until_day", "sha256", "agency"], name="reconciliation_once"
            ),
        ]
        triggers: ClassVar = appended_only("signatures")
