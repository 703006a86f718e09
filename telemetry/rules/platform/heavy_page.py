"""A page loads much JavaScript before it works."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Threshold
from telemetry.rules.beyond import Beyond
from telemetry.rules.shapes import Standing, Wording, as_kind

KB = 1_024

RULE = Rule(
    id="PL043",
    slug="heavy-page",
    area="platform",
    mechanism="slow-route",
    title="A page loads much JavaScript",
    needs=(("route", "first_load_bytes"),),
    threshold=Threshold(
        300 * KB,
        "bytes",
        "300 kB, compressed, take a phone of the middle class three seconds to load and run.",
        "Next.js, size of First Load JS (shown in red above 170 kB), nearly twice that; web.dev, performance budgets",
    ),
    degradation=0.1,
    why="On a phone the page is there but does not react, since it first loads and runs a large program. Visitors with "
    "older phones leave.",
    fix=(
        "Look at what is in it with the bundle analyzer; one or two libraries make most of it.",
        "Load what is not needed at once with dynamic import.",
        "Render on the server what needs no interaction.",
    ),
    first_slice=FirstSlice("Load the largest library of the page lazily", 4),
    effort=Effort(0.5, 1, 3),
    removes=0.7,
    verify="next build shows less than 200 kB of First Load JS for the page.",
    rollback="Revert the import.",
    references=(
        "web.dev, Performance budgets https://web.dev/articles/your-first-performance-budget",
        "Next.js, Lazy loading https://nextjs.org/docs/app/guides/lazy-loading",
    ),
    check=Beyond(
        kind="route",
        metric="first_load_bytes",
        subject=as_kind("route"),
        wording=Wording(
            title="{name} loads much JavaScript",
            said="{name} loads {value} of JavaScript before it works (limit {limit}).",
        ),
        standing=Standing(breach=False, touches="routes"),
        where=lambda row: row.attrs.get("type") != "api",
    ),
)
