"""A task runs for nearly as long as it may, or as its message stays invisible."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, worst_each
from telemetry.rules.queue_use import mean_s

ENOUGH_RUNS = 10
ALL = "celery"  # the subject that holds the settings of all tasks
WORTH_ASKING_S = 600  # a lease shorter than this is rare


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit | CannotTell]:
    """The mean run, as the longest is not told: where the mean comes near, every other run is over it."""
    for row in worst_each(evidence.having("queue.task", "runs"), "runtime_s"):
        mean = mean_s(row)
        if mean is None or row.metrics["runs"] < ENOUGH_RUNS:
            continue
        lease = _lease(evidence, row.subject)
        if lease is None and mean > WORTH_ASKING_S:
            yield CannotTell(f"the time limit and the broker's visibility timeout of {row.subject} (the workers' code)")
        elif lease and mean > threshold.value * lease[0].metrics[lease[1]]:
            yield _hit(row, *lease, mean, threshold.value)


def _lease(evidence: EvidenceSet, task: str) -> tuple[Evidence, str] | None:
    """The shortest of what ends a run or gives its message to another worker; the task's own before that of all."""
    settings = [row for row in evidence.of("code.task") if row.subject in (task, task.rpartition(".")[2], ALL)]
    found = [(row, metric) for row in settings for metric in ("time_limit_s", "visibility_timeout_s")]
    told = [(row, metric) for row, metric in found if row.metrics.get(metric, 0.0) > 0]
    return min(told, key=lambda pair: pair[0].metrics[pair[1]]) if told else None


def _hit(row: Evidence, setting: Evidence, metric: str, mean: float, share: float) -> Hit:
    told = Told()
    lease, runs = setting.metrics[metric], row.metrics["runs"]
    limit = share * lease * runs
    ends = "is ended" if metric == "time_limit_s" else "is given to a second worker"
    said = (
        f"{row.subject} took {told(row, 'runtime_s')} (limit {shown(limit, 's')}) in {told(row, 'runs')} runs; after "
        f"{told(setting, metric)} a run {ends}."
    )
    return Hit(
        subject=Subject("task", row.subject),
        title=f"{row.subject} nears its lease",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=mean > lease,
        utilisation=None if mean > lease else mean / lease,
    )


RULE = Rule(
    id="QU025",
    slug="lease-near-runtime",
    area="queues",
    mechanism="long-jobs",
    title="A task nears its lease",
    needs=(("queue.task", "runtime_s"), ("queue.task", "runs")),
    threshold=Threshold(
        0.8,
        "share",
        "At 80 % of the lease a slow day takes the run over it; then the message is handed out a second time.",
        "Celery, Redis caveats (visibility timeout, one hour); AWS, SQS visibility timeout",
    ),
    degradation=0.6,
    why="A job takes so long that the queue believes it lost. It is started a second time while the first still runs, "
    "so mails, charges and imports happen twice.",
    fix=(
        "Split the task: one job a customer or page, and a last one when all are done.",
        "Raise the visibility timeout above the longest run, or extend it while the task works.",
        "Make the task safe to be run twice: a key for each effect, checked before it.",
    ),
    first_slice=FirstSlice("Raise the lease above the longest run", 2),
    effort=Effort(0.5, 1.5, 3),
    removes=0.8,
    verify="The longest run of a week is below half of the lease.",
    rollback="Set the lease back; split tasks can be joined again.",
    references=(
        "Celery, Using Redis https://docs.celeryq.dev/en/stable/getting-started/backends-and-brokers/redis.html",
        "AWS, SQS visibility timeout "
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html",
    ),
    check=check,
)
