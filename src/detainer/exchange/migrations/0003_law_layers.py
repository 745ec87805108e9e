"""Agencies' own layers of law, appended and never changed (sql/law_layers.sql)."""

from importlib.resources import files

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import detainer.exchange.models


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0002_readiness"),
    ]

    operations = [
        migrations.CreateModel(
            name="LawLayer",
            fields=[
                (
                    "id",
                    models.UUIDField(default=detainer.exchange.models.new_id, editable=False, primary_key=True, serialize=False),
                ),
                ("place", models.CharField(max_length=120)),
                ("from_day", models.DateField()),
                (
                    "text",
                    models.TextField(
                        blank=True, help_text="The whole file (YAML), with who adopted it; empty: it was withdrawn."
                    ),
                ),
                (
                    "hash",
                    models.CharField(blank=True, help_text="SHA-256 of the text: what an answer names it by.", max_length=64),
                ),
                ("adopted_by", models.CharField(help_text="Who adopted or withdrew it.", max_length=200)),
                ("note", models.TextField(blank=True)),
                ("recorded_at", models.DateTimeField()),
                ("by_user", models.UUIDField(null=True)),
                (
                    "agency",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="law_layers",
                        to="exchange.agency",
                    ),
                ),
            ],
            options={
                "db_table": "law_layer",
                "indexes": [models.Index(fields=["agency", "place", "-recorded_at"], name="law_layer_latest")],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lawlayer",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN\n    RETURN COALESCE(NEW, OLD);\nEND IF;\nRAISE EXCEPTION 'layers of law are appended, never changed: [%] refused', TG_OP USING ERRCODE = 'insufficient_privilege';\n",
                    hash="2331703b61fc2b33eaf01f3571266747678a9f1f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_311d9",
                    table="law_layer",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lawlayer",
            trigger=pgtrigger.compiler.Trigger(
                name="never_truncated",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN\n    RETURN NULL;\nEND IF;\nRAISE EXCEPTION 'layers of law are appended, never changed: [%] refused', TG_OP USING ERRCODE = 'insufficient_privilege';\n",
                    hash="dc9a4681a2d19fb5ab2086d3acb35bff6250a7cc",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_never_truncated_b8a65",
                    table="law_layer",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(files("detainer.exchange").joinpath("sql", "law_layers.sql").read_text(), migrations.RunSQL.noop),
    ]
