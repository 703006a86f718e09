"""The hosting platform refuses requests at a limit of the account."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Subject, Threshold
from telemetry.rules.beyond import Beyond
from telemetry.rules.managed import KIND, named, unless_sent
from telemetry.rules.shapes import Above, Standing, Wording, as_kind, first_of

RULE = Rule(
    id="PL005",
    slug="throttling",
    area="platform",
    mechanism="throttling",
    title="The platform refuses requests",
    needs=(),
    needs_any=(
        ("function.route", "throttled"),
        ("function.server", "throttled"),
        ("function.script", "shed"),
        (KIND, "sum"),
    ),
    threshold=Threshold(
        0,
        "1",
        "Each throttled request is a visitor turned away; a paused deployment turns all of them away.",
        "Vercel, FUNCTION_THROTTLED (1,000 concurrent executions per 10 s and region)",
    ),
    degradation=0.6,
    why="At the peak the platform turns visitors away because too many requests start at once. The better the "
    "campaign, the more of them.",
    fix=(
        "Find what starts so many functions at once: a cron, a fan-out, a campaign.",
        "Answer what can be cached from the edge, so that no function starts.",
        "Spread crons and fan-outs over time through a queue.",
        "Ask the platform for a higher burst limit before the next campaign.",
    ),
    first_slice=FirstSlice("Cache the most requested route at the edge", 6),
    effort=Effort(0.5, 1.5, 3),
    removes=0.7,
    verify="No FUNCTION_THROTTLED in the logs of the next peak.",
    rollback="Remove the cache header; schedules are configuration.",
    references=(
        "Vercel, FUNCTION_THROTTLED https://vercel.com/docs/errors/FUNCTION_THROTTLED",
        "Vercel, Concurrency scaling https://vercel.com/docs/functions/concurrency-scaling",
    ),
    check=first_of(
        Above(
            kind="function.server",
            metric="paused",
            subject=lambda row: Subject("account", "hosting"),
            wording=Wording(
                title="The deployment was paused",
                said="The platform answered {value} requests with 'deployment paused' (limit none): a spending or plan "
                "limit was reached.",
                also=("requests",),
            ),
            standing=Standing(shared=True, degradation=1.0),
        ),
        Above(
            kind="function.route",
            metric="throttled",
            subject=as_kind("route"),
            wording=Wording(
                title="{name} is throttled",
                said="The platform refused {value} requests of {name} (limit none) of {requests} because too many "
                "functions started at once.",
            ),
            standing=Standing(touches="routes"),
        ),
        Beyond(
            kind="function.script",
            metric="shed",
            subject=as_kind("route"),
            wording=Wording(
                title="{name} is throttled",
                said="The platform did not run {value} of {requests} invocations of {name} (limit none): it had no "
                "room.",
            ),
            standing=Standing(),
        ),
        Beyond(
            kind=KIND,
            metric="sum",
            subject=lambda row: Subject("account", str(row.attrs.get("label") or row.subject)),
            wording=Wording(
                title="A managed service refuses requests",
                said="{name} counts {value} refused requests (limit none) in {window_s}, {highest} in the worst "
                "period.",
                also=("points",),
            ),
            standing=Standing(),
            where=named("Throttles", "ThrottledRequests", "ReadThrottleEvents", "WriteThrottleEvents"),
        ),
        unless_sent(
            (
                "Throttles",
                "ThrottledRequests",
                "ReadThrottleEvents",
                "WriteThrottleEvents",
            ),
            ("function.route", "throttled"),
            ("function.server", "throttled"),
            ("function.script", "shed"),
        ),
    ),
)
