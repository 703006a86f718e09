"""Samples of metrics by family and series, and what they say: values, spans, percentiles of histograms."""

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from telemetry.evidence import Evidence, ParseResult, Place
from telemetry.redaction import redact

# Of a family these many series with the largest values become evidence of their own; of the file so many.
SERIES_SHOWN = 10
ALL_SERIES_SHOWN = 1_000
FAMILIES_SHOWN = 2_000
_SERIES_KEPT = 1_000
_SUBJECT_CHARS = 300
_PARTS = ("_bucket", "_sum", "_count", "_total", "_created", "_info", "_gsum", "_gcount")
_UNITS = ("seconds", "milliseconds", "bytes", "ratio", "percent", "celsius", "joules", "amperes", "volts")
_COUNTERS = ("_total", "_count", "_sum", "_bucket", "_created")

Labels = tuple[tuple[str, str], ...]
Spot = tuple[int, str]  # line and its text


@dataclass(slots=True)
class Series:
    """One set of labels. `values` are its samples by part ("" for the plain value), `buckets` upper bound -> count."""

    spot: Spot
    values: dict[str, float] = field(default_factory=dict)
    spots: dict[str, Spot] = field(default_factory=dict)
    buckets: dict[float, float] = field(default_factory=dict)
    quantiles: dict[float, float] = field(default_factory=dict)
    points: list[tuple[float, float]] = field(default_factory=list)  # (seconds since 1970, value)
    summary: dict[str, float] = field(default_factory=dict)  # metrics over time that the reader has worked out

    @property
    def weight(self) -> float:
        """What series are ranked by: the count of a histogram, the value of others, the largest of a range."""
        largest = max((abs(value) for _, value in self.points), default=0.0)
        return max(largest, abs(self.values.get("_count", self.values.get("", self.values.get("_total", 0.0)))))


@dataclass(slots=True)
class Family:
    """All series of one name."""

    name: str
    spot: Spot
    type: str = ""
    help: str = ""
    unit: str = ""
    samples: int = 0
    folded: int = 0  # samples of series beyond the bound
    labels: set[str] = field(default_factory=set)
    series: dict[Labels, Series] = field(default_factory=dict)

    def at(self, labels: Labels, spot: Spot) -> Series | None:
        """The series of a set of labels, None beyond the bound."""
        if labels not in self.series:
            if len(self.series) >= _SERIES_KEPT:
                self.folded += 1
                return None
            if not self.series and not self.samples:
                self.spot = spot
            self.series[labels] = Series(spot)
            self.labels.update(name for name, _ in labels)
        return self.series[labels]


def split_name(name: str, families: dict[str, Family], has_le: bool) -> tuple[str, str]:
    """(family, part) of a sample's name: "_bucket" belongs to its histogram, "_total" to its counter."""
    for part in _PARTS:
        base = name.removesuffix(part)
        if base == name or not base:
            continue
        known = families.get(base)
        typed = known.type if known else ""
        if typed not in ("", "gauge", "counter") or (typed == "counter" and part in ("_total", "_created")):
            return base, part
        if part == "_bucket" and has_le:
            return base, part
    return name, ""


def counts_up(name: str, kind: str) -> bool:
    """Whether a metric only grows until its process starts anew."""
    return kind == "counter" or (not kind and name.endswith(_COUNTERS))


def quantile_of(buckets: dict[float, float], share: float) -> float | None:
    """A quantile of cumulative buckets, straight between two bounds as histogram_quantile() of Prometheus does.

    None when the buckets are empty or do not grow; the largest finite bound when the answer lies above it
    (https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile).
    """
    bounds = sorted(buckets)
    if len(bounds) < 2 or not math.isinf(bounds[-1]) or buckets[bounds[-1]] <= 0:
        return None
    rank, before, lower = share * buckets[bounds[-1]], 0.0, 0.0 if bounds[0] > 0 else bounds[0]
    for bound in bounds:
        count = buckets[bound]
        if count < before:
            return None
        if count >= rank:
            if math.isinf(bound):
                return bounds[-2]
            return lower + (bound - lower) * (rank - before) / (count - before) if count > before else bound
        before, lower = count, bound
    return None


def evidence_of(families: dict[str, Family], result: ParseResult) -> list[Evidence]:
    """A row a family, then rows of the largest series."""
    rows: list[Evidence] = []
    with_samples = [family for family in families.values() if family.samples]
    ranked = sorted(with_samples, key=lambda family: -family.samples)[:FAMILIES_SHOWN]
    shown = {family.name for family in ranked}
    for family in with_samples:
        if family.name in shown:
            rows.append(_family(family, result))
    left = ALL_SERIES_SHOWN
    for family in with_samples:
        chosen = sorted(family.series.items(), key=lambda pair: -pair[1].weight)[: min(SERIES_SHOWN, left)]
        left -= len(chosen)
        made = [_series(family, labels, series, result) for labels, series in chosen]
        rows += [row for row in made if row.metrics]  # a series of NaN says nothing
    _note_bounds(with_samples, ALL_SERIES_SHOWN - left, result)
    return rows


def _note_bounds(families: list[Family], shown: int, result: ParseResult) -> None:
    series = sum(len(family.series) for family in families)
    if len(families) > FAMILIES_SHOWN:
        result.notes.append(f"{len(families) - FAMILIES_SHOWN:,} families with the fewest samples are counted only.")
    if shown < series:
        result.notes.append(f"{series - shown:,} series with smaller values are counted in their family only.")
    if folded := sum(family.folded for family in families):
        result.notes.append(f"{folded:,} samples belong to series beyond {_SERIES_KEPT:,} of a family; counted only.")


def place_of(series: Series, result: ParseResult) -> Place:
    """Where a series stands."""
    return _place(series.spot, result)


def _place(spot: Spot, result: ParseResult) -> Place:
    hidden, count = redact(spot[1][:600])
    result.redacted += count
    return Place(spot[0], hidden[:300])


def _attrs(family: Family) -> dict[str, Any]:
    attrs: dict[str, Any] = {"labels": sorted(family.labels)[:50]}
    ends = [unit for unit in _UNITS if f"{family.name}_".find(f"_{unit}_") >= 0]
    unit = family.unit or (ends[0] if ends else "")
    found = {"type": family.type, "unit": unit, "help": redact(family.help)[0][:200]}
    return attrs | {name: text for name, text in found.items() if text}


def _family(family: Family, result: ParseResult) -> Evidence:
    metrics: dict[str, float] = {"samples": family.samples, "series": len(family.series)}
    whole: dict[float, float] = {}
    for part, metric in (("", "sum"), ("_total", "sum"), ("_count", "count"), ("_sum", "total")):
        values = [series.values[part] for series in family.series.values() if part in series.values]
        if values and not family.folded:
            metrics[metric] = sum(values)
    same = {tuple(sorted(series.buckets)) for series in family.series.values() if series.buckets}
    if len(same) == 1 and not family.folded:
        for series in family.series.values():
            for bound, count in series.buckets.items():
                whole[bound] = whole.get(bound, 0.0) + count
    metrics |= _distribution(whole, metrics.get("count"), metrics.get("total"))
    return Evidence("metric.family", family.name, _finite(metrics), _place(family.spot, result), attrs=_attrs(family))


def _distribution(buckets: dict[float, float], count: float | None, total: float | None) -> dict[str, float]:
    metrics = {"mean": total / count} if count and total is not None else {}
    for share in (50, 95, 99):
        value = quantile_of(buckets, share / 100) if buckets else None
        if value is not None:
            metrics[f"p{share}"] = value
    return metrics


def _series(family: Family, labels: Labels, series: Series, result: ParseResult) -> Evidence:
    metrics: dict[str, float] = {}
    for part, metric in (
        ("", "value"),
        ("_total", "value"),
        ("_info", "value"),
        ("_count", "count"),
        ("_sum", "total"),
    ):
        if part in series.values:
            metrics[metric] = series.values[part]
    metrics |= _distribution(series.buckets, metrics.get("count"), metrics.get("total"))
    metrics |= {f"p{round(share * 100)}": value for share, value in series.quantiles.items() if share in _SHOWN}
    if series.points:
        metrics |= _range(series.points, counts_up(family.name, family.type))
    metrics |= series.summary
    places = {
        metric: _place(series.spots[part], result)
        for part, metric in (("_count", "count"), ("_sum", "total"))
        if part in series.spots and metric in metrics and math.isfinite(metrics[metric])
    }
    shown = {name: redact(value)[0][:100] for name, value in labels[:30]}
    text = ",".join(f'{name}="{value}"' for name, value in shown.items())
    subject = f"{family.name}{{{text}}}"[:_SUBJECT_CHARS] if text else family.name
    attrs = {"family": family.name, "labels": shown}
    return Evidence("metric.series", subject, _finite(metrics), _place(series.spot, result), places, attrs)


_SHOWN = (0.5, 0.95, 0.99)


def _range(points: list[tuple[float, float]], counter: bool) -> dict[str, float]:
    """What a series did over time; a counter that fell started anew, so the fall itself is no decrease."""
    values = [value for _, value in points]
    metrics = {"points": float(len(points)), "value": values[-1], "first": values[0]}
    metrics |= {"min": min(values), "max": max(values), "mean": sum(values) / len(values)}
    window = points[-1][0] - points[0][0]
    if window > 0:
        metrics["window_s"] = window
    if counter and window > 0:
        pairs = pairwise(values)
        metrics["increase"] = sum(now - before if now >= before else now for before, now in pairs)
        metrics["per_s"] = metrics["increase"] / window
    return metrics


def _finite(metrics: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if math.isfinite(value)}
