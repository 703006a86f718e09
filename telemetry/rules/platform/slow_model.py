"""A language model takes longer than a person waits."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Subject, Threshold
from telemetry.rules.beyond import Beyond, at_least
from telemetry.rules.shapes import Standing, Wording

RULE = Rule(
    id="PL054",
    slug="slow-model",
    area="platform",
    mechanism="slow-dependency",
    title="A language model is slow to answer",
    needs=(("ops.llm", "p95_s"),),
    threshold=Threshold(
        10,
        "s",
        "Ten seconds hold a person's attention if something is seen to happen, and are the default limit of functions.",
        "Nielsen Norman Group, response time limits (10 s); Vercel, default duration",
    ),
    degradation=0.3,
    why="One answer of twenty takes longer than ten seconds. Whoever waits for it gives up, and the function that "
    "waits "
    "is paid for.",
    fix=(
        "Stream the answer, so that its first words come within a second.",
        "Move what nobody waits for to a queue.",
        "Ask for less: shorter answers, a smaller model, cached beginnings of prompts.",
        "Give the call a timeout and a fallback.",
    ),
    first_slice=FirstSlice("Stream the answers of the slowest feature", 5),
    effort=Effort(0.5, 1, 2),
    removes=0.7,
    verify="The first words come within two seconds at the 95th percentile.",
    rollback="Answer in one piece again.",
    references=(
        "Nielsen Norman Group, Response Times https://www.nngroup.com/articles/response-times-3-important-limits/",
    ),
    check=Beyond(
        kind="ops.llm",
        metric="p95_s",
        subject=lambda row: Subject("external host", row.subject),
        wording=Wording(
            title="{name} is slow to answer",
            said="{name} takes {value} at the 95th percentile (limit {limit}) over {requests} requests.",
            also=("p50_s", "output_tokens"),
        ),
        standing=Standing(),
        doubt=at_least("requests", 59, "usage with at least 59 requests of {name}"),
    ),
)
