"""The profile of thresholds is chosen in the ledger of the capacity model; rows of before chose none."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reviews', '0011_capacity_changes'),
    ]

    operations = [
        migrations.AddField(
            model_name='capacitychange',
            name='choice',
            field=models.CharField(blank=True, default='', max_length=40),
        ),
    ]
