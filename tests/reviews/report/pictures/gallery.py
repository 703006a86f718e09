"""One filled-in call of every picture, for tests and for looking at: `python -m tests.reviews.report.pictures.gallery`.

All figures are invented. Writes pages `light.html` and `dark.html` into the folder that is named.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reviews.report.pictures.cost import cost_by_phase, cost_per_user, cost_table
from reviews.report.pictures.flows import time_per_flow, time_table
from reviews.report.pictures.growth import growth_line
from reviews.report.pictures.headroom import headroom, headroom_table
from reviews.report.pictures.heat import heat_rows, heat_table
from reviews.report.pictures.ladder import step_ladder
from reviews.report.pictures.latency import latency_ranges, latency_table
from reviews.report.pictures.matrix import coverage_matrix, matrix_table
from reviews.report.pictures.pareto import pareto
from reviews.report.pictures.queues import queue_health, queue_table
from reviews.report.pictures.scorecard import scorecard_bars
from reviews.report.pictures.shapes import Table
from reviews.report.pictures.topology import topology
from reviews.report.pictures.usl import usl_curve, usl_table
from reviews.report.pictures.wait import wait_curve
from reviews.report.svg import Svg

ROOT = Path(__file__).resolve().parents[4]
POINTS: list[dict[str, Any]] = [
    {"title": "Database connections", "multiple": 1.4, "multiple_low": 1.2, "multiple_high": 1.7, "grade": "measured",
     "reached": {"words": "2 to 4 weeks"}},
    {"title": "Queue emails, workers that are doing something with a long name", "multiple": 2.6, "grade": "stated"},
    {"title": "Redis memory", "multiple": 0.9, "multiple_low": 0.8, "multiple_high": 1.1, "grade": "derived"},
    {"title": "CPU of db-1", "multiple": 41.0, "multiple_low": 30.0, "multiple_high": 55.0, "grade": "assumed"},
    {"title": "Disk", "multiple": None},
]  # fmt: skip
MARKS = [
    {"title": "target", "multiple": 4.2},
    {"title": "sale day 5×", "multiple": 5.0},
    {"title": "10×", "multiple": 10},
]
SCENARIOS: list[dict[str, Any]] = [
    {"title": title, "verdict": verdict, "rows": [
        {"resource": "pool", "title": "Database connections", "used_steady": 0.4 * m, "used_peak": 0.66 * m},
        {"resource": "cpu", "title": "CPU of db-1", "used_steady": 0.1 * m, "used_peak": 0.16 * m},
        {"resource": "mem", "title": "Redis memory", "used_steady": 0.52, "used_peak": None},
        {"resource": "fn", "title": "Functions", "used_steady": None, "used_peak": None},
    ]} for title, verdict, m in (("Today", "comfortable", 1.0), ("Target", "survivable but stressed", 1.4),
                                 ("Sale day 5×", "partial outage", 5.0))
]  # fmt: skip
WAIT = {"title": "Database pool", "peak": [0.9, 0.0542],
        "points": [[n / 100, 0.00744 * (n / 100) ** 3 / (1 - n / 100)] for n in range(0, 100)]}  # fmt: skip


def usl(scale: float) -> list[list[float]]:
    return [[n, scale * n / (1 + 0.0277284 * (n - 1) + 1.04366e-4 * n * (n - 1))] for n in range(1, 217, 5)]


USL = {"title": "Checkout", "unit": "requests per second", "n_max": 96.5, "x_max": 1884.0,
       "points": [[1, 64.9], [18, 995.9], [36, 1652.4], [72, 1853.2], [108, 1828.9], [144, 1775.0]],
       "curve": usl(89.9952), "low": usl(82), "high": usl(98)}  # fmt: skip
MONTHS = [f"2026-{month:02d}-01" for month in range(1, 13)]
GROWTH = {"title": "Table orders", "unit": "rows", "exponential": True,
          "points": [[day, 1e6 * 1.2**n] for n, day in enumerate(MONTHS[:6])],
          "line": [[day, 1e6 * 1.2**n] for n, day in enumerate(MONTHS) if n > 4],
          "low": [[day, 0.9e6 * 1.2**n] for n, day in enumerate(MONTHS) if n > 4],
          "high": [[day, 1.15e6 * 1.2**n] for n, day in enumerate(MONTHS) if n > 4],
          "thresholds": [{"title": "partition", "value": 5e6, "from": "2026-09-01", "to": "2026-11-10"}]}  # fmt: skip
FLOWS: list[dict[str, Any]] = [
    {"name": "checkout", "parts": {"db": 0.412, "external": 0.3, "rest": 0.3}},
    {"name": "browse the whole catalogue of books", "parts": {"db": 0.03, "rest": 0.05}},
    {"name": "login", "parts": {"db": 0.0, "external": 0.0, "rest": 0.13}},
]
QUERIES = [
    {"label": f"SELECT * FROM orders WHERE status = ${n}", "value": 4000.0 / n**1.3, "total": 15000}
    for n in range(1, 9)
]
QUEUES: list[dict[str, Any]] = [
    {
        "name": "emails",
        "waiting": 440,
        "most": 500,
        "oldest": 366.0,
        "arrives": 0.07,
        "done": 0.05,
        "grows_per_s": 0.02,
        "grade": "stated",
    },
    {"name": "webhooks", "waiting": 40, "arrives": 1.0, "done": 4.25, "drain_s": 12.3, "grade": "measured"},
    {"name": "exports", "oldest": 30.0},
    {"name": "a queue that nobody measured"},
]
DIMENSIONS: list[dict[str, Any]] = [
    {"title": "Database", "score": 6, "answered": 1.0},
    {"title": "Queues and workers", "score": 2.5, "answered": 0.7},
    {"title": "Security", "score": 9, "answered": 0.9},
    {"title": "Observability", "score": None, "answered": 0.4},
]
PHASES: list[dict[str, Any]] = [
    {"title": "Today", "users": 1000, "parts": {"compute": 200, "database": 150, "AI": 500, "vector": 50}},
    {"title": "Phase 2", "users": 10_000, "parts": {"compute": 800, "database": 700, "AI": 3000, "vector": 300}},
    {"title": "Phase 3", "users": 50_000, "parts": {"compute": 3000, "database": 2500, "AI": 10500, "vector": 1000}},
    {"title": "Phase 4", "users": 100_000, "parts": {}},
]
LATENCY: list[dict[str, Any]] = [
    {"name": "checkout", "p50": 0.18, "p95": 1.02, "p99": 2.9, "budget": 0.5, "requests": 18342},
    {"name": "browse", "p50": 0.04, "p95": 0.12, "p99": 0.31, "budget": 0.5, "requests": 190_000},
    {"name": "admin", "p50": 0.9, "p95": None, "p99": None, "budget": None, "requests": 41},
]
STEPS: list[dict[str, Any]] = [
    {"title": "Add the missing indexes", "when": "always first", "state": "done"},
    {"title": "Pool connections", "when": "connections over 80 %", "state": "here"},
    {"title": "Larger machine", "when": "CPU over 70 %", "state": "next"},
    {"title": "Read replica", "when": "reads 10 to 1 writes", "state": "later"},
    {"title": "Shards", "when": "one writer is not enough", "state": "unknown"},
]
INPUTS: list[dict[str, Any]] = [
    {"title": "Postgres log", "cells": {"Risks": "measured", "Capacity": "measured"}},
    {"title": "Monthly users", "cells": {"Risks": "stated", "Capacity": "stated", "Cost": "stated"}},
    {"title": "Peak factor", "cells": {"Capacity": "assumed"}},
    {"title": "Query time", "cells": {"Capacity": "derived"}},
    {"title": "Invoices", "cells": {"Cost": "missing"}},
]
BOXES: list[dict[str, Any]] = [
    {"id": "web", "title": "Next.js on Vercel", "layer": "edge", "risks": 1},
    {"id": "fn", "title": "Functions", "layer": "app", "risks": 2, "high": 1, "multiple": 3.2},
    {"id": "q", "title": "BullMQ workers", "layer": "async", "risks": 3, "multiple": 2.6},
    {"id": "pg", "title": "Postgres", "layer": "data", "risks": 4, "high": 2, "multiple": 1.4, "first": True},
    {"id": "redis", "title": "Redis", "layer": "data", "multiple": 8.0},
    {"id": "pay", "title": "Payment provider", "layer": "external"},
]
LINKS = [("web", "fn"), ("fn", "pg"), ("fn", "redis"), ("q", "pg"), ("q", "redis"), ("fn", "nowhere"), ("q", "pay")]

GALLERY: dict[str, Callable[[str], Svg]] = {
    "headroom": lambda prefix: headroom(POINTS, MARKS, prefix),
    "heat": lambda prefix: heat_table(SCENARIOS, prefix),
    "wait": lambda prefix: wait_curve(WAIT, prefix),
    "usl": lambda prefix: usl_curve(USL, prefix),
    "growth": lambda prefix: growth_line(GROWTH, prefix),
    "flows": lambda prefix: time_per_flow(FLOWS, prefix),
    "pareto": lambda prefix: pareto(QUERIES, prefix, "statement", "s", "the database's time"),
    "queues": lambda prefix: queue_health(QUEUES, prefix),
    "scorecard": lambda prefix: scorecard_bars(DIMENSIONS, 3.4, prefix),
    "cost": lambda prefix: cost_by_phase(PHASES, "USD", prefix),
    "per-user": lambda prefix: cost_per_user(PHASES, "USD", prefix),
    "latency": lambda prefix: latency_ranges(LATENCY, prefix),
    "ladder": lambda prefix: step_ladder(STEPS, prefix),
    "matrix": lambda prefix: coverage_matrix(INPUTS, ["Risks", "Capacity", "Cost"], prefix),
    "topology": lambda prefix: topology(BOXES, LINKS, prefix),
}
# The other pictures stand beside a table of their section, which holds more than they show.
TABLES: dict[str, Callable[[], Table]] = {
    "headroom": lambda: headroom_table(POINTS),
    "heat": lambda: heat_rows(SCENARIOS),
    "usl": lambda: usl_table(USL),
    "flows": lambda: time_table(FLOWS),
    "queues": lambda: queue_table(QUEUES),
    "cost": lambda: cost_table(PHASES, "USD"),
    "latency": lambda: latency_table(LATENCY),
    "matrix": lambda: matrix_table(INPUTS, ["Risks", "Capacity", "Cost"]),
}


def page(dark: bool) -> str:
    """All pictures on one page, under their messages, in the look of a page."""
    css = "".join((ROOT / "static/css" / name).read_text("utf-8") for name in ("tokens.css", "charts.css"))
    look = "body{background:var(--ll-paper);color:var(--ll-ink);font:14px var(--ll-sans);width:620px;margin:16px}"
    drawn = "".join(f"<h4>{picture.message}</h4>{picture}" for name, draw in GALLERY.items() if (picture := draw(name)))
    return (
        f'<!doctype html><html class="{"dark" if dark else ""}"><meta charset="utf-8"><style>{css}{look}</style>{drawn}'
    )


if __name__ == "__main__":
    for word in ("light", "dark"):
        (Path(sys.argv[1]) / f"{word}.html").write_text(page(word == "dark"), "utf-8")
