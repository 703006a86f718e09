"""Pools and clients: how many connections one process may hold, and how long it waits.

Prisma: `connection_limit` and `pool_timeout` of the address (in .env.example or schema.prisma) are read there.
"""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from telemetry.source_code.facts.base import Fact, Numbers, number
from telemetry.source_code.model import Call, Ref, SourceFile, Table
from telemetry.source_code.smells.client_per_request import client_of
from telemetry.source_code.survey import Survey, is_script

_MS = 0.001
_NODE = (
    ("max", "max_connections", 1.0),
    ("connectionLimit", "max_connections", 1.0),
    ("maxPoolSize", "max_connections", 1.0),
    ("connectionTimeoutMillis", "connect_timeout_s", _MS),
    ("connectTimeout", "connect_timeout_s", _MS),
    ("idleTimeoutMillis", "idle_timeout_s", _MS),
    ("statement_timeout", "statement_timeout_s", _MS),
    ("query_timeout", "statement_timeout_s", _MS),
    ("maxRetriesPerRequest", "retries_per_request", 1.0),
)
_PYTHON = (
    ("pool_size", "max_connections"),
    ("max_connections", "max_connections"),
    ("max_size", "max_connections"),
    ("socket_connect_timeout", "connect_timeout_s"),
    ("connect_timeout", "connect_timeout_s"),
    ("pool_timeout", "connect_timeout_s"),
    ("pool_recycle", "max_age_s"),
)


def facts(survey: Survey) -> Iterator[Fact]:
    """Every client that the code makes, and Django's DATABASES."""
    for file in survey.repository:
        if is_script(file.path):
            continue
        for call in file.calls:
            connects = client_of(call)
            if connects in ("database", "redis"):
                yield _client(call, connects)
        if file.language == "python" and isinstance(databases := file.values.get("DATABASES"), Table):
            yield from _django(file, databases)


def _client(call: Call, connects: str) -> Fact:
    numbers = Numbers()
    tables = [table for place in range(3) if (table := call.table(place)) is not None]
    for table in tables:
        for option, metric, scale in _NODE:
            numbers.take(table, option, metric, scale)
        for nested in table.values():
            for option, metric, scale in _NODE[:2]:
                numbers.take(call.file.settled(nested), option, metric, scale)
            _address(nested, numbers)
    for value in call.args:
        _address(value, numbers)
    for option, metric in _PYTHON:
        if (found := number(call.options.get(option))) is not None:
            numbers.put(metric, found)
    overflow = number(call.options.get("max_overflow"))
    if overflow is not None and "max_connections" in numbers.metrics:
        numbers.metrics["max_connections"] += overflow
    name = call.target or (call.function.label if call.function else call.last)
    attrs = {"library": call.name, "connects": connects, "scope": "function" if call.function else "module"}
    return Fact("code.pool", f"{call.file.path}:{name}", numbers.metrics, call.file, call.line, attrs, numbers.lines)


def _address(value: object, numbers: Numbers) -> None:
    """`connection_limit=5` in an address that is put together in the code."""
    text = value if isinstance(value, str) else value.text if isinstance(value, Ref) else ""
    found = re.search(r"[?&]connection_limit=(\d{1,5})", text)
    if found:
        numbers.put("max_connections", float(found[1]))
    elif "://" in text and "?" in text:
        try:
            limits = parse_qs(urlsplit(text).query).get("connection_limit", [])
        except ValueError:
            return
        if limits and limits[0].isdecimal():
            numbers.put("max_connections", float(limits[0]))


def _django(file: SourceFile, databases: Table) -> Iterator[Fact]:
    for name, settings in databases.items():
        if not isinstance(settings, Table):
            continue
        numbers = Numbers()
        numbers.take(settings, "CONN_MAX_AGE", "max_age_s")
        options = settings.get("OPTIONS")
        pool = options.get("pool") if isinstance(options, Table) else None
        numbers.take(pool, "max_size", "max_connections")
        numbers.take(pool, "timeout", "connect_timeout_s")
        numbers.take(options, "connect_timeout", "connect_timeout_s")
        attrs = {"library": "django", "connects": "database", "scope": "module"}
        line = databases.lines.get(name, file.value_lines["DATABASES"])
        yield Fact("code.pool", f"{file.path}:DATABASES.{name}", numbers.metrics, file, line, attrs, numbers.lines)
