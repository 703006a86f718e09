"""From an engagement to the review's document: the only place where the report touches the database."""

import base64
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from reviews import VERSION
from reviews.assessment import work_of
from reviews.capacity.model import capacity_of
from reviews.capacity.roadmap import ASSUMED_ENGINEERS
from reviews.capacity.shapes import Gathered
from reviews.models import Engagement, Finding, RiskOverride, RuleOutcome
from reviews.report.compose import compose, engagement_of
from reviews.risk.override import described
from reviews.services.capacity import held
from reviews.services.engagements import input_rows, intake_of
from telemetry.evidence import EvidenceSet
from telemetry.services import coverage_for, evidence_for
from tickets.models import PlanItem, Ticket
from tickets.plan import DAY_HOURS
from tickets.windows import HANDOFF, WINDOWS

Machine = dict[str, Any]
DAY3 = 3
QUOTE = "“"
UNSETTLED = "What this file holds is not settled yet."


def build(
    engagement: Engagement, published_only: bool = False, number: int | None = None, issued_at: datetime | None = None
) -> Machine:
    """The document as it stands now; with `published_only` what a client may see, tickets and plan included."""
    shown = engagement.findings.on_map().exclude(status=Finding.Status.DISMISSED)
    findings = _published(engagement) if published_only else findings_of(shown)
    not_assessed, coverage = _outcomes(engagement, "cannot tell"), coverage_for(engagement.pk)
    work = _work_of_published(engagement, findings, not_assessed) if published_only else stored_work(engagement)
    clear = _outcomes(engagement, "clear")
    capacity = capacity_model(engagement, findings, clear, not_assessed, work["tickets"])
    return compose(
        engagement=_engagement_block(engagement, number, issued_at),
        coverage=[_without_samples(row) for row in coverage] if published_only else coverage,
        findings=findings,
        not_assessed=not_assessed,
        plan=work["plan"],
        tickets=work["tickets"],
        method=engagement.method,
        clear=clear,
        effort=work.get("effort"),
        capacity=without_quotes(capacity) if published_only else capacity,
    )


def capacity_model(
    engagement: Engagement,
    findings: list[Machine],
    clear: list[Machine],
    not_assessed: list[Machine],
    tickets: list[Machine],
) -> Machine:
    """The capacity model from what the evidence held when it was judged, and the intake as it stands now."""
    gathered, by_hand = Gathered.of_kept(engagement.evidence_inputs), held(engagement)
    return capacity_of(intake_of(engagement), gathered, findings, clear, not_assessed, tickets, *by_hand)


def capacity_now(engagement: Engagement) -> Machine:
    """The capacity model alone, as a consultant sees it now."""
    findings = findings_of(engagement.findings.on_map().exclude(status=Finding.Status.DISMISSED))
    clear, not_assessed = _outcomes(engagement, "clear"), _outcomes(engagement, "cannot tell")
    return capacity_model(engagement, findings, clear, not_assessed, stored_work(engagement)["tickets"])


def without_quotes(capacity: Machine) -> Machine:
    """For a client: each number with the file it stands in, without the line itself, which nobody looked through."""
    shown = [row | {"source": row["source"] | {"quote": ""}} for row in capacity["inputs"]]
    return capacity | {"inputs": shown}


def _without_samples(row: Machine) -> Machine:
    """A file's row without lines that no parser understood and columns that nobody named: nobody judged what they hold.

    Of a question only stays that there is one; the words that ask it are a consultant's.
    """
    kept = {name: value for name, value in row.items() if name not in ("rejected_samples", "asks")}
    if row.get("asks"):
        kept["asks"] = True
        kept["error"] = UNSETTLED if row.get("error") else None
    return kept


def findings_of(findings: QuerySet[Finding]) -> list[Machine]:
    """The machine's findings with the consultant's words over them, ranked as shown."""
    rows = list(findings.ranked())  # type: ignore[attr-defined]
    codes = {row.code for row in rows}
    ledger: dict[int, list[RiskOverride]] = {}
    for entry in RiskOverride.objects.active().filter(finding__in=rows).order_by("pk"):
        ledger.setdefault(entry.finding_id, []).append(entry)
    return [_finding(row, rank, codes, ledger.get(row.pk, [])) for rank, row in enumerate(rows, start=1)]


def _finding(row: Finding, rank: int, codes: set[str], active: list[RiskOverride]) -> Machine:
    finding = row.placed | {
        "title": row.shown_title,
        "severity": row.shown_severity,
        "rank": rank,
        "status": row.status,
        "narrative": row.narrative,
    }
    # A link to a finding that is not shown would tell that it exists.
    for name in ("causes", "symptoms"):
        finding[name] = [code for code in finding[name] if code in codes]
    entries = [_override(entry) for entry in active if entry.field != "hide"]
    if entries:
        finding["overrides"] = entries
    return finding


def _override(entry: RiskOverride) -> Machine:
    """What the report prints of an override: never its code, its notes or the day it is looked at again."""
    label = "" if entry.field == RiskOverride.Field.SEVERITY else entry.get_field_display()
    return {
        "field": entry.field,
        "label": label,
        "from": entry.computed_words,
        "to": described(entry.field, entry.value),
        "reason": entry.reason,
        "author": entry.author_name,
        "at": entry.at,
    }


def without_titles(value: Any, titles: Collection[str]) -> Any:
    """The same texts without the titles they quote: a cause is explained by its worst symptom, published or not."""
    if isinstance(value, dict):
        return {name: without_titles(entry, titles) for name, entry in value.items()}
    if isinstance(value, list):
        return [without_titles(entry, titles) for entry in value]
    if isinstance(value, str) and QUOTE in value:
        for title in titles:
            value = value.replace(f"{QUOTE}{title}”", "one of its consequences")
    return value


def _published(engagement: Engagement) -> list[Machine]:
    findings = findings_of(engagement.findings.published())
    shown = {finding["id"] for finding in findings}
    hidden = [row for row in engagement.findings.all() if row.code not in shown]
    titles = {title for row in hidden for title in (row.title, row.machine["title"]) if title}
    return [without_titles(finding, titles) for finding in findings]


def _outcomes(engagement: Engagement, status: str) -> list[Machine]:
    return [row.machine for row in RuleOutcome.objects.filter(engagement=engagement, status=status)]


def _work_of_published(engagement: Engagement, findings: list[Machine], not_assessed: list[Machine]) -> Machine:
    """Tickets and plan made anew from published findings alone, so that no text in them speaks of another."""
    evidence = EvidenceSet(evidence_for(engagement.pk))
    work = work_of(intake_of(engagement), evidence, findings, not_assessed)
    moved = dict(PlanItem.objects.filter(engagement=engagement, moved_to__isnull=False).values_list("key", "moved_to"))
    entries = [entry | {"day": moved.get(entry["key"], entry["day"])} for entry in work.plan_entries]
    windows = [_window(window, entries) for window in work.plan] if moved else work.plan
    return {"tickets": work.tickets, "plan": windows, "effort": work.effort}


def stored_work(engagement: Engagement) -> Machine:
    """Tickets and plan as stored, with what people moved, own and noted."""
    tickets = Ticket.objects.filter(engagement=engagement, present=True)
    items = PlanItem.objects.filter(engagement=engagement).order_by("position", "pk")
    entries = [item.machine | {"day": item.shown_day} for item in items]
    capacity = (ASSUMED_ENGINEERS if engagement.engineers is None else engagement.engineers) * DAY_HOURS
    windows = [
        {"day": day, "name": name, "title": title, "capacity": capacity if day <= 3 else None}
        for day, (name, title) in WINDOWS.items()
    ]
    return {
        "tickets": [row.machine | {"state": row.state, "owner": row.owner} for row in tickets],
        "plan": [_window(window, entries) for window in windows],
    }


def _window(window: Machine, entries: list[Machine]) -> Machine:
    """A window with its entries. The handoff is done on Day 3: its hours count there as well."""
    mine = [entry for entry in entries if entry["day"] == window["day"]]
    spent = [entry for entry in entries if window["day"] == DAY3 and entry["day"] == HANDOFF]
    return window | {"entries": mine, "hours": round(sum(entry["hours"] for entry in [*mine, *spent]), 2)}


def _engagement_block(engagement: Engagement, number: int | None, issued_at: datetime | None) -> Machine:
    """What the intake knows, plus who made the document and when. Login names are for signing in, not for reading."""
    return engagement_of(intake_of(engagement), input_rows(engagement)) | {
        "code": engagement.code,
        "number": number,
        "issued_at": issued_at,
        "version": VERSION,
        "consultants": [name for user in engagement.members.all() if (name := user.get_full_name())],
    }


def brand_of(engagement: Engagement) -> Machine:
    """The brand as it is frozen with a report: the renderer's, with the logo as base64."""
    brand = engagement.look
    logo = None
    if brand.logo:
        logo = {"type": brand.logo_type, "data": base64.b64encode(bytes(brand.logo)).decode()}
    call = {"label": brand.call_label, "url": brand.call_url} if brand.call_label and brand.call_url else None
    return {
        "name": brand.name,
        "logo": logo,
        "accent": brand.accent,
        "ink": brand.ink,
        "heading_font": brand.heading_font,
        "body_font": brand.body_font,
        "paper": brand.paper,
        "legal": brand.legal,
        "call_to_action": call,
    }


def thawed(brand: Machine) -> Machine:
    """A frozen brand as the renderer takes it: the logo as bytes."""
    logo = brand["logo"]
    return brand | {"logo": logo and {"type": logo["type"], "data": base64.b64decode(logo["data"])}}
