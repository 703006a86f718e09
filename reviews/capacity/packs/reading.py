"""What the packs read from the document; nothing here computes. What is not in it is None or empty, never a default."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

Document = Mapping[str, Any]
Machine = dict[str, Any]


CRITICAL, WARNING, TRIGGER = "critical", "warning", "trigger"


@dataclass(frozen=True, slots=True)
class Limit:
    """A threshold with its unit, how bad it is to pass it, how long it must hold, and its source in words."""

    value: float
    unit: str
    severity: str
    source: str
    minutes: int = 0
    below: bool = False


def capacity(document: Document, part: str) -> Any:
    """A part of the capacity model, None where the document has none."""
    return (document.get("capacity") or {}).get(part)


def limits_of(document: Document, measure: str) -> list[Limit]:
    """Thresholds of a measure, critical first: the client's own target in place of what the policy's profile says.

    The chosen profile's own thresholds count before those that others lend it. Where nobody is told or paged, the
    trigger of the earliest phase warns. Empty when nothing is known.
    """
    rows = [row for row in (capacity(document, "policy") or {}).get("thresholds") or () if row["measure"] == measure]
    alerts = [row for row in rows if row["role"] in (CRITICAL, WARNING)]
    told = [row for row in alerts if row["own"]] or alerts
    triggers = sorted((row for row in rows if row["role"] == TRIGGER), key=lambda row: row["phase"])
    limits = [_limit(row) for row in (told or triggers[:1])]
    limits.sort(key=lambda limit: limit.severity != CRITICAL)
    own = target_of(document, measure)
    if own is None:
        return limits
    like = limits[0] if limits else Limit(0.0, own.unit, WARNING, "")
    return [replace(own, severity=like.severity, minutes=like.minutes, below=like.below)]


def first_limit(document: Document, measure: str) -> Limit | None:
    """The threshold of a measure that counts most, None without one."""
    return next(iter(limits_of(document, measure)), None)


def target_of(document: Document, measure: str) -> Limit | None:
    """What the client wants of this measure, None when nobody said."""
    for row in capacity(document, "targets") or ():
        target = row.get("target")
        if row["metric"] == measure and target and row.get("grade_of_target") == "stated":
            return Limit(target["value"], target["unit"], WARNING, row["source"])
    return None


def _limit(row: Machine) -> Limit:
    return Limit(
        value=float(row["value"]),
        unit=str(row["unit"]),
        severity=CRITICAL if row["role"] == CRITICAL else WARNING,
        source=f"{row['source']} (profile {row['profile']})",
        minutes=int(row.get("minutes") or 0),
        below=row["direction"] == "below",
    )


def input_value(document: Document, key: str) -> float | None:
    """An input of the capacity model, a consultant's change included."""
    rows = capacity(document, "inputs") or ()
    value = next((row.get("value") for row in rows if row.get("key") == key), None)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def findings_about(document: Document, mechanisms: Iterable[str], subject: str = "") -> list[Machine]:
    """Findings of these mechanisms by rank; with a subject, those about it before the others' are left out."""
    wanted = set(mechanisms)
    rows: Sequence[Machine] = document.get("findings") or ()
    found = [row for row in rows if row.get("mechanism") in wanted]
    if subject:
        found = [row for row in found if (row.get("subject") or {}).get("name") == subject]
    return sorted(found, key=lambda row: (row.get("rank") or 0, str(row.get("id"))))


def name_of(document: Document) -> str:
    """The client, as it stands on the cover."""
    return str((document.get("engagement") or {}).get("client") or "the client")
