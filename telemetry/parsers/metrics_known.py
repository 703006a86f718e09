"""Metrics of the usual exporters, told again as what they were read from: views of PostgreSQL, INFO of Redis, df.

An exporter shows a server's own counters under its own names. Told again in the vocabulary's words they answer the same
questions as the export itself, at the line where the sample stands.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from telemetry.evidence import Evidence, ParseResult
from telemetry.parsers.metrics_exporters import KNOWN, Known
from telemetry.parsers.metrics_families import Family, Labels, Series, place_of

SUBJECTS = 300
FROM = "metrics"  # attrs["from"] of what an exporter shows: less than the view itself
_ENDS = {"_max": max, "_min": min}  # metrics that tell the worst moment of a range


@dataclass(frozen=True, slots=True)
class Sample:
    """One number of an exporter, its labels and the series it stands in."""

    value: float
    labels: Mapping[str, str]
    series: Series


_FIELD = re.compile(
    r"(?P<name>[\w:]+?)(?:\{(?P<label>\w+)=(?P<value>[^}]*)\})?(?::(?P<part>_\w+))?(?:\*(?P<factor>\d+))?"
)
KINDS = (*dict.fromkeys(known.kind for known in KNOWN), "pg.activity")
# (share, part, whole), of the same row
_SHARES = {
    "redis.server": (
        ("memory_share", "used_memory", "maxmemory"),
        ("hit_share", "keyspace_hits", "lookups"),
    ),
    "pg.database": (("hit_share", "blocks_hit", "blocks"),),
    "pg.table": (("rows_per_seq_scan", "seq_tup_read", "seq_scan"),),
    "host.memory": (("available_share_min", "available_bytes_min", "total_bytes"),),
    "container.usage": (
        ("memory_share_max", "memory_bytes_max", "memory_limit_bytes"),
        ("throttled_share", "throttled_periods", "periods"),
    ),
    "queue.broker": (("memory_share", "memory_used", "memory_limit"),),
    "redis.command": (("us_per_call", "time_us", "calls"),),
}
_SUMS = {
    "pg.database": ("blocks", ("blocks_hit", "blocks_read")),
}


def known_rows(families: Mapping[str, Family], result: ParseResult) -> list[Evidence]:
    """The rows that the families of known exporters tell; none where one file speaks of several servers."""
    rows = [row for known in KNOWN for row in _rows(known, families, result)]
    return [*rows, *_activity(families, result)]


def samples_of(families: Mapping[str, Family], name: str) -> Iterator[Sample]:
    """The last value of each series of a family, by either of the names that a counter may have."""
    family = family_of(families, name)
    for labels, series in family.series.items() if family else ():
        value = last_value(series)
        if value is not None:
            yield Sample(value, dict(labels), series)


def family_of(families: Mapping[str, Family], name: str) -> Family | None:
    """A family by its name; a counter's may end in "_total" or not."""
    return families.get(name) or families.get(name.removesuffix("_total")) or families.get(f"{name}_total")


def last_value(series: Series) -> float | None:
    """A counter's or a gauge's value, of a range the last one; None for a histogram."""
    for part in ("", "_total"):
        if part in series.values:
            return series.values[part]
    return series.points[-1][1] if series.points else None


def growth_of(points: list[tuple[float, float]]) -> float:
    """How much a counter grew over a range; where it fell, its process started anew."""
    return sum(now - before if now >= before else now for (_, before), (_, now) in pairwise(points))


def one_server(labels: Iterator[Labels] | list[Labels]) -> bool:
    """Whether all series come from one address."""
    named = {dict(pairs).get("instance") or dict(pairs).get("addr") for pairs in labels}
    return len(named) <= 1


def _rows(known: Known, families: Mapping[str, Family], result: ParseResult) -> Iterator[Evidence]:
    fields = {metric: _chosen(text, families) for metric, text in known.fields.items()}
    involved = [family for family, _ in fields.values() if family]
    several = not one_server([labels for family in involved for labels in family.series])
    if several and not known.spread and not known.kind.startswith("host."):
        return
    found: dict[str, dict[str, tuple[float, Series]]] = {}
    for metric, (family, field) in fields.items():
        for labels, series in family.series.items() if family else ():
            value = _value(metric, field, series, known.counted)
            sample = None if value is None else Sample(value * float(field["factor"] or 1), dict(labels), series)
            subject = _subject(known, field, sample) if sample else ""
            if not sample or not subject:
                continue
            if several and not known.spread:
                subject = _of_host(sample.labels, subject)
            row = found.setdefault(subject, {}) if len(found) < SUBJECTS else found.get(subject, {})
            before = row[metric][0] if metric in row else 0.0
            whole = max(before, sample.value) if known.largest else before + sample.value
            row[metric] = (whole, sample.series)
    attrs = _attrs(known, families, "" if several else _instance(involved))
    for subject, row in found.items():
        yield _row(known, subject, row, result, attrs)


def _instance(involved: Sequence[Family]) -> str:
    """The address that all of these families come from."""
    named = {
        dict(labels).get("instance") or dict(labels).get("addr") or "" for one in involved for labels in one.series
    }
    return next(iter(named - {""}), "")


def _attrs(known: Known, families: Mapping[str, Family], instance: str) -> dict[str, str]:
    policy = _policy(families) if known.kind == "redis.server" else ""
    found = {"policy": policy, "instance": "" if known.spread else instance}
    return {name: text for name, text in found.items() if text}


def _chosen(text: str, families: Mapping[str, Family]) -> tuple[Family | None, re.Match[str]]:
    """The first family of a field that is there, and how it is read."""
    fields = [found for part in text.split("|") if (found := _FIELD.fullmatch(part))]
    return next(
        ((family, field) for field in fields if (family := family_of(families, field["name"]))), (None, fields[0])
    )


def _value(metric: str, field: re.Match[str], series: Series, counted: bool) -> float | None:
    """A series' number; of a range the worst moment, the growth of a counter, or the last one."""
    if field["part"]:
        return series.values.get(field["part"])
    worst = next((choose for end, choose in _ENDS.items() if metric.endswith(end)), None)
    if series.points and worst:
        return worst(value for _, value in series.points)
    if counted and len(series.points) > 1 and not metric.endswith("_bytes"):
        return growth_of(series.points)
    return last_value(series)


def _subject(known: Known, field: re.Match[str], sample: Sample) -> str:
    """The subject of a sample, "" where it belongs to none."""
    if field["label"] and sample.labels.get(field["label"]) != field["value"]:
        return ""
    for label, bad in known.without.items():
        value = sample.labels.get(label, "")
        if value in bad or (value and "*" in bad):
            return ""
    if known.subject.startswith("="):
        return known.subject[1:]
    if "/" in known.subject:
        names = [sample.labels.get(label, "") for label in known.subject.split("/")]
        return "/".join(name for name in names if name not in ("", "/"))
    name, schema = sample.labels.get(known.subject, ""), sample.labels.get("schemaname", "public")
    return f"{schema}.{name}" if name and schema not in ("public", "") else name


def _of_host(labels: Mapping[str, str], subject: str) -> str:
    """A subject of one machine among several: "10.0.0.4:9100 /", or the machine where the subject is itself."""
    host = labels.get("instance", "")
    return host if subject == "host" else f"{host} {subject}"


def _policy(families: Mapping[str, Family]) -> str:
    """How Redis makes room, where the exporter says so."""
    family = families.get("redis_instance_info") or families.get("redis_instance")
    return next((dict(labels).get("maxmemory_policy", "") for labels in family.series), "") if family else ""


def _row(
    known: Known,
    subject: str,
    row: Mapping[str, tuple[float, Series]],
    result: ParseResult,
    attrs: Mapping[str, str],
) -> Evidence:
    metrics = {metric: value for metric, (value, _) in row.items()}
    places = {metric: place_of(series, result) for metric, (_, series) in row.items()}
    if known.kind == "queue.counts" and "waiting" in row:
        over_time = _over_time(row["waiting"][1].points)
        metrics |= over_time
        places |= dict.fromkeys(over_time, places["waiting"])
    if known.counted and known.kind == "container.usage":
        metrics |= _window(row)
    derive(known.kind, metrics)
    place = next(iter(places.values()))
    told = {name: places[name] for name in places if name in metrics}
    return Evidence(known.kind, subject, metrics, place, told, {"from": FROM, **known.attrs, **attrs})


def _window(row: Mapping[str, tuple[float, Series]]) -> dict[str, float]:
    """Over how long the counters of a row grew; empty for a single scrape."""
    spans = [series.points[-1][0] - series.points[0][0] for _, series in row.values() if len(series.points) > 1]
    return {"window_s": max(spans)} if spans else {}


def _over_time(points: list[tuple[float, float]]) -> dict[str, float]:
    """What waits in a queue over a range: its peak and how fast it grows."""
    if len(points) < 2 or points[-1][0] <= points[0][0]:
        return {}
    window_s = points[-1][0] - points[0][0]
    growth = (points[-1][1] - points[0][1]) / window_s * 60
    return {"waiting_max": max(value for _, value in points), "waiting_per_min": growth, "window_s": window_s}


def derive(kind: str, metrics: dict[str, float]) -> None:
    """Shares and rates as the view's own parser works them out."""
    if kind == "redis.server":
        _derive_redis(metrics)
    elif kind == "host.filesystem" and metrics.get("size_bytes"):
        metrics["used_share"] = 1 - metrics.get("available_bytes", 0.0) / metrics["size_bytes"]
    elif kind == "host.memory":
        metrics["samples"] = 1.0
    name, parts = _SUMS.get(kind, ("", ()))
    sums = (
        {name: sum(metrics.get(part, 0.0) for part in parts)} if name and any(map(metrics.__contains__, parts)) else {}
    )
    known = metrics | sums
    for share, part, whole in _SHARES.get(kind, ()):
        if part in known and known.get(whole, 0.0) > 0:
            metrics[share] = known[part] / known[whole]


def _derive_redis(metrics: dict[str, float]) -> None:
    if "keyspace_hits" in metrics and "keyspace_misses" in metrics:
        metrics["lookups"] = metrics["keyspace_hits"] + metrics["keyspace_misses"]
    if metrics.get("keys") and "keys_with_expiry" in metrics:
        metrics["no_expiry_share"] = (metrics["keys"] - metrics["keys_with_expiry"]) / metrics["keys"]
    if metrics.get("uptime_s"):
        metrics["window_s"] = metrics["uptime_s"]
        if "evicted_keys" in metrics:
            metrics["evicted_per_min"] = metrics["evicted_keys"] / metrics["uptime_s"] * 60


_STATES = {"active": "active", "idle": "idle", "idle in transaction": "idle_in_transaction"}


def _activity(families: Mapping[str, Family], result: ParseResult) -> Iterator[Evidence]:
    """pg_stat_activity as the exporter counts it, by state; the longest transaction of each."""
    counted: dict[str, tuple[float, Series]] = {}
    for sample in samples_of(families, "pg_stat_activity_count"):
        for metric in ("sessions", _STATES.get(sample.labels.get("state", ""), "")):
            if metric:
                counted[metric] = (counted.get(metric, (0.0, sample.series))[0] + sample.value, sample.series)
    for sample in samples_of(families, "pg_stat_activity_max_tx_duration"):
        idle = sample.labels.get("state") == "idle in transaction"
        for metric in ("longest_transaction_s", "longest_idle_in_transaction_s" if idle else ""):
            if metric and sample.value > counted.get(metric, (0.0, sample.series))[0]:
                counted[metric] = (sample.value, sample.series)
    if "sessions" in counted:
        yield _row(Known("pg.activity", "=server", {}), "server", counted, result, {})
