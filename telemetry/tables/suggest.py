"""The likeliest reading of a table, from its headings and its first rows: shown to a consultant, never applied."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from telemetry.parsers import readers
from telemetry.tables.base import Field, Target
from telemetry.tables.mapping import ColumnMap
from telemetry.tables.shape import Table
from telemetry.tables.targets import TARGETS
from telemetry.tables.values import day_order, read_moment, read_number

ENOUGH = 3.0  # score from which a target is preselected; below it nothing is
_UNIT_IN_NAME = re.compile(
    r"[\[(]([^\])]{1,20})[\])]\s*\Z"
    r"|[\s_.-](ms|msec|secs?|s|us|min|hours|h|days|pct|percent|%|bytes|b|[kmg]i?b|cents)\Z",
    re.I,
)
_UNIT_WORDS = {
    "milliseconds": "ms", "millis": "ms", "msec": "ms", "seconds": "s", "second": "s", "sec": "s", "secs": "s",
    "microseconds": "us", "µs": "us", "minutes": "min", "mins": "min", "hours": "h", "hour": "h", "hrs": "h",
    "days": "d", "percent": "%", "pct": "%", "byte": "B", "bytes": "B", "b": "B", "kb": "kB", "mb": "MB", "gb": "GB",
    "kib": "KiB", "mib": "MiB", "gib": "GiB", "cents": "cent", "ct": "cent", "thousands": "k", "millions": "M",
}  # fmt: skip
_CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP"}
_CODE = re.compile(r"(?<![a-z])(USD|EUR|GBP|CHF|CAD|AUD|JPY|SEK|NOK|DKK|PLN|INR|BRL)(?![a-z])", re.IGNORECASE)
_GLUED = re.compile(r"[+-]?[\d.,]+\s*([A-Za-zµ%]+)\Z")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The likeliest target ("" when none is likely), what its columns would be, and what only a person can say.

    `hints` gives a column the question that is open: the unit of a number, day or month first.
    """

    target: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)
    currency: str = ""
    score: float = 0.0

    def mapping(self) -> ColumnMap:
        """As a mapping, not yet confirmed."""
        return ColumnMap(self.target, self.columns, currency=self.currency)


def suggest(table: Table, rows: Sequence[Sequence[str]]) -> Suggestion:
    """The best of all targets."""
    found = [suggest_for(target, table, rows) for target in TARGETS]
    best = max(found, key=lambda suggestion: suggestion.score)
    return best if best.score >= ENOUGH else Suggestion()


def suggest_for(target: Target, table: Table, rows: Sequence[Sequence[str]]) -> Suggestion:
    """What the columns would be if the table were this."""
    cells = {name: [row[at] for row in rows if at < len(row)] for at, name in enumerate(table.columns)}
    ranked = sorted(
        (
            (_likeness(name, entry, cells[name], table), name, entry)
            for name in table.columns
            for entry in target.fields
        ),
        key=lambda one: -one[0],
    )
    chosen: dict[str, Field] = {}
    score = 0.0
    for points, name, entry in ranked:
        if points <= 0 or name in chosen or (not entry.many and entry in chosen.values()):
            continue
        chosen[name] = entry
        score += points
    score += _fill_many(target, table, cells, chosen)
    lacking = [entry for entry in target.fields if entry.required and entry not in chosen.values()]
    lacks_one = target.one_of and not any(entry.id in target.one_of for entry in chosen.values())
    score = 0.0 if lacking or lacks_one else score - 0.4 * (len(table.columns) - len(chosen))
    columns, hints = _with_units(table, cells, chosen)
    currency = currency_of(table, rows, chosen) if target.has_currency else ""
    return Suggestion(target.id, columns, hints, currency, score)


def _fill_many(target: Target, table: Table, cells: dict[str, list[str]], chosen: dict[str, Field]) -> float:
    """Every number that is nothing else is one of the values; worth less than a field that was known by name."""
    many = next((entry for entry in target.fields if entry.many), None)
    if many is None:
        return 0.0
    for name in table.columns:
        if name not in chosen and _holds(many, cells[name], table):
            chosen[name] = many
    return 1.5 if many in chosen.values() else 0.0


def _likeness(name: str, entry: Field, cells: list[str], table: Table) -> float:
    """How well a heading and its cells fit a field: 0 not at all, to about 3."""
    heading = _words(name)
    points = 0.0
    for at, known in enumerate(entry.names.split(", ")):
        words = known.replace("-", " ")
        if heading == words:
            points = max(points, 2.5 - 0.02 * at)
        elif f" {words} " in f" {heading} ":
            points = max(points, 1.2 + 0.03 * len(words) - 0.02 * at)
    if not points or not _holds(entry, cells, table):
        return 0.0
    return points + (0.4 if entry.required else 0.0) - (0.6 if entry.many else 0.0)


def _words(name: str) -> str:
    """A heading in lower case without its unit: "Latency P95 (ms)" → "latency p95", "startedAt" → "started at"."""
    bare = _UNIT_IN_NAME.sub("", name) or name
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", bare)
    return re.sub(r"[^\w%]+|_", " ", spaced.lower()).strip()


def _holds(entry: Field, cells: list[str], table: Table) -> bool:
    """Whether most filled cells can be what the field is."""
    filled = [cell for cell in cells if cell.strip()]
    if not filled:
        return entry.type == "text"
    if entry.type == "text":
        return True
    good = sum(_can_be(cell, entry, table) for cell in filled)
    return good * 5 >= len(filled) * 4


def _can_be(cell: str, entry: Field, table: Table) -> bool:
    try:
        if entry.type == "time":
            return read_moment(cell, "dmy" if day_order([cell]) in ("dmy", "") else "auto") is not None
        return read_number(cell, entry.type, next(iter(entry.units)), "", table.delimiter) is not None
    except ValueError:
        return _readable_otherwise(cell, entry, table)


def _readable_otherwise(cell: str, entry: Field, table: Table) -> bool:
    """Month before day, or a number that may be a thousand or a fraction: a question, but of the right kind."""
    try:
        if entry.type == "time":
            return read_moment(cell, "mdy") is not None
        return read_number(cell, entry.type, next(iter(entry.units)), ".", table.delimiter) is not None
    except ValueError:
        return False


def _with_units(
    table: Table, cells: dict[str, list[str]], chosen: dict[str, Field]
) -> tuple[dict[str, str], dict[str, str]]:
    """Choices with the unit that heading or cells tell; where neither does, a question instead."""
    columns: dict[str, str] = {}
    hints: dict[str, str] = {}
    for name in table.columns:
        entry = chosen.get(name)
        if entry is None:
            continue
        unit = _unit(name, entry, cells[name])
        if unit is not None:
            columns[name] = f"{entry.id}:{unit}" if unit else entry.id
        elif entry.type == "time":
            example = next(cell.strip() for cell in cells[name] if cell.strip())
            hints[name] = f"Probably {entry.title.lower()}. Does {example[:30]} begin with the day or with the month?"
        else:
            hints[name] = f"Probably {entry.title.lower()}. In which unit?"
    return columns, hints


def _unit(name: str, entry: Field, cells: list[str]) -> str | None:
    """The unit of a column, None when only a person can say."""
    if not entry.units or "" in entry.units:
        told = _named_unit(name)
        return told if told in entry.units else ""
    if entry.type == "time":
        order = day_order(cells)
        return "auto" if order is None else order or None
    filled = [cell.strip() for cell in cells if cell.strip() and not readers.is_null(cell)]
    glued = [found[1].lower() for cell in filled if (found := _GLUED.match(cell))]
    if filled and len(glued) == len(filled):  # each cell says its unit, which wins over the column's
        if entry.type == "bytes" and {"kb", "mb", "gb"} & set(glued) and " " in filled[0]:
            return "pg"
        return glued[0] if glued[0] in entry.units and len(set(glued)) == 1 else _first(entry)
    told = _named_unit(name)
    if told in entry.units:
        return told
    return "%" if entry.type == "share" and any(_above_one(cell) for cell in filled) else None


def _first(entry: Field) -> str:
    return next(iter(entry.units))


def _above_one(cell: str) -> bool:
    try:
        return abs(float(cell)) > 1
    except ValueError:
        return False


def _named_unit(name: str) -> str:
    """The unit that a heading names in brackets or at its end, "" when it names none."""
    found = _UNIT_IN_NAME.search(name)
    if not found:
        return ""
    word = (found[1] or found[2]).strip()
    return _UNIT_WORDS.get(word.lower(), word if word in ("MB", "GB", "kB", "KiB", "MiB", "GiB", "B") else word.lower())


def currency_of(table: Table, rows: Sequence[Sequence[str]], chosen: Mapping[str, Field]) -> str:
    """The one currency that headings or cells of amounts show, "" for none or several."""
    if any(entry.id == "currency" for entry in chosen.values()):
        return ""
    money = {at: name for at, name in enumerate(table.columns) if name in chosen and chosen[name].type == "money"}
    texts = [*money.values(), *(row[at] for at in money for row in rows if at < len(row))]
    found = {match[1].upper() for text in texts if (match := _CODE.search(text))}
    found |= {code for sign, code in _CURRENCIES.items() if any(sign in text for text in texts)}
    return found.pop() if len(found) == 1 else ""
