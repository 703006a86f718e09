"""The page a buyer reads alone: one sentence, three cards, three numbers, what to do on Monday."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from reviews.report.figures import digits, figure, listed, plural

CARDS = (
    ("Database pressure", ("postgres", "integrity", "tenancy")),
    ("Async work risk", ("queues", "redis", "platform", "cost")),
    ("Operational blind spots", ("observability", "release", "security")),
)
SEVERITIES = ("high", "medium", "low")
# Eight risks with 24 numbers are not read; three are.
NUMBERS = 3


def build(
    engagement: Mapping[str, Any],
    findings: Sequence[Mapping[str, Any]],
    not_assessed: Sequence[Mapping[str, Any]],
    plan: Mapping[str, Any],
    missing_inputs: Sequence[str],
    first_to_break: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """View of the readout. `findings` are views of `sections.finding_view`, ranked; the others too.

    `first_to_break`: `value`, `said` and `href` of what the capacity model says breaks first; None when not known.
    """
    return {
        "sentence": sentence(engagement, findings, not_assessed),
        "cards": [card(title, areas, findings, not_assessed, missing_inputs) for title, areas in CARDS],
        "numbers": numbers(findings, first_to_break),
        "monday": monday(plan, missing_inputs),
    }


def sentence(
    engagement: Mapping[str, Any], findings: Sequence[Mapping[str, Any]], not_assessed: Sequence[Mapping[str, Any]]
) -> str:
    """What a buyer repeats to a board: how many, behind what, how much work. Never health without evidence."""
    client = str(engagement.get("client") or "the client")
    high = [f for f in findings if f["severity"] == "high"]
    if not findings:
        open_questions = plural(len(not_assessed), "question stays", "questions stay")
        return f"Nothing above a limit was found in what was received; {open_questions} open for want of data."
    if not high:
        return (
            f"{client} has no high risk in the evidence received; "
            f"{plural(len(findings), 'smaller risk')} and {plural(len(not_assessed), 'open question')} remain."
        )
    first = roots(high)
    flows = _by_revenue(engagement, {flow for f in high for flow in f["flows"]})
    hours = sum(f["slice_hours"] or 0 for f in first)
    shows = f", and {plural(len(high) - len(first), 'symptom')} of them" if len(high) > len(first) else ""
    behind = (
        f" {'It touches' if len(high) == 1 else 'They touch'} {listed(flows)}{_share(engagement, flows)}."
        if flows
        else ""
    )
    work = f" A first slice of each fix takes {digits(hours)} hours in all." if hours else ""
    return f"{_goal(engagement)}{client} has {plural(len(first), 'high risk')} to remove first{shows}.{behind}{work}"


def roots(findings: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Without the symptoms of others that are shown here: what goes away with its cause is not counted beside it."""
    shown = {f.get("href") for f in findings}
    return [f for f in findings if not any(cause["href"] in shown for cause in f.get("causes", ()))]


def _goal(engagement: Mapping[str, Any]) -> str:
    target = engagement.get("target_mau")
    return f"To carry {target:,.0f} monthly users, " if isinstance(target, int | float) and target else ""


def _share(engagement: Mapping[str, Any], flows: Sequence[str]) -> str:
    known = {str(f.get("name")): f.get("revenue_share") for f in engagement.get("flows") or ()}
    shares = [value for flow in flows if isinstance(value := known.get(flow), int | float)]
    return f": {digits(sum(shares) * 100)} % of revenue, as stated" if shares else ""


def _by_revenue(engagement: Mapping[str, Any], flows: Collection[str]) -> list[str]:
    """The flows that earn most first; those without a share after them, by name."""
    known = {str(f.get("name")): f.get("revenue_share") for f in engagement.get("flows") or ()}
    return sorted(flows, key=lambda flow: (-(known.get(flow) or 0), flow))


def months_to_target(engagement: Mapping[str, Any]) -> float | None:
    """Months until the target at constant growth, ln(target / today) / ln(1 + g); None without all three figures."""
    figures = [engagement.get(key) for key in ("current_mau", "target_mau", "growth_per_month")]
    known = [float(value) for value in figures if isinstance(value, int | float) and value > 0]
    if len(known) < 3 or known[1] <= known[0]:
        return None
    today, target, growth = known
    return math.log(target / today) / math.log1p(growth)


def card(
    title: str,
    areas: Sequence[str],
    findings: Sequence[Mapping[str, Any]],
    not_assessed: Sequence[Mapping[str, Any]],
    missing_inputs: Sequence[str],
) -> dict[str, Any]:
    """One of the three cards: counts by severity, the worst in words, and what could not be answered."""
    mine = roots([f for f in findings if f["area"] in areas])
    unanswered = [n for n in not_assessed if n["area"] in areas]
    lead = first_sentence(mine[0]["said"]) if mine else _silence(unanswered)
    blind = title == CARDS[-1][0]
    return {
        "title": title,
        "counts": [(s, n) for s in SEVERITIES if (n := sum(1 for f in mine if f["severity"] == s))],
        "lead": lead,
        "worst": mine[:3],
        "open": plural(len(not_assessed), "question", "questions") + " not answered in all"
        if blind and not_assessed
        else plural(len(unanswered), "question") + " not answered"
        if unanswered
        else "",
        "missing": listed(list(missing_inputs), 3) if blind else "",
    }


def _silence(unanswered: Sequence[Mapping[str, Any]]) -> str:
    if not unanswered:
        return "Nothing above a limit in what was received."
    needs = sorted({need for n in unanswered for need in n["needs"]})
    return f"Not measured: needs {listed(needs, 3)}."


def first_sentence(text: str, limit: int = 150) -> str:
    """The first sentence of a paragraph, cut at a word when it is longer than `limit` characters."""
    head = re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0]
    if len(head) <= limit:
        return head
    return head[:limit].rsplit(" ", 1)[0] + " …"


def numbers(
    findings: Sequence[Mapping[str, Any]], first_to_break: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """What breaks first, then measured values of the first ranked findings, each metric once, with its limit."""
    chosen: list[dict[str, Any]] = [dict(first_to_break)] if first_to_break else []
    seen: set[str] = set()
    for finding in findings:
        measured = finding["measured"]
        if measured is None or measured["key"] in seen or len(chosen) == NUMBERS:
            continue
        seen.add(measured["key"])
        chosen.append({"value": measured["value"], "limit": measured["limit"], "finding": finding})
    return chosen


def monday(plan: Mapping[str, Any], missing_inputs: Sequence[str]) -> list[str]:
    """The first three fixes of the plan, each with its place and hours, and what to send; without fixes Day 1."""
    days = plan.get("days") or []
    entries = [entry for day in days for entry in day["entries"]]
    fixes = [entry for entry in entries if entry["kind"] == "fix"]
    lines = [_to_do(entry) for entry in (fixes[:3] or (days[0]["entries"][:4] if days else []))]
    return lines + ([f"Send what is missing: {listed(list(missing_inputs), 3)}"] if missing_inputs else [])


def _to_do(entry: Mapping[str, Any]) -> str:
    what = entry["detail"] if entry["kind"] == "fix" and entry["detail"] else entry["title"]
    return f"{str(what).rstrip('.')} ({figure(entry['hours'])} h)" if entry["hours"] else str(what)
