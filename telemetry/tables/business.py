"""What the business side of a client keeps in sheets: customers with their use, growth by month, sizes of tables."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from telemetry.evidence import Evidence, ParseResult, Place
from telemetry.parsers.ops_values import widen
from telemetry.tables.base import Field, Options, Record, Target

MAX_TENANTS = 10_000
TENANTS_SHOWN = 50
MAX_TABLES = 2_000
MAX_MONTHS = 600
USE = ("revenue", "usage", "requests", "users", "bytes")
GROWTH = ("users", "active_users", "orders", "requests", "revenue")


@dataclass(slots=True)
class Tenant:
    """One customer's sums, and the line where it stands first."""

    first: Record  # quoted
    sums: dict[str, float] = field(default_factory=dict)


def fold_tenants(records: Iterator[Record], options: Options, result: ParseResult) -> None:
    """The largest customers by rank, never by name, and one row for all; what is beyond 10,000 counts in the sums."""
    tenants: dict[str, Tenant] = {}
    every: dict[str, float] = {}
    first: Record | None = None
    currency, beyond = options.currency, 0
    for record in records:
        first = first or record
        currency = currency or record.text("currency").upper()[:10]
        name = record.text("tenant").lower()
        beyond += name not in tenants and len(tenants) >= MAX_TENANTS
        tenant = tenants.get(name)
        if tenant is None and len(tenants) < MAX_TENANTS:
            tenant = tenants[name] = Tenant(record)
        for metric in USE:
            value = record.number(metric)
            if value is None:
                continue
            every[metric] = every.get(metric, 0.0) + value
            if tenant is not None:
                tenant.sums[metric] = tenant.sums.get(metric, 0.0) + value
    if first is None:
        return
    ranked = sorted(
        tenants.values(), key=lambda tenant: [-tenant.sums.get(metric, 0.0) for metric in USE if metric in every]
    )
    attrs = {"currency": currency} if currency else {}
    result.evidence = [_tenant(rank, tenant, every, attrs) for rank, tenant in enumerate(ranked[:TENANTS_SHOWN], 1)]
    metrics = {"tenants": float(len(tenants))} | every
    for metric in USE:
        if every.get(metric, 0.0) > 0:
            top = sorted((tenant.sums.get(metric, 0.0) for tenant in ranked), reverse=True)
            metrics[f"largest_{metric}_share"] = top[0] / every[metric]
            metrics[f"top5_{metric}_share"] = sum(top[:5]) / every[metric]
    result.evidence.append(Evidence("business.tenants", "all", metrics, first.place, attrs=attrs))
    result.totals = {"tenants": len(tenants), **every}
    result.notes.append("Customers are numbered from the largest; their names are neither kept nor quoted.")
    if beyond:
        result.notes.append(f"{beyond:,} lines of customers beyond {MAX_TENANTS:,} count in the sums only.")


def _tenant(rank: int, tenant: Tenant, every: dict[str, float], attrs: dict[str, str]) -> Evidence:
    shares = {f"{metric}_share": value / every[metric] for metric, value in tenant.sums.items() if every[metric] > 0}
    return Evidence("business.tenant", f"tenant {rank}", tenant.sums | shares, tenant.first.place, attrs=attrs)


TENANTS = Target(
    id="tenants",
    title="Customers with their use and revenue",
    enables="How much of the load and of the revenue hangs on a few customers",
    format="tenant-table",
    kinds=("business.tenant", "business.tenants"),
    fields=(
        Field(
            "tenant", "Customer", "text",
            "tenant, customer, account, organization, organisation, company, client, workspace, "
            "kunde, tenant id, name",
            required=True, private=True,
        ),
        Field("revenue", "Revenue", "money", "revenue, mrr, arr, monthly revenue, sales, umsatz, paid, gmv"),
        Field("usage", "Use", "count", "usage, events, jobs, rows, records, volume, api usage"),
        Field("requests", "Requests", "count", "requests, api calls, calls, hits"),
        Field("users", "Users", "count", "users, seats, active users, members, mau"),
        Field("bytes", "Storage", "bytes", "storage, size, disk, bytes, data"),
        Field("currency", "Currency", "text", "currency"),
    ),
    fold=fold_tenants,
    one_of=USE,
    has_currency=True,
)  # fmt: skip


def fold_growth(records: Iterator[Record], options: Options, result: ParseResult) -> None:
    """A row a month, and for each number its compound growth a month from the first month to the last."""
    months: dict[str, dict[str, float]] = {}
    places: dict[str, Place] = {}
    for record in records:
        at = record.time("month")
        if at is None:
            continue
        name = f"{at.year:04}-{at.month:02}"
        if name not in months and len(months) >= MAX_MONTHS:
            continue
        widen(result, at if at.tzinfo else at.replace(tzinfo=UTC))
        numbers = {metric: value for metric in GROWTH if (value := record.number(metric)) is not None}
        months.setdefault(name, {}).update(numbers)
        if name not in places:
            places[name] = record.place
    attrs = {"currency": options.currency} if options.currency else {}
    result.evidence = [
        Evidence("business.month", name, numbers, places[name], attrs=attrs) for name, numbers in sorted(months.items())
    ]
    result.evidence += [row for metric in GROWTH if (row := _growth(metric, months, places, attrs))]
    result.totals = {"months": len(months)}
    if len(months) < result.records:
        result.notes.append("A month that stands there twice has the numbers of its last line.")
    if len(months) < 3:
        result.notes.append("Two months or fewer: no growth can be told from them.")


def _growth(
    metric: str, months: dict[str, dict[str, float]], places: dict[str, Place], attrs: dict[str, str]
) -> Evidence | None:
    """(last / first) ^ (1 / months) - 1; None with fewer than three months or a first month of zero."""
    known = sorted((name, numbers[metric]) for name, numbers in months.items() if metric in numbers)
    if len(known) < 3 or known[0][1] <= 0 or known[-1][1] < 0:
        return None
    (first, start), (last, end) = known[0], known[-1]
    span = _months(last) - _months(first)
    metrics = {"first": start, "last": end, "months": float(span), "highest": max(value for _, value in known)}
    metrics["growth_per_month"] = (end / start) ** (1 / span) - 1
    facts = attrs | {"first_month": first, "last_month": last}
    return Evidence("business.growth", metric, metrics, places[last], {"first": places[first]}, facts)


def _months(name: str) -> int:
    at = datetime.strptime(name, "%Y-%m")
    return at.year * 12 + at.month


MONTHS = Target(
    id="growth",
    title="Users, orders or revenue by month",
    enables="How fast the load grows, for the capacity model",
    format="growth-table",
    kinds=("business.month", "business.growth"),
    fields=(
        Field("month", "Month", "time", "month, date, period, monat, year month, time", required=True),
        Field("users", "Users", "count", "registered users, users, accounts, customers, signups total, nutzer"),
        Field("active_users", "Active users", "count", "monthly active users, active users, mau"),
        Field("orders", "Orders", "count", "orders, purchases, bookings, transactions, bestellungen"),
        Field("requests", "Requests", "count", "requests, page views, sessions, visits"),
        Field("revenue", "Revenue", "money", "revenue, sales, mrr, umsatz, gmv"),
    ),
    fold=fold_growth,
    zoned=False,
    one_of=GROWTH,
    has_currency=True,
)  # fmt: skip


def fold_sizes(records: Iterator[Record], options: Options, result: ParseResult) -> None:
    """One row a table: rows and bytes."""
    tables: dict[str, tuple[Record, dict[str, float]]] = {}
    for record in records:
        schema, name = record.text("schema"), record.text("table")
        subject = name if schema in ("", "public") else f"{schema}.{name}"
        if subject not in tables and len(tables) >= MAX_TABLES:
            continue
        names = (("live", "rows"), ("bytes", "bytes"), ("index_bytes", "index_bytes"))
        metrics = {metric: value for metric, name in names if (value := record.number(name)) is not None}
        tables[subject] = (record, metrics)
    result.evidence = [Evidence("pg.table", name, metrics, row.place) for name, (row, metrics) in tables.items()]
    result.totals = {"tables": len(tables)}
    for metric in ("live", "bytes"):
        values = [row.metrics[metric] for row in result.evidence if metric in row.metrics]
        if values:
            result.totals[metric] = int(sum(values))
    if len(tables) < result.records:
        result.notes.append(
            f"A table that stands there twice has the numbers of its last line; {MAX_TABLES:,} are read."
        )


SIZES = Target(
    id="sizes",
    title="Sizes and row counts of tables",
    enables="Which tables are large",
    format="table-sizes",
    kinds=("pg.table",),
    fields=(
        Field(
            "table", "Table", "text",
            "table name, table, relname, relation, collection, name, entity",
            required=True,
        ),
        Field("schema", "Schema", "text", "schema, table schema, schemaname, database"),
        Field(
            "rows", "Rows", "count",
            "rows, row count, row estimate, n live tup, estimated rows, reltuples, documents, count, "
            "zeilen",
        ),
        Field(
            "bytes", "Size with indexes", "bytes",
            "total size, total bytes, size, total, total relation size, data size, größe",
        ),
        Field("index_bytes", "Size of the indexes", "bytes", "index size, indexes size, index bytes, indexes"),
    ),
    fold=fold_sizes,
    one_of=("rows", "bytes", "index_bytes"),
)  # fmt: skip
