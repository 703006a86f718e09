"""A dashboard for Grafana: the same signals, limits and systems as the alert rules, as JSON that can be imported.

Fields as Grafana writes them itself (schema 39, Grafana 10 and later; it migrates older and newer on import):
https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
"""

import json
from collections.abc import Iterator
from typing import Any

from reviews.capacity.packs.alerts import watch_limits
from reviews.capacity.packs.queues import published
from reviews.capacity.packs.reading import Document, Limit, capacity, limits_of, name_of
from reviews.capacity.packs.text import label
from reviews.capacity.packs.watches import ERRORS_5M, WATCHES, Watch

Panel = dict[str, Any]

FILE = "dashboard.json"
SCHEMA = 39
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
COLUMNS, WIDE, HIGH = 24, 8, 8
# Units of Grafana for ours: https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/
UNITS = {"share": "percentunit", "ms": "ms", "s": "s", "bytes": "bytes", "1": "short", "1/s": "reqps"}
_TITLES = {
    "http": "Requests",
    "postgres": "PostgreSQL",
    "replication": "Replication",
    "pgbouncer": "Connection pool",
    "redis": "Redis",
    "host": "Machines",
}


def dashboard(document: Document) -> str:
    """The dashboard as JSON, the same for the same document. It takes its data source from a variable on import."""
    panels = list(_numbered(_placed(_rows(document))))
    client = label(name_of(document))
    model = {
        "title": f"Loadline: {client}",
        "uid": "loadline-capacity",
        "description": "What the review of the capacity found worth watching. Needs the rules of alerts.yml.",
        "tags": ["loadline"],
        "timezone": "browser",
        "editable": True,
        "graphTooltip": 1,
        "schemaVersion": SCHEMA,
        "version": 1,
        "refresh": "1m",
        "time": {"from": "now-24h", "to": "now"},
        "templating": {"list": [_variable()]},
        "annotations": {"list": [_alerts_as_marks()]},
        "links": [],
        "panels": panels,
    }
    return json.dumps(model, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _variable() -> Panel:
    return {
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
        "hide": 0,
        "refresh": 1,
        "current": {},
        "options": [],
        "regex": "",
        "multi": False,
        "includeAll": False,
    }


def _alerts_as_marks() -> Panel:
    """Alerts of this pack as marks on every picture."""
    return {
        "name": "Alerts",
        "datasource": SOURCE,
        "enable": True,
        "iconColor": "red",
        "expr": 'ALERTS{alertstate="firing",made_by="loadline"}',
        "titleFormat": "{{alertname}}",
        "step": "60s",
    }


def _rows(document: Document) -> Iterator[tuple[str, list[Panel]]]:
    """Headings with their panels, those of the application first."""
    systems = capacity(document, "systems") or {}
    names = list(systems.get("names") or ("http",))
    for name in names:
        panels = [_watch(watch, watch_limits(document, watch)) for watch in WATCHES if watch.system == name]
        yield _TITLES[name], [_requests(), *panels] if name == "http" else panels
    queues = [_queue(document, row) for row in systems.get("queues") or ()]
    if queues:
        yield "Queues", queues


def _requests() -> Panel:
    return _panel("Requests a second", "1/s", [("loadline:http_requests:count5m / 300", "requests")], [])


def _watch(watch: Watch, limits: list[Limit]) -> Panel:
    """One panel; the error share and the waits show their limits as lines."""
    unit = limits[0].unit if limits else "share" if watch.of_limit or watch.expr == ERRORS_5M else "1"
    if watch.scale != 1:
        unit = "ms"
    expr = watch.expr if watch.scale == 1 else f"{watch.expr} * {watch.scale:g}"
    panel = _panel(watch.title, unit, [(expr, "{{instance}}")], limits)
    return panel | {"description": f"From {watch.exporter}. {watch.action}"}


def _queue(document: Document, row: dict[str, str]) -> Panel:
    """Depth and, where it is published, age of one queue."""
    where = published(row["system"])
    lines = [(expr, name) for name in ("depth", "age") if (expr := where.of(name, row["name"]))]
    panel = _panel(f"Queue {label(row['name'])}", "1", lines, limits_of(document, "queue.waiting"))
    return panel | {"description": f"From {where.exporter}. Jobs that wait; age in seconds."}


def _panel(title: str, unit: str, lines: list[tuple[str, str]], limits: list[Limit]) -> Panel:
    return {
        "type": "timeseries",
        "title": title,
        "datasource": SOURCE,
        "targets": [
            {
                "refId": chr(ord("A") + place),
                "datasource": SOURCE,
                "editorMode": "code",
                "expr": expr,
                "legendFormat": legend,
                "range": True,
            }
            for place, (expr, legend) in enumerate(lines)
        ],
        "fieldConfig": {
            "defaults": {
                "unit": UNITS.get(unit, "short"),
                "min": 0,
                "thresholds": {"mode": "absolute", "steps": _steps(limits)},
                "custom": {"thresholdsStyle": {"mode": "line" if limits else "off"}, "showPoints": "never"},
            },
            "overrides": [],
        },
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
    }


def _steps(limits: list[Limit]) -> list[Panel]:
    """Colours by value, lowest first; the first step has no value, as Grafana wants it."""
    if limits and limits[0].below:
        return [{"color": "red", "value": None}, {"color": "green", "value": limits[0].value}]
    colours = {limit.value: "red" if limit.severity == "critical" else "orange" for limit in reversed(limits)}
    return [{"color": "green", "value": None}, *({"color": colours[at], "value": at} for at in sorted(colours))]


def _placed(rows: Iterator[tuple[str, list[Panel]]]) -> Iterator[Panel]:
    """Three panels side by side under the heading of their row."""
    top = 0
    for title, panels in rows:
        if not panels:
            continue
        grid = {"h": 1, "w": COLUMNS, "x": 0, "y": top}
        yield {"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": grid}
        for place, panel in enumerate(panels):
            line, column = divmod(place, COLUMNS // WIDE)
            yield panel | {"gridPos": {"h": HIGH, "w": WIDE, "x": column * WIDE, "y": top + 1 + line * HIGH}}
        top += 1 + HIGH * -(-len(panels) // (COLUMNS // WIDE))


def _numbered(panels: Iterator[Panel]) -> Iterator[Panel]:
    for number, panel in enumerate(panels, 1):
        yield {"id": number} | panel
