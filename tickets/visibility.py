"""Gaps of visibility and the work that closes them: what Day 2 of the plan is made of."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tickets.estimates import Estimate


@dataclass(frozen=True, slots=True)
class Gauge:
    """A way to see something. `kinds` are prefixes of the kinds of evidence it gives.

    `stack` are words of which one must stand in a stated stack for the gauge to make sense; empty always does.
    `baseline_for` are the areas whose fixes are measured with it. Hours are for the first useful version.
    """

    slug: str
    title: str
    kinds: tuple[str, ...]
    hours: Estimate
    steps: tuple[str, ...]
    verify: str
    baseline_for: tuple[str, ...]
    rest: str  # the title when a part of it is there already
    role: str = "platform"
    stack: tuple[str, ...] = ()


_POSTGRES = ("postgres", "postgresql", "rds", "aurora", "supabase", "neon", "timescale", "alloydb")
_REDIS = ("redis", "valkey", "upstash", "elasticache", "memorystore", "keydb", "bullmq", "sidekiq")
_QUEUES = ("bullmq", "bull", "sidekiq", "celery", "rq", "queue", "sqs", "rabbitmq", "kafka", "inngest", "temporal")
_FUNCTIONS = ("vercel", "netlify", "lambda", "serverless", "cloudflare", "functions")

GAUGES = (
    Gauge(
        "routes",
        "Add route-level rate, errors and duration",
        ("http.",),
        Estimate(4, 6, 8),
        (
            "Write one line per request with route template, status and duration, from the proxy or a middleware.",
            "Chart rate, error share and 95th percentile for each top flow, and keep seven days.",
        ),
        "Every route of the top flows shows requests, error share and p95 for the last hour.",
        ("platform", "postgres", "queues", "security"),
        "Log what the access log leaves out",
    ),
    Gauge(
        "slow-queries",
        "Log slow queries, lock waits and temporary files",
        ("pg.log.",),
        Estimate(1, 2, 4),
        (
            "Set log_min_duration_statement to 250 ms, log_lock_waits to on, log_temp_files to 0,"
            " log_checkpoints and log_connections to on.",
            "Ship the log to a place where a day of it can be downloaded.",
        ),
        "A query made to sleep for 300 ms stands in the log with its duration and text.",
        ("postgres",),
        "Turn on the PostgreSQL log settings that are off",
        "database",
        _POSTGRES,
    ),
    Gauge(
        "query-statistics",
        "Collect query statistics with pg_stat_statements",
        ("pg.stat.",),
        Estimate(1, 2, 3),
        (
            "Load pg_stat_statements and create the extension in the application's database.",
            "Export it as CSV every day and keep two weeks.",
        ),
        "The ten statements with the most total time are listed with calls and blocks.",
        ("postgres",),
        "Complete the export of pg_stat_statements",
        "database",
        _POSTGRES,
    ),
    Gauge(
        "table-statistics",
        "Collect table statistics",
        ("pg.table",),
        Estimate(0.5, 1, 2),
        ("Export pg_stat_user_tables as CSV every day and keep two weeks.",),
        "Each table shows sequential scans, dead rows and its last vacuum.",
        ("postgres",),
        "Complete the export of table statistics",
        "database",
        _POSTGRES,
    ),
    Gauge(
        "redis",
        "Watch Redis memory, evictions and hit rate",
        ("redis.",),
        Estimate(1, 2, 4),
        (
            "Collect INFO all once a minute, command statistics included.",
            "Chart used memory against maxmemory, evicted keys, hit rate and rejected connections.",
        ),
        "Memory share, evictions a minute and hit rate of the last hour are on one page.",
        ("redis", "queues"),
        "Export the rest of Redis INFO",
        "platform",
        _REDIS,
    ),
    Gauge(
        "queues",
        "Watch queue depth, oldest job and failures",
        ("queue.",),
        Estimate(2, 3, 6),
        (
            "Export waiting, active, delayed, failed and the age of the oldest job for every queue once a minute.",
            "Alert when the oldest job is older than its users would wait.",
        ),
        "Each queue shows depth, oldest age, failed share and the number of workers.",
        ("queues",),
        "Complete the queue counts",
        "backend",
        _QUEUES,
    ),
    Gauge(
        "functions",
        "Keep function logs with timeouts and cold starts",
        ("function.",),
        Estimate(1, 2, 4),
        ("Drain the platform's function logs as JSON lines and keep seven days.",),
        "Each function shows invocations, error share, timeouts and throttled calls.",
        ("platform",),
        "Complete the function logs",
        "platform",
        _FUNCTIONS,
    ),
    Gauge(
        "route-inventory",
        "List every route of the application",
        ("route",),
        Estimate(0.5, 1, 2),
        ("Send the build's route manifest with each release.",),
        "Every deployed route stands in the list; routes nobody measures are known.",
        ("observability",),
        "Complete the route inventory",
        "platform",
        ("next", "nextjs", "next.js"),
    ),
)


@dataclass(frozen=True, slots=True)
class Gap:
    """A gauge that is missing. `metrics` are the numbers nobody sent, `rules` the questions that stay open."""

    gauge: Gauge
    metrics: tuple[str, ...]
    rules: tuple[str, ...]
    partial: bool = False  # some of its evidence is there

    @property
    def title(self) -> str:
        """What is to be done."""
        return self.gauge.rest if self.partial else self.gauge.title

    @property
    def hours(self) -> Estimate:
        """Work of the gauge; half of it where a part is there."""
        return self.gauge.hours.times(0.5) if self.partial else self.gauge.hours

    @property
    def key(self) -> str:
        """Stable name of the ticket."""
        return f"visibility:{self.gauge.slug}"


def gaps_of(
    missing: Iterable[tuple[str, Collection[str]]], stack: Collection[str], seen: Collection[str] = ()
) -> list[Gap]:
    """Gaps behind open questions, most questions first. `seen` are the kinds of evidence there is.

    `missing` pairs a rule with the metrics it lacks, written "kind.metric". A gauge for something that a stated stack
    does not hold is no gap.
    """
    questions = list(missing)
    gaps = []
    for gauge in (gauge for gauge in GAUGES if _makes_sense(gauge, stack)):
        hits = [(rule, [name for name in metrics if _gives(gauge, name)]) for rule, metrics in questions]
        rules = sorted({rule for rule, names in hits if names})
        names = sorted({name for _, names in hits for name in names})
        if rules:
            partial = any(_gives(gauge, f"{kind}.") for kind in seen)
            gaps.append(Gap(gauge, tuple(names), tuple(rules), partial))
    return sorted(gaps, key=lambda gap: (-len(gap.rules), gap.key))


def _gives(gauge: Gauge, metric: str) -> bool:
    kind = metric.rsplit(".", 1)[0]
    return any(kind == prefix or (prefix.endswith(".") and kind.startswith(prefix)) for prefix in gauge.kinds)


def _makes_sense(gauge: Gauge, stack: Collection[str]) -> bool:
    if not stack or not gauge.stack:
        return True
    words = " ".join(stack).lower().replace("-", " ").replace("/", " ").split()
    return any(word in gauge.stack for word in words)
