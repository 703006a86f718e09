"""A container or function comes near its memory limit, or is ended there."""

from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import CannotTell, Effort, FirstSlice, Rule, Threshold
from telemetry.rules.beyond import Beyond, at_least
from telemetry.rules.shapes import Standing, Wording, as_kind, first_of

FEW = 2
NEAR = 0.9  # of the limit: what starts again below it may have another reason


def _unlimited(evidence: EvidenceSet, threshold: Threshold) -> Iterator[CannotTell]:
    """Pods whose memory is known, and of none the memory it may have: no share says that all is well."""
    pods = [row for row in evidence.having("container.usage", "memory_bytes_max") if row.attrs.get("from") == "metrics"]
    if pods and not evidence.has("container.usage", "memory_share_max"):
        yield CannotTell("kube_pod_container_resource_limits beside container_memory_working_set_bytes")


RULE = Rule(
    id="PL035",
    slug="memory-near-limit",
    area="platform",
    mechanism="memory-saturation",
    title="Memory comes near its limit",
    needs=(),
    needs_any=(
        ("container.usage", "memory_share_max"),
        ("container.usage", "out_of_memory"),
        ("container.usage", "memory_bytes_max"),
        ("container.usage", "restarts"),
        ("lambda.function", "memory_share"),
        ("lambda.function", "out_of_memory"),
        ("function.script", "memory_exceeded"),
        ("container.usage", "memory_exceeded"),
    ),
    threshold=Threshold(
        0.9,
        "share",
        "At the limit the process is ended without a word; a tenth is what one large request takes.",
        "awesome-prometheus-alerts, ContainerHighMemoryUsage (80 %), one step later",
    ),
    degradation=0.6,
    why="The program needs nearly all the memory it may have. With one large order or export it is ended in the "
    "middle, "
    "with everybody else's requests in it.",
    fix=(
        "See what grows: a list built in memory, a cache without a bound, a leak over days.",
        "Stream large results and files instead of holding them.",
        "Raise the limit to twice what is used at the peak.",
        "Alert at 80 %.",
    ),
    first_slice=FirstSlice("Raise the limit and name what takes the memory", 4),
    effort=Effort(0.25, 1, 3),
    removes=0.8,
    verify="Memory stays below 70 % of the limit over a business peak and over a week.",
    rollback="Set the limit back; it is configuration.",
    references=(
        "Kubernetes, Resource management "
        "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
        "AWS, Lambda memory https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html",
    ),
    check=first_of(
        Beyond(
            kind="lambda.function",
            metric="out_of_memory",
            subject=as_kind("service"),
            wording=Wording(
                title="{name} is ended at its memory limit",
                said="{name} was ended at its memory limit ({value} in the log, limit none).",
                also=("memory_max", "memory_size", "requests"),
            ),
            standing=Standing(),
            limit=0.0,
        ),
        Beyond(
            kind="function.script",
            metric="memory_exceeded",
            subject=as_kind("service"),
            wording=Wording(
                title="{name} is ended at its memory limit",
                said="{name} was ended {value} times at its memory limit (limit {limit}) in {requests} invocations.",
                also=("memory_max",),
            ),
            standing=Standing(),
            limit=FEW,
        ),
        Beyond(
            kind="lambda.function",
            metric="memory_share",
            subject=as_kind("service"),
            wording=Wording(
                title="{name} nears its memory limit",
                said="{name} used {value} of its {memory_size} (limit {limit}).",
                also=("memory_max", "requests"),
            ),
            standing=Standing(breach=False),
            doubt=at_least("requests", 20, "a log with at least 20 invocations of {name}"),
            near=lambda row: row.metrics["memory_share"],
        ),
        Beyond(
            kind="container.usage",
            metric="memory_exceeded",
            subject=as_kind("service"),
            wording=Wording(
                title="{name} needs more memory than it has",
                said="The platform said {value} times that {name} needs more memory than it may have (limit {limit}); "
                "what does not fit is moved to disk, and every request waits for it.",
                also=("memory_share_max", "memory_bytes_max", "memory_limit_bytes"),
            ),
            standing=Standing(shared=True),
            limit=FEW,
        ),
        Beyond(
            kind="container.usage",
            metric="out_of_memory",
            subject=as_kind("service"),
            wording=Wording(
                title="{name} is ended at its memory limit",
                said="{name} was ended at its memory limit ({value} times, limit none).",
                also=("restarts", "memory_share_max", "window_s"),
            ),
            standing=Standing(),
            limit=0.0,
        ),
        Beyond(
            kind="container.usage",
            metric="restarts",
            subject=as_kind("service"),
            wording=Wording(
                title="{name} restarts at its memory limit",
                said="{name} started again {value} times (limit {limit}) in {window_s} and used {memory_share_max} of "
                "the memory it may have.",
                also=("memory_bytes_max", "memory_limit_bytes"),
            ),
            standing=Standing(),
            where=lambda row: "window_s" in row.metrics and row.metrics.get("memory_share_max", 0.0) > NEAR,
            limit=FEW,
        ),
        Beyond(
            kind="container.usage",
            metric="memory_share_max",
            subject=as_kind("service"),
            wording=Wording(
                title="{name} nears its memory limit",
                said="{name} used {value} of the memory it may have (limit {limit}).",
                also=("memory_bytes_max", "memory_limit_bytes"),
            ),
            standing=Standing(breach=False),
            where=lambda row: not 0 < row.metrics.get("memory_exceeded", 0.0) <= FEW,  # soft, and hardly ever
            near=lambda row: row.metrics["memory_share_max"],
        ),
        _unlimited,
    ),
)
