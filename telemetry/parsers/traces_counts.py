"""What spans say by route, by query and by host, and how they hang together.

The same query ten times and more under one parent is one query in a loop (N+1), the number that Sentry's detector
and others start from at 5 to 10 (https://docs.sentry.io/product/issues/issue-details/performance-issues/n-one-queries/).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from telemetry.histogram import Histogram, bucket_of
from telemetry.parsers.traces_spans import Span
from telemetry.sql import fingerprint

REPEATS = 10
# Spans whose place in their trace is kept; the ones beyond are counted without it.
_LINKED = 500_000
_GROUPS = 5_000
_ANCESTORS = 64

Key = tuple[str, str]  # trace and span


@dataclass(slots=True)
class Group:
    """Spans of one route, query or host."""

    first: Span
    calls: int = 0
    errors: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    times: Histogram = field(default_factory=Histogram)
    timed: int = 0
    total_ms: float = 0.0
    max_ms: float = -1.0
    slowest: Span | None = None
    failed: Span | None = None
    repeats: int = 0  # most calls under one parent
    looped: int = 0  # parents with REPEATS calls or more
    loop: Span | None = None
    routes: Counter[str] = field(default_factory=Counter)
    inner_calls: Counter[str] = field(default_factory=Counter)  # of a route: calls by role
    inner_ms: defaultdict[str, float] = field(
        default_factory=lambda: defaultdict(float)
    )  # of a route: time waited for a role, overlaps once

    def add(self, span: Span) -> None:
        """Count one span."""
        self.calls += 1
        if span.status:
            self.statuses[span.status] += 1
        if span.error:
            self.errors += 1
            self.failed = self.failed or span
        if span.ms is not None:
            self.times.add((bucket_of(span.ms),))
            self.timed += 1
            self.total_ms += span.ms
            if span.ms > self.max_ms:
                self.max_ms, self.slowest = span.ms, span


def together(groups: Sequence[Group]) -> Group:
    """Groups beyond the bound as one; the lines are those of the largest."""
    whole = Group(groups[0].first)
    for group in groups:
        whole.calls += group.calls
        whole.errors += group.errors
        whole.statuses.update(group.statuses)
        whole.times.merge(group.times)
        whole.timed += group.timed
        whole.total_ms += group.total_ms
        if group.max_ms > whole.max_ms:
            whole.max_ms, whole.slowest = group.max_ms, group.slowest
        whole.failed = whole.failed or group.failed
        if group.repeats > whole.repeats:
            whole.repeats, whole.loop = group.repeats, group.loop
        whole.looped += group.looped
        whole.routes.update(group.routes)
        whole.inner_calls.update(group.inner_calls)
        for role, ms in group.inner_ms.items():
            whole.inner_ms[role] += ms
    return whole


class Traces:
    """All groups of a file."""

    def __init__(self) -> None:
        self.groups: dict[str, dict[str, Group]] = {"server": {}, "db": {}, "external": {}}
        self.spans = 0
        self.traces: set[str] = set()
        self.first: Span | None = None
        self.start, self.end = 0, 0
        self.unlinked = 0
        self._parents: dict[Key, str] = {}
        self._servers: dict[Key, Group] = {}
        self._calls: list[tuple[Span, Group]] = []
        self.orphans = 0  # spans whose parent is not in the file

    def add(self, span: Span) -> None:
        """Count one span; `finish` ties them together once all are known."""
        self.spans += 1
        self.first = self.first or span
        self.start = min(self.start or span.start, span.start)
        self.end = max(self.end, span.start)
        if len(self.traces) < _LINKED:
            self.traces.add(span.trace)
        linked = len(self._parents) < _LINKED
        self.unlinked += not linked
        if linked:
            self._parents[span.trace, span.id] = span.parent
        if not span.role:
            return
        group = self._group(span)
        group.add(span)
        if linked and span.role == "server":
            self._servers[span.trace, span.id] = group
        elif linked:
            self._calls.append((span, group))

    def _group(self, span: Span) -> Group:
        groups = self.groups[span.role]
        name = span.name if span.role != "db" else query_key(span)
        if name not in groups and len(groups) >= _GROUPS:
            name = "other"
        return groups.setdefault(name, Group(span))

    def finish(self) -> None:
        """Give each call to the request it belongs to, and find queries in loops."""
        under: dict[tuple[int, str, str], int] = {}
        first: dict[tuple[int, str, str], tuple[Span, Group]] = {}
        waits: dict[tuple[Key, str], list[tuple[int, int]]] = {}
        for span, group in self._calls:
            if span.role == "db" and span.parent:
                key = id(group), span.trace, span.parent
                under[key] = under.get(key, 0) + 1
                first.setdefault(key, (span, group))
            if (server := self._server_above(span)) is None:
                continue
            request = self._servers[server]
            request.inner_calls[span.role] += 1
            group.routes[request.first.name] += 1
            if span.ms is not None:
                waits.setdefault((server, span.role), []).append((span.start, round(span.ms * 1e6)))
        for key, count in under.items():
            span, group = first[key]
            group.looped += count >= REPEATS
            if count > group.repeats:
                group.repeats, group.loop = count, span
        for (server, role), intervals in waits.items():
            self._servers[server].inner_ms[role] += union_ms(intervals)
        known = self._parents
        self.orphans = sum(1 for (trace, _), parent in known.items() if parent and (trace, parent) not in known)

    def _server_above(self, span: Span) -> Key | None:
        parent = span.parent
        for _ in range(_ANCESTORS):
            if not parent or (span.trace, parent) not in self._parents:
                return None
            if (span.trace, parent) in self._servers:
                return span.trace, parent
            parent = self._parents[span.trace, parent]
        return None


def query_key(span: Span) -> str:
    """What equal queries share: the fingerprint of a statement, else system and first word of the command."""
    if is_sql(span):
        return fingerprint(span.name)
    words = span.name.split(None, 1)
    return f"{span.system or 'db'} {words[0][:40].lower() if words else ''}".strip()


def is_sql(span: Span) -> bool:
    """Whether a database span holds a statement, not only its verb and table ("SELECT shop.orders")."""
    words = span.name.lstrip("( ").split(None, 2)
    return len(words) > 2 and words[0].upper() in _VERBS


_VERBS = frozenset(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "MERGE", "CALL", "COPY", "BEGIN", "COMMIT", "SET"))


def union_ms(intervals: list[tuple[int, int]]) -> float:
    """The time in ms that (start, length) in ns cover; what runs side by side counts once."""
    covered, end = 0, 0
    for start, length in sorted(intervals):
        covered += max(0, start + length - max(end, start))
        end = max(end, start + length)
    return covered / 1e6
