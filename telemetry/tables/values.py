"""What a cell says: a number with its unit, a moment, a text. What can be read in two ways is refused, not guessed."""

import math
import re
from datetime import UTC, datetime
from functools import lru_cache

from telemetry.parsers import readers
from telemetry.parsers.ops_values import read_time

MAX_AMOUNT = 1e15  # above this nothing is counted, and a sum would lose its units

# Dimension -> unit as it stands in a mapping -> (words on the page, factor to the unit of the evidence).
UNITS: dict[str, dict[str, tuple[str, float]]] = {
    "count": {"": ("as it stands", 1.0), "k": ("in thousands", 1e3), "M": ("in millions", 1e6)},
    "value": {"": ("as it stands", 1.0)},
    "money": {"": ("as it stands", 1.0), "cent": ("in hundredths (cents)", 0.01), "k": ("in thousands", 1e3)},
    "ms": {
        "ms": ("in milliseconds", 1.0),
        "s": ("in seconds", 1e3),
        "us": ("in microseconds", 1e-3),
        "min": ("in minutes", 6e4),
    },
    "s": {
        "s": ("in seconds", 1.0),
        "min": ("in minutes", 60.0),
        "h": ("in hours", 3600.0),
        "d": ("in days", 86_400.0),
        "ms": ("in milliseconds", 1e-3),
    },
    "share": {"%": ("in percent", 0.01), "share": ("as a share of 1", 1.0)},
    "bytes": {
        "B": ("in bytes", 1.0),
        "kB": ("in kB (1,000)", 1e3),
        "MB": ("in MB (1,000,000)", 1e6),
        "GB": ("in GB (10^9)", 1e9),
        "KiB": ("in KiB (1,024)", 1024.0),
        "MiB": ("in MiB (1,024^2)", 1024.0**2),
        "GiB": ("in GiB (1,024^3)", 1024.0**3),
        "pg": ("as PostgreSQL writes it (8192 bytes, 12 MB)", 1.0),
    },
    "time": {
        "auto": ("year first, month by name, or since 1970", 1.0),
        "dmy": ("day before month (31/12/2026)", 1.0),
        "mdy": ("month before day (12/31/2026)", 1.0),
        "s": ("in seconds since 1970", 1.0),
        "ms": ("in milliseconds since 1970", 1.0),
    },
}
_SUFFIXES = {
    "ms": {"us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ms": 1.0, "s": 1e3, "sec": 1e3, "min": 6e4, "m": 6e4, "h": 3.6e6},
    "share": {"%": 0.01},
    "bytes": {"b": 1.0, "byte": 1.0, "bytes": 1.0, "kib": 1024.0, "mib": 1024.0**2, "gib": 1024.0**3, "tib": 1024.0**4},
    "count": {"k": 1e3, "m": 1e6, "mio": 1e6, "bn": 1e9},
}
_SUFFIXES["s"] = {name: factor / 1e3 for name, factor in _SUFFIXES["ms"].items()} | {"d": 86_400.0, "days": 86_400.0}
_SUFFIXES["money"] = {"k": 1e3, "m": 1e6}
_SUFFIXES["value"] = {}
_DECIMAL_BYTES = {"kb": 1, "mb": 2, "gb": 3, "tb": 4}
_PLAIN = re.compile(r"\d{1,15}(?:\.\d{1,15})?\Z")
_GLUED = re.compile(r"([+-]?[\d.,'\u00a0\u202f ]*\d(?:[eE][+-]?\d+)?)\s*([^\d\s.,].*)?\Z")
_CURRENCY = re.compile(r"(?:US|CA|A)?\$|€|£|¥|\b(?:USD|EUR|GBP|CHF|CAD|AUD|JPY|SEK|NOK|DKK|PLN|INR|BRL)\b")
_LOCAL = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)(?:[ ,T]+(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*([AaPp]\.?[Mm]\.?)?)?\Z"
)
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?\Z")
_NAMED_FORMS = ("%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%b %Y", "%B %Y", "%Y %b", "%d-%b-%Y", "%b-%Y")


def read_number(text: str, dimension: str, unit: str, decimal: str = "", delimiter: str = ",") -> float | None:
    """A number in the unit of the evidence, None for an empty cell; ValueError says what is wrong with it.

    A unit glued to the number ("12.3 ms", "4 GB", "7 %") wins over the column's. `decimal` is "." or "," where the
    consultant said so, "" where every number must be clear in itself.
    """
    bare = text.strip()
    if _PLAIN.match(bare) and (bare.isdigit() or delimiter != ";") and not decimal:
        return float(bare) * (UNITS[dimension][unit][1] if unit in UNITS[dimension] else 1.0)
    if readers.is_null(bare) or bare in ("-", "–", "—", "n/a", "N/A", "NaN", "nan"):
        return None
    if dimension == "money":
        bare = _CURRENCY.sub("", bare).strip()
    negative = bare.startswith("(") and bare.endswith(")")  # as accountants write it
    found = _GLUED.match(bare[1:-1].strip() if negative else bare)
    if found is None:
        raise ValueError(f"“{text.strip()[:40]}” is not a number")
    factor = UNITS[dimension][unit][1] if unit in UNITS[dimension] else 1.0
    if found[2]:
        factor = _glued(found[2].strip(), dimension, unit)
    value = _plain(found[1].strip(), decimal, delimiter) * factor * (-1 if negative else 1)
    if not math.isfinite(value) or abs(value) >= MAX_AMOUNT:
        raise ValueError(f"“{text.strip()[:40]}” is larger than anything that is counted")
    return value


def _plain(digits: str, decimal: str, delimiter: str) -> float:
    if decimal:
        group = "," if decimal == "." else "."
        clean = re.sub(r"[\s'\u00a0\u202f]", "", digits).replace(group, "").replace(decimal, ".")
        return float(clean)
    value = readers.number(digits, delimiter)
    if value is None:
        raise ValueError("no number")
    return value


def _glued(suffix: str, dimension: str, unit: str) -> float:
    """The factor of a unit that is glued to a number; ValueError when it is none of this dimension."""
    name = suffix.lower().rstrip(".")
    if dimension == "bytes" and name in _DECIMAL_BYTES:
        base = 1024.0 if unit in ("pg", "KiB", "MiB", "GiB") else 1000.0
        return float(base ** _DECIMAL_BYTES[name])
    if dimension in ("ms", "s") and suffix == "M":
        raise ValueError("“M” is no unit of time")
    if name in _SUFFIXES[dimension]:
        return _SUFFIXES[dimension][name]
    if dimension == "value":
        return 1.0  # a series is kept in the unit that it has
    raise ValueError(f"“{suffix[:20]}” is no unit that is known here")


@lru_cache(maxsize=16_384)  # many rows tell the same moment, and the same column is read in one way
def read_moment(text: str, unit: str, zone: str = "") -> datetime | None:
    """A moment, None for an empty cell; naive where neither the cell nor the consultant (`zone` "UTC") names a zone.

    ValueError for what is no moment, and for 03/04/2025 unless the column says which of the two is the month.
    """
    bare = text.strip()
    if readers.is_null(bare):
        return None
    moment = _since_1970(bare, unit) if unit in ("s", "ms") else _written(bare, unit)
    if moment is not None and moment.tzinfo is None and zone == "UTC":
        return moment.replace(tzinfo=UTC)
    return moment


def _since_1970(text: str, unit: str) -> datetime:
    try:
        seconds = float(text) / (1_000 if unit == "ms" else 1)
        if not 631_152_000 <= seconds < 7_258_118_400:  # 1990 to 2200
            raise ValueError
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"“{text[:40]}” is no moment in {'milli' * (unit == 'ms')}seconds since 1970") from error


def _written(text: str, unit: str) -> datetime | None:
    if local := _LOCAL.match(text):
        return _day_and_month(local, text, unit)
    if found := _YEAR_FIRST.match(text):
        return _date(text, int(found[1]), int(found[2]), int(found[3] or 1))
    try:
        return read_time(text)
    except ValueError:
        words = re.sub(r"[,\s]+", " ", text)
    for form in _NAMED_FORMS:
        try:
            return datetime.strptime(words, form)
        except ValueError:
            continue
    raise ValueError(f"“{text[:40]}” is no moment that can be read")


def _day_and_month(local: re.Match[str], text: str, unit: str) -> datetime:
    first, second = int(local[1]), int(local[3])
    if unit not in ("dmy", "mdy"):
        raise ValueError(f"“{text[:40]}” may be the {first}. or the {second}. of a month: say which comes first")
    day, month = (first, second) if unit == "dmy" else (second, first)
    year = int(local[4]) + (2000 if len(local[4]) == 2 else 0)
    hour, half = int(local[5] or 0), (local[8] or "").lower()[:1]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(f"“{text[:40]}” is no time of day")
        hour = hour % 12 + (12 if half == "p" else 0)
    return _date(text, year, month, day, hour, int(local[6] or 0), int(local[7] or 0))


def _date(text: str, year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    try:
        if not 1990 <= year < 2200:
            raise ValueError
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        raise ValueError(f"“{text[:40]}” is no date that exists") from None


def day_order(texts: list[str]) -> str | None:
    """Which of day and month comes first in a column of local dates: "dmy", "mdy", "" when it cannot be told from the
    cells, None when they are no local dates."""
    filled = [text.strip() for text in texts if text.strip()]
    found = [match for text in filled if (match := _LOCAL.match(text))]
    if not found or len(found) < len(filled):
        return None
    first, second = any(int(match[1]) > 12 for match in found), any(int(match[3]) > 12 for match in found)
    return "dmy" if first and not second else "mdy" if second and not first else ""
