"""Findings that the latest evidence did not show were not measured, as far as anybody wrote down."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("reviews", "0007_runs")]
    operations = [
        migrations.RunSQL(
            "UPDATE reviews_finding SET standing = 'unmeasured' WHERE NOT present", migrations.RunSQL.noop
        ),
    ]
