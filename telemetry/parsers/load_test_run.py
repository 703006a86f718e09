"""What every load test says, whichever tool ran it: the run, its endpoints, its thresholds, and where each stands."""

import math
from dataclasses import dataclass, field
from typing import Any

from telemetry.evidence import Evidence, ParseResult, Place
from telemetry.redaction import redact
from telemetry.routes import route_of

ENDPOINTS = 300
_NAME_CHARS = 200


@dataclass(slots=True)
class Measured:
    """Metrics of one subject, each with its own line where that is another one than the subject's."""

    kind: str
    subject: str
    place: Place
    values: dict[str, float] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    attrs: dict[str, Any] = field(default_factory=dict)
    sketches: dict[str, dict[int, int]] = field(default_factory=dict)

    def put(self, metric: str, value: float | None, place: Place | None = None) -> None:
        """Keep a value; what was not measured (None, not finite) stays absent."""
        if value is None or not math.isfinite(value):
            return
        self.values[metric] = value
        if place is not None and place != self.place:
            self.places[metric] = place

    def share_failures(self, unanswered: float = 0.0) -> None:
        """Put the shares that follow from requests, failed and rate_limited.

        `unanswered` are failures that the tool does not count among its requests.
        """
        requests, failed = self.values.get("requests", 0.0) + unanswered, self.values.get("failed")
        if not requests or failed is None:
            return
        place = self.places.get("failed")
        self.put("failed_share", failed / requests, place)
        if "rate_limited" in self.values:
            self.put("error_share", (failed - self.values["rate_limited"]) / requests, place)

    def evidence(self) -> Evidence:
        """The row."""
        return Evidence(
            self.kind, self.subject, self.values, self.place, self.places, self.attrs, sketches=self.sketches
        )


def endpoint(method: str, name: str, place: Place) -> Measured:
    """One endpoint. A name that is an address becomes its route; others stay as the test's author wrote them."""
    path = name.partition(" ")[2] if name.partition(" ")[0] == method else name
    is_address = path.startswith(("/", "http://", "https://"))
    shown = route_of(path) if is_address else redact(path)[0][:_NAME_CHARS]
    attrs = {"method": method, **({"route": shown} if is_address else {})}
    return Measured("load.endpoint", f"{method} {shown}".strip(), place, attrs=attrs)


def threshold(metric: str, condition: str, breached: bool, place: Place) -> Measured:
    """One threshold and whether the run broke it."""
    metric = redact(metric)[0][:_NAME_CHARS]
    condition = condition[:_NAME_CHARS]
    measured = Measured("load.threshold", f"{metric} {condition}", place)
    measured.attrs = {"metric": metric, "condition": condition}
    measured.put("breached", float(breached))
    return measured


def busiest(endpoints: list[Measured]) -> list[Measured]:
    """The 300 endpoints with the most requests; the others as one row with the sums of what can be added up."""
    ranked = sorted(endpoints, key=lambda row: -row.values.get("requests", 0.0))
    shown, rest = ranked[:ENDPOINTS], ranked[ENDPOINTS:]
    if rest:
        other = Measured("load.endpoint", "other", rest[0].place)
        for metric in ("requests", "failed", "rate_limited", "status_4xx", "status_5xx"):
            values = [row.values[metric] for row in rest if metric in row.values]
            other.put(metric, sum(values) if values else None)
        other.share_failures()
        shown.append(other)
    return shown


def finish(result: ParseResult, run: Measured | None, rows: list[Measured]) -> None:
    """Put evidence, totals and what the review can now answer."""
    result.evidence = [row.evidence() for row in ([run] if run else []) + rows]
    for name in ("requests", "failed_share"):
        if run and name in run.values:
            value = run.values[name]
            result.totals[name] = int(value) if name == "requests" else value
    verdicts = [row for row in rows if row.kind == "load.threshold"]
    if verdicts:
        result.totals["thresholds"] = len(verdicts)
        result.totals["thresholds_breached"] = int(sum(row.values["breached"] for row in verdicts))
    result.records = len(result.evidence)
    result.enables = ["The load that was reached, and what failed under it", "Latency under load"]
    if verdicts:
        result.enables.append("Which of the test's own thresholds were broken")
