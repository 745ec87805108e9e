"""What /readyz tells of deliveries (sql/readiness.sql)."""

from importlib.resources import files

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial")]

    operations = [
        migrations.RunSQL(
            files("detainer.exchange").joinpath("sql", "readiness.sql").read_text(), "DROP FUNCTION oldest_undelivered()"
        )
    ]
