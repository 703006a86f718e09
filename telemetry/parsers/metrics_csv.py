"""Metrics as CSV: panels of Grafana, and Datadog's rows of timestamp, tags and value.

Grafana writes what the panel shows: units glued to values ("12.3 ms", "1.20 K"), dates as the browser's language has
them and without a zone, and `sep=` in front for Excel
(https://grafana.com/docs/grafana/latest/panels-visualizations/panel-inspector/). Units of one sort become one unit.
"""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.metrics_evidence import evidence_of
from telemetry.parsers.metrics_exposition import labels_of
from telemetry.parsers.metrics_families import Family, Labels, Series, Spot
from telemetry.parsers.ops_values import read_time, widen
from telemetry.parsers.otlp_series import Numbers
from telemetry.source import Head, Source, is_overlong

GRAFANA, GRAFANA_ROWS, DATADOG = "grafana-csv", "grafana-rows", "datadog-metrics"
HOW = "Grafana: panel menu > Inspect > Data > Data options: unformatted, then Download CSV."
_SEP = re.compile(r"\ufeff?sep=(.)\s*$")
_VALUE = re.compile(r"([-+]?[\d.,'\u00a0\u202f]*\d)\s*([^\d\s].*)?\Z")
_MISSING = ("", "null", "undefined", "nan", "-", "n/a", "no data")
_LOCAL = re.compile(r"(\d{1,2})([/.])(\d{1,2})[/.](\d{4}),? (\d{1,2}):(\d\d)(?::(\d\d))?(?: ([AP])M)?\Z", re.I)
_TIMES = {"ns": 1e-6, "\u00b5s": 1e-3, "\u03bcs": 1e-3, "us": 1e-3, "ms": 1.0, "s": 1e3}
_TIMES |= {"min": 6e4, "mins": 6e4, "hour": 36e5, "hours": 36e5, "day": 864e5, "days": 864e5}
_SIZES = {"B": 1.0} | {f"{p}B": 1000.0**n for n, p in enumerate(("k", "M", "G", "T"), 1)} | {"KB": 1000.0}
_SIZES |= {f"{p}iB": 1024.0**n for n, p in enumerate(("K", "M", "G", "T"), 1)}
_SHORT = {"K": 1e3, "Mil": 1e6, "Bil": 1e9, "Tri": 1e12}  # Grafana's unit "short"
_MAX_COLUMNS = 2_000
_MAX_SERIES = 5_000


def csv_carrier(head: Head) -> str | None:
    """Which of the three a file is, None for any other."""
    lines = [line for line in head.whole_lines[:12] if line.strip()]
    marked = bool(lines and _SEP.match(lines[0]))
    lines = lines[marked:]
    if not lines:
        return None
    delimiter = _delimiter(head.lines[0], lines[0])
    names = _fields(lines[0], delimiter)
    if not names or not {names[0].lower(), names[-1].lower()} & {
        "time",
        "timestamp",
        "value",
    }:  # no form below begins or ends so
        return None
    rows = [row for row in (_fields(line, delimiter) for line in lines[1:]) if len(row) == len(names)]
    if [name.lower() for name in names] == ["series", "time", "value"]:
        return GRAFANA_ROWS
    lower = {name.lower() for name in names}
    if len(names) >= 2 and (names[0] == "Time" or (marked and names[0].lower() == "time")) and "queue" not in lower:
        return GRAFANA if rows and sum(map(_is_panel, rows)) >= 0.5 * len(rows) else None
    if len(names) >= 2 and names[0] == "timestamp" and names[-1] == "value" and "event_message" not in lower:
        return DATADOG if rows and sum(_number(row[-1], ",") is not None for row in rows) >= 0.5 * len(rows) else None
    return None


def _is_panel(row: list[str]) -> bool:
    known = [value for value in row[1:] if value.strip().lower() not in _MISSING]
    return all(_VALUE.match(value.strip()) for value in known) and bool(row[0][:1].isdigit())


def _delimiter(first: str, header: str) -> str:
    if found := _SEP.match(first):
        return found[1]
    return max((",", ";", "\t"), key=header.count)


def _fields(line: str, delimiter: str) -> list[str]:
    try:
        return [text.strip() for text in next(csv.reader([line.removeprefix("\ufeff")], delimiter=delimiter), [])]
    except csv.Error:
        return []


class _Table:
    """Series of a file, filled value by value."""

    def __init__(self, result: ParseResult) -> None:
        self.result = result
        self.families: dict[str, Family] = {}
        self.series: dict[tuple[str, Labels], tuple[Family, Series, Numbers]] = {}
        self.left_out = 0

    def add(self, name: str, labels: Labels, value: float, unit: str, second: float, spot: Spot) -> bool:
        """Count a value; False when its unit is another one than its family's."""
        key = (name, labels)
        if key not in self.series:
            if len(self.series) >= _MAX_SERIES:
                self.left_out += 1
                return True
            family = self.families.setdefault(name, Family(name, spot, type="gauge", unit=unit))
            series = family.at(labels, spot)
            if series is None:
                self.left_out += 1
                return True
            self.series[key] = family, series, Numbers()
        family, _, numbers = self.series[key]
        if value == 0 and not unit:  # Grafana prints a zero without its unit
            unit = family.unit
        if unit != family.unit and not (family.samples and not family.unit and numbers.most == 0):
            return False
        family.unit = unit
        family.samples += 1
        self.result.records += 1
        numbers.add(value, 0, int(second * 1e9))
        return True

    def close(self) -> None:
        """Put evidence and totals into the result."""
        for _, series, numbers in self.series.values():
            if numbers.points:
                series.summary = numbers.metrics()
                series.values[""] = numbers.last
        self.result.evidence = evidence_of(self.families, self.result)
        self.result.totals = {"families": len(self.families), "samples": self.result.records}
        self.result.enables = ["Values of the application's own metrics over time"]
        if self.left_out:
            self.result.notes.append(f"{self.left_out:,} values of further series are left out.")


class _Clock:
    """Moments as a panel prints them: with a zone, without, or with day and month in an unknown order."""

    def __init__(self, result: ParseResult) -> None:
        self.result = result
        self.local = self.unordered = 0
        self.day_first: bool | None = None

    def second(self, text: str) -> float:
        """Seconds since 1970, of a clock whose zone may be unknown; 0 when day and month may be either."""
        if found := _LOCAL.match(text):
            return self._local(found)
        moment = read_time(text)
        if moment is None:
            raise ValueError("no moment")
        widen(self.result, moment)
        self.local += moment.tzinfo is None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

    def _local(self, found: re.Match[str]) -> float:
        first, second = int(found[1]), int(found[3])
        self.local += 1
        if found[2] == "." or first > 12:
            self.day_first = True
        elif second > 12:
            self.day_first = False
        if self.day_first is None:
            self.unordered += 1
            return 0.0
        day, month = (first, second) if self.day_first else (second, first)
        hour = int(found[5]) % 12 + (12 if found[8].upper() == "P" else 0) if found[8] else int(found[5])
        return datetime(int(found[4]), month, day, hour, int(found[6]), int(found[7] or 0), tzinfo=UTC).timestamp()

    def note(self) -> None:
        """Say what the file does not tell about its time."""
        if self.local:
            self.result.notes.append("Times are of a browser's clock without its zone: when this was is unknown.")
        if self.unordered:
            self.result.notes.append(
                f"{self.unordered:,} dates may be read with the day or the month first: their span is left out."
            )


def read_table(source: Source, carrier: str, result: ParseResult) -> None:
    """Read every row; ParseError when none holds a value."""
    result.carrier = carrier
    table, clock = _Table(result), _Clock(result)
    lines = source.lines()
    names, delimiter = _header(lines, result)
    values = odd = 0
    for row, spot in _rows(lines, delimiter, result):
        try:
            if len(row) != len(names):
                raise ValueError("another number of fields")
            found = list(_values(carrier, names, row, delimiter))
            second = clock.second(row[1] if carrier == GRAFANA_ROWS else row[0])
        except ValueError:
            result.reject(spot[0], readers.quote(spot[1], result))
            continue
        fits = [table.add(name, labels, value, unit, second, spot) for name, labels, value, unit in found]
        odd += len(fits) - sum(fits)
        values += len(found)
        result.records_lines += 1
    if not values:
        raise ParseError(f"No row of this table holds a value. {HOW}", 1)
    table.close()
    clock.note()
    if odd:
        result.notes.append(f"{odd:,} values have another unit than their series and are left out.")
    if carrier == DATADOG:
        result.notes.append('The file does not name its metric: it is called "value".')


def _header(lines: Iterator[tuple[int, bytes]], result: ParseResult) -> tuple[list[str], str]:
    sep = ""
    for result.lines, raw in lines:
        text = raw.decode("utf-8", "replace")
        if not text.strip():
            result.blank += 1
        elif _SEP.match(text):
            sep = text
            result.records_lines += 1
        else:
            delimiter = _delimiter(sep, text)
            names = _fields(text, delimiter)
            if len(names) > _MAX_COLUMNS:
                raise ParseError(
                    f"The table has {len(names):,} columns; at most {_MAX_COLUMNS:,} are read.", result.lines
                )
            result.records_lines += 1
            return names, delimiter
    raise ParseError(f"The file is empty. {HOW}", 1)


def _rows(lines: Iterator[tuple[int, bytes]], delimiter: str, result: ParseResult) -> Iterator[tuple[list[str], Spot]]:
    for result.lines, raw in lines:
        text = raw[:200_000].decode("utf-8", "replace")
        if not text.strip():
            result.blank += 1
        elif is_overlong(raw):
            result.reject(result.lines, readers.quote(text, result))
        else:
            yield _fields(text, delimiter), (result.lines, text[:600])


def _values(carrier: str, names: list[str], row: list[str], delimiter: str) -> Iterator[tuple[str, Labels, float, str]]:
    """(name, labels, value, unit) of each value of a row; ValueError for a text that is no value."""
    if carrier == DATADOG:
        labels = tuple(sorted((name, text[:200]) for name, text in zip(names[1:-1], row[1:-1], strict=True) if text))
        cells = [("value", labels, row[-1])]
    elif carrier == GRAFANA_ROWS:
        cells = [(*_named(row[0]), row[2])]
    else:
        cells = [(*_named(name), text) for name, text in zip(names[1:], row[1:], strict=True)]
    for name, labels, text in cells:
        if text.lower() not in _MISSING:
            yield name, labels, *_measured(text, delimiter)


def _named(text: str) -> tuple[str, Labels]:
    """Name and labels of a series: http_requests_total{code="200"}, or the legend that the panel has."""
    name, brace, rest = text.partition("{")
    labels = labels_of(rest.rstrip("}")) if brace else ()
    return (name.strip() or "series")[:200] if labels else text[:200] or "series", tuple(sorted(labels))


def _measured(text: str, delimiter: str) -> tuple[float, str]:
    """A value in one unit of its sort, and that unit."""
    found = _VALUE.match(text)
    value = _number(found[1], delimiter) if found else _number(text, delimiter)
    if value is None:
        raise ValueError(f"{text[:40]} is no value")
    unit = (found[2] or "").strip() if found else ""
    short, _, rest = unit.partition(" ")
    if short in _SHORT:
        value, unit = value * _SHORT[short], rest.strip()
    if unit in _TIMES:
        return value * _TIMES[unit], "ms"
    return (value * _SIZES[unit], "bytes") if unit in _SIZES else (value, unit[:40])


def _number(text: str, delimiter: str) -> float | None:
    """None when it is no number, or one that may be read in two ways."""
    try:
        return readers.number(text, delimiter)
    except ValueError:
        return None
