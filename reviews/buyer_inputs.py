"""The nine inputs a review asks a buyer for: the smallest access that allows real engineering decisions."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

RECEIVED = "received"
MISSING = "missing"
NOT_APPLICABLE = "not applicable"
STATES = (RECEIVED, MISSING, NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class BuyerInput:
    """One request to the client.

    `unlocks` says what the review can answer with it. `formats` are the upload formats that count as received,
    `partial` those that answer only a part; both are empty where only a consultant can tell.
    """

    slug: str
    group: str
    title: str
    unlocks: str
    formats: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()


BUYER_INPUTS = (
    BuyerInput(
        "route-inventory",
        "Architecture",
        "Repo or route inventory",
        "Which routes exist, and which of them nobody measures",
        ("route-inventory", "openapi", "prisma-schema", "sql-schema"),
    ),
    BuyerInput(
        "architecture-diagram",
        "Architecture",
        "Architecture diagram or screenshots",
        "Single points of failure and third parties on the user's path",
    ),
    BuyerInput(
        "top-flows",
        "Architecture",
        "Top five user flows",
        "Revenue and users behind every risk, so that severity is no assumption",
    ),
    BuyerInput(
        "function-usage",
        "Telemetry",
        "Function usage",
        "Timeouts, throttling, cold starts and error rate by route",
        ("function-log",),
        ("access-log", "heroku-log"),
    ),
    BuyerInput(
        "slow-query-logs",
        "Telemetry",
        "Postgres slow-query logs",
        "Missing indexes, locks, spills, pagination and connection pressure",
        ("postgres-log", "pg-stat-statements"),
        ("pg-stat-user-tables",),
    ),
    BuyerInput(
        "redis-memory",
        "Telemetry",
        "Redis memory, evictions, hit rate",
        "Keys that grow for ever, evicted queues and locks, a cache that does not absorb reads",
        ("redis-info",),
    ),
    BuyerInput(
        "incident-history",
        "Operations",
        "Incident history",
        "Which parts fail again and again, and how long recovery takes",
        ("incidents",),
    ),
    BuyerInput(
        "deployment-process",
        "Operations",
        "Current deployment process",
        "Rollback, gates before production, safe migrations",
    ),
    BuyerInput(
        "hard-constraints",
        "Operations",
        "Hard constraints for this week",
        "A plan that avoids freezes, campaigns and absent people",
    ),
)
SLUGS = tuple(entry.slug for entry in BUYER_INPUTS)


def input_states(
    formats: Collection[str],
    stated: Mapping[str, str],
    has_flows: bool,
    has_constraints: bool,
) -> list[dict[str, str | bool]]:
    """State of each input: what a consultant stated wins, else what the uploads and the intake show.

    `partial` is true where a missing input is answered in part by another file.
    """
    known = {"top-flows": has_flows, "hard-constraints": has_constraints}
    return [_row(entry, stated.get(entry.slug) or _seen(entry, formats, known), formats) for entry in BUYER_INPUTS]


def _seen(entry: BuyerInput, formats: Collection[str], known: Mapping[str, bool]) -> str:
    return RECEIVED if known.get(entry.slug) or _any(entry.formats, formats) else MISSING


def _any(wanted: Iterable[str], formats: Collection[str]) -> bool:
    return any(name in formats for name in wanted)


def _row(entry: BuyerInput, state: str, formats: Collection[str]) -> dict[str, str | bool]:
    sources = [name for name in entry.formats + entry.partial if name in formats]
    return {
        "slug": entry.slug,
        "group": entry.group,
        "title": entry.title,
        "unlocks": entry.unlocks,
        "state": state,
        "partial": state == MISSING and _any(entry.partial, formats),
        "source": ", ".join(sources),
    }
