"""A number as a person types it, and as a field shows it: "4 GB", "8 %", "1.5k", "250 ms", "1,200"."""

import math
import re

BYTES = {"b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
TIMES = {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
COUNTS = {"k": 1e3, "m": 1e6, "bn": 1e9}
SUFFIXES: dict[str, dict[str, float]] = {"bytes": BYTES, "s": TIMES, "ms": {"ms": 1.0, "s": 1e3, "min": 6e4}}
NUMBER = re.compile(r"([-+]?[0-9][0-9,_ ']*(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?|[-+]?\.[0-9]+)\s*([A-Za-z%]*)(?:/s)?")
STEPS = (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3))


def amount(text: str, unit: str) -> float:
    """What was typed, in `unit` (as in the catalogue of inputs). ValueError says what can be typed."""
    found = NUMBER.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"Give a number, {_such_as(unit)}.")
    factor = _factor(found[2].lower(), unit)
    value = float(re.sub(r"[,_ ']", "", found[1])) * factor
    if not math.isfinite(value):
        raise ValueError("Give a smaller number.")
    return value


def shown(value: float, unit: str) -> str:
    """The number as its field shows it: reads back to the same to six digits."""
    if unit == "share":
        return f"{_plain(100 * value)} %"
    if unit.startswith("bytes"):
        name, step = next(((name, step) for name, step in STEPS if abs(value) >= step), ("B", 1.0))
        return f"{_plain(value / step)} {name}"
    return _plain(value)


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


def _plain(value: float) -> str:
    digits = f"{value:,.6g}"
    return digits if "e" not in digits else f"{value:.6g}"
