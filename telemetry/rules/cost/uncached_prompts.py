"""Long prompts are paid for in full at each request."""

from telemetry.evidence import Evidence
from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.beyond import Beyond, at_least
from telemetry.rules.shapes import Standing, Wording, as_kind

LONG = 2_000  # tokens a request; providers cache from 1,024 on
ENOUGH_REQUESTS = 1_000


def _long(row: Evidence) -> bool:
    requests = row.metrics.get("requests", 0.0)
    return requests > 0 and row.metrics.get("input_tokens", 0.0) >= LONG * requests


RULE = Rule(
    id="CO003",
    slug="uncached-prompts",
    area="cost",
    mechanism="ai-cost",
    title="Long prompts are never cached",
    needs=(("ops.llm", "cached_share"), ("ops.llm", "requests")),
    threshold=Threshold(
        0.1,
        "share",
        "Prompts of 2,000 tokens and more begin alike; where less than a tenth comes from the cache, they are written "
        "in an order that forbids it.",
        "OpenAI, Prompt caching (from 1,024 tokens on, half price or less)",
    ),
    degradation=0.1,
    why="Each request pays for the same long instructions again. Providers charge a fraction for what they have just "
    "read, if the request begins alike.",
    fix=(
        "Put what is always the same first (instructions, tools, examples), and what changes last.",
        "Leave dates and ids out of the beginning.",
        "Mark the end of the fixed part where the provider wants it (cache_control).",
    ),
    first_slice=FirstSlice("Put the fixed part of the largest prompt first", 3),
    effort=Effort(0.25, 0.5, 1),
    removes=0.5,
    verify="More than half of the input tokens of the next week are cached ones.",
    rollback="Write the prompt in the old order.",
    references=(
        "OpenAI, Prompt caching https://platform.openai.com/docs/guides/prompt-caching",
        "Anthropic, Prompt caching https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching",
    ),
    check=Beyond(
        kind="ops.llm",
        metric="cached_share",
        subject=as_kind("model"),
        wording=Wording(
            title="Prompts of {name} are never cached",
            said="{value} of {input_tokens} input tokens of {name} came from the cache (limit {limit}), over "
            "{requests} "
            "requests.",
            also=("cost", "cached_tokens"),
        ),
        standing=Standing(breach=False),
        where=_long,
        floor=True,
        doubt=at_least("requests", ENOUGH_REQUESTS, f"usage with at least {ENOUGH_REQUESTS} requests of {{name}}"),
    ),
)
