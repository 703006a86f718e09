"""A number as a person types it, and as a field shows it: "4 GB", "8 %", "1.5k", "250 ms", "1,200"."""

import math
import re

BYTES = {"b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
TIMES = {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
COUNTS = {"k": 1e3, "m": 1e6, "bn": 1e9}
SUFFIXES: dict[str, dict[str, float]] = {"bytes": BYTES, "s": TIMES, "ms": {"ms": 1.0, "s": 1e3, "min": 6e4}}
# Marks between thousands stand before three digits: 1,5 is no 15.
WHOLE = r"(?:[0-9]{1,3}(?:[,_ '][0-9]{3})+|[0-9]+)"
NUMBER = re.compile(rf"([-+]?{WHOLE}(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{{1,3}})?|[-+]?\.[0-9]+)\s*([A-Za-z%]*)(?:/s)?")
COMMA = re.compile(r"[-+]?[0-9]+,[0-9]+\b.*")
LARGE = 1e15  # beyond, a whole number is not written out
STEPS = (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def amount(text: str, unit: str) -> float:
    """What was typed, in `unit` (as in the catalogue of inputs). ValueError says what can be typed."""
    found = NUMBER.fullmatch(text.strip())
    if found is None:
        if COMMA.fullmatch(text.strip()):
            raise ValueError("Write decimals with a point, such as 1.5; a comma stands between thousands.")
        raise ValueError(f"Give a number, {_such_as(unit)}.")
    factor = _factor(found[2].lower(), unit)
    value = float(re.sub(r"[,_ ']", "", found[1])) * factor
    if not math.isfinite(value):
        raise ValueError("Give a smaller number.")
    return value


def shown(value: float, unit: str, digits: int = 6) -> str:
    """The number as its field shows it: reads back to the same to so many digits; whole numbers to all of theirs."""
    if unit == "share":
        return f"{_plain(100 * value, digits)} %"
    if unit.startswith("bytes"):
        name, step = next(((name, step) for name, step in STEPS if abs(value) >= step), ("B", 1.0))
        return f"{_plain(value / step, digits)} {name}"
    return _plain(value, digits)


def _factor(suffix: str, unit: str) -> float:
    if not suffix:
        return 1.0
    if suffix == "%" and unit == "share":
        return 0.01
    kind = "bytes" if unit.startswith("bytes") else unit
    factor = SUFFIXES.get(kind, COUNTS).get(suffix)
    if factor is None:
        raise ValueError(f"{suffix} is not a unit of this number. Write it {_such_as(unit)}.")
    return factor


def _such_as(unit: str) -> str:
    examples = {
        "share": "such as 8 % or 0.08",
        "bytes": "such as 4 GB",
        "s": "such as 1.5 or 250 ms",
        "ms": "such as 250",
    }
    return examples.get("bytes" if unit.startswith("bytes") else unit, "such as 120 or 1,200")


def _plain(value: float, digits: int) -> str:
    if abs(value) < LARGE and (abs(value) >= 10**digits or value == int(value)):
        return f"{value:,.0f}"
    said = f"{value:,.{digits}g}"
    return said if "e" not in said else f"{value:.{digits}g}"
