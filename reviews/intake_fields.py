"""The keys of an intake, what each may hold, and how a table of them is read."""

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from reviews.buyer_inputs import SLUGS, STATES

LIST_LENGTH = 500
STAGES = ("intake", "evidence", "findings", "report", "closed")
# A larger figure is nearly always a percentage typed as a whole number; below -0.99 nobody would be left.
GROWTH_LIMITS = (-0.99, 5.0)


Reader = Callable[[object], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One key. `read` turns a TOML value into ours, or raises ValueError saying what it must be."""

    read: Reader
    required: bool = False


def read_table(table: object, path: str, known: Mapping[str, Field], problems: list[str]) -> dict[str, Any]:
    """Known keys with usable values. Everything else is appended to `problems` as "path.key: what is wrong"."""
    if not isinstance(table, dict):
        problems.append(f"{path}: must be a table")
        return {}
    problems += [f"{path}.{key}: unknown key{_hint(key, known)}" for key in table if key not in known]
    problems += [f"{path}.{key}: missing" for key, entry in known.items() if entry.required and key not in table]
    values: dict[str, Any] = {}
    for key in (key for key in known if key in table):
        try:
            values[key] = known[key].read(table[key])
        except ValueError as error:
            problems.append(f"{path}.{key}: {error}")
    return values


def _hint(key: str, known: Mapping[str, Field]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; known are {', '.join(known)}"


def text(length: int = 200) -> Reader:
    """Text of 1 to `length` printable characters."""

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise ValueError("must be text")
        cleaned = value.strip()
        if not 0 < len(cleaned) <= length:
            raise ValueError(f"must have 1 to {length} characters")
        if any(ord(char) < 32 or ord(char) == 127 for char in cleaned):
            raise ValueError("must not hold control characters")
        return cleaned

    return read


def texts(length: int = 200) -> Reader:
    """A list of texts of 1 to `length` characters each."""
    read_one = text(length)

    def read(value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise ValueError("must be a list of texts")
        if len(value) > LIST_LENGTH:
            raise ValueError(f"must hold at most {LIST_LENGTH} entries")
        return tuple(read_one(entry) for entry in value)

    return read


SMALLEST = 1e-12  # of what counts as more than nothing


def number(value: object, low: float = 0.0, high: float = 1e12) -> float:
    """A finite number from `low` to `high`; one that is nearly 0 is refused, since dividing by it has no end."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("must be a number")
    if value < low:
        raise ValueError("must not be negative" if low == 0 else f"must be at least {low:g}")
    if value > high:
        raise ValueError(f"must be at most {high:,.0f}")
    if 0 < abs(value) < SMALLEST:
        raise ValueError(f"must be 0 or at least {SMALLEST:g}")
    return float(value)


def whole(high: int) -> Reader:
    """A whole number from 0 to `high`."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError("must be a whole number")
        return int(number(value, high=high))

    return read


def share(value: object) -> float:
    """A share in 0..1."""
    amount = number(value)
    if amount > 1:
        raise ValueError(f"must lie between 0 and 1; {amount:g} % is {amount / 100:g}")
    return amount


def growth(value: object) -> float:
    """Growth a month as a share: 0.08 is 8 %."""
    low, high = GROWTH_LIMITS
    amount = number(value, low=low)
    if amount > high:
        raise ValueError(f"is {amount * 100:g} % a month; {amount:g} % is written {amount / 100:g}")
    return amount


def currency(value: object) -> str:
    """A currency code of three letters (ISO 4217)."""
    code: str = text(3)(value)
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise ValueError('must be a code of three letters such as "USD"')
    return code.upper()


def day(value: object) -> date:
    """A TOML date, or text as YYYY-MM-DD."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else _no_day()
    except ValueError:
        return _no_day()


def _no_day() -> date:
    raise ValueError("must be a date such as 2026-03-31")


def one_of(choices: tuple[str, ...]) -> Reader:
    """One of the choices."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return value

    return read


ENGAGEMENT_FIELDS: dict[str, Field] = {
    "client": Field(text(120), required=True),
    "title": Field(text(120), required=True),
    "stack": Field(texts(60)),
    "current_mau": Field(whole(2_147_483_647)),
    "target_mau": Field(whole(2_147_483_647)),
    "growth_per_month": Field(growth),
    "engineers": Field(whole(1000)),
    "monthly_revenue": Field(number),
    "currency": Field(currency),
    "stage": Field(one_of(STAGES)),
    "due": Field(day),
    "hard_constraints": Field(texts(300)),
}
FLOW_FIELDS: dict[str, Field] = {
    "name": Field(text(60), required=True),
    "revenue_share": Field(share),
    "user_share": Field(share),
    "routes": Field(texts()),
    "tables": Field(texts()),
    "queues": Field(texts()),
}
INPUT_FIELDS: dict[str, Field] = {slug: Field(one_of(STATES)) for slug in SLUGS}
