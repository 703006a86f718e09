"""Numbers as people read them: thousands separated, no more digits than the evidence carries, units apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime

BYTES = ("B", "kB", "MB", "GB", "TB", "PB")
PERCENT_UNITS = {"ratio", "share", "fraction"}
RATES = {"1/s": "a second", "1/min": "a minute", "1/h": "an hour", "1/day": "a day"}
# No words on paper: a count, and an amount in the currency of the engagement, which is said beside it.
UNSAID = (None, "", "1", "money")


@dataclass(frozen=True)
class Figure:
    """A number ready to print: `text` in full weight, `unit` lighter."""

    text: str
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.text} {self.unit}".strip()


def figure(value: object, unit: object = "") -> Figure:
    """`value` with three significant digits (integers in full); ratios as per cent, bytes in decimal steps."""
    name = "" if unit in UNSAID else RATES.get(str(unit), str(unit))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Figure("not measured" if value is None or value == "" else str(value), "" if value is None else name)
    if name in PERCENT_UNITS:
        return Figure(digits(value * 100), "%")
    if name == "bytes":
        return _bytes(float(value))
    return Figure(digits(value), name)


def digits(value: float) -> str:
    """Three significant digits, thousands separated: 1840 → 1,840 · 12.345 → 12.3 · 0.0384 → 0.0384 · 3.0 → 3."""
    if value != value or value in (float("inf"), float("-inf")):
        return "not finite"
    size = abs(value)
    if isinstance(value, int) or size >= 100 or value == int(value):
        return f"{value:,.0f}"
    places = 1 if size >= 10 else 2 if size >= 1 else 3 if size >= 0.1 else 4
    shown = f"{value:,.{places}f}".rstrip("0").rstrip(".")
    return shown if shown not in ("0", "-0") else f"{value:.1e}"


def safe_side(now: float, needed: float) -> float:
    """What is needed to three digits, rounded to the safe side: more where more is needed, less where less is."""
    if not needed:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(abs(needed))) - 2)
    rounded = math.ceil(needed / step - 1e-9) if needed >= now else math.floor(needed / step + 1e-9)
    return rounded * step


def percent(share: float) -> str:
    """A share in whole per cent: 0.875 → 88 %."""
    return f"{digits(round(share * 100))} %"


def days(low: object, high: object) -> str:
    """A range of days: `1 day`, `1 to 2 days`, `2 to 4 hours`; empty when neither end is known."""
    ends = [digits(end) for end in (low, high) if isinstance(end, int | float)]
    if not ends:
        return ""
    if isinstance(high, int | float) and high < 1:
        return _hours(low, high)
    if len(set(ends)) == 1:
        return f"{ends[0]} day" if ends[0] in ("1", "0.5") else f"{ends[0]} days"
    return f"{ends[0]} to {ends[1]} {'day' if ends[1] == '1' else 'days'}"


def _hours(low: object, high: float) -> str:
    """Less than a day is said in hours of an eight-hour day."""
    ends = sorted({digits(end * 8) for end in (low, high) if isinstance(end, int | float)}, key=float)
    return f"{' to '.join(ends)} {'hour' if ends == ['1'] else 'hours'}"


def when(value: object) -> str:
    """An ISO date or time as `12 Nov 2026` or `12 Nov 2026 14:05`; what cannot be read stays as it is."""
    if isinstance(value, datetime | date):
        value = value.isoformat()
    text = str(value or "")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    day = f"{moment.day} {moment:%b %Y}"
    return day if len(text) <= 10 else f"{day} {moment:%H:%M}"


def plural(count: int, one: str, many: str = "") -> str:
    """`1 finding`, `4 findings`, `1,204 records`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(words: list[str], limit: int = 4) -> str:
    """`a`, `a and b`, `a, b and c`; longer lists end with how many more there are."""
    shown = words[:limit] + ([f"{len(words) - limit} more"] if len(words) > limit else [])
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def lowered(text: str) -> str:
    """The first letter small, as within a sentence, unless the first word is an abbreviation."""
    first = text.split(" ", 1)[0]
    return text if len(first) > 1 and first.isupper() else text[:1].lower() + text[1:]


def money(value: float, currency: str = "") -> str:
    """An amount: whole from ten on, with cents below, less than ten cents with three digits: `USD 0.0155`."""
    size = abs(value)
    shown = f"{value:,.0f}" if size >= 10 or value == int(value) else f"{value:,.2f}" if size >= 0.1 else digits(value)
    return f"{currency} {shown}".strip()


def _bytes(value: float) -> Figure:
    step = 0
    while abs(value) >= 1000 and step < len(BYTES) - 1:
        value, step = value / 1000, step + 1
    return Figure(digits(value), BYTES[step])
