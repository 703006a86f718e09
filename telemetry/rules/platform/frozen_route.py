"""An API handler was made static when the application was built."""

import re
from collections.abc import Iterator

from telemetry.evidence import EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told

# What may well be the same until the next build, by its name.
_CONSTANT = re.compile(r"/(?:openapi|swagger|version|manifest|robots|sitemap|og|icon|health|ping|rss|feed)\b", re.I)


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """The sign of the build before a route below /api; documents that are constant by name are left out."""
    seen: set[str] = set()
    for row in evidence.having("route", "listed"):
        if row.attrs.get("frozen") is not True or row.subject in seen or _CONSTANT.search(row.subject):
            continue
        seen.add(row.subject)
        told = Told()
        told.also(row, "listed")
        traffic = next((one for one in evidence.having("http.route", "requests") if one.subject == row.subject), None)
        said = f"The build made {row.subject} static (limit none below /api): it answers alike until the next build"
        if traffic:
            said += f", and was asked {told(traffic, 'requests')} times"
        yield Hit(
            subject=Subject("route", row.subject),
            title=f"{row.subject} is frozen at build time",
            said=said + ".",
            cites=told.cites,
            limit=threshold.value,
            routes=(row.subject,),
            snippet='// in the route file: answer each request anew\nexport const dynamic = "force-dynamic";',
        )


RULE = Rule(
    id="PL042",
    slug="frozen-route",
    area="platform",
    mechanism="frozen-route",
    title="A handler is frozen at build time",
    needs=(("route", "listed"),),
    threshold=Threshold(
        0,
        "1",
        "An API handler without a request in its code is run once, while building; whatever it read then is served on.",
        "Next.js, Route Handlers (static by default when GET reads nothing of the request)",
    ),
    degradation=0.6,
    why="This address answers with what was true on the day of the last release: old prices, old stock, an old status. "
    "Nobody sees an error.",
    fix=(
        "Decide for each such route whether its answer may be old.",
        'Where it may not, export dynamic = "force-dynamic"; where it may for a while, export revalidate.',
        "Look at the build's table in review: an API route must carry the sign of a dynamic one.",
    ),
    first_slice=FirstSlice("Mark the routes that read data as dynamic", 1),
    effort=Effort(0.1, 0.25, 0.5),
    removes=0.95,
    verify="The table of next build shows the route as dynamic.",
    rollback="Remove the export.",
    references=("Next.js, Route Handlers https://nextjs.org/docs/app/getting-started/route-handlers",),
    check=check,
)
