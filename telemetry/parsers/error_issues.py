"""Issues of Sentry: what its API answers, and CSV with columns of its tables or of sentry2csv.

API: https://docs.sentry.io/api/events/list-an-organizations-issues/ (`count` is a text). An exported table has the
columns its user chose, so they are found by synonyms. Messages, users and addresses are not read; a title is quoted
after redaction.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.known_errors import causes_in
from telemetry.parsers import readers
from telemetry.parsers.base import Parser
from telemetry.parsers.ops_values import blank_lines, quote_member, read_time, seconds_between, settle_lines, widen
from telemetry.parsers.readers import Header, JsonText, Member, Row
from telemetry.redaction import redact
from telemetry.routes import route_of
from telemetry.source import Head, Source

HOW = (
    'curl -s -H "Authorization: Bearer $SENTRY_TOKEN" '
    '"https://sentry.io/api/0/organizations/ORG/issues/?statsPeriod=14d&limit=100" > issues.json'
)
MAX_ISSUES = 1_000
MAX_PROJECTS = 200
IDS = ("issue", "shortid", "short id", "issue.id", "issue id")
TITLES = ("title", "error", "message")
EVENTS = ("count()", "events", "count", "event count")
USERS = ("count_unique(user)", "users", "usercount", "user count")
FIRSTS = ("first_seen()", "firstseen", "first seen", "min(timestamp)")
LASTS = ("last_seen()", "lastseen", "last seen", "max(timestamp)")
PROJECTS = ("project", "project.name", "project name")
LEVELS = ("level", "error.level")
PLACES = ("culprit", "transaction", "location")
_ROUTE = re.compile(r"(?:[A-Z]{3,7} )?(/[^\s]{0,300})")
_SENTRY2CSV = {"error", "location", "events", "users"}
_KEYS = ("shortId", "culprit", "firstSeen")


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue, as any of the exports tells it."""

    id: str
    title: str
    events: int
    users: int | None
    project: str
    level: str
    status: str
    first: datetime | None
    last: datetime | None
    unhandled: bool | None
    place: Place
    route: str = ""  # where the tracker names one as the place of the error


def sniff(head: Head) -> bool:
    """Claim the API's JSON, sentry2csv, and CSV with an issue, its title and a count of events."""
    text = head.text.lstrip("\ufeff \t\r\n")
    if text.startswith(("[", "{")):
        return head.quoted.issuperset(_KEYS)
    header = readers.sniff_header(head)
    return header is not None and _knows(header)


def _knows(header: Header) -> bool:
    if set(header.columns) >= _SENTRY2CSV:
        return True
    return all(header.find(names) is not None for names in (IDS, TITLES, EVENTS)) and (
        header.find((*USERS, *LEVELS, *FIRSTS, *LASTS, *PROJECTS)) is not None
    )


def parse(source: Source) -> ParseResult:
    """A row an issue, one a project and one for all; ParseError without an issue."""
    result = ParseResult()
    text = source.head().text.lstrip("\ufeff \t\r\n")
    issues = list(_json(source, result) if text.startswith(("[", "{")) else _csv(source, result))
    if not issues:
        raise ParseError(f"No issue with a count of events is in this file. Export it again: {HOW}", 1)
    issues.sort(key=lambda issue: -issue.events)
    result.evidence = [_row(issue) for issue in issues[:MAX_ISSUES]]
    if len(issues) > MAX_ISSUES:
        rest = issues[MAX_ISSUES:]
        metrics = {"events": float(sum(issue.events for issue in rest))}
        result.evidence.append(Evidence("error.issue", "other", metrics, rest[0].place))
        result.notes.append(f"{len(rest):,} issues with fewer events are one row, other.")
    result.evidence += [*_projects(issues), *_causes(issues)]
    result.records = len(issues)
    result.totals = {"issues": len(issues), "events": sum(issue.events for issue in issues)}
    result.enables = ["Which errors users meet most", "Errors that began with a deployment"]
    _note(issues, result)
    return result


def _note(issues: list[Issue], result: ParseResult) -> None:
    result.notes.append("Counts are of the period that was asked for; Sentry may sample or drop events over the quota.")
    if len(issues) in (25, 50, 100):
        result.notes.append(f"{len(issues)} issues is a page of Sentry: there may be more on the next.")


# -- JSON -------------------------------------------------------------------------------------------------------------


def _json(source: Source, result: ParseResult) -> Iterator[Issue]:
    document = JsonText(source.read())
    result.carrier, result.lines, result.blank = "sentry-api", document.lines, blank_lines(document)
    whole = Member("", document.value, document.start, document.start)
    for entry in document.members(document.start) if isinstance(document.value, list) else [whole]:
        issue = _issue(entry, document, result)
        if issue is None:
            result.reject(document.line(entry.at), "an issue without a count of events")
        else:
            yield issue
    settle_lines(result)


def _issue(entry: Member, document: JsonText, result: ParseResult) -> Issue | None:
    facts: dict[str, Any] = entry.value if isinstance(entry.value, dict) else {}
    events, title = _whole(facts.get("count")), document.member(entry.value_at, "title")
    spot = title or document.member(entry.value_at, "shortId")
    if events is None or spot is None:
        return None
    project = facts.get("project")
    slug = project.get("slug") if isinstance(project, dict) else None
    first, last = _time(facts.get("firstSeen")), _time(facts.get("lastSeen"))
    widen(result, last)
    unhandled = facts.get("isUnhandled")
    return Issue(
        id=str(facts.get("shortId") or facts.get("id") or f"line {document.line(entry.at)}")[:80],
        title=_shown(facts.get("title")),
        events=events,
        users=_whole(facts.get("userCount")),
        project=_shown(slug) or "unknown",
        level=_shown(facts.get("level")),
        status=_shown(facts.get("status")),
        first=first,
        last=last,
        unhandled=unhandled if isinstance(unhandled, bool) else None,
        place=quote_member(document, spot, result),
        route=_route(facts.get("culprit")),
    )


# -- CSV --------------------------------------------------------------------------------------------------------------


def _csv(source: Source, result: ParseResult) -> Iterator[Issue]:
    header, rows = readers.open_csv(source, result, HOW)
    if not _knows(header):
        raise ParseError(f"The columns are those of no list of issues. {HOW}", result.lines)
    result.carrier = "sentry2csv" if set(header.columns) >= _SENTRY2CSV else "sentry-csv"
    for row in rows:
        issue = _record(row, header, result)
        if issue is None:
            readers.reject(row, result)
        else:
            yield issue
    result.records_lines = result.lines - result.blank - result.rejected


def _record(row: Row, header: Header, result: ParseResult) -> Issue | None:
    def field(names: tuple[str, ...]) -> str:
        at = header.find(names)
        return "" if at is None else row.fields[at].strip()

    events = _whole(field(EVENTS))
    if events is None:
        return None
    first, last = _time(field(FIRSTS)), _time(field(LASTS))
    widen(result, last)
    title = field(TITLES)
    quote = title.partition("\n")[0] if title.partition("\n")[0] in row.text else ""
    return Issue(
        id=_shown(field(IDS))[:80] or f"line {row.line}",
        title=_shown(title),
        events=events,
        users=_whole(field(USERS)),
        project=_shown(field(PROJECTS)) or "unknown",
        level=_shown(field(LEVELS)),
        status=_shown(field(("status",))),
        first=first,
        last=last,
        unhandled={"0": True, "1": False}.get(field(("error.handled",))),
        place=readers.place(row.line, quote, result),
        route=_route(field(PLACES)),
    )


# -- both -------------------------------------------------------------------------------------------------------------


def _whole(value: Any) -> int | None:
    """A count, also as text; Sentry writes no fraction and groups nothing."""
    text = str(value).strip() if value is not None and not isinstance(value, bool) else ""
    return int(text) if re.fullmatch(r"\d{1,15}", text, re.ASCII) else None


def _time(value: Any) -> datetime | None:
    try:
        moment = read_time(value)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo else None


def _route(value: Any) -> str:
    """The route of a culprit such as "POST /api/cart" or "/api/cart"; "" for a function's or a file's name."""
    found = _ROUTE.fullmatch(str(value or "").strip())
    return route_of(found[1]) if found else ""


def _shown(value: Any) -> str:
    return redact(str(value or ""))[0].strip()[:200]


def _row(issue: Issue) -> Evidence:
    metrics: dict[str, float] = {"events": float(issue.events)}
    metrics |= {"users": float(issue.users)} if issue.users is not None else {}
    metrics |= {"unhandled": float(issue.unhandled)} if issue.unhandled is not None else {}
    span = seconds_between(issue.first, issue.last)
    metrics |= {"window_s": span} if span else {}
    attrs = {"title": issue.title, "level": issue.level, "project": issue.project, "status": issue.status}
    moments = {"first_seen": issue.first, "last_seen": issue.last}
    attrs |= {name: moment.isoformat() for name, moment in moments.items() if moment}
    attrs |= {"route": issue.route}
    return Evidence("error.issue", issue.id, metrics, issue.place, attrs={k: v for k, v in attrs.items() if v})


def _projects(issues: list[Issue]) -> list[Evidence]:
    groups: dict[str, list[Issue]] = {"all": issues}
    for issue in issues:
        name = issue.project if issue.project in groups or len(groups) <= MAX_PROJECTS else "other"
        groups.setdefault(name, []).append(issue)
    whole = sum(issue.events for issue in issues)
    rows: list[Evidence] = []
    for name, group in groups.items():
        metrics = {"issues": float(len(group)), "events": float(sum(issue.events for issue in group))}
        metrics |= {"share": metrics["events"] / whole} if whole else {}
        if any(issue.status for issue in group):
            metrics["unresolved"] = float(sum(issue.status == "unresolved" for issue in group))
        if any(issue.unhandled is not None for issue in group):
            metrics["unhandled"] = float(sum(issue.unhandled is True for issue in group))
        rows.append(Evidence("error.project", name, metrics, group[0].place))
    return rows


def _causes(issues: list[Issue]) -> list[Evidence]:
    """Issues by the cause that their titles name; what was resolved is over."""
    found: dict[str, list[Issue]] = {}
    for issue in issues:
        for cause in causes_in(issue.title) if issue.status != "resolved" else ():
            found.setdefault(cause, []).append(issue)
    return [_cause(cause, group) for cause, group in sorted(found.items())]


def _cause(cause: str, group: list[Issue]) -> Evidence:
    metrics = {"events": float(sum(issue.events for issue in group))}
    users = [issue.users for issue in group if issue.users is not None]
    metrics |= {"users": float(max(users))} if users else {}
    spans = [span for issue in group if (span := seconds_between(issue.first, issue.last))]
    metrics |= {"window_s": max(spans)} if spans else {}
    routes = sorted({route for issue in group if (route := issue.route)})
    attrs = {"routes": routes} if routes else {}
    return Evidence("error.cause", cause, metrics, group[0].place, attrs=attrs)


PARSER = Parser(
    id="error-issues",
    title="Errors of the application (Sentry)",
    how_to_export=HOW + "   # or: Explore > Errors, columns issue, title, project, level, count(), "
    "count_unique(user), last_seen(), Export CSV; or sentry2csv",
    looks_for="JSON with shortId, culprit and firstSeen, or CSV with issue, title and count(), or Error, Location, "
    "Events, Users",
    kinds=("error.issue", "error.project", "error.cause"),
    sniff=sniff,
    parse=parse,
)
