"""The ledger of overrides is append-only: PostgreSQL refuses to change a row, and deletes it with its finding alone."""

from django.db import migrations

COLUMNS = (
    "finding_id, field, act, computed, value, basis, reason_code, reason, note, review_by, supersedes_id, author_name, at"
)
OLD = ", ".join(f"OLD.{name.strip()}" for name in COLUMNS.split(","))
NEW = OLD.replace("OLD.", "NEW.")

# A finding that is deleted takes its rows along from inside the foreign key's own trigger, so at depth 1.
CREATE = f"""
ALTER TABLE reviews_riskoverride ADD CONSTRAINT override_finding FOREIGN KEY (finding_id)
    REFERENCES reviews_finding (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE reviews_riskoverride ADD CONSTRAINT override_supersedes FOREIGN KEY (supersedes_id)
    REFERENCES reviews_riskoverride (id) DEFERRABLE INITIALLY DEFERRED;
CREATE TRIGGER override_is_frozen BEFORE UPDATE ON reviews_riskoverride FOR EACH ROW
    WHEN (({OLD}) IS DISTINCT FROM ({NEW}))
    EXECUTE FUNCTION reviews_refuse_change();
CREATE TRIGGER override_is_kept BEFORE DELETE ON reviews_riskoverride FOR EACH ROW
    WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION reviews_refuse_change();
"""
DROP = """
DROP TRIGGER override_is_kept ON reviews_riskoverride;
DROP TRIGGER override_is_frozen ON reviews_riskoverride;
ALTER TABLE reviews_riskoverride DROP CONSTRAINT override_supersedes;
ALTER TABLE reviews_riskoverride DROP CONSTRAINT override_finding;
"""


class Migration(migrations.Migration):
    """The old fields go, the triggers come; who set something may still become empty when an account is removed."""

    dependencies = [("reviews", "0005_move_overrides")]
    operations = [
        migrations.RemoveConstraint(
            model_name='finding',
            name='finding_override_has_a_reason',
        ),
        migrations.RemoveConstraint(
            model_name='finding',
            name='finding_override_known',
        ),
        migrations.RemoveField(
            model_name='finding',
            name='overridden_from',
        ),
        migrations.RemoveField(
            model_name='finding',
            name='override_reason',
        ),
        migrations.RemoveField(
            model_name='finding',
            name='severity_override',
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
