"""The tables, and row-level security under them from the start (sql/functions.sql, sql/policies.sql)."""

from importlib.resources import files

import django.contrib.auth.models
import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import detainer.exchange.models


def sql(name: str) -> str:
    """Return a file of SQL beside the migrations. A file that a migration runs is never changed, only followed by another."""
    return files("detainer.exchange").joinpath("sql", name).read_text()


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunSQL(sql("functions.sql")),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField()),
                ("streams", models.PositiveIntegerField()),
                ("root", models.CharField(max_length=64)),
                ("signature", models.CharField(max_length=200)),
            ],
            options={
                "db_table": "checkpoint",
            },
        ),
        migrations.CreateModel(
            name="Stream",
            fields=[
                (
                    "id",
                    models.UUIDField(default=detainer.exchange.models.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=10)),
                ("parties", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ("version", models.PositiveIntegerField()),
                ("head", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "stream",
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200)),
                ("body_hash", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField()),
                ("reply", models.JSONField()),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "idempotency_key",
            },
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                (
                    "id",
                    models.UUIDField(default=detainer.exchange.models.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("person", models.UUIDField(db_index=True)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("date_of_birth", models.DateField(null=True)),
                ("sex", models.CharField(blank=True, max_length=20)),
                ("citizenship", models.CharField(blank=True, max_length=100)),
                ("numbers", models.JSONField(default=dict)),
                ("destroyed_at", models.DateTimeField(null=True)),
                ("destroyed_under", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "verbose_name_plural": "identities",
                "db_table": "identity",
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("clerk", "clerk"),
                            ("supervisor", "supervisor"),
                            ("officer", "officer"),
                            ("counsel", "counsel"),
                            ("auditor", "auditor"),
                            ("admin", "admin"),
                        ],
                        max_length=20,
                    ),
                ),
            ],
            options={
                "db_table": "membership",
            },
        ),
        migrations.CreateModel(
            name="OversightGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("basis", models.CharField(max_length=300)),
                ("granted_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "oversight_grant",
            },
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                (
                    "id",
                    models.UUIDField(default=detainer.exchange.models.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=100)),
                ("scopes", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None)),
                ("secret_hash", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "token",
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                (
                    "id",
                    models.UUIDField(default=detainer.exchange.models.new_id, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "db_table": "user",
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="Agency",
            fields=[
                (
                    "id",
                    models.UUIDField(default=detainer.exchange.models.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("key", models.SlugField(max_length=80, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("kinds", django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None)),
                ("jurisdiction", models.CharField(max_length=120)),
                ("ori", models.CharField(blank=True, max_length=12)),
                (
                    "enrolled",
                    models.BooleanField(default=False, help_text="Takes part in the exchange: a request can be delivered to it."),
                ),
                ("contact", models.CharField(blank=True, help_text="The office that answers, day and night.", max_length=200)),
                (
                    "rules_adopted_by",
                    models.CharField(blank=True, help_text="Who adopted the rules that answers rest on.", max_length=200),
                ),
            ],
            options={
                "verbose_name_plural": "agencies",
                "db_table": "agency",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kinds__contained_by", ["custodian", "requester", "court", "counsel", "oversight"])),
                        name="agency_kinds_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Deadline",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=30)),
                ("rule", models.CharField(max_length=120)),
                ("label", models.CharField(max_length=200)),
                ("starts_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("governs", models.BooleanField()),
                ("open", models.BooleanField()),
                ("arithmetic", models.TextField()),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"
                    ),
                ),
            ],
            options={
                "db_table": "deadline",
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("version", models.PositiveIntegerField()),
                ("stream_kind", models.CharField(max_length=10)),
                ("kind", models.CharField(max_length=30)),
                ("occurred", models.CharField(max_length=64)),
                ("occurred_from", models.DateTimeField(null=True)),
                ("occurred_to", models.DateTimeField(null=True)),
                ("recorded_at", models.DateTimeField()),
                ("by_user", models.UUIDField(null=True)),
                ("data", models.JSONField()),
                ("prev", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
                (
                    "by_agency",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"
                    ),
                ),
                (
                    "says",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"
                    ),
                ),
            ],
            options={
                "db_table": "event",
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.UUIDField(default=detainer.exchange.models.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("kind", models.CharField(max_length=30)),
                ("channel", models.CharField(default="inbox", max_length=10)),
                ("created_at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_try_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("opened_at", models.DateTimeField(null=True)),
                ("opened_by", models.UUIDField(null=True)),
                ("needs_person", models.BooleanField(default=False)),
                (
                    "from_agency",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"
                    ),
                ),
                (
                    "to_agency",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="exchange.event"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "deliveries",
                "db_table": "delivery",
            },
        ),
        migrations.CreateModel(
            name="Facility",
            fields=[
                ("code", models.CharField(max_length=12, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=200)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("jail", "jail"),
                            ("police", "police"),
                            ("court", "court"),
                            ("state_prison", "state_prison"),
                            ("probation", "probation"),
                            ("federal", "federal"),
                            ("juvenile", "juvenile"),
                        ],
                        max_length=20,
                    ),
                ),
                ("city", models.CharField(blank=True, max_length=100)),
                ("county", models.CharField(blank=True, max_length=100)),
                ("state", models.CharField(blank=True, max_length=2)),
                ("jurisdiction", models.CharField(blank=True, max_length=120)),
                ("zone", models.CharField(max_length=60)),
                ("source", models.CharField(blank=True, max_length=200)),
                (
                    "agency",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="facilities", to="exchange.agency"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "facilities",
                "db_table": "facility",
            },
        ),
        migrations.CreateModel(
            name="Feed",
            fields=[
                ("position", models.BigAutoField(primary_key=True, serialize=False)),
                ("txid", models.BigIntegerField(db_default=models.Func(function="detainer_txid"))),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.event"
                    ),
                ),
            ],
            options={
                "db_table": "feed",
            },
        ),
        migrations.CreateModel(
            name="File",
            fields=[
                (
                    "stream",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="file",
                        serialize=False,
                        to="exchange.stream",
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("state", models.CharField(max_length=20)),
                ("person", models.UUIDField(db_index=True, null=True)),
                ("view", models.JSONField()),
            ],
            options={
                "db_table": "file",
            },
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                (
                    "stream",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="request",
                        serialize=False,
                        to="exchange.stream",
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("state", models.CharField(max_length=20)),
                ("outcome", models.CharField(max_length=30)),
                ("person", models.UUIDField()),
                ("stay", models.UUIDField(null=True)),
                ("form", models.CharField(max_length=10)),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("asks", models.JSONField(help_text="Per ask: the law's answer, the decision, what became of it.")),
                ("live", models.BooleanField(help_text="Something may still be done about it.")),
                (
                    "holding",
                    models.BooleanField(
                        help_text="The person is held under it past the moment of release, even if it was cancelled."
                    ),
                ),
                ("undecided", models.PositiveSmallIntegerField()),
                ("lodged_at", models.DateTimeField(help_text="When the request was recorded.")),
                ("lodged", models.CharField(max_length=64)),
                ("view", models.JSONField(help_text="The whole fold, for the page of one request.")),
            ],
            options={
                "db_table": "request",
            },
        ),
        migrations.CreateModel(
            name="Stay",
            fields=[
                (
                    "stream",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="stay",
                        serialize=False,
                        to="exchange.stream",
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("state", models.CharField(max_length=20)),
                ("person", models.UUIDField(null=True)),
                ("booking_number", models.CharField(blank=True, max_length=200)),
                ("in_custody", models.BooleanField()),
                ("began_at", models.DateTimeField(null=True)),
                ("release_planned", models.CharField(blank=True, max_length=64)),
                ("release_due_at", models.DateTimeField(null=True)),
                ("ended", models.CharField(blank=True, max_length=64)),
                ("view", models.JSONField()),
            ],
            options={
                "db_table": "stay",
            },
        ),
        migrations.AddIndex(
            model_name="stream",
            index=django.contrib.postgres.indexes.GinIndex(fields=["parties"], name="stream_parties"),
        ),
        migrations.AddField(
            model_name="event",
            name="stream",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="events", to="exchange.stream"
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="stream",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="exchange.stream"),
        ),
        migrations.AddField(
            model_name="deadline",
            name="stream",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="deadlines", to="exchange.stream"),
        ),
        migrations.AddField(
            model_name="idempotencykey",
            name="agency",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="exchange.agency"),
        ),
        migrations.AddField(
            model_name="identity",
            name="agency",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"),
        ),
        migrations.AddField(
            model_name="identity",
            name="shared_by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"),
        ),
        migrations.AddField(
            model_name="membership",
            name="agency",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="exchange.agency"),
        ),
        migrations.AddField(
            model_name="membership",
            name="user",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="oversightgrant",
            name="agency",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="granted", to="exchange.agency"),
        ),
        migrations.AddField(
            model_name="oversightgrant",
            name="oversight",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="oversees", to="exchange.agency"),
        ),
        migrations.AddField(
            model_name="token",
            name="agency",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="exchange.agency"),
        ),
        migrations.AddField(
            model_name="token",
            name="user",
            field=models.ForeignKey(
                help_text="The person it acts for, where one must be named.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="facility",
            index=models.Index(fields=["name"], name="facility_name"),
        ),
        migrations.AddIndex(
            model_name="facility",
            index=models.Index(fields=["state", "county"], name="facility_place"),
        ),
        migrations.AddIndex(
            model_name="feed",
            index=models.Index(fields=["agency", "txid", "position"], name="feed_order"),
        ),
        migrations.AddField(
            model_name="file",
            name="requester",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"),
        ),
        migrations.AddField(
            model_name="request",
            name="custodian",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"
            ),
        ),
        migrations.AddField(
            model_name="request",
            name="facility",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.facility"),
        ),
        migrations.AddField(
            model_name="request",
            name="requester",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"
            ),
        ),
        migrations.AddField(
            model_name="stay",
            name="custodian",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"
            ),
        ),
        migrations.AddField(
            model_name="stay",
            name="facility",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.facility"
            ),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(fields=("stream", "version"), name="event_once_per_version"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="event",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN\n    RETURN COALESCE(NEW, OLD);\nEND IF;\nRAISE EXCEPTION 'events are appended, never changed: [%] refused', TG_OP USING ERRCODE = 'insufficient_privilege';\n",
                    hash="ae8fdb55caf3b1ce00d77156a3d9b1d3b1d6e821",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_126eb",
                    table="event",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="event",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN\n    RETURN NULL;\nEND IF;\nRAISE EXCEPTION 'events are appended, never changed: [%] refused', TG_OP USING ERRCODE = 'insufficient_privilege';\n",
                    hash="2c78bf14db695b2c4f40251ec261004fbb2cd5a9",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_1f2fa",
                    table="event",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["to_agency", "-created_at"], name="delivery_inbox"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(condition=models.Q(("delivered_at", None)), fields=["created_at"], name="delivery_waiting"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(fields=("event", "to_agency", "channel"), name="delivery_once"),
        ),
        migrations.AddIndex(
            model_name="deadline",
            index=models.Index(condition=models.Q(("open", True)), fields=["agency", "due_at"], name="deadline_open"),
        ),
        migrations.AddConstraint(
            model_name="deadline",
            constraint=models.UniqueConstraint(fields=("stream", "kind", "rule", "agency"), name="deadline_once"),
        ),
        migrations.AddConstraint(
            model_name="idempotencykey",
            constraint=models.UniqueConstraint(fields=("agency", "key"), name="idempotency_key_once"),
        ),
        migrations.AddConstraint(
            model_name="identity",
            constraint=models.UniqueConstraint(fields=("person", "agency"), name="identity_once_per_agency"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("user", "agency", "role"), name="membership_once"),
        ),
        migrations.AddConstraint(
            model_name="oversightgrant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("agency", "oversight"), name="oversight_grant_once"
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(
                condition=models.Q(("live", True)), fields=["custodian", "-lodged_at"], name="request_custodian_live"
            ),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["custodian", "-lodged_at"], name="request_custodian"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["requester", "-lodged_at"], name="request_requester"),
        ),
        migrations.AddIndex(
            model_name="request",
            index=models.Index(fields=["stay"], name="request_stay"),
        ),
        migrations.AddIndex(
            model_name="stay",
            index=models.Index(fields=["custodian", "-began_at"], name="stay_custodian"),
        ),
        migrations.AddConstraint(
            model_name="stay",
            constraint=models.UniqueConstraint(
                condition=models.Q(("booking_number", ""), _negated=True),
                fields=("custodian", "booking_number"),
                name="stay_booking_number_once",
            ),
        ),
        migrations.RunSQL(sql("policies.sql")),
    ]
