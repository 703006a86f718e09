"""Web Analytics of Vercel as a drain sends them: page views and events by route, which weigh the flows of users.

Fields: https://vercel.com/docs/drains/reference/analytics. Sessions and devices are counted through a keyed hash that
is forgotten with the file; event data, referrers and queries are neither read nor quoted.
"""

import hashlib
import os
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.parsers.base import Parser
from telemetry.parsers.http_counts import Peak
from telemetry.parsers.json_records import first_records, records_of
from telemetry.parsers.ops_values import read_time, widen
from telemetry.redaction import redact
from telemetry.routes import RouteTable
from telemetry.source import Head, Source

SCHEMA = "vercel.analytics."
HOW = "Send what a drain of the type Web Analytics delivered, as JSON or NDJSON."
_ROUTES = 300
_DISTINCT = 100_000  # sessions or devices of one route that are told apart
_EVENTS = 50


class _Distinct:
    """How many different values there were, without keeping them."""

    def __init__(self, key: bytes) -> None:
        self._key, self._seen = key, set[bytes]()

    def add(self, value: Any) -> None:
        """See a value; beyond 100,000 different ones no more are told apart."""
        if isinstance(value, str | int) and value != "" and len(self._seen) < _DISTINCT:
            self._seen.add(hashlib.blake2b(str(value).encode(), digest_size=8, key=self._key).digest())

    @property
    def count(self) -> float | None:
        """None when there was no value, or too many to tell apart."""
        return float(len(self._seen)) if 0 < len(self._seen) < _DISTINCT else None


@dataclass(slots=True)
class _Page:
    """Views of one route, or of all."""

    place: Place
    sessions: _Distinct
    devices: _Distinct
    pageviews: int = 0
    events: Counter[str] = field(default_factory=Counter)
    minutes: Peak = field(default_factory=lambda: Peak(64))

    def add(self, facts: dict[str, Any], minute: int | None) -> None:
        """Count one record."""
        self.sessions.add(facts.get("sessionId"))
        self.devices.add(facts.get("deviceId"))
        if facts.get("eventType") == "event":
            name = redact(str(facts.get("eventName") or "event"))[0][:80]
            self.events[name if name in self.events or len(self.events) < _EVENTS else "other"] += 1
            return
        self.pageviews += 1
        if minute is not None:
            self.minutes.add(minute, 1)

    def row(self, subject: str, every: int, window_s: float) -> Evidence:
        """The row of this route."""
        metrics: dict[str, float] = {"pageviews": float(self.pageviews), "events": float(self.events.total())}
        metrics |= {"share": self.pageviews / every} if every else {}
        told = {"sessions": self.sessions.count, "devices": self.devices.count}
        metrics |= {name: count for name, count in told.items() if count is not None}
        metrics |= {"per_min_peak": float(self.minutes.most)} if self.minutes.most else {}
        metrics |= {"window_s": window_s} if window_s else {}
        attrs = {"events": dict(self.events.most_common())} if self.events else {}
        return Evidence("web.traffic", subject, metrics, self.place, attrs=attrs)


def sniff(head: Head) -> bool:
    """Claim records whose schema is that of Web Analytics."""
    text = head.text.lstrip("\ufeff \t\r\n")
    if not text.startswith(("{", "[")) or SCHEMA not in text:
        return False
    records = first_records(head)
    return sum(str(record.get("schema", "")).startswith(SCHEMA) for record in records) >= 0.5 * len(records)


def parse(source: Source) -> ParseResult:
    """A row a route and one for all; ParseError when the file holds no page view and no event."""
    result = ParseResult(carrier="web-analytics")
    table, pages, key = RouteTable(limit=_ROUTES), dict[str, _Page](), os.urandom(16)
    for record in records_of(source, result):
        facts = record.content
        if not str(facts.get("schema", "")).startswith(SCHEMA) or facts.get("eventType") not in ("pageview", "event"):
            record.reject(result)
            continue
        result.records += 1
        minute = _minute(facts, result)
        route = table.route(str(facts.get("route") or facts.get("path") or "/"))
        for name in ("all", route):
            if name not in pages:
                place = record.quote("route" if facts.get("route") else "eventType", result)
                pages[name] = _Page(place, _Distinct(key), _Distinct(key))
            pages[name].add(facts, minute)
    if not pages:
        raise ParseError(f"No page view stands in this file. {HOW}", 1)
    _finish(pages, result)
    return result


def _minute(facts: dict[str, Any], result: ParseResult) -> int | None:
    """The record's minute since 1970; None when its time cannot be read."""
    try:
        moment = read_time(facts.get("timestamp"))
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None:
        return None
    widen(result, moment)
    return int(moment.timestamp()) // 60


def _finish(pages: dict[str, _Page], result: ParseResult) -> None:
    window_s = (result.last - result.first).total_seconds() if result.first and result.last else 0.0
    every = pages["all"].pageviews
    result.evidence = [page.row(name, every, window_s) for name, page in pages.items()]
    result.totals = {"pageviews": every, "events": pages["all"].events.total(), "routes": len(pages) - 1}
    result.enables = ["Which routes carry the traffic of visitors"]
    result.notes.append("A drain may be sampled, and browsers that block it are missing: shares hold, counts are low.")
    if any(page.sessions.count is None and page.pageviews for page in pages.values()):
        result.notes.append("Sessions are left out where they are not told, or are more than 100,000.")


PARSER = Parser(
    id="vercel-analytics",
    title="Page views (Vercel Web Analytics)",
    how_to_export="Vercel > Team Settings > Drains > Add Drain > Web Analytics, to an endpoint of your own that keeps "
    "what it is sent: one file of JSON or NDJSON, at least a week",
    looks_for='JSON lines or a JSON array with "schema": "vercel.analytics.v1"',
    kinds=("web.traffic",),
    sniff=sniff,
    parse=parse,
)
