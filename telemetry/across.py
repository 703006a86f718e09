"""What several files say together: the one place where evidence of an engagement is put together for the rules."""

from collections.abc import Sequence

from telemetry.evidence import Evidence
from telemetry.exported import join_exported
from telemetry.joining import Part, join_parts
from telemetry.snapshots import compare_snapshots


def evidence_of(parts: Sequence[Part]) -> list[Evidence]:
    """Logs joined, the newest snapshot of each server and what happened since the oldest; notes say how.

    What exporters tell of one subject in several files becomes one row.
    """
    changes, replaced = compare_snapshots(parts)
    kept = [part for place, part in enumerate(parts) if place not in replaced]
    return join_exported(join_parts(kept)) + changes
