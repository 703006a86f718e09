"""A load test missed the thresholds that its author set."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Threshold
from telemetry.rules.load_runs import scenario
from telemetry.rules.numbers import Told


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One hit a run."""
    missed: dict[str, list[Evidence]] = {}
    for row in evidence.having("load.threshold", "breached"):
        if row.metrics["breached"] > threshold.value:
            missed.setdefault(row.file, []).append(row)
    for file, rows in missed.items():
        told = Told()
        for row in rows:
            told.also(row, "breached")
        run = next((row for row in evidence.having("load.run", "requests") if row.file == file), None)
        said = "The load test missed its own threshold " + " and ".join(row.subject for row in rows[:2])
        said += " and others" if len(rows) > 2 else ""
        if run:
            said += f", over {told(run, 'requests')} requests"
            told.also(run, "rps", "p95_ms", "failed_share", "users")
        yield Hit(
            subject=scenario(evidence, rows[0]),
            title="A load test missed its own thresholds",
            said=said + " (limit none).",
            cites=told.cites,
            limit=threshold.value,
            breach=True,
            shared=True,
        )


RULE = Rule(
    id="PL055",
    slug="load-test-thresholds",
    area="platform",
    mechanism="load-test-breach",
    title="A load test missed its own thresholds",
    needs=(("load.threshold", "breached"),),
    threshold=Threshold(0, "1", "The test's author set the limit; one that is missed is missed.", "k6, Thresholds"),
    degradation=0.3,
    why="Your own test says that the system does not keep what it should under this load. At the next campaign "
    "visitors "
    "will run the same test.",
    fix=(
        "See which endpoints make the difference, and what they wait for.",
        "Mend the first, and run the same test again before anything else changes.",
        "Keep the test in the release pipeline with these thresholds.",
    ),
    first_slice=FirstSlice("Name the endpoint that missed the threshold", 4),
    effort=Effort(0.5, 2, 4),
    removes=0.6,
    verify="The same test passes all of its thresholds twice.",
    rollback="Nothing was changed by the test.",
    references=("Grafana k6, Thresholds https://grafana.com/docs/k6/latest/using-k6/thresholds/",),
    check=check,
)
