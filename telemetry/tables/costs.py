"""Invoice lines and price sheets."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from decimal import Decimal

from telemetry.evidence import Evidence, ParseResult
from telemetry.parsers.billing import MAX_SERVICES, Charge, Service, add_charge, finish_bill
from telemetry.parsers.ops_values import widen
from telemetry.tables.base import Field, Options, Record, Target

MAX_PRICES = 1_000


def fold_invoice(records: Iterator[Record], options: Options, result: ParseResult) -> None:
    """Sums by service and currency, as of a bill in FOCUS form; amounts are as invoiced."""
    services: dict[tuple[str, str], Service] = {}
    for record in records:
        amount, date = record.number("amount"), record.time("date")
        currency = record.text("currency").upper()[:10] or options.currency
        key = (record.text("service")[:120], currency)
        key = key if key in services or len(services) < MAX_SERVICES else ("other", currency)
        moment = date.replace(tzinfo=UTC) if date and not date.tzinfo else date  # a bill's day, wherever it began
        charge = Charge(key[0], currency, Decimal(repr(amount or 0.0)), None, moment, record.place)
        add_charge(services.setdefault(key, Service(record.place)), charge)
        widen(result, moment)
    if services:
        finish_bill(services, False, result)
        _drop_weeks(services, result)


def _drop_weeks(services: dict[tuple[str, str], Service], result: ParseResult) -> None:
    """Lines by month say nothing of a week: weeks are told only where most days have a charge."""
    days = {day for service in services.values() for day in service.days}
    if days and len(days) >= max(14, ((max(days) - min(days)).days + 1) / 2):
        return
    result.notes = [note for note in result.notes if "compare two weeks" not in note]
    for at, row in enumerate(result.evidence):
        kept = {name: value for name, value in row.metrics.items() if not name.endswith("_7d")}
        result.evidence[at] = replace(row, metrics=kept)


INVOICE = Target(
    id="invoice",
    title="Invoice lines",
    enables="Which service the money goes to",
    format="billing",
    kinds=("ops.cost",),
    fields=(
        Field(
            "service", "Service or item", "text",
            "service name, service, product, item, description, sku, resource, meter, category",
            required=True,
        ),
        Field(
            "amount", "Amount", "money",
            "amount, cost, total cost, charge, price, total, net, betrag, spend, subtotal",
            required=True,
        ),
        Field(
            "date", "Day of the charge", "time",
            "date, usage date, day, period start, start, billing period, month, datum, invoice date",
        ),
        Field("currency", "Currency", "text", "currency, billing currency, währung"),
    ),
    fold=fold_invoice,
    zoned=False,
    has_currency=True,
)  # fmt: skip


def fold_prices(records: Iterator[Record], options: Options, result: ParseResult) -> None:
    """One row a component, its price for one unit of what is sold."""
    prices: dict[tuple[str, str], Evidence] = {}
    for record in records:
        price = record.number("price")
        unit, currency = record.text("unit"), record.text("currency").upper()[:10] or options.currency
        key = (record.text("component")[:120], unit)
        if price is None or (key not in prices and len(prices) >= MAX_PRICES):
            continue
        attrs = {name: text for name, text in (("unit", unit), ("currency", currency)) if text}
        subject = f"{key[0]} ({unit})" if unit else key[0]
        prices[key] = Evidence("ops.price", subject, {"price": price}, record.place, attrs=attrs)
    result.evidence = list(prices.values())
    result.totals = {"prices": len(prices)}
    if len(prices) < result.records:
        result.notes.append("A component that stands there twice has the price of its last line.")


PRICES = Target(
    id="prices",
    title="Prices",
    enables="What more capacity costs",
    format="price-sheet",
    kinds=("ops.price",),
    fields=(
        Field(
            "component", "Component", "text",
            "component, product, service, plan, instance type, sku, item, name, resource, size",
            required=True,
        ),
        Field(
            "price", "Price of one unit", "money",
            "unit price, price, rate, list price, preis, cost per unit, cost",
            required=True,
        ),
        Field("unit", "Unit of the price", "text", "unit, per, pricing unit, billing unit, unit of measure, einheit"),
        Field("currency", "Currency", "text", "currency, währung"),
    ),
    fold=fold_prices,
    has_currency=True,
)  # fmt: skip
