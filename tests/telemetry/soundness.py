"""What must hold for the reading of any file whatever."""

import json
import math

from telemetry.coverage import coverage_row
from telemetry.kinds import KINDS
from telemetry.reading import Reading
from telemetry.storable import storable


def faults_of(reading: Reading) -> list[str]:
    """What is wrong with a reading, in words; empty when it is sound."""
    if reading.result is None:
        return [] if reading.error and len(reading.error) > 20 else ["no result and no message"]
    result, found = reading.result, []
    if result.records_lines + result.rejected + result.blank != result.lines:
        sum_of = f"{result.records_lines} + {result.rejected} + {result.blank}"
        found.append(f"lines do not add up: {sum_of} is not {result.lines}")
    if result.rejected and not result.rejected_samples:
        found.append("lines were rejected and none is shown")
    if result.first and result.last and result.first > result.last:
        found.append("it ends before it begins")
    for row in result.evidence:
        for metric, value in row.metrics.items():
            if metric not in KINDS.get(row.kind, {}):
                found.append(f"{row.kind} has no metric {metric}")
            if not isinstance(value, int | float) or not math.isfinite(value):
                found.append(f"{row.kind}.{metric} is {value!r}")
        for place in (row.place, *row.places.values()):
            if len(place.quote) > 500 or place.line < 1:
                found.append(f"{row.kind} stands in line {place.line} with {len(place.quote)} characters")
        if len(row.subject) > 20_000:
            found.append(f"{row.kind} has a subject of {len(row.subject)} characters")
    json.dumps(storable(coverage_row(reading)))
    json.dumps([storable(row.attrs) for row in result.evidence])
    return found
