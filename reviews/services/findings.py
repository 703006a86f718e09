"""Writing findings: a re-run changes the machine's fields only, a person the consultant's fields only."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from reviews.models import AnalysisRun, Engagement, Finding, FindingChange, RuleOutcome, RunChange
from reviews.risk.difference import changed_fields, numbers_changed
from reviews.services.edits import EditConflict, EditError
from reviews.services.overrides import refresh_places
from reviews.services.runs import Measured
from telemetry.storable import storable

Machine = dict[str, Any]
EDITABLE = ("title", "narrative", "status")


@dataclass(frozen=True)
class Refreshed:
    """What a re-run did, in counts."""

    created: int = 0
    updated: int = 0
    untouched: int = 0
    clear: int = 0
    unmeasured: int = 0
    reopened: int = 0


@transaction.atomic
def refresh_findings(
    *,
    engagement: Engagement,
    findings: Iterable[Machine],
    run: AnalysisRun | None = None,
    measured: Measured | None = None,
    known: Collection[str] = (),
) -> Refreshed:
    """Bring the machine's fields up to date; what a run changed is kept with `run`, field by field.

    A finding whose evidence says the same as before is not written at all, `last_seen` included: it tells when the
    evidence last said something new. One that is no longer shown stays. If `measured` says that its source was measured
    again by files that are not among `known` (those of the run before), a consultant is asked whether it is resolved;
    else it is not measured now.
    """
    rows = {finding.key: finding for finding in engagement.findings.select_for_update()}
    counts = dict.fromkeys(asdict(Refreshed()), 0)
    seen = set()
    for machine in map(storable, findings):
        seen.add(machine["key"])
        counts[_refresh_one(engagement, rows.get(machine["key"]), machine, run)] += 1
    for key, finding in rows.items():
        if key not in seen:
            outcome = _not_shown(finding, measured, known, run)
            if outcome:
                counts[outcome] += 1
    refresh_places(engagement=engagement)
    return Refreshed(**counts)


def _refresh_one(engagement: Engagement, finding: Finding | None, machine: Machine, run: AnalysisRun | None) -> str:
    fields = _machine_fields(machine)
    if finding is None:
        finding = Finding.objects.create(engagement=engagement, key=machine["key"], last_seen=timezone.now(), **fields)
        return _keep(run, finding, "created", [])
    came_back = finding.standing != Finding.Standing.SHOWN
    if came_back:
        _note(finding, None, "standing", finding.standing, "shown", "The evidence shows it again.")
    elif all(_same(getattr(finding, name), value) for name, value in fields.items()):
        return "untouched"
    if finding.severity != fields["severity"]:
        _note(finding, None, "computed severity", finding.severity, fields["severity"], "New evidence.")
    changes = changed_fields(finding.machine, machine)
    shown = {"present": True, "standing": Finding.Standing.SHOWN, "shown_by": []}
    Finding.objects.filter(pk=finding.pk).update(last_seen=timezone.now(), **shown, **fields)
    return _keep(run, finding, "reopened" if came_back else "updated", changes)


def _not_shown(finding: Finding, measured: Measured | None, known: Collection[str], run: AnalysisRun | None) -> str:
    """What became of a finding that this run does not show; empty when nothing did."""
    if finding.standing == Finding.Standing.RESOLVED:
        return ""
    shown_by = list(known) if finding.standing == Finding.Standing.SHOWN else finding.shown_by
    again = bool(shown_by) and measured is not None and measured.again(finding.machine, shown_by)
    standing = Finding.Standing.CLEAR if again else Finding.Standing.UNMEASURED
    if standing == finding.standing:
        return ""
    reason = "Its source was measured again." if again else "No file of the latest run measures it."
    _note(finding, None, "standing", finding.standing, standing, reason)
    present = finding.present and again
    Finding.objects.filter(pk=finding.pk).update(standing=standing, present=present, shown_by=shown_by)
    return _keep(run, finding, str(standing), [])


def _keep(run: AnalysisRun | None, finding: Finding, outcome: str, changes: list[Machine]) -> str:
    if run is not None:
        numbers = numbers_changed(changes)
        RunChange.objects.create(run=run, finding=finding, outcome=outcome, fields=changes, numbers=numbers)
    return outcome


def _same(stored: Any, computed: Any) -> bool:
    """Whether jsonb gives back what was put in: it keeps numbers by value, so 1e23 comes back as a whole number."""
    if isinstance(stored, dict) and isinstance(computed, dict):
        return stored.keys() == computed.keys() and all(_same(stored[name], computed[name]) for name in stored)
    if isinstance(stored, list) and isinstance(computed, list):
        return len(stored) == len(computed) and all(map(_same, stored, computed))
    if isinstance(stored, bool) or isinstance(computed, bool):
        return stored is computed
    if isinstance(stored, int | float) and isinstance(computed, int | float):
        return float(stored) == float(computed)
    return bool(stored == computed)


def _machine_fields(machine: Machine) -> Machine:
    names = ("rule", "area", "mechanism", "severity", "rank")
    return {"code": machine["id"], "machine": machine, **{name: machine[name] for name in names}}


@transaction.atomic
def refresh_outcomes(*, engagement: Engagement, not_assessed: Iterable[Machine], clear: Iterable[Machine]) -> None:
    """Replace what the rules answered besides hits."""
    engagement.outcomes.all().delete()
    rows = [("cannot tell", row) for row in not_assessed] + [("clear", row) for row in clear]
    RuleOutcome.objects.bulk_create(
        RuleOutcome(engagement=engagement, rule=row["rule"], status=status, machine=storable(row))
        for status, row in rows
    )


@transaction.atomic
def update_finding(*, finding: Finding, version: int, user: User, changes: dict[str, str]) -> Finding:
    """Save a consultant's edit. `version` is what the form was opened with; a stale one is refused before the write.

    `changes` may hold title, narrative and status.
    """
    current = Finding.objects.select_for_update().get(pk=finding.pk)
    wanted = {name: changes[name].strip() for name in EDITABLE if name in changes}
    if wanted.get("title") == current.machine.get("title"):
        wanted["title"] = ""
    changed = {name: value for name, value in wanted.items() if value != getattr(current, name)}
    if not changed:
        return current
    if version != current.version:
        raise EditConflict(current)
    _check_publishing(current, changed)
    for name, value in changed.items():
        _note(current, user, name, getattr(current, name), value, "")
        setattr(current, name, value)
    current.version += 1
    current.edited_at, current.edited_by = timezone.now(), user
    current.save()
    return current


def _check_publishing(current: Finding, changed: dict[str, str]) -> None:
    if changed.get("status") == Finding.Status.PUBLISHED and current.stale:
        title = current.shown_title
        raise EditError(
            "status", f"What “{title}” was overridden against has moved: confirm the override or withdraw it."
        )


def _note(finding: Finding, user: User | None, field: str, old: str, new: str, reason: str) -> None:
    FindingChange.objects.create(finding=finding, by=user, field=field, old=old, new=new, reason=reason)


@transaction.atomic
def publish_confirmed(*, engagement: Engagement, user: User) -> int:
    """Publish every confirmed finding that the evidence still shows; returns how many."""
    confirmed = engagement.findings.on_map().filter(status=Finding.Status.CONFIRMED)
    for finding in confirmed:
        update_finding(
            finding=finding, version=finding.version, user=user, changes={"status": Finding.Status.PUBLISHED}
        )
    return len(confirmed)
