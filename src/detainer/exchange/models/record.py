"""The record: streams, their events, the order in which an agency reads them, and the daily checkpoints."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from detainer.exchange.models.rows import appended_only, new_id
from detainer.exchange.models.taking_part import Agency


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
        triggers: ClassVar = appended_only("events")


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
