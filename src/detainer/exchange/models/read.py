"""What is read: each row is a fold of its stream's events, and can be made from them again."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from detainer.exchange.models.record import Stream
from detainer.exchange.models.taking_part import Agency, Facility


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
    """A clock that runs for a request: computed from its events and the rules, and so made again with them.

    `agency` is whose clock it is: who must act before it runs out.
    """

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
    cite = models.TextField(blank=True)
    source = models.TextField(blank=True)
    fired = models.PositiveSmallIntegerField(default=0, help_text="How often it has fired: warned, run out, repeated.")
    next_fire_at = models.DateTimeField(null=True, help_text="When it fires next; empty: it does not, or somebody acted.")

    class Meta:
        db_table = "deadline"
        indexes: ClassVar = [
            models.Index(fields=["agency", "due_at"], condition=Q(open=True), name="deadline_open"),
            models.Index(fields=["next_fire_at"], condition=Q(open=True, next_fire_at__isnull=False), name="deadline_fires"),
        ]
        constraints: ClassVar = [models.UniqueConstraint(fields=["stream", "kind", "rule", "agency"], name="deadline_once")]
