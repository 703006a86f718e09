"""A small cast of named people, one engagement with a bit of everything, and its stranger."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.utils import timezone

from reviews.intake import Flow, Intake
from reviews.models import AnalysisRun, Client, Deliverable, Engagement, Finding, PortalAccess, RiskOverride
from reviews.risk.snapshot import snapshot, state_of
from reviews.services.engagements import open_engagement
from reviews.services.overrides import set_override
from telemetry.answers import question
from telemetry.mappings import save_mapping
from telemetry.models import ColumnMapping, Upload
from telemetry.source import Head
from telemetry.tables.mapping import ColumnMap
from telemetry.tables.shape import find_table
from tickets.models import PlanItem, Ticket


@dataclass
class Cast:
    """Ann works on the engagement, Ben does not, Ada administers. Cleo reads for its client, Dov for another."""

    engagement: Engagement
    ann: User
    ben: User
    ada: User
    cleo: User
    dov: User

    def user(self, role: str) -> User | None:
        """The person who plays a role of the access table."""
        names = {"consultant": self.ann, "outside": self.ben, "admin": self.ada, "client": self.cleo, "other": self.dov}
        return names.get(role)


def make_cast() -> Cast:
    """Everybody, with Harbor's engagement and another client's."""
    ann, ben = make_user("ann", is_staff=True), make_user("ben", is_staff=True)
    ada = make_user("ada", is_staff=True, is_superuser=True)
    cleo, dov = make_user("cleo"), make_user("dov")
    engagement = open_engagement(code="HB-1", intake=make_intake(), lead=ann)
    other = open_engagement(code="OT-1", intake=Intake(client="Other Shop", title="Other review"), lead=ben)
    PortalAccess.objects.create(user=cleo, client=engagement.client)
    PortalAccess.objects.create(user=dov, client=other.client)
    return Cast(engagement, ann, ben, ada, cleo, dov)


def make_user(name: str, **more: Any) -> User:
    return User.objects.create_user(name, f"{name}@example.com", "a long password of " + name, **more)


def make_intake() -> Intake:
    return Intake(
        client="Harbor Books",
        title="500k MAU scaling review",
        stack=("nextjs", "postgres"),
        current_mau=120_000,
        target_mau=500_000,
        growth_per_month=0.08,
        engineers=2,
        monthly_revenue=90_000.0,
        currency="USD",
        flows=(Flow("checkout", 0.55, 0.2, ("/api/checkout",), ("orders",), ("emails",)),),
    )


def share(value: float, grade: str = "stated") -> dict[str, Any]:
    return {"low": value, "point": value, "high": value, "grade": grade, "basis": "said so"}


# Checkout, 55 % of revenue and 20 % of users, stops: 0.55 x 0.9 x 0.8 / 1 day is a leverage of 0.396.
INPUTS = {
    "exposures": [{"flow": "checkout", "revenue": share(0.55), "users": share(0.2), "touched": share(1.0, "measured")}],
    "degradation": 1.0,
    "proximity": {"value": 5, "reason": "it already happened", "grade": "measured", "trend": False},
    "removes": 0.8,
    "effort_days": 1.0,
    "money": False,
}


def machine(code: str = "f1", **changes: Any) -> dict[str, Any]:
    """A finding as a run computes it."""
    finding = {
        "id": code,
        "key": f"PG001:table:{code}",
        "rule": "PG001",
        "area": "postgres",
        "mechanism": "missing-index",
        "title": f"Table {code} has no index",
        "said": "Each call reads 4,000 blocks; 100 would do.",
        "why": "Pages get slower with every order.",
        "severity": "high",
        "severity_range": ["high", "high"],
        "rank": 1,
        "impact": 5,
        "proximity": 5,
        "leverage": 0.4,
        "confidence": "measured",
        "subject": {"kind": "table", "name": code},
        "flows": ["checkout"],
        "measured": {"metric": "blocks_per_call", "value": 4000, "unit": "blocks", "limit": 100},
        "evidence": [
            {"file": "a.csv", "line": 2, "quote": "SELECT 1", "metric": "mean_ms", "value": 12.5, "unit": "ms"}
        ],
        "causes": [],
        "symptoms": [],
        "fix": "Create it.",
        "steps": ["Create the index."],
        "snippet": "",
        "first_slice": {"title": "Create the index", "hours": 2.0},
        "effort": {"low": 0.5, "likely": 1.0, "high": 2.0},
        "verify": "Blocks per call fall.",
        "rollback": "Drop it.",
        "references": ["https://www.postgresql.org/docs/current/indexes.html"],
        "severity_reason": [{"label": "Proximity", "value": "5", "grade": "measured", "basis": "seen"}],
        "status": "draft",
        "enabler": False,
        "inputs": INPUTS,
        "lifted": False,
        "expected_share": 0.495,
        "vector": "I5/X5/R0.550/U0.200/G:S",
    }
    return finding | changes


def make_finding(engagement: Engagement, code: str = "f1", status: str = "draft", **changes: Any) -> Finding:
    """A stored finding; `changes` go into its machine part."""
    facts = machine(code, **changes)
    return Finding.objects.create(
        engagement=engagement,
        key=facts["key"],
        code=code,
        rule=facts["rule"],
        area=facts["area"],
        mechanism=facts["mechanism"],
        severity=facts["severity"],
        rank=facts["rank"],
        machine=facts,
        last_seen=timezone.now(),
        status=status,
    )


def make_override(finding: Finding, user: User, field: str = "severity", value: Any = "medium") -> RiskOverride:
    """Set by hand, for a reason."""
    reason = "The table is archived in May, the customer says."
    facts = {"field": field, "value": value, "reason_code": "planned", "reason": reason}
    set_override(finding=finding, version=finding.version, user=user, **facts)
    finding.refresh_from_db()
    return finding.overrides.active().get(field=field)


def make_upload(engagement: Engagement, **changes: Any) -> Upload:
    """A file that was read."""
    facts: dict[str, Any] = {
        "file_name": "pg.log",
        "sha256": "0" * 64,
        "size": 10,
        "state": Upload.State.DONE,
        "format": "postgres-log",
        "content": "uploads/none",
        "finished_at": timezone.now(),
        "coverage": {"file": "pg.log", "format": "postgres-log", "records": 1, "rejected": 0, "totals": {}},
    }
    return Upload.objects.create(engagement=engagement, **(facts | changes))


def make_table(engagement: Engagement, text: str = "Service,Cost\nRDS,5\n", **changes: Any) -> Upload:
    """A table that nothing recognises, with its bytes, as the reading left it: it asks what its columns are."""
    upload = make_upload(engagement, file_name="table.csv", sha256="3" * 64, state=Upload.State.ASKS, format="")
    upload.content.save("", ContentFile(text.encode()), save=False)
    table = find_table(Head("table.csv", text, True))
    assert table is not None
    upload.coverage = {"file": "table.csv", "format": None, "error": "Not recognised.", "asks": question(table)}
    upload.error, upload.size = "Not recognised.", len(text)
    for name, value in changes.items():
        setattr(upload, name, value)
    upload.save()
    return upload


def make_mapping(engagement: Engagement, upload: Upload, user: User) -> ColumnMapping:
    """The client's mapping of a table with the columns Service and Cost, or whatever its first two are."""
    first, second = upload.coverage["asks"]["columns"][:2]
    mapping = ColumnMap("invoice", {first: "service", second: "amount"}, upload.coverage["asks"]["signature"])
    return save_mapping(client_id=engagement.client_id, mapping=mapping, user_id=user.pk)


def make_plan_item(engagement: Engagement, **changes: Any) -> PlanItem:
    """An entry of the plan."""
    facts = {"key": "rule:PG001", "day": 3, "title": "Create the index", "hours": 2.0, "kind": "fix"} | changes
    machine = {name: facts[name] for name in ("key", "day", "title", "hours", "kind")} | {"findings": [], "needs": []}
    return PlanItem.objects.create(engagement=engagement, **({"position": 1, "machine": machine} | facts))


def make_ticket(engagement: Engagement, **changes: Any) -> Ticket:
    """A ticket."""
    facts = {"key": "rule:PG001", "priority": "P0", "title": "Index", "low_days": 1, "high_days": 2} | changes
    names = ("key", "priority", "title", "low_days", "high_days")
    machine = {name: facts[name] for name in names} | {"id": "t1", "area": "postgres", "likely_days": 1, "findings": []}
    machine |= {"kind": "fix", "mechanism": "missing-index", "severity": "high", "role": "database", "leverage": 0.4}
    machine |= {"needs": [], "subjects": []}
    machine |= {"verify": "Blocks per call fall.", "rollback": "Drop it.", "steps": ["Create the index."], "day": 3}
    return Ticket.objects.create(engagement=engagement, **({"code": "t1", "rank": 1, "machine": machine} | facts))


def make_deliverable(engagement: Engagement, **changes: Any) -> Deliverable:
    """An issued report with a PDF of four bytes."""
    facts: dict[str, Any] = {
        "number": 1,
        "state": Deliverable.State.ISSUED,
        "context": {"schema": "loadline.review/1"},
        "brand": {},
        "pdf": b"%PDF",
        "sha256": "1" * 64,
        "pages": 1,
        "issued_at": timezone.now(),
    }
    return Deliverable.objects.create(engagement=engagement, **(facts | changes))


def make_run(engagement: Engagement, **changes: Any) -> AnalysisRun:
    """A judging that showed what is there."""
    states = [state_of(row.machine, row.standing) for row in engagement.findings.all()]
    counts = dict.fromkeys(("created", "updated", "untouched", "clear", "unmeasured", "reopened"), 0)
    facts: dict[str, Any] = {"number": 1, "at": timezone.now(), "trigger": "files", "counts": counts}
    facts |= {"snapshot": snapshot(states, {"PG001": "hit"}), "method": {"version": "0", "rules": {}}}
    return AnalysisRun.objects.create(engagement=engagement, **(facts | changes))


def make_client(name: str) -> Client:
    return Client.objects.create(name=name)


def make_engagement(code: str) -> Engagement:
    """An engagement of a client of its own, with nobody on it."""
    return open_engagement(code=code, intake=Intake(client=f"Client of {code}", title="A review"))
