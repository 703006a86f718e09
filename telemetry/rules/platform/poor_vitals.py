"""Visitors measured a slow page."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.beyond import Beyond, at_least
from telemetry.rules.shapes import Standing, Wording, as_kind, first_of

ENOUGH = 200
# Google's bounds: good up to the first, poor above the second.
LCP_MS, INP_MS, CLS = (2_500.0, 4_000.0), (200.0, 500.0), (0.1, 0.25)


def _vital(metric: str, samples: str, bounds: tuple[float, float], said: str, poor: bool) -> Beyond:
    return Beyond(
        kind="web.vitals",
        metric=metric,
        subject=as_kind("route"),
        wording=Wording(
            title="{name} is " + ("slow" if poor else "not quick") + " for visitors",
            said=said,
            also=(samples, "ttfb_p75_ms", "fcp_p75_ms"),
        ),
        standing=Standing(touches="routes", degradation=0.3 if poor else 0.1),
        where=lambda row: row.subject != "all",
        doubt=at_least(samples, ENOUGH, f"at least {ENOUGH} visits of {{name}}"),
        limit=bounds[1] if poor else bounds[0],
    )


LCP = "A quarter of the visitors of {name} wait {value} or longer for the main content (limit {limit})."
INP = "For a quarter of the visitors {name} takes {value} or longer to react to a click (limit {limit})."
SHIFT = "For a quarter of the visitors {name} moves by {value} or more of the screen while it loads (limit {limit})."
VITALS = (
    ("lcp_p75_ms", "lcp_samples", LCP_MS, LCP),
    ("inp_p75_ms", "inp_samples", INP_MS, INP),
    ("cls_p75", "cls_samples", CLS, SHIFT),
)

RULE = Rule(
    id="PL044",
    slug="poor-vitals",
    area="platform",
    mechanism="slow-route",
    title="Visitors measured a slow page",
    needs=(),
    needs_any=(("web.vitals", "lcp_p75_ms"), ("web.vitals", "inp_p75_ms"), ("web.vitals", "cls_p75")),
    threshold=Threshold(
        LCP_MS[0],
        "ms",
        "Good: main content within 2.5 s, reaction within 200 ms, shift up to 0.1, for three visits of four; poor "
        "above "
        "4 s, 500 ms, 0.25. From 200 visits on.",
        "Google, Web Vitals",
    ),
    degradation=0.1,
    why="This was measured in your visitors' own browsers: they wait for the page longer than people do. Search "
    "engines "
    "rank by the same numbers.",
    fix=(
        "See which part is late: the server's answer (TTFB), the picture, or scripts.",
        "Load the largest picture first, in the size in which it is shown.",
        "Put off scripts of third parties until the page reacts.",
        "Give pictures and advertisements their size, so that nothing moves.",
    ),
    first_slice=FirstSlice("Mend the largest part of the slowest page", 6),
    effort=Effort(0.5, 2, 4),
    removes=0.6,
    verify="The 75th percentile of a week is in the range that Google calls good.",
    rollback="Revert the change of the page.",
    references=("Google, Web Vitals https://web.dev/articles/vitals",),
    check=first_of(
        *(_vital(*vital, poor=True) for vital in VITALS),
        *(_vital(*vital, poor=False) for vital in VITALS),
    ),
)
