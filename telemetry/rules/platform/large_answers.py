"""Answers of a route are large as a rule."""

import re

from telemetry.evidence import Evidence
from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.beyond import Beyond, at_least
from telemetry.rules.shapes import Standing, Wording, as_kind

MB = 1024 * 1024
# Files are large by nature.
_FILE = re.compile(
    r"\.\w{2,5}\Z|/(?:static|assets|media|images?|img|files?|downloads?|exports?|uploads?|_next|fonts?|videos?)(?:/|\Z)",
    re.I,
)


def _answers(row: Evidence) -> bool:
    return not _FILE.search(row.subject)


RULE = Rule(
    id="PL049",
    slug="large-answers",
    area="platform",
    mechanism="payload-too-large",
    title="Answers are large as a rule",
    needs=(("http.route", "bytes_mean"),),
    threshold=Threshold(
        MB,
        "bytes",
        "1 MB is some ten thousand rows of JSON: more than a page shows, and two seconds on a phone's network.",
        "House limit; web.dev, page weight",
    ),
    degradation=0.3,
    why="Every call of this address sends a megabyte or more. It takes phones seconds, costs traffic and memory, and "
    "grows with each row that is added.",
    fix=(
        "Return a page of rows with a cursor, and only the fields that are shown.",
        "Compress answers (gzip or brotli), and let the browser keep what does not change (ETag).",
        "Send files as links to object storage.",
    ),
    first_slice=FirstSlice("Page the answer and leave out unused fields", 6),
    effort=Effort(0.5, 1, 2),
    removes=0.8,
    verify="The mean answer of the route is below 100 kB in the next log.",
    rollback="Keep the old path beside the new one for a release.",
    references=(
        "web.dev, Optimize the encoding and transfer size https://web.dev/articles/optimizing-content-efficiency-optimize-encoding-and-transfer",
    ),
    check=Beyond(
        kind="http.route",
        metric="bytes_mean",
        subject=as_kind("route"),
        wording=Wording(
            title="{name} sends large answers",
            said="{name} sends {value} for each of {requests} requests (limit {limit}).",
            also=("bytes_max", "bytes", "p95_ms"),
        ),
        standing=Standing(breach=False, touches="routes"),
        where=_answers,
        doubt=at_least("requests", 50, "a log with at least 50 requests of {name}"),
    ),
)
