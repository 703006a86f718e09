"""How busy machines are, from node_exporter's seconds of each processor by mode, over a range.

The counter holds the seconds that a processor spent in a mode since the machine started, so that the growth of "idle"
between two scrapes tells how busy it was (https://github.com/prometheus/node_exporter). Waiting for disks is no work.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise

from telemetry.evidence import Evidence, ParseResult
from telemetry.parsers.metrics_families import Family, Series, place_of
from telemetry.parsers.metrics_known import FROM, family_of

_IDLE = ("idle", "iowait", "steal")
_WITHIN = ("guest", "guest_nice")  # counted in user and nice, too
_NEEDED = frozenset({"idle", "user"})
Modes = dict[str, dict[float, float]]  # mode -> moment -> seconds of all processors


def node_rows(families: Mapping[str, Family], result: ParseResult) -> Iterator[Evidence]:
    """A row a machine; none for a single scrape, which says nothing about now."""
    family = family_of(families, "node_cpu_seconds_total")
    modes: dict[str, Modes] = defaultdict(lambda: defaultdict(lambda: defaultdict(float)))
    cpus: dict[str, set[str]] = defaultdict(set)
    shown: dict[str, Series] = {}
    for pairs, series in family.series.items() if family else ():
        labels = dict(pairs)
        host, mode = labels.get("instance") or labels.get("node") or "host", labels.get("mode", "")
        if mode and mode not in _WITHIN:
            shown.setdefault(host, series)
            cpus[host].add(labels.get("cpu", ""))
            for moment, value in series.points:
                modes[host][mode][moment] += value
    for host, of_host in modes.items():
        busy, waits = _shares(of_host)
        if busy and set(of_host) >= _NEEDED:
            yield _row(host if len(modes) > 1 else "host", busy, waits, len(cpus[host]), shown[host], result)


def _shares(modes: Modes) -> tuple[list[float], list[float]]:
    """(busy, waiting for disks) of each interval; one in which the machine started anew is left out."""
    moments = sorted(set.intersection(*(set(of_mode) for of_mode in modes.values())))
    busy, waits = [], []
    for before, now in pairwise(moments):
        grown = {mode: of_mode[now] - of_mode[before] for mode, of_mode in modes.items()}
        whole = sum(grown.values())
        if whole > 0 and min(grown.values()) >= 0:
            busy.append(1 - sum(grown.get(mode, 0.0) for mode in _IDLE) / whole)
            waits.append(grown.get("iowait", 0.0) / whole)
    return busy, waits


def _row(host: str, busy: list[float], waits: list[float], cpus: int, series: Series, result: ParseResult) -> Evidence:
    ranked = sorted(busy)
    metrics = {
        "samples": float(len(busy)),
        "window_s": series.points[-1][0] - series.points[0][0],
        "busy_mean": sum(busy) / len(busy),
        "busy_p95": ranked[min(len(ranked) - 1, int(0.95 * len(ranked)))],
        "busy_max": ranked[-1],
        "iowait_mean": sum(waits) / len(waits),
        "iowait_max": max(waits),
        "cpus": float(cpus),
    }
    return Evidence("host.cpu", host, metrics, place_of(series, result), attrs={"from": FROM})
