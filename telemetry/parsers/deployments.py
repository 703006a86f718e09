"""Deployments: lists of GitHub workflow runs, deployments and releases, and of Vercel deployments, all as JSON.

Titles, branches, commit messages and authors are not read. A workflow run is a deployment only if its name says so;
the others are kept apart as checks.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.parsers.base import Parser
from telemetry.parsers.ops_values import (
    blank_lines,
    mean,
    quote_member,
    read_time,
    seconds_between,
    settle_lines,
    widen,
)
from telemetry.parsers.readers import JsonText, Member
from telemetry.source import Head, Source

HOW = (
    "Send gh run list --limit 500 --json databaseId,workflowName,status,conclusion,event,createdAt,startedAt,updatedAt"
)
DAY_S = 86_400
MAX_PIPELINES = 200
MAX_TIMES = 500
# Carrier, and keys that every entry of such a list has.
CARRIERS = {
    "gh-run-list": {"workflowName", "createdAt"},
    "github-runs": {"workflow_id", "run_number"},
    "github-deployments": {"environment", "sha", "statuses_url"},
    "gh-release-list": {"tagName", "createdAt"},
    "github-releases": {"tag_name", "created_at"},
    "vercel-deployments": {"uid", "url", "created"},
    "vercel-list": {"name", "url", "state", "createdAt"},
}
_LISTS = ("workflow_runs", "deployments")
SUCCEEDED = frozenset({"success", "ready"})
FAILED = frozenset({"failure", "timed_out", "startup_failure", "error"})
CANCELLED = frozenset({"cancelled", "canceled", "skipped", "neutral", "stale", "action_required"})
_DEPLOYS = re.compile(r"deploy|release|publish|promote|rollout|ship", re.I)
_LISTED = re.compile(r'\A\{.*?"(?:workflow_runs|deployments)"\s*:\s*\[\s*\{', re.S)
_KEYS = re.compile(r'"(\w{2,30})"\s*:')


@dataclass(frozen=True, slots=True)
class Run:
    """One deployment: its pipeline, how it ended ("" when not told), when it began and ended."""

    pipeline: str
    deploys: bool
    outcome: str
    started: datetime | None
    ended: datetime | None
    place: Place


def sniff(head: Head) -> bool:
    """Claim a JSON list, or an object with one, whose first entries have the keys of one of the seven lists."""
    text = head.text.removeprefix("\ufeff").lstrip()
    if not re.match(r"\[\s*\{", text) and not _LISTED.search(text[:8_192]):
        return False
    keys = set(_KEYS.findall(text[:8_192]))
    return any(needed <= keys for needed in CARRIERS.values())


def parse(source: Source) -> ParseResult:
    """One row a pipeline (a workflow, an environment, a project); ParseError when the JSON lists no deployment."""
    document = JsonText(source.read())
    result = ParseResult(lines=document.lines)
    pipelines: dict[str, list[Run]] = {}
    for entry in _entries(document):
        try:
            run = _read(entry, document, result)
        except ValueError:
            result.reject(document.line(entry.at), "an entry that is no deployment with a time that can be read")
            continue
        name = run.pipeline if run.pipeline in pipelines or len(pipelines) < MAX_PIPELINES else "other"
        pipelines.setdefault(name, []).append(run)
        widen(result, run.started)
    if not pipelines:
        raise ParseError(f"The JSON lists no deployment. {HOW}", 1)
    _finish(document, pipelines, result)
    return result


def _entries(document: JsonText) -> list[Member]:
    if isinstance(document.value, list):
        return document.members(document.start)
    listed = next((one for name in _LISTS if (one := document.member(document.start, name))), None)
    return document.members(listed.value_at) if listed else []


def _carrier(facts: dict[str, Any]) -> str | None:
    return next((name for name, needed in CARRIERS.items() if needed <= set(facts)), None)


def _read(entry: Member, document: JsonText, result: ParseResult) -> Run:
    facts = entry.value if isinstance(entry.value, dict) else {}
    carrier = _carrier(facts)
    if carrier is None:
        raise ValueError("no deployment")
    result.carrier = carrier
    pipeline, deploys = _pipeline(carrier, facts)
    started = read_time(_first(facts, "run_started_at", "startedAt", "created_at", "createdAt", "created"))
    ended = read_time(_first(facts, "ready")) if carrier.startswith("vercel") else None
    if carrier in ("gh-run-list", "github-runs") and _outcome(facts):
        ended = read_time(_first(facts, "updatedAt", "updated_at"))
    if started is None:
        raise ValueError("no time")
    return Run(
        pipeline, deploys, _outcome(facts), started, ended, quote_member(document, _spot(entry, document), result)
    )


def _spot(entry: Member, document: JsonText) -> Member:
    """The outcome, else the first fact of the entry."""
    facts = document.members(entry.value_at)
    return next((one for one in facts if one.key in ("conclusion", "state", "readyState")), facts[0])


def _pipeline(carrier: str, facts: dict[str, Any]) -> tuple[str, bool]:
    if carrier in ("gh-run-list", "github-runs"):
        name = str(facts.get("workflowName") or facts.get("name") or "workflow")[:120]
        return name, bool(_DEPLOYS.search(name))
    if carrier == "github-deployments":
        return str(facts.get("environment"))[:120], True
    if carrier.startswith("vercel"):
        return f"{str(facts.get('name') or 'project')[:100]} ({facts.get('target') or 'preview'})", True
    return "releases", True


def _first(facts: dict[str, Any], *names: str) -> Any:
    return next((facts[name] for name in names if facts.get(name)), None)


def _outcome(facts: dict[str, Any]) -> str:
    """How a deployment ended: "succeeded", "failed", "cancelled", or "" while it runs or when it is not told."""
    said = str(_first(facts, "conclusion", "state", "readyState") or "").lower()
    named = (("succeeded", SUCCEEDED), ("failed", FAILED), ("cancelled", CANCELLED))
    return next((name for name, words in named if said in words), "")


def _evidence(name: str, runs: list[Run]) -> Evidence:
    """A share of failures counts only runs that ended by themselves."""
    counts = {word: sum(run.outcome == word for run in runs) for word in ("succeeded", "failed", "cancelled")}
    metrics = {"deployments": float(len(runs))}
    if any(counts.values()):
        metrics |= {word: float(count) for word, count in counts.items()}
    ended = counts["succeeded"] + counts["failed"]
    if ended:
        metrics["failed_share"] = counts["failed"] / ended
    lasted = [seconds_between(run.started, run.ended) for run in runs if run.outcome == "succeeded"]
    metrics |= mean([seconds for seconds in lasted if seconds is not None])
    starts = sorted(run.started for run in runs if run.started and run.started.tzinfo)
    if starts:
        metrics["window_s"] = (starts[-1] - starts[0]).total_seconds()
    if metrics.get("window_s", 0) >= DAY_S:
        metrics["per_day"] = len(starts) / (metrics["window_s"] / DAY_S)
    worst = next((run for run in runs if run.outcome == "failed"), runs[0])
    times = [start.astimezone(UTC).isoformat() for start in starts[-MAX_TIMES:]]
    return Evidence("ops.deployment", name, metrics, worst.place, attrs={"deploys": runs[0].deploys, "times": times})


def _finish(document: JsonText, pipelines: dict[str, list[Run]], result: ParseResult) -> None:
    every = [run for runs in pipelines.values() for run in runs]
    result.evidence = [_evidence(name, runs) for name, runs in sorted(pipelines.items())]
    result.records = len(every)
    result.totals = {"deployments": len(every), "pipelines": len(pipelines)}
    result.totals |= {word: sum(run.outcome == word for run in every) for word in ("succeeded", "failed", "cancelled")}
    result.enables = ["How often a deployment fails", "Which incidents began after a deployment"]
    if not any(run.outcome for run in every):
        result.notes.append("This list does not say how a deployment ended: gh run list --json conclusion does.")
    if checks := sum(not run.deploys for run in every):
        result.notes.append(f"{checks:,} runs are of workflows whose name does not speak of deploying.")
    if len(every) in (20, 30, 100):
        result.notes.append(
            f"{len(every)} entries is a default limit of these lists: older deployments may be missing."
        )
    result.blank = blank_lines(document)
    settle_lines(result)


PARSER = Parser(
    id="deployments",
    title="Deployments (GitHub, Vercel)",
    how_to_export="gh run list --limit 500 --json databaseId,workflowName,status,conclusion,event,createdAt,startedAt,"
    "updatedAt > runs.json  # or: vercel api /v6/deployments?limit=100 > deployments.json, vercel list --format json",
    looks_for='JSON list of workflow runs ("workflowName"), deployments ("statuses_url", or Vercel\'s "uid" and '
    '"created") or releases ("tagName")',
    kinds=("ops.deployment",),
    sniff=sniff,
    parse=parse,
)
