"""A function calls itself until the platform stops it."""

from telemetry.rules.base import Effort, FirstSlice, Rule, Subject, Threshold
from telemetry.rules.beyond import Beyond
from telemetry.rules.shapes import Standing, Wording

RULE = Rule(
    id="PL053",
    slug="self-calls",
    area="platform",
    mechanism="error-burst",
    title="A function calls itself",
    needs=(("function.server", "loops"),),
    threshold=Threshold(
        0,
        "1",
        "The platform only says so when a request went round several times.",
        "Vercel, INFINITE_LOOP_DETECTED (508)",
    ),
    degradation=0.6,
    why="One request starts another of the same kind, and that the next, until the platform stops it. Each visitor "
    "costs many functions and gets an error.",
    fix=(
        "Find the address that the function asks: its own, through a rewrite or a base URL of the wrong environment.",
        "Call the code instead of the address.",
        "Pass a header that marks inner requests, and refuse a second round.",
    ),
    first_slice=FirstSlice("Name the address that leads back, and call the code", 3),
    effort=Effort(0.1, 0.5, 1),
    removes=0.95,
    verify="No INFINITE_LOOP_DETECTED in the next log.",
    rollback="Revert the call.",
    references=("Vercel, INFINITE_LOOP_DETECTED https://vercel.com/docs/errors/INFINITE_LOOP_DETECTED",),
    check=Beyond(
        kind="function.server",
        metric="loops",
        subject=lambda row: Subject("deployment", "hosting"),
        wording=Wording(
            title="A function calls itself",
            said="The platform stopped {value} requests that called themselves (limit none) of {requests}.",
        ),
        standing=Standing(),
    ),
)
