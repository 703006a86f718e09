"""Severities set by hand so far become the first entries of the ledger of overrides."""

from django.db import migrations

SHORT = " (as it was given before overrides needed thirty characters)"


def move(apps, schema_editor):
    """One entry for each finding with an override; one that was stale is stale in the ledger too."""
    RiskOverride = apps.get_model("reviews", "RiskOverride")
    findings = apps.get_model("reviews", "Finding").objects.exclude(severity_override="").select_related("edited_by")
    for finding in findings.exclude(overrides__field="severity"):  # kept by a way back
        names = ("impact", "proximity", "vector")
        basis = {"severity": finding.overridden_from} | {name: finding.machine.get(name) for name in names}
        change = finding.changes.filter(field__in=["severity_override", "overridden from"]).order_by("-at").first()
        author = change.by if change else finding.edited_by
        reason = finding.override_reason.strip()
        RiskOverride.objects.create(
            finding=finding,
            field="severity",
            computed=finding.overridden_from,
            value=finding.severity_override,
            basis=basis,
            reason_code="other",
            reason=reason if len(reason) >= 30 else reason + SHORT,
            author=author,
            author_name=f"{author.first_name} {author.last_name}".strip() if author else "",
        )
        finding.set_severity = finding.severity_override
        finding.set_place = {"severity": finding.set_severity, "severity_range": [finding.set_severity] * 2}
        finding.stale = finding.overridden_from != finding.severity
        finding.save()


def move_back(apps, schema_editor):
    """The severity that holds goes back to its finding; other fields have no place there."""
    entries = apps.get_model("reviews", "RiskOverride").objects.filter(field="severity", superseded_by=None)
    for entry in entries.exclude(act="withdrawn").select_related("finding"):
        finding = entry.finding
        finding.severity_override, finding.overridden_from = entry.value, entry.computed
        finding.override_reason = entry.reason
        finding.save()


class Migration(migrations.Migration):

    dependencies = [("reviews", "0004_overrides")]
    operations = [migrations.RunPython(move, move_back)]
