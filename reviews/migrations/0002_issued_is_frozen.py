"""Once issued, a report's content cannot be changed by any program: PostgreSQL refuses. History cannot be rewritten."""

from django.db import migrations

FROZEN = "engagement_id, number, state, context, brand, pdf, sha256, pages, issued_at"
OLD = ", ".join(f"OLD.{name.strip()}" for name in FROZEN.split(","))
NEW = OLD.replace("OLD.", "NEW.")

CREATE = f"""
CREATE FUNCTION reviews_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% row % is frozen', TG_TABLE_NAME, OLD.id USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER issued_is_frozen BEFORE UPDATE ON reviews_deliverable FOR EACH ROW
    WHEN (OLD.state = 'issued' AND ({OLD}) IS DISTINCT FROM ({NEW}))
    EXECUTE FUNCTION reviews_refuse_change();
CREATE TRIGGER context_is_frozen BEFORE UPDATE ON reviews_deliverable FOR EACH ROW
    WHEN ((OLD.engagement_id, OLD.number, OLD.context, OLD.brand, OLD.issued_at)
        IS DISTINCT FROM (NEW.engagement_id, NEW.number, NEW.context, NEW.brand, NEW.issued_at))
    EXECUTE FUNCTION reviews_refuse_change();
CREATE TRIGGER history_is_frozen BEFORE UPDATE ON reviews_findingchange FOR EACH ROW
    WHEN ((OLD.finding_id, OLD.field, OLD.old, OLD.new, OLD.reason, OLD.at)
        IS DISTINCT FROM (NEW.finding_id, NEW.field, NEW.old, NEW.new, NEW.reason, NEW.at))
    EXECUTE FUNCTION reviews_refuse_change();
"""
DROP = """
DROP TRIGGER history_is_frozen ON reviews_findingchange;
DROP TRIGGER context_is_frozen ON reviews_deliverable;
DROP TRIGGER issued_is_frozen ON reviews_deliverable;
DROP FUNCTION reviews_refuse_change();
"""


class Migration(migrations.Migration):
    """Three triggers; who issued or edited may still become empty when an account is removed."""

    dependencies = [("reviews", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, DROP)]
