"""The next run of a schedule starts before the last one has ended."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.times import timed

HOUR_MS = 3_600_000
ENOUGH_RUNS = 5
SOURCES = (("http.route", "max_ms"), ("trace.route", "max_ms"), ("http.route", "p95_ms"), ("trace.route", "p95_ms"))


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """Run time against the interval, for what runs more than once an hour."""
    runs = _runs(evidence)
    for cron in worst_each(evidence.of("platform.cron"), "runs_per_hour"):
        if cron.metrics["runs_per_hour"] <= 1:
            continue
        if cron.subject not in runs:
            continue
        row, metric = runs[cron.subject]
        interval = HOUR_MS / cron.metrics["runs_per_hour"]
        if row.metrics[metric] <= threshold.value * interval:
            continue
        if row.metrics.get("requests", 0.0) < ENOUGH_RUNS:
            yield CannotTell(f"a log with at least {ENOUGH_RUNS} runs of {cron.subject}")
        else:
            yield _hit(cron, row, metric, threshold.value * interval, interval)


def _runs(evidence: EvidenceSet) -> dict[str, tuple[Evidence, str]]:
    """By path the longest run that a file tells; the p95 where no file tells it."""
    found: dict[str, tuple[Evidence, str]] = {}
    for metric in ("max_ms", "p95_ms"):
        for route, row in timed(evidence, metric).items():
            found.setdefault(route, (row, metric))
    return found


def _hit(cron: Evidence, row: Evidence, metric: str, limit: float, interval: float) -> Hit:
    told = Told()
    value = row.metrics[metric]
    over = value > interval
    said = (
        f"{cron.subject} took up to {told(row, metric)} (limit {shown(limit, 'ms')}) and is started "
        f"{told(cron, 'runs_per_hour')} times an hour"
    )
    said += "; the next run meets the last one." if over else "."
    told.also(row, "requests", "p50_ms", "p95_ms")
    return Hit(
        subject=Subject("schedule", cron.subject),
        title=f"{cron.subject} meets its own next run",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=over,
        utilisation=None if over else value / interval,
        routes=(cron.subject,),
        snippet="// a lock for as long as a run may take: the next start finds it and leaves\n"
        'const free = await redis.set("lock:sync", "1", "EX", 300, "NX");\n'
        "if (!free) return new Response(null, { status: 204 });",
    )


RULE = Rule(
    id="QU030",
    slug="overlapping-schedule",
    area="queues",
    mechanism="overlapping-schedule",
    title="A schedule meets its own next run",
    needs=(("platform.cron", "runs_per_hour"),),
    needs_any=SOURCES,
    threshold=Threshold(
        0.8,
        "share",
        "At 80 % of the interval a slow day makes two runs meet; then both work on the same rows.",
        "House limit; Vercel, Managing cron jobs (concurrency)",
    ),
    degradation=0.3,
    why="A scheduled job is started again while the last run is still at work. Both do the same work, wait for each "
    "other's locks and take twice the capacity.",
    fix=(
        "Take a lock at the start that ends by itself; a run that finds it leaves.",
        "Start less often, or do a bounded batch in each run.",
        "Let the schedule only fill a queue, and let workers do the work.",
    ),
    first_slice=FirstSlice("Take a lock at the start of the run", 2),
    effort=Effort(0.25, 0.75, 2),
    removes=0.9,
    verify="The log shows no start of the job between a start and its end for a day.",
    rollback="Remove the lock; the schedule is configuration.",
    references=("Vercel, Managing cron jobs https://vercel.com/docs/cron-jobs/manage-cron-jobs",),
    check=check,
)
