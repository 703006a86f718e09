"""vercel.json: time limits and memory of functions, and scheduled calls.

Fields: https://vercel.com/docs/project-configuration. Headers, rewrites and environment values are not read.
"""

import re

from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.parsers.base import Parser
from telemetry.parsers.ops_values import blank_lines, is_amount, quote_member, settle_lines
from telemetry.parsers.readers import JsonText, Member
from telemetry.routes import route_of
from telemetry.source import Head, Source

HOW = "Send vercel.json from the root of the repository."
MIB = 1024 * 1024  # memory is given in MB of this size
_CRONS = re.compile(r'"crons"\s*:\s*\[\s*(?:\]|\{\s*"(?:path|schedule)"\s*:)')
_FUNCTIONS = re.compile(r'"functions"\s*:\s*\{\s*"[^"/][^"]*"\s*:\s*\{\s*"(?:memory|maxDuration|runtime|includeFiles)"')
_SCHEMA = re.compile(r'"\$schema"\s*:\s*"https://openapi\.vercel\.sh/vercel\.json"')
_FIELD = re.compile(r"(?:\*|\d+(?:-\d+)?)(?:/(\d+))?\Z")


def sniff(head: Head) -> bool:
    """Claim one JSON object with crons, functions by glob, or the schema of vercel.json."""
    text = head.text.removeprefix("\ufeff").lstrip()
    if not text.startswith("{") or head.quoted.isdisjoint(("crons", "functions", "$schema")):
        return False
    return any(pattern.search(text) for pattern in (_CRONS, _FUNCTIONS, _SCHEMA))


def parse(source: Source) -> ParseResult:
    """One row a function setting and a scheduled call; ParseError when the JSON is broken."""
    document = JsonText(source.read())
    if not isinstance(document.value, dict):
        raise ParseError(f"This is no vercel.json. {HOW}", 1)
    result = ParseResult(carrier="json", lines=document.lines)
    functions, crons = document.member(document.start, "functions"), document.member(document.start, "crons")
    for entry in document.members(functions.value_at) if functions else []:
        _function(entry, document, result)
    for entry in document.members(crons.value_at) if crons else []:
        _cron(entry, document, result)
    _finish(document, result)
    return result


def _function(entry: Member, document: JsonText, result: ParseResult) -> None:
    if not isinstance(entry.value, dict):
        result.reject(document.line(entry.at), document.place(entry.at, result).quote)
        return
    facts = {one.key: one for one in document.members(entry.value_at)}
    metrics, places = {"listed": 1.0}, {}
    for metric, key, factor in (("max_duration_s", "maxDuration", 1), ("memory_bytes", "memory", MIB)):
        fact = facts.get(key)
        if fact and is_amount(fact.value):
            metrics[metric], places[metric] = float(fact.value * factor), quote_member(document, fact, result)
    runtime = entry.value.get("runtime")
    attrs = {"runtime": runtime[:60]} if isinstance(runtime, str) else {}
    place = quote_member(document, entry, result)
    result.evidence.append(Evidence("function.config", entry.key[:300], metrics, place, places, attrs))


def _cron(entry: Member, document: JsonText, result: ParseResult) -> None:
    facts = {one.key: one for one in document.members(entry.value_at)}
    path, schedule = facts.get("path"), facts.get("schedule")
    if path is None or schedule is None or not isinstance(path.value, str) or not isinstance(schedule.value, str):
        result.reject(document.line(entry.at), document.place(entry.at, result).quote)
        return
    metrics = {"listed": 1.0}
    times = runs_per_hour(schedule.value)
    if times is not None:
        metrics["runs_per_hour"] = float(times)
    place = quote_member(document, schedule, result)
    attrs = {"schedule": schedule.value[:60]}
    result.evidence.append(Evidence("platform.cron", route_of(path.value), metrics, place, attrs=attrs))


def runs_per_hour(schedule: str) -> int | None:
    """How often a five-field schedule runs within an hour in which it runs; None when it is no such schedule."""
    fields = schedule.split()
    if len(fields) != 5:
        return None
    minutes: set[int] = set()
    for part in fields[0].split(","):
        step = _FIELD.match(part)
        if step is None or step[1] == "0":
            return None
        low, _, high = part.partition("/")[0].partition("-")
        first = 0 if low == "*" else int(low)
        last = int(high) if high else 59 if low == "*" or step[1] else first
        minutes.update(range(first, last + 1, int(step[1] or 1)))
    return len(minutes & set(range(60)))


def _finish(document: JsonText, result: ParseResult) -> None:
    crons = [row for row in result.evidence if row.kind == "platform.cron"]
    result.records = len(result.evidence)
    result.totals = {
        "functions": len(result.evidence) - len(crons),
        "crons": len(crons),
        "crons_every_minute": sum(row.metrics.get("runs_per_hour") == 60 for row in crons),
    }
    result.enables = ["How near functions come to their own time limit", "Scheduled calls that meet each other"]
    if not result.evidence:
        result.notes.append("The file sets no function and no scheduled call: the platform's defaults hold.")
    result.blank = blank_lines(document)
    settle_lines(result)


PARSER = Parser(
    id="vercel-config",
    title="Vercel project settings (vercel.json)",
    how_to_export="cp vercel.json vercel-config.json",
    looks_for='JSON with "crons" or "functions" by glob, as in vercel.json',
    kinds=("function.config", "platform.cron"),
    sniff=sniff,
    parse=parse,
)
