"""What was changed in the capacity model, append-only: a row is never changed and goes with its engagement alone."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

COLUMNS = "engagement_id, key, title, value, before, reason, undoes_id, author_name, at"
OLD = ", ".join(f"OLD.{name.strip()}" for name in COLUMNS.split(","))
NEW = OLD.replace("OLD.", "NEW.")

# An engagement that is deleted takes its rows along from inside the foreign key's own trigger, so at depth 1.
CREATE = f"""
ALTER TABLE reviews_capacitychange ADD CONSTRAINT capacity_change_engagement FOREIGN KEY (engagement_id)
    REFERENCES reviews_engagement (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE reviews_capacitychange ADD CONSTRAINT capacity_change_undoes FOREIGN KEY (undoes_id)
    REFERENCES reviews_capacitychange (id) DEFERRABLE INITIALLY DEFERRED;
CREATE TRIGGER capacity_change_is_frozen BEFORE UPDATE ON reviews_capacitychange FOR EACH ROW
    WHEN (({OLD}) IS DISTINCT FROM ({NEW}))
    EXECUTE FUNCTION reviews_refuse_change();
CREATE TRIGGER capacity_change_is_kept BEFORE DELETE ON reviews_capacitychange FOR EACH ROW
    WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION reviews_refuse_change();
"""
DROP = """
DROP TRIGGER capacity_change_is_kept ON reviews_capacitychange;
DROP TRIGGER capacity_change_is_frozen ON reviews_capacitychange;
ALTER TABLE reviews_capacitychange DROP CONSTRAINT capacity_change_undoes;
ALTER TABLE reviews_capacitychange DROP CONSTRAINT capacity_change_engagement;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('reviews', '0010_capacity'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CapacityChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200)),
                ('title', models.CharField(help_text='As it was shown, so that the row can be read without a model.', max_length=200)),
                ('value', models.FloatField(null=True)),
                ('before', models.JSONField(default=dict)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('author_name', models.CharField(blank=True, help_text='The name, so that it outlives the account.', max_length=150)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('engagement', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='capacity_changes', to='reviews.engagement')),
                ('undoes', models.OneToOneField(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='undone_by', to='reviews.capacitychange')),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('value__isnull', True), models.Q(('value__gt', -1e+18), ('value__lt', 1e+18)), _connector='OR'), name='capacity_change_finite')],
            },
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
