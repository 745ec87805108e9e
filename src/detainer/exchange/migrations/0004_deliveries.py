"""Channels, receipt codes, agreements, documents, signatures; clocks that fire (sql/deliveries.sql)."""

from importlib.resources import files

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import detainer.exchange.models.rows


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0003_law_layers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Agreement",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=detainer.exchange.models.rows.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("by_user", models.UUIDField(null=True)),
                ("urgent_minutes", models.PositiveIntegerField()),
                ("routine_minutes", models.PositiveIntegerField()),
                (
                    "receipt_minutes",
                    models.PositiveIntegerField(help_text="How soon a cancellation, a relay or a contest is acknowledged."),
                ),
                ("contest_hours", models.PositiveIntegerField(help_text="How soon a claim is answered.")),
                ("purposes", models.TextField(help_text="What may be asked and shared, and under what.")),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "agreement",
            },
        ),
        migrations.CreateModel(
            name="Channel",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=detainer.exchange.models.rows.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                (
                    "address",
                    models.CharField(
                        help_text="An address of a web server, an e-mail address, a fax number at a gateway.", max_length=500
                    ),
                ),
                ("active", models.BooleanField(default=True)),
                (
                    "secrets",
                    models.JSONField(default=list, help_text="Webhook: at most two live secrets, the newest first, encrypted."),
                ),
                (
                    "failing_since",
                    models.DateTimeField(help_text="Since when nothing arrives there; empty: the last one did.", null=True),
                ),
                ("next_try_at", models.DateTimeField(help_text="While it fails nothing is tried before.", null=True)),
                (
                    "failure",
                    models.CharField(blank=True, help_text="What the last failure was, as the channel said it.", max_length=300),
                ),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "db_table": "channel",
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=detainer.exchange.models.rows.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("person", models.UUIDField(db_index=True, null=True)),
                ("kind", models.CharField(max_length=30)),
                ("language", models.CharField(max_length=10)),
                ("sha256", models.CharField(max_length=64)),
                (
                    "pdf",
                    models.BinaryField(help_text="Empty once a court ordered the identity of the person destroyed.", null=True),
                ),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "db_table": "document",
            },
        ),
        migrations.CreateModel(
            name="ReceiptCode",
            fields=[
                (
                    "delivery",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="code",
                        serialize=False,
                        to="exchange.delivery",
                    ),
                ),
                ("reference", models.CharField(help_text="What names the paper; it opens nothing.", max_length=12, unique=True)),
                ("code_hash", models.CharField(max_length=200)),
                ("wrong", models.PositiveSmallIntegerField(default=0, help_text="Wrong codes typed; ten lock it.")),
                ("used_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "receipt_code",
            },
        ),
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=detainer.exchange.models.rows.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("from_day", models.DateField()),
                ("until_day", models.DateField(help_text="The first day after the period.")),
                ("sha256", models.CharField(max_length=64)),
                ("by_user", models.UUIDField()),
                ("signed_at", models.DateTimeField()),
            ],
            options={
                "db_table": "reconciliation",
            },
        ),
        migrations.AddField(
            model_name="agency",
            name="second_contact",
            field=models.CharField(blank=True, help_text="Who is told when the first does not act.", max_length=200),
        ),
        migrations.AddField(
            model_name="deadline",
            name="cite",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="deadline",
            name="fired",
            field=models.PositiveSmallIntegerField(default=0, help_text="How often it has fired: warned, run out, repeated."),
        ),
        migrations.AddField(
            model_name="deadline",
            name="next_fire_at",
            field=models.DateTimeField(help_text="When it fires next; empty: it does not, or somebody acted.", null=True),
        ),
        migrations.AddField(
            model_name="deadline",
            name="source",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="delivery",
            name="failure",
            field=models.CharField(blank=True, help_text="Why the last try failed.", max_length=300),
        ),
        migrations.AddField(
            model_name="delivery",
            name="reply_head",
            field=models.CharField(blank=True, help_text="The beginning of what the receiver last replied.", max_length=500),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="channel",
            field=models.CharField(default="inbox", max_length=12),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="needs_person",
            field=models.BooleanField(default=False, help_text="It is not tried again: somebody must see to it."),
        ),
        migrations.RemoveIndex(model_name="delivery", name="delivery_waiting"),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("channel", "inbox"), ("delivered_at", None)), fields=["created_at"], name="delivery_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="deadline",
            index=models.Index(
                condition=models.Q(("next_fire_at__isnull", False), ("open", True)),
                fields=["next_fire_at"],
                name="deadline_fires",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("delivered_at", None), ("needs_person", False)),
                fields=["to_agency", "channel", "id"],
                name="delivery_to_send",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(condition=models.Q(("needs_person", True)), fields=["from_agency"], name="delivery_needs_person"),
        ),
        migrations.AddField(
            model_name="agreement",
            name="agrees_to",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="agreed", to="exchange.agreement"
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="by_agency",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="custodian",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="requester",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"
            ),
        ),
        migrations.AddField(
            model_name="channel",
            name="agency",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="channels", to="exchange.agency"
            ),
        ),
        migrations.AddField(
            model_name="document",
            name="agency",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="exchange.agency"
            ),
        ),
        migrations.AddField(
            model_name="document",
            name="stream",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="documents", to="exchange.stream"),
        ),
        migrations.AddField(
            model_name="reconciliation",
            name="agency",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"
            ),
        ),
        migrations.AddField(
            model_name="reconciliation",
            name="custodian",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"
            ),
        ),
        migrations.AddField(
            model_name="reconciliation",
            name="requester",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="exchange.agency"
            ),
        ),
        migrations.AddIndex(
            model_name="agreement",
            index=models.Index(fields=["custodian", "requester", "-recorded_at"], name="agreement_pair"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agreement",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN\n    RETURN COALESCE(NEW, OLD);\nEND IF;\nRAISE EXCEPTION 'agreements are appended, never changed: [%] refused', TG_OP USING ERRCODE = 'insufficient_privilege';\n",
                    hash="18bc312dc8e25aba7adbb0d60553678ab41aa250",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_d703b",
                    table="agreement",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="agreement",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN\n    RETURN NULL;\nEND IF;\nRAISE EXCEPTION 'agreements are appended, never changed: [%] refused', TG_OP USING ERRCODE = 'insufficient_privilege';\n",
                    hash="72c957e8f0dafa4d0720d9e7127294a997dcfa81",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_ac931",
                    table="agreement",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.UniqueConstraint(fields=("agency", "kind"), name="channel_once"),
        ),
        migrations.AddConstraint(
            model_name="channel",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["webhook", "email", "second_email", "fax"])), name="channel_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.UniqueConstraint(fields=("agency", "stream", "sha256"), name="document_once"),
        ),
        migrations.AddIndex(
            model_name="reconciliation",
            index=models.Index(fields=["custodian", "requester", "from_day"], name="reconciliation_pair"),
        ),
        migrations.AddConstraint(
            model_name="reconciliation",
            constraint=models.UniqueConstraint(
                fields=("custodian", "requester", "from_day", "until_day", "sha256", "agency"), name="reconciliation_once"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reconciliation",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN\n    RETURN COALESCE(NEW, OLD);\nEND IF;\nRAISE EXCEPTION 'signatures are appended, never changed: [%] refused', TG_OP USING ERRCODE = 'insufficient_privilege';\n",
                    hash="db509be707c0309ddc267a4135ea75ce33fbbdad",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_53f7b",
                    table="reconciliation",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reconciliation",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN\n    RETURN NULL;\nEND IF;\nRAISE EXCEPTION 'signatures are appended, never changed: [%] refused', TG_OP USING ERRCODE = 'insufficient_privilege';\n",
                    hash="aed881cc798466066cd6d5502e38a7e69c3bbef8",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_fcb9e",
                    table="reconciliation",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(files("detainer.exchange").joinpath("sql", "deliveries.sql").read_text(), migrations.RunSQL.noop),
    ]
