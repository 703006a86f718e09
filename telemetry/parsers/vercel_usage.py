"""`vercel usage`: what each service cost in a period, as the table it prints or as JSON.

Tables by day, week or month repeat the services; they are added up. The days of a period begin at midnight in Los
Angeles (https://vercel.com/docs/cli/usage). The cost of the table is the effective one; "Billed Cost" was a column of
its own in early versions, and is one in JSON.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from telemetry.evidence import Evidence, ParseError, ParseResult, Place
from telemetry.parsers import readers
from telemetry.parsers.base import Parser
from telemetry.parsers.ops_values import blank_lines, is_amount, quote_member, settle_lines, widen
from telemetry.parsers.readers import JsonText
from telemetry.source import Head, Source, is_overlong

HOW = "vercel usage --json"
ZONE = ZoneInfo("America/Los_Angeles")
MAX_SERVICES = 200
_GAP = re.compile(r"\s{2,}|\t+")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_LINE_CHARS = 2_000
_SUMS = re.compile(r"(?i)\b(?:sub)?totals?$|^total\b")
_MONEY = re.compile(r"(-?)\$(-?[\d,]{1,20}(?:\.\d{1,8})?)\Z")
_SAID = re.compile(r"^(?:> )?(?:Usage|(?:Daily|Weekly|Monthly) usage) for |Billing cycle:|Period:|Usage through:|^> ")
_BILL = re.compile(r"^(?:Subscriptions|Infrastructure usage|Credits applied|Estimated bill)\b")
_JSON = ("pricingUnit", "services", "effectiveCost", "billedCost")


@dataclass(slots=True)
class _Service:
    """Costs of one service, added up."""

    place: Place
    costs: dict[str, Decimal] = field(default_factory=dict)


def sniff(head: Head) -> bool:
    """Claim the table's line of column names, or JSON with services and both costs."""
    text = head.text.lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        return head.quoted.issuperset(_JSON)
    return any(_columns(line[:_LINE_CHARS]) for line in head.lines[:60])


def _columns(line: str) -> list[str] | None:
    """Column names of a table, lower case; None when the line holds no such names."""
    if "service" not in line[:200].lower():
        return None
    names = [name.lower() for name in _GAP.split(_ANSI.sub("", line).strip())]
    known = names[0] == "service" and len(names) >= 3 and names[1].startswith("usage") and "effective cost" in names
    return names if known else None


def parse(source: Source) -> ParseResult:
    """A row a service and one for all; ParseError without a cost."""
    result = ParseResult()
    services: dict[str, _Service] = {}
    if source.head().text.lstrip("\ufeff \t\r\n").startswith("{"):
        _read_json(source, services, result)
    else:
        _read_table(source, services, result)
    if not services:
        raise ParseError(f"No service with a cost is in this file. Export it again: {HOW}", 1)
    _finish(services, result)
    return result


def _read_table(source: Source, services: dict[str, _Service], result: ParseResult) -> None:
    result.carrier = "table"
    columns: list[str] = []
    for result.lines, raw in source.lines():
        line = _ANSI.sub("", raw[:_LINE_CHARS].decode("utf-8", "replace")).strip()
        if not line:
            result.blank += 1
            continue
        fields = _GAP.split(line)
        if found := _columns(line):
            columns = found
        elif is_overlong(raw) or not _read_row(columns, fields, line, services, result):
            said = not columns or _SAID.search(line) or _BILL.match(line) or len(fields) == 1
            if not said or is_overlong(raw):
                readers.reject_line(result.lines, line, result)
                continue
        result.records_lines += 1


def _read_row(
    columns: list[str], fields: list[str], line: str, services: dict[str, _Service], result: ParseResult
) -> bool:
    """Add a service's row; False when the line is none. A subtotal is passed over."""
    if _SUMS.search(fields[0]) and columns:
        return True
    if len(fields) != len(columns):
        return False
    facts = dict(zip(columns, fields, strict=True))
    costs = {name: _money(facts[f"{name} cost"]) for name in ("effective", "billed") if f"{name} cost" in facts}
    told = {name: amount for name, amount in costs.items() if amount is not None}
    if not told:
        return False
    result.records += 1
    _add(services, fields[0], told, readers.place(result.lines, line, result))
    return True


def _money(text: str) -> Decimal | None:
    found = _MONEY.match(text)
    try:
        return Decimal(found[1] + found[2].replace(",", "")) if found else None
    except InvalidOperation:
        return None


def _add(services: dict[str, _Service], name: str, costs: dict[str, Decimal], place: Place) -> None:
    name = name[:120] if name[:120] in services or len(services) < MAX_SERVICES else "other"
    service = services.setdefault(name, _Service(place))
    for kind, amount in costs.items():
        service.costs[kind] = service.costs.get(kind, Decimal(0)) + amount


def _read_json(source: Source, services: dict[str, _Service], result: ParseResult) -> None:
    document = JsonText(source.read())
    result.carrier, result.lines, result.blank = "json", document.lines, blank_lines(document)
    listed = document.member(document.start, "services")
    for one in document.members(listed.value_at) if listed else []:
        facts = one.value if isinstance(one.value, dict) else {}
        costs = {
            kind: Decimal(str(facts[key]))
            for kind, key in (("effective", "effectiveCost"), ("billed", "billedCost"))
            if is_amount(facts.get(key))
        }
        spot = document.member(one.value_at, "effectiveCost")
        if not costs or spot is None or not isinstance(facts.get("name"), str):
            result.reject(document.line(one.at), "a service without a cost")
            continue
        result.records += 1
        _add(services, facts["name"], costs, quote_member(document, spot, result))
    period = document.value.get("period") if isinstance(document.value, dict) else None
    if isinstance(period, dict):
        widen(result, _day(str(period.get("from"))), _day(str(period.get("to"))))
    settle_lines(result)


def _day(text: str) -> datetime | None:
    """The start of a day in Los Angeles, or a moment with its zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).astimezone(UTC)


def _finish(services: dict[str, _Service], result: ParseResult) -> None:
    every = _Service(next(iter(services.values())).place)
    for service in services.values():
        for kind, amount in service.costs.items():
            every.costs[kind] = every.costs.get(kind, Decimal(0)) + amount
    by = "billed" if every.costs.get("billed") else "effective"
    whole = every.costs.get(by, Decimal(0))
    ranked = sorted(services.items(), key=lambda pair: -pair[1].costs.get(by, Decimal(0)))
    for name, service in [("all", every), *ranked]:
        metrics = {kind: float(amount) for kind, amount in service.costs.items()}
        if result.first and result.last:  # both days belong to the period
            metrics["window_s"] = ((result.last.date() - result.first.date()).days + 1) * 86_400.0
        if whole > 0 and service.costs.get(by, Decimal(-1)) >= 0:
            metrics["share"] = float(service.costs[by] / whole)
        result.evidence.append(Evidence("ops.cost", name, metrics, service.place, attrs={"currency": "USD"}))
    result.totals = {kind: float(amount) for kind, amount in every.costs.items()}
    result.totals["services"] = len(services)
    result.enables = ["Which service the money goes to"]
    result.notes.append(f"Days of vercel usage begin at midnight in Los Angeles; shares are of {by} cost.")
    if result.carrier == "table":
        result.notes.append("The table names its days without a zone that can be read; --json tells the period.")


PARSER = Parser(
    id="vercel-usage",
    title="Cost by service (vercel usage)",
    how_to_export="vercel usage --from 2026-01-01 --to 2026-01-31 --json > usage.json   "
    "# or the table: vercel usage > usage.txt 2>&1",
    looks_for="a table with Service, Usage and Effective Cost, or JSON with services, effectiveCost and billedCost",
    kinds=("ops.cost",),
    sniff=sniff,
    parse=parse,
)
