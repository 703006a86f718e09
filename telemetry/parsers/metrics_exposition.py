"""Metrics as a process serves them: the Prometheus text format and OpenMetrics.

HELP and TYPE are optional, a sample may carry a time (ms since 1970; OpenMetrics: s) and an exemplar
(https://prometheus.io/docs/instrumenting/exposition_formats/, https://prometheus.io/docs/specs/om/open_metrics_spec/).
"""

import math
import re
from datetime import UTC, datetime

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.metrics_evidence import evidence_of
from telemetry.parsers.metrics_families import Family, Labels, split_name
from telemetry.source import Source, is_overlong

_LABELS = r'[^"{}\n]*(?:"(?:[^"\\]|\\.)*"[^"{}\n]*)*'
_NUMBER = r"[-+]?(?:\d[\d.eE+-]*|\.\d[\deE+-]*|[Ii]nf(?:inity)?|[Nn]a[Nn])"
SAMPLE = re.compile(
    rf"([A-Za-z_:][\w:.]*)(?:\{{({_LABELS})\}})?[ \t]+({_NUMBER})(?:[ \t]+(-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?))?"
    r"[ \t]*(?:# *\{.*)?$"
)
COMMENT = re.compile(r"# (HELP|TYPE|UNIT) ([A-Za-z_:][\w:.]*)(?: (.*))?$")
# A name begins where no name goes on, so that a word of any length is tried once.
_LABEL = re.compile(r'(?<![\w.])([\w.]{1,400})"?\s{0,20}=\s{0,20}"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(.)")
_MAX_FAMILIES = 20_000
_MAX_QUOTE = 600


def read_exposition(source: Source, result: ParseResult) -> None:
    """Read every line; ParseError when none is a sample."""
    result.carrier = "prometheus-text"
    families: dict[str, Family] = {}
    repeated = 0
    for number, raw in source.lines():
        result.lines = number
        line = raw.decode("utf-8", "replace").removeprefix("\ufeff")
        if not line.strip():
            result.blank += 1
        elif line.startswith("#"):
            result.records_lines += 1
            _read_comment(number, line, families)
        elif is_overlong(raw) or not (found := SAMPLE.match(line)) or (value := _value(found[3])) is None:
            readers.reject_line(number, line[:_MAX_QUOTE], result)
        else:
            result.records_lines += 1
            result.records += 1
            repeated += _count(found, value, (number, line[:_MAX_QUOTE]), families)
            _see_time(found[4], result)
    if not result.records:
        raise ParseError("No line of this file is a metric; send what the /metrics address answers.")
    result.evidence = evidence_of(families, result)
    result.totals = {"families": len(families), "samples": result.records}
    result.enables = ["Values of the application's own metrics", "Latency where it is kept as a histogram"]
    result.notes.insert(0, "One scrape: counters run since their process started; a rate needs a second scrape.")
    if any(family.type == "histogram" for family in families.values()):
        result.notes.append("Percentiles of histograms are as coarse as their buckets.")
    if repeated:
        result.notes.append(
            f"{repeated:,} samples repeat a series (several scrapes in one file?); the last one counts."
        )


def _read_comment(number: int, line: str, families: dict[str, Family]) -> None:
    if (found := COMMENT.match(line)) and (found[2] in families or len(families) < _MAX_FAMILIES):
        family = families.setdefault(found[2], Family(found[2], (number, line[:_MAX_QUOTE])))
        text = (found[3] or "").strip()
        if found[1] == "TYPE":
            family.type = text[:40]
        elif found[1] == "UNIT":
            family.unit = text[:40]
        else:
            family.help = text[:400]


def _count(found: re.Match[str], value: float, spot: tuple[int, str], families: dict[str, Family]) -> int:
    """Keep one sample; 1 when its series already had a value."""
    labels = dict(labels_of(found[2] or ""))
    name, part = split_name(found[1], families, "le" in labels)
    if name not in families and len(families) >= _MAX_FAMILIES:
        name, part, labels = "other", "", {}
    family = families.setdefault(name, Family(name, spot))
    bound = labels.pop("le", None) if part == "_bucket" else None
    share = labels.pop("quantile", None) if family.type == "summary" and not part else None
    family.type = family.type or ("histogram" if bound is not None else "")
    series = family.at(tuple(sorted(labels.items())), spot)
    family.samples += 1
    if series is None or (edge := _value(bound or share or "0")) is None:
        return 0
    if bound is not None:
        again, series.buckets[edge] = edge in series.buckets, value
    elif share is not None:
        again, series.quantiles[edge] = edge in series.quantiles, value
    else:
        again, series.values[part] = part in series.values, value
        series.spots[part] = spot
    return int(again)


def labels_of(text: str) -> Labels:
    """Names and values of a label set, escapes resolved."""
    escapes = {"n": "\n"}
    return tuple(
        (found[1], _ESCAPE.sub(lambda match: escapes.get(match[1], match[1]), found[2])[:400])
        for found in _LABEL.finditer(text)
    )


def _value(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _see_time(text: str | None, result: ParseResult) -> None:
    """Widen the span by a sample's own time; whole numbers of thirteen digits are ms."""
    if not text:
        return
    stamp = float(text)
    seconds = stamp / 1000 if abs(stamp) > 1e11 else stamp
    if not math.isfinite(seconds) or not 0 < seconds < 4_102_444_800:  # before 2100
        return
    moment = datetime.fromtimestamp(seconds, UTC)
    result.first, result.last = min(result.first or moment, moment), max(result.last or moment, moment)
