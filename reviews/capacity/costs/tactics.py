"""What each tactic may save, as a share of what its area costs: computed where an input says, else what it needs.

No tactic has a saving by itself. Shares are the most that can be saved; where money is saved only when a smaller size
does, or tasks allow it, the lower end is 0.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reviews.capacity.catalogue import need_of
from reviews.capacity.costs.ai import PRICE_IN, PRICE_OUT, TOKENS_IN, TOKENS_OUT, models_of
from reviews.capacity.costs.areas import AI, COMPUTE, DATABASE
from reviews.capacity.costs.money import between
from reviews.capacity.inputs import Figure, Inputs, worst
from reviews.risk.matrix import Grade

Finding = Mapping[str, Any]
Answer = Figure | list[str]  # the share that is saved, or what it would need

DAY_S = 86_400
# Half price for what may wait up to a day: https://platform.openai.com/docs/guides/batch and
# https://docs.anthropic.com/en/docs/build-with-claude/batch-processing
BATCH_DISCOUNT = 0.5
# "up to 90 %": https://aws.amazon.com/ec2/spot/
SPOT_DISCOUNT = 0.9
# A prompt loses between nothing and three tenths: what growth strategies promise, no measurement of this client.
SHORTER_PROMPT = 0.3
_QUERY_WORK = ("missing-index", "n-plus-one", "offset-pagination", "unbounded-query", "reporting-on-primary")


@dataclass(frozen=True, slots=True)
class Tactic:
    """`share` says how much of the area's cost it may save; `mechanisms` are those of findings that speak of it."""

    id: str
    area: str
    title: str
    why: str
    share: Callable[[Inputs, Sequence[Finding]], Answer]
    mechanisms: tuple[str, ...] = ()
    source: str = ""


def _stated_share(key: str, factor: float, formula: str) -> Callable[[Inputs, Sequence[Finding]], Answer]:
    """Up to a stated share of the cost, times a published discount."""

    def share(inputs: Inputs, findings: Sequence[Finding]) -> Answer:
        entry = inputs.get(key)
        if entry is None:
            return [need_of(key)]
        return between(0.0, min(1.0, entry.high) * factor, "share", worst((entry.grade,)), formula, (key,))

    return share


def _cheaper_model(inputs: Inputs, findings: Sequence[Finding]) -> Answer:
    """The cheapest model takes the stated share of all calls; the others share the rest as they do now."""
    known, simple = models_of(inputs), inputs.get("ai.simple_share")
    if len(known) < 2:
        return ["usage of at least two models with their cost, from the provider's export"]
    if simple is None:
        return [need_of("ai.simple_share")]
    calls = sum(requests.value for _, requests, _ in known)
    now = sum(requests.value * each.value for _, requests, each in known)
    cheapest = min(known, key=lambda one: one[2].value)
    rest = calls - cheapest[1].value
    moved = max(0.0, min(1.0, simple.high) * calls - cheapest[1].value)
    if now <= 0 or rest <= 0:
        return ["a second model that is used, with its cost"]
    mean_rest = (now - cheapest[1].value * cheapest[2].value) / rest
    saved = min(moved, rest) * (mean_rest - cheapest[2].value) / now
    behind = [simple, *(entry for _, requests, each in known for entry in (requests, each))]
    grade, uses = worst(entry.grade for entry in behind), tuple(entry.key for entry in behind)
    return between(0.0, max(0.0, saved), "share", grade, "calls moved × (mean price − cheapest) ÷ cost", uses)


def _shorter_prompts(inputs: Inputs, findings: Sequence[Finding]) -> Answer:
    """Three tenths of what is sent, as a share of what is sent and received."""
    keys = (TOKENS_IN, PRICE_IN, TOKENS_OUT, PRICE_OUT)
    known = [inputs.get(key) for key in keys]
    entries = [entry for entry in known if entry is not None]
    if len(entries) < len(known):
        return [need_of(key) for key, entry in zip(keys, known, strict=True) if entry is None]
    sent, price_in, received, price_out = (entry.value for entry in entries)
    whole = sent * price_in + received * price_out
    if whole <= 0:
        return ["prices and tokens above 0"]
    most = SHORTER_PROMPT * sent * price_in / whole
    return between(0.0, most, "share", Grade.ASSUMED, "up to 30 % of what is sent, of the cost of both", keys)


def _query_work(inputs: Inputs, findings: Sequence[Finding]) -> Answer:
    """Share of the database's time in statements that findings would make cheap; each statement counts once."""
    files: dict[str, dict[int, float]] = {}
    for finding in findings:
        if finding.get("mechanism") in _QUERY_WORK:
            for row in finding.get("evidence") or ():
                if row.get("metric") == "share" and row.get("unit") == "share":
                    files.setdefault(str(row.get("file")), {})[int(row.get("line") or 0)] = float(row["value"])
    if not files:
        return ["pg_stat_statements, and findings about what takes the database's time"]
    # A share is of all time in its file; a log and pg_stat_statements tell of the same work and never add up.
    most = max(sum(lines.values()) for lines in files.values())
    return between(0.0, min(1.0, most), "share", Grade.DERIVED, "time of the statements ÷ all time")


def _off_peak(inputs: Inputs, findings: Sequence[Finding]) -> Answer:
    """What stands idle when machines follow the load exactly; it needs a day and a night in the log."""
    mean, peak, window = (inputs.get(f"http.{name}") for name in ("rps_mean", "rps_peak", "window_s"))
    if mean is None or peak is None or peak.low <= 0:
        return [need_of("http.rps_mean")]
    if window is None or window.value < DAY_S:
        return ["an access log of at least a whole day, so that quiet hours are in it"]
    idle = max(0.0, 1 - mean.low / peak.high)
    grade = worst((mean.grade, peak.grade))
    return between(0.0, idle, "share", grade, "1 − mean load ÷ peak load", (mean.key, peak.key))


def _nothing_by_itself(needs: str) -> Callable[[Inputs, Sequence[Finding]], Answer]:
    return lambda inputs, findings: [needs]


TACTICS: tuple[Tactic, ...] = (
    Tactic(
        "ai-model-mix", AI, "Send simple actions to the cheapest model",
        "A share of actions does not need the best model.", _cheaper_model, ("ai-cost",),
    ),
    Tactic(
        "ai-response-cache", AI, "Answer repeated actions from a cache", "The same input needs no second answer.",
        _stated_share("ai.repeat_share", 1.0, "share of repeated actions"), ("ai-cost",),
    ),
    Tactic(
        "ai-shorter-prompts", AI, "Send shorter prompts", "What is sent is paid by the token.", _shorter_prompts,
        ("ai-cost",), "assumed: prompts can lose up to 30 % of their tokens; measure it on ten of yours",
    ),
    Tactic(
        "ai-batch", AI, "Send what may wait as a batch", "Providers ask half the price for answers within a day.",
        _stated_share("ai.batch_share", BATCH_DISCOUNT, "share that may wait × 50 %"), (),
        "price lists of OpenAI and Anthropic: half price for batches",
    ),
    Tactic(
        "db-query-work", DATABASE, "Make the dearest statements cheap",
        "Money is saved when a smaller machine does: prices come in steps.", _query_work, _QUERY_WORK,
    ),
    Tactic(
        "db-pooling", DATABASE, "Pool connections", "Idle connections cost memory, not money by themselves.",
        _nothing_by_itself("memory of the database's machine by size, to know whether a smaller one does"),
        ("connection-exhaustion", "connection-churn", "pool-exhaustion"),
    ),
    Tactic(
        "db-compression", DATABASE, "Compress large columns", "Large values take space and reading.",
        _nothing_by_itself("a sample of the largest column compressed, to know by how much it shrinks"),
        ("table-growth",),
    ),
    Tactic(
        "compute-off-peak", COMPUTE, "Run less in quiet hours",
        "What is sized for the peak stands idle the rest of the day.", _off_peak, ("over-provisioned",),
    ),
    Tactic(
        "compute-spot", COMPUTE, "Run background workers on spare capacity",
        "Workers can be stopped and started again.",
        _stated_share("cost.worker_share", SPOT_DISCOUNT, "share of workers × up to 90 %"), (),
        "Amazon EC2 Spot: up to 90 % below the list price; it can be taken away at two minutes' notice",
    ),
    Tactic(
        "compute-cdn", COMPUTE, "Let a CDN answer what is the same for all",
        "Answers that do not differ need no server.",
        _nothing_by_itself("share of requests a CDN could answer: its statistics, or cache headers by route"),
        ("uncached-route",),
    ),
)  # fmt: skip
