"""Bills in FOCUS form (https://focus.finops.org), as JSON lines of Vercel or CSV of any cloud.

BilledCost is what the invoice says, EffectiveCost what use costs after commitments are spread; they are never added
to each other. Credits are negative and count. Tags and accounts are not read.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any

import orjson

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.base import Parser
from telemetry.parsers.ops_values import read_time, widen
from telemetry.source import Head, Source, is_overlong

HOW = 'curl -H "Authorization: Bearer $VERCEL_TOKEN" "https://api.vercel.com/v1/billing/charges?from=...&to=..."'
MAX_SERVICES = 200
WEEK = timedelta(days=7)
DAY_S = 86_400.0
MONTH_S = 30.4375 * DAY_S  # a twelfth of 365.25 days
_NEEDED = ("billedcost", "servicename", "chargeperiodstart")
_JSON = re.compile(r'"(?:BilledCost|ServiceName|ChargePeriodStart)"\s*:')


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of a bill."""

    service: str
    currency: str
    billed: Decimal
    effective: Decimal | None
    start: datetime | None
    place: Place


@dataclass(slots=True)
class Service:
    """Sums of one service; `place` is its largest charge."""

    place: Place
    charges: int = 0
    billed: Decimal = Decimal(0)
    effective: Decimal = Decimal(0)
    credits: Decimal = Decimal(0)
    largest: Decimal = Decimal(0)
    days: dict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))


def sniff(head: Head) -> bool:
    """Claim CSV or JSON lines with BilledCost, ServiceName and ChargePeriodStart."""
    text = head.text.removeprefix("\ufeff").lstrip()
    if text.startswith("{"):
        return len(set(_JSON.findall(text.split("\n", 1)[0]))) == len(_NEEDED)
    header = readers.sniff_header(head)
    return header is not None and set(header.columns) >= set(_NEEDED)


def parse(source: Source) -> ParseResult:
    """One row a service (with its currency, where the bill has several) and one for all; ParseError without charges."""
    result = ParseResult()
    services: dict[tuple[str, str], Service] = {}
    effective = True
    for charge in _charges(source, result):
        effective = effective and charge.effective is not None
        key = (charge.service, charge.currency)
        key = key if key in services or len(services) < MAX_SERVICES else ("other", charge.currency)
        add_charge(services.setdefault(key, Service(charge.place)), charge)
        result.records += 1
        widen(result, charge.start)
    if not services:
        raise ParseError(f"The file holds no charge of a bill. Export it again: {HOW}", result.lines or 1)
    finish_bill(services, effective, result)
    return result


def _charges(source: Source, result: ParseResult) -> Iterator[Charge]:
    """Charges of either carrier; lines or records that are none are rejected."""
    lines = source.lines()
    first = next(((number, raw) for number, raw in lines if raw.strip()), None)
    if first is None:
        raise ParseError(f"The file is empty. Export it again: {HOW}", 1)
    if first[1].removeprefix(b"\xef\xbb\xbf").startswith(b"{"):
        result.carrier = "jsonl"
        yield from _json_lines(first, lines, result)
        return
    result.carrier = "csv"
    yield from _records(source, chain([first], lines), result)


def _json_lines(first: tuple[int, bytes], lines: Iterator[tuple[int, bytes]], result: ParseResult) -> Iterator[Charge]:
    result.blank = first[0] - 1
    for result.lines, raw in chain([first], lines):
        line = raw.decode("utf-8", "replace").removeprefix("\ufeff")
        if not line.strip():
            result.blank += 1
            continue
        try:
            facts = None if is_overlong(raw) else orjson.loads(line)
            if not isinstance(facts, dict):
                raise ValueError("no object")
            yield _charge({str(key).lower(): value for key, value in facts.items()}, result.lines, line, result)
        except ValueError:
            readers.reject_line(result.lines, line, result)


def _records(source: Source, lines: Iterator[tuple[int, bytes]], result: ParseResult) -> Iterator[Charge]:
    header, rows = readers.open_csv(source, result, HOW, lines)
    if not set(header.columns) >= set(_NEEDED):
        raise ParseError(f"The columns BilledCost, ServiceName and ChargePeriodStart are needed. {HOW}", result.lines)
    for row in rows:
        try:
            yield _charge(dict(zip(header.columns, row.fields, strict=True)), row.line, row.text, result)
        except ValueError:
            readers.reject(row, result)


def _charge(facts: dict[str, Any], line: int, text: str, result: ParseResult) -> Charge:
    """ValueError when there is no cost or no day. The quote is the service's name: a line also holds accounts."""
    billed = _money(facts.get("billedcost"))
    start = read_time(facts.get("chargeperiodstart"))
    if billed is None or start is None:
        raise ValueError("no charge")
    name = str(facts.get("servicename") or "unknown")[:120]
    effective = _money(facts.get("effectivecost"))
    currency = str(facts.get("billingcurrency") or "")[:10].upper()
    at = text.find(name)
    place = readers.place(line, text[at : at + len(name)] if at >= 0 else "", result)
    moment = start if start.tzinfo else start.replace(tzinfo=UTC)  # the specification: every moment is UTC
    return Charge(name, currency, billed, effective, moment, place)


def _money(value: Any) -> Decimal | None:
    text = str(value).strip() if value is not None and not isinstance(value, bool) else ""
    if readers.is_null(text):
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text[:40]} is no amount") from error
    if not amount.is_finite() or amount.adjusted() >= 15:
        raise ValueError("no amount that a bill holds")
    return amount


def add_charge(service: Service, charge: Charge) -> None:
    """Count a charge in; one without a day counts in no week."""
    service.charges += 1
    service.billed += charge.billed
    service.effective += charge.effective or 0
    service.credits += min(charge.billed, Decimal(0))
    if charge.start is not None:
        service.days[charge.start.date()] += charge.billed if charge.effective is None else charge.effective
    if charge.billed > service.largest:
        service.largest, service.place = charge.billed, charge.place


def covered_s(days: Collection[date]) -> float | None:
    """Seconds a bill covers by the days of its charges; None where they do not tell.

    One charge date a month is a bill by month. Otherwise at least every other day must have a charge, for a week: a
    few days far apart may stand for any time.
    """
    months = {(day.year, day.month) for day in days}
    if len(days) > 1 and len(days) == len(months):
        return len(months) * MONTH_S
    span = (max(days) - min(days)).days + 1 if days else 0
    return span * DAY_S if len(days) >= 7 and len(days) >= span / 2 else None


def _row(
    name: str,
    currency: str,
    service: Service,
    total: Decimal,
    last: date,
    span: int,
    effective: bool,
    covered: float | None,
) -> Evidence:
    """`last_7d` and the week before it are of whole days, told only when the bill covers both."""
    sums = {"billed": service.billed, "credits": service.credits}
    if effective:
        sums["effective"] = service.effective
    metrics = {metric: float(amount) for metric, amount in sums.items()} | {"charges": float(service.charges)}
    if covered is not None:
        metrics["window_s"] = covered
    if total > 0 and service.billed >= 0:
        metrics["share"] = float(service.billed / total)
    if span >= 14:
        weeks = [Decimal(0), Decimal(0)]
        for day, amount in service.days.items():
            ago = (last - day) // WEEK if day <= last else 0
            if ago < 2:
                weeks[ago] += amount
        metrics |= {"last_7d": float(weeks[0]), "previous_7d": float(weeks[1])}
    return Evidence("ops.cost", name, metrics, service.place, attrs={"currency": currency} if currency else {})


def finish_bill(services: dict[tuple[str, str], Service], effective: bool, result: ParseResult) -> None:
    """Rows, totals and notes from the sums by (service, currency)."""
    first, last = (result.first or datetime.now(UTC)).date(), (result.last or datetime.now(UTC)).date()
    span = (last - first).days + 1
    covered = covered_s({day for service in services.values() for day in service.days})
    currencies = sorted({currency for _, currency in services})
    for currency in currencies:
        parts = {name: service for (name, own), service in services.items() if own == currency}
        total = sum((service.billed for service in parts.values()), Decimal(0))
        every = _whole(list(parts.values()))
        named = {"all": every, **dict(sorted(parts.items()))}
        suffix = f" ({currency})" if len(currencies) > 1 else ""
        result.evidence += [
            _row(name + suffix, currency, service, total, last, span, effective, covered)
            for name, service in named.items()
        ]
        result.totals[f"billed{suffix}"] = float(total)
        if effective:
            result.totals[f"effective{suffix}"] = float(every.effective)
    result.totals |= {"charges": result.records, "services": len({name for name, _ in services})}
    result.records_lines = result.lines - result.blank - result.rejected
    result.enables = ["Which service the money goes to", "What grows from week to week"]
    if effective:
        result.notes.append("Billed is the invoice, effective the use: never add the two.")
    if result.first and span < 14:
        result.notes.append(f"{span} days are too few to compare two weeks: send at least 14.")


def _whole(parts: list[Service]) -> Service:
    """All services of one currency together."""
    every = Service(max(parts, key=lambda part: part.largest).place)
    for part in parts:
        every.charges += part.charges
        every.billed += part.billed
        every.effective += part.effective
        every.credits += part.credits
        for day, amount in part.days.items():
            every.days[day] += amount
    return every


PARSER = Parser(
    id="billing",
    title="Bill in FOCUS form (Vercel, AWS, Azure, Google Cloud)",
    how_to_export=HOW + " > charges.jsonl  # or the FOCUS export of the cloud's billing page as CSV",
    looks_for="JSON lines or CSV with BilledCost, ServiceName and ChargePeriodStart",
    kinds=("ops.cost",),
    sniff=sniff,
    parse=parse,
)
