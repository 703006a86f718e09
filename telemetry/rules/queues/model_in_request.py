"""A request waits for a language model."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.places import NEEDS_CODE, Places

check = Places(
    "llm_in_request",
    "route",
    "{name} waits for a language model",
    "{name} calls {callee} and answers when the whole text is there; neither does it stream nor hand the work to a "
    "job.",
)

RULE = Rule(
    id="QU057",
    slug="model-in-request",
    area="queues",
    mechanism="work-in-request",
    title="A request waits for a language model",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "Whole answers of models take ten seconds and more, and functions end at their limit.",
        "Vercel, function duration; OpenAI, Streaming responses",
    ),
    degradation=0.3,
    why="The visitor looks at nothing for ten seconds, and when the model is busy the request ends without an answer "
    "after it was paid for.",
    fix=(
        "Stream the answer where a person reads it.",
        "Hand it to a job where nobody waits, and show the result when it is there.",
        "Give the call a timeout below the platform's, and say so when it is reached.",
    ),
    first_slice=FirstSlice("Stream the answer of this route", 4),
    effort=Effort(0.5, 1, 2),
    removes=0.7,
    verify="The first words arrive within two seconds, and no request of the route reaches the time limit.",
    rollback="Answer with the whole text again.",
    references=(
        "Vercel, Configuring maximum duration https://vercel.com/docs/functions/configuring-functions/duration",
        "OpenAI, Streaming responses https://platform.openai.com/docs/guides/streaming-responses",
    ),
    check=check,
)
