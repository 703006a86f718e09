"""The bill: what each service cost, in the last seven days and a month."""

import math
import re
from collections.abc import Iterator

from reviews.capacity.catalogue import title_of, unit_of
from reviews.capacity.gather.base import by_subject, derived, measured, most, source_of
from reviews.capacity.inputs import Input
from reviews.risk.matrix import Grade
from telemetry.evidence import Evidence, EvidenceSet

ALL = "all"
MONTH_S = 30.4375 * 86_400  # a twelfth of 365.25 days
_CURRENCY = re.compile(r" \([A-Z]{3,10}\)\Z")
BY_TIME = "billed ÷ time the bills cover × a month"
ONE_MONTH = "as billed, taken for one month (assumed): the lines of the bill do not tell which time they cover"


def inputs(evidence: EvidenceSet) -> Iterator[Input]:
    """By service, as billed; the sum over all services is left to whoever adds."""
    for metric in ("billed", "last_7d"):
        for row in by_subject(evidence, "ops.cost", metric):
            if not _is_all(row):
                yield from measured(f"cost.{row.subject}.{metric}", row, metric)
    yield from _monthly(evidence)


def _is_all(row: Evidence) -> bool:
    return _CURRENCY.sub("", row.subject) == ALL


def _monthly(evidence: EvidenceSet) -> Iterator[Input]:
    """A month of each service over all its bills, named with its currency: sums of two currencies are none."""
    services: dict[str, list[Evidence]] = {}
    for row in evidence.of("ops.cost"):
        if not _is_all(row) and _amount(row) is not None:
            name, currency = _CURRENCY.sub("", row.subject), row.attrs.get("currency")
            services.setdefault(f"{name} ({currency})" if currency else name, []).append(row)
    for name, rows in sorted(services.items()):
        yield from _month_of(f"cost.{name}.monthly", rows)


def _month_of(key: str, rows: list[Evidence]) -> Iterator[Input]:
    """Bills that tell their time count; where none does, the largest is taken for one month."""
    timed = [row for row in rows if row.metrics.get("window_s", 0.0) > 0]
    largest = most(timed or rows, _metric(rows[0]))
    if largest is None:
        return
    metric = _metric(largest)
    if timed:
        billed = math.fsum(_amount(row) or 0.0 for row in timed)
        whole = math.fsum(row.metrics["window_s"] for row in timed)
        yield from derived(key, billed / whole * MONTH_S, BY_TIME, largest, metric)
    else:
        source = source_of(largest, metric, ONE_MONTH)
        yield Input(key, title_of(key), largest.metrics[metric], unit_of(key), Grade.ASSUMED, source)


def _metric(row: Evidence) -> str:
    """As invoiced, else as used."""
    return "billed" if "billed" in row.metrics else "effective"


def _amount(row: Evidence) -> float | None:
    value = row.metrics.get(_metric(row))
    return value if value is not None and math.isfinite(value) else None
