"""A third party holds the page in the browser."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Subject, Threshold
from telemetry.rules.beyond import Beyond, at_least
from telemetry.rules.shapes import Standing, Wording

RULE = Rule(
    id="PL051",
    slug="slow-third-party",
    area="platform",
    mechanism="slow-dependency",
    title="A third party holds the page",
    needs=(("har.host", "p95_ms"),),
    threshold=Threshold(
        2_000,
        "ms",
        "Two seconds for one request of another host; from five requests on, as one visit is a small sample.",
        "House limit; web.dev, Third-party JavaScript performance",
    ),
    degradation=0.1,
    why="Scripts of another company make your page wait in the visitor's browser. Most of them are for statistics or "
    "advertising, and could come later.",
    fix=(
        "List the scripts with who asked for them, and remove what nobody reads.",
        "Load the others after the page reacts (async, defer, or on the first click).",
        "Serve fonts and libraries from your own host.",
    ),
    first_slice=FirstSlice("Load the slowest script after the page", 2),
    effort=Effort(0.1, 0.5, 1.5),
    removes=0.8,
    verify="A new recording shows no request of this host before the page reacts.",
    rollback="Load the script as before.",
    references=(
        "web.dev, Third-party JavaScript https://web.dev/articles/optimizing-content-efficiency-loading-third-party-javascript",
    ),
    check=Beyond(
        kind="har.host",
        metric="p95_ms",
        subject=lambda row: Subject("external host", row.subject),
        wording=Wording(
            title="{name} holds the page",
            said="Requests of {name} took {value} at the 95th percentile (limit {limit}), in {requests} requests of "
            "one "
            "visit.",
            also=("max_ms", "share", "bytes"),
        ),
        standing=Standing(),
        where=lambda row: row.attrs.get("third_party") is True,
        doubt=at_least("requests", 5, "a second recording of the visit: few requests of {name}"),
    ),
)
