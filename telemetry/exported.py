"""One subject whose numbers came in several files of metrics becomes one row again.

A range query of Prometheus answers for one metric, so that the memory a container uses and the memory it may use stand
in two files, as do the jobs of a queue and its workers. Rows join where no number is told twice: two scrapes of one
metric, or two servers, stay two rows.
"""

from collections.abc import Sequence
from dataclasses import replace

from telemetry.evidence import Evidence
from telemetry.parsers.metrics_known import FROM, derive


def join_exported(rows: Sequence[Evidence]) -> list[Evidence]:
    """The rows, those of exporters joined at the place of the first one."""
    joined: list[Evidence] = []
    places: dict[tuple[str, str, str], list[int]] = {}
    for row in rows:
        if row.attrs.get("from") != FROM or row.kind == "http.route":
            joined.append(row)
            continue
        known = places.setdefault((row.kind, row.subject, str(row.attrs.get("instance", ""))), [])
        fits = next((at for at in known if _apart(joined[at], row)), None)
        if fits is None:
            known.append(len(joined))
            joined.append(row)
        else:
            joined[fits] = _join(joined[fits], row)
    return joined


def _apart(one: Evidence, other: Evidence) -> bool:
    """Whether no number is in both; how long a row looked may be."""
    return not (set(one.metrics) & set(other.metrics)) - {"window_s"}


def _join(one: Evidence, other: Evidence) -> Evidence:
    metrics = {**other.metrics, **one.metrics}
    places = dict(one.places)
    for metric in set(other.metrics) - set(one.metrics):
        place = other.place_of(metric)
        places[metric] = replace(place, file=place.file or other.file) if other.file != one.file else place
    derive(one.kind, metrics)
    return replace(one, metrics=metrics, places=places, attrs={**other.attrs, **one.attrs})
