"""Which export answers an open question, in the words of the person who has to send it."""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from telemetry.kinds import KINDS
from telemetry.parsers import PARSERS
from telemetry.parsers.base import Parser
from telemetry.rules.base import Outcome

CHANGE = ".change"


class Need(NamedTuple):
    """What to send, as text, and the metrics ("kind.metric") that are missing; none when a rule said it in words."""

    texts: tuple[str, ...]
    metrics: tuple[str, ...]


# (beginning of "kind.metric", what to send); the first that fits holds
SOURCES = (
    ("pg.log.lock.", "PostgreSQL log with log_lock_waits = on"),
    ("pg.log.server.lock", "PostgreSQL log with log_lock_waits = on"),
    ("pg.log.temp.", "PostgreSQL log with log_temp_files = 0"),
    ("pg.log.server.temp", "PostgreSQL log with log_temp_files = 0"),
    ("pg.log.server.checkpoint", "PostgreSQL log with log_checkpoints = on"),
    ("pg.log.autovacuum.", "PostgreSQL log with log_autovacuum_min_duration = 0"),
    ("pg.log.plan.", "PostgreSQL log with auto_explain"),
    ("pg.log.application.", "PostgreSQL log with log_connections and log_disconnections = on"),
    ("pg.log.server.connections", "PostgreSQL log with log_connections = on"),
    ("pg.log.server.session", "PostgreSQL log with log_connections and log_disconnections = on"),
    ("pg.log.statement.", "PostgreSQL log with log_min_duration_statement"),
    ("pg.log.", "PostgreSQL server log"),
    ("pg.stat.", "pg_stat_statements as CSV"),
    ("pg.table.", "pg_stat_user_tables as CSV"),
    ("redis.command.", "Redis INFO all, command statistics included"),
    ("redis.", "Redis INFO"),
    ("queue.", "queue counts as JSON"),
    ("http.route.p", "HTTP access log with the request time"),
    ("http.route.max_ms", "HTTP access log with the request time"),
    ("http.route.t", "HTTP access log with the request time"),
    ("http.", "HTTP access log"),
    ("function.", "function log of the hosting platform"),
    ("route.", "route inventory of the application"),
    ("business.", "figures of the business as a table: by month, or by customer"),
    ("ops.price.", "a price list as a table"),
)
# Metrics whose names begin like a time but are counts.
NOT_A_TIME = ("http.route.per_min_peak", "http.route.post_requests", "http.route.timeout_share")


def needs_of(outcome: Outcome) -> Need:
    """What an unanswered rule needs. A rule without evidence names metrics; a rule in doubt says it in words."""
    metrics = [name for need in outcome.needs for name in _apart(need)[0] if _is_metric(name)]
    texts = [_text(need) for need in outcome.needs]
    return Need(tuple(dict.fromkeys(texts)), tuple(dict.fromkeys(metrics)))


def source_of(metric: str) -> str:
    """The export that holds a metric given as "kind.metric"; for what happened between two exports it takes two."""
    if metric in NOT_A_TIME:
        return "HTTP access log"
    kind = metric.rpartition(".")[0]
    if kind.endswith(CHANGE):
        return f"{source_of(metric.replace(CHANGE, '', 1))} twice, some days apart"
    known = next((text for beginning, text in SOURCES if metric.startswith(beginning)), None)
    parser = parser_of(metric)
    return known or (parser.title if parser else metric)


def parser_of(metric: str) -> Parser | None:
    """The first format in the list that provides a metric's kind by itself: the one a client is asked for."""
    return _providers().get(metric.rpartition(".")[0].removesuffix(CHANGE))


# Tells what others show in their words; whoever has none of it is asked for the export itself.
_RETELLING = frozenset({"metrics"})


@cache
def _providers() -> dict[str, Parser]:
    """The format that is asked for by kind of evidence."""
    providers: dict[str, Parser] = {}
    for parser in sorted(PARSERS, key=lambda one: one.id in _RETELLING):
        for kind in parser.kinds:
            providers.setdefault(kind.removesuffix(CHANGE), parser)
    return providers


def _text(need: str) -> str:
    names, remark = _apart(need)
    if not all(_is_metric(name) for name in names):
        return need
    return _either(source_of(name) for name in names) + remark


def _apart(need: str) -> tuple[list[str], str]:
    """`a or b (remark)`: the names of metrics, and what a rule remarks on them."""
    names, bracket, remark = need.partition(" (")
    return names.split(" or "), bracket + remark


def _either(texts: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(texts))


def _is_metric(name: str) -> bool:
    kind, _, metric = name.rpartition(".")
    return metric in KINDS.get(kind, {})
