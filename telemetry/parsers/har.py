"""HAR: what a browser recorded of a visit, without cookies, tokens and bodies."""

import re
from collections import Counter
from dataclasses import dataclass, field

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.histogram import Histogram, bucket_of
from telemetry.parsers.base import Parser
from telemetry.parsers.har_entry import Call, call_of, place_of
from telemetry.parsers.readers import JsonText
from telemetry.routes import RouteTable
from telemetry.source import Head, Source

_LOG = re.compile(r'\{\s*"log"\s*:\s*\{')
_URL, _STATUS, _TIME = ("request", "url"), ("response", "status"), ("time",)
_ROUTES = 300
_HOSTS = 200


@dataclass(slots=True)
class _Group:
    """Requests of one route, one host, or the whole recording."""

    first: Call
    calls: int = 0
    failed: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    methods: set[str] = field(default_factory=set)
    spots: dict[str, Call] = field(default_factory=dict)
    times: Histogram = field(default_factory=Histogram)
    timed: int = 0
    total_ms: float = 0.0
    max_ms: float = -1.0
    waits: list[float] = field(default_factory=list)
    size: int = 0
    size_max: int = -1

    def add(self, call: Call) -> None:
        """Count one request; a connection that stays open (101) has no duration."""
        self.calls += 1
        self.methods.add(call.method)
        if call.status:
            self.statuses[call.status] += 1
        else:
            self.failed += 1
            self.spots.setdefault("failed", call)
        if call.status >= 400:
            self.spots.setdefault(f"status_{call.status // 100}xx", call)
            if call.status == 429:
                self.spots.setdefault("status_429", call)
        if call.status not in (0, 101) and call.time is not None:
            self._time(call, call.time)
        if call.size is not None:
            self.size += call.size
            self.size_max = max(self.size_max, call.size)

    def _time(self, call: Call, time: float) -> None:
        self.times.add((bucket_of(time),))
        self.timed += 1
        self.total_ms += time
        if time > self.max_ms:
            self.max_ms = time
            self.spots["max_ms"] = call
        if call.wait is not None:
            self.waits.append(call.wait)

    def metrics(self) -> dict[str, float]:
        """What was recorded; times and sizes only where the browser kept them."""
        found: dict[str, float] = {"requests": self.calls, "failed": self.failed, "status_429": self.statuses[429]}
        for hundred in (400, 500):
            counts = [count for status, count in self.statuses.items() if hundred <= status < hundred + 100]
            found[f"status_{hundred // 100}xx"] = sum(counts)
        if self.timed:
            found |= {f"p{share}_ms": min(self.times.quantile(share / 100), self.max_ms) for share in (50, 95)}
            found |= {"max_ms": self.max_ms, "total_ms": self.total_ms}
        if self.waits:
            found["wait_mean_ms"] = sum(self.waits) / len(self.waits)
        if self.size_max >= 0:
            found |= {"bytes": self.size, "bytes_max": self.size_max}
        return found


class _Recording:
    """All groups of a file."""

    def __init__(self, document: JsonText, result: ParseResult) -> None:
        self.document, self.result = document, result
        self.table = RouteTable(limit=500)
        self.routes: dict[str, _Group] = {}
        self.hosts: dict[str, _Group] = {}
        self.whole: _Group | None = None
        self.home = ""  # the host that was visited: of the first document, else of the first request
        self.seen: Counter[str] = Counter()

    def add(self, call: Call) -> None:
        """Count one request."""
        result = self.result
        result.records += 1
        result.redacted += call.hidden
        self.home = self.home or call.host
        self.whole = self.whole or _Group(call)
        groups = [self.whole, self.hosts.setdefault(call.host if len(self.hosts) < 2_000 else "other", _Group(call))]
        if call.host == self.home:
            groups.append(self.routes.setdefault(self.table.route(call.path), _Group(call)))
        for group in groups:
            group.add(call)
        if call.method == "GET" and len(self.seen) < 100_000:
            self.seen[call.url] += 1
        if call.started:
            result.first = min(result.first or call.started, call.started)
            result.last = max(result.last or call.started, call.started)

    def evidence(self) -> list[Evidence]:
        """The recording, then its own routes, then the hosts."""
        if self.whole is None:
            return []
        rows = [self._row("har.recording", self.home, self.whole, self._whole_metrics(self.whole))]
        for route, group in _largest(self.routes, _ROUTES):
            rows.append(self._row("har.route", route, group, group.metrics()))
        for host, group in _largest(self.hosts, _HOSTS):
            metrics = {"requests": group.calls, "share": group.calls / self.whole.calls, "failed": group.failed}
            names = ("p95_ms", "max_ms", "total_ms", "bytes")
            metrics |= {name: value for name, value in group.metrics().items() if name in names}
            rows.append(self._row("har.host", host, group, metrics))
        return rows

    def _whole_metrics(self, whole: _Group) -> dict[str, float]:
        metrics = whole.metrics() | {"hosts": len(self.hosts), "repeated": sum(n - 1 for n in self.seen.values())}
        metrics["third_party"] = whole.calls - self.hosts[self.home].calls
        result = self.result
        if result.first and result.last and result.last > result.first:
            metrics["window_s"] = (result.last - result.first).total_seconds()
        return metrics

    def _row(self, kind: str, subject: str, group: _Group, metrics: dict[str, float]) -> Evidence:
        places: dict[str, Place] = {}
        for name, call in group.spots.items():
            if name in metrics:
                path = _TIME if name == "max_ms" else _STATUS
                places[name] = place_of(self.document, call.entry, path, self.result)
        if "max_ms" in places and "p95_ms" in metrics:
            places["p95_ms"] = places["max_ms"]
        attrs = {"methods": sorted(group.methods)} if kind == "har.route" else {"third_party": subject != self.home}
        shown = {} if kind == "har.recording" else attrs
        first = place_of(self.document, group.first.entry, _URL, self.result)
        return Evidence(kind, subject, metrics, first, places, shown)


def _largest(groups: dict[str, _Group], bound: int) -> list[tuple[str, _Group]]:
    """The groups with the most time, and every one that failed."""
    ranked = sorted(groups.items(), key=lambda pair: (-pair[1].total_ms, pair[0]))
    return [pair for rank, pair in enumerate(ranked) if rank < bound or pair[1].statuses.keys() & set(range(500, 600))]


def sniff(head: Head) -> bool:
    """Whether the document is a log with entries, a version or a creator."""
    text = head.text.lstrip("\ufeff \t\r\n")
    return bool(_LOG.match(text)) and any(f'"{key}"' in text for key in ("entries", "creator", "pages"))


def parse(source: Source) -> ParseResult:
    """Count requests by route of the visited host, and by host."""
    document = JsonText(source.read())
    result = ParseResult(carrier="har", lines=document.lines)
    result.blank = sum(not line.strip() for line in document.text.split("\n")[: result.lines])
    result.records_lines = result.lines - result.blank
    log = document.member(document.start, "log") if isinstance(document.value, dict) else None
    entries = document.member(log.value_at, "entries") if log else None
    recording, strange = _Recording(document, result), 0
    calls = []
    for entry in document.members(entries.value_at) if entries else []:
        call = call_of(entry)
        strange += call is None
        calls += [call] if call else []
    if not calls:
        raise ParseError("This HAR holds no request; record the visit again with the network panel open.", 1)
    documents = [call.host for call in calls if call.kind in ("document", "text/html")]
    recording.home = documents[0] if documents else calls[0].host
    for call in calls:
        recording.add(call)
    result.evidence = recording.evidence()
    result.totals = {"entries": len(calls)}
    result.enables = ["What one visit waits for, by route and by host"]
    result.notes = ["One visit from one place: times hold its network and say nothing about load."]
    if strange:
        result.notes.append(f"{strange:,} entries hold no request and were left out.")
    if result.redacted:
        result.notes.append("Cookies, tokens, query strings and bodies were not read into evidence.")
    return result


PARSER = Parser(
    id="har",
    title="HAR recording of a browser",
    how_to_export="In the browser: F12, Network, reload the page, Export HAR (sanitized)   "
    "# to be safe: jq 'del(.log.entries[] | .request.cookies, .request.headers, .request.postData, .response.cookies, "
    ".response.headers, .response.content.text)' visit.har > visit-clean.har",
    looks_for='JSON that begins with {"log": {"version": "1.2", ... "entries": [',
    kinds=("har.recording", "har.route", "har.host"),
    sniff=sniff,
    parse=parse,
)
