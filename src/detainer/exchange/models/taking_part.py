"""Who takes part: agencies, their facilities, people and machines, who may read whom, agencies' own law, identities."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from detainer.exchange.models.rows import appended_only, new_id
from detainer.exchange.roles import ROLES

KINDS_OF_AGENCY = ("custodian", "requester", "court", "counsel", "oversight")
KINDS_OF_FACILITY = ("jail", "police", "court", "state_prison", "probation", "federal", "juvenile")


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
    second_contact = models.CharField(max_length=200, blank=True, help_text="Who is told when the first does not act.")
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
        triggers: ClassVar = appended_only("layers of law")


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
