"""Anyone may ask the language model as often as they like."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.limits import Open
from telemetry.rules.places import NEEDS_CODE

check = Open(
    "ai",
    "{name} asks the model without limit",
    "{name} asks a language model for every request, and no limiter stands in its code or before it.",
    snippet='const { success } = await ratelimit.limit(userId)\nif (!success) return new Response("Slow down", { '
    "status: 429 "
    "})",
)

RULE = Rule(
    id="SE012",
    slug="unlimited-ai-route",
    area="security",
    mechanism="no-rate-limit",
    title="The model can be asked without limit",
    needs=NEEDS_CODE,
    threshold=Threshold(
        0,
        "1",
        "Every answer costs money; one open route is a bill that a stranger writes.",
        "OWASP API4:2023, Unrestricted Resource Consumption",
    ),
    degradation=0.3,
    why="One script can spend a month's budget in a night, or use up the quota of the model so that no customer gets "
    "an "
    "answer.",
    fix=(
        "Limit by user, a number of questions a minute and a day, in a store that all instances share.",
        "Cap the length of the question and of the answer.",
        "Set a spending limit and an alert at the provider.",
    ),
    first_slice=FirstSlice("Set a spending limit at the provider, and limit by user", 4),
    effort=Effort(0.25, 0.75, 1.5),
    removes=0.8,
    verify="The request after the last allowed one is answered with 429 and reaches no model.",
    rollback="Raise the limit; it is one constant.",
    references=(
        "OWASP, API4:2023 https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/",
    ),
    check=check,
)
