"""What breaks first, at what load and when; and whether it holds in each scenario: from the document to the page.

A document without the key `capacity` (issued before there was a model) has none of these sections.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from reviews.capacity.links import APPLICATION
from reviews.report import words
from reviews.report.at_work import at_work
from reviews.report.cells import one
from reviews.report.figures import Figure, figure, listed, percent, plural
from reviews.report.growing import growth_pictures
from reviews.report.pictures.headroom import headroom, headroom_table, known, times
from reviews.report.pictures.heat import MOST_COLUMNS, MOST_ROWS, heat_rows, heat_table
from reviews.report.pictures.shapes import Table
from reviews.report.pictures.topology import topology
from reviews.report.said import said_of
from reviews.report.throughput import curves_view
from reviews.report.waiting import waits_of

Rows = Sequence[Mapping[str, Any]]
UNKNOWN = 24
BETTER = 24  # changes in print; the machine-readable export holds all
# Which layer of the map a component stands in, by the words that its name begins with or holds.
LAYERS = (
    ("edge", ("cdn", "vercel", "edge", "next")),
    ("data", ("postgres", "database", "redis", "pgbouncer", "pooler", "disk", "table")),
    ("async", ("queue", "worker", "bullmq", "cron")),
    ("external", ("third", "quota", "provider", "external")),
)
AREAS = {"postgres": "postgres", "redis": "redis", "queues": "queue", "platform": "function"}
ANSWERING = (APPLICATION, "functions")  # boxes that stand for what answers requests
WORST = ("complete failure", "partial outage", "survivable but stressed", "comfortable")


def bottlenecks_view(capacity: Mapping[str, Any], scenarios: Rows, ranked: Rows, accent: str) -> dict[str, Any] | None:
    """Breaking points, the map and what could not be measured; None without a capacity model."""
    if not capacity:
        return None
    points = words.rows(capacity.get("breaking_points"))
    unknown = words.rows(capacity.get("unknown"))
    links = links_of(capacity)
    boxes = boxes_of(words.rows(capacity.get("resources")), points, ranked)
    return {
        "conclusion": conclusion_of(capacity),
        "ladder": headroom(points, marks_of(scenarios), "headroom", accent=accent),
        "table": _points_table(points),
        "basis": basis_of(points),
        "map": topology(with_application(boxes, links), joined(boxes, links), "map", accent=accent),
        "waits": waits_of(words.rows(capacity.get("resources")), accent),
        "polling": [words.text(row.get("said"), 240) for row in words.rows(capacity.get("polling"))],
        "work": at_work(capacity, ranked, accent),
        "said": said_of(capacity),
        "curves": curves_view(capacity, accent),
        "unknown": needs_table(unknown, "Resource"),
    }


def scenarios_view(capacity: Mapping[str, Any], scenarios: Rows, accent: str) -> dict[str, Any] | None:
    """Scenarios with their verdicts; None when there is none."""
    if not capacity or not scenarios:
        return None
    cells = heat_rows(scenarios)
    cut = len(cells.rows) > MOST_ROWS or len(scenarios) > MOST_COLUMNS
    return {
        "conclusion": _scenario_conclusion(scenarios),
        "heat": heat_table(scenarios, "heat", accent=accent),
        "verdicts": Table(("Scenario", "Given", "Verdict", "Why", "First to break"), verdict_rows(scenarios)),
        "cells": cells if cut else None,
        "better": _better(scenarios),
        "rule": words.text(capacity.get("rule"), 900),
    }


def thresholds_view(capacity: Mapping[str, Any], accent: str) -> dict[str, Any] | None:
    """The next limits in time, soonest first; None when no breaking point carries a time."""
    points = [p for p in words.rows(capacity.get("breaking_points")) if _when(p)]
    if not points:
        return None
    rows = sorted(points, key=_earliest)
    return {
        "conclusion": _thresholds_conclusion(rows),
        "growth": growth_pictures(capacity, accent),
        "table": Table(
            ("Resource", "Reached", "At", "Grade"),
            tuple((words.text(p.get("title"), 80), _when(p), _at(p), words.text(p.get("grade"), 12)) for p in rows),
        ),
    }


def _earliest(point: Mapping[str, Any]) -> float:
    """Months until then, at the earliest; what is never reached comes last."""
    months = words.number(words.mapping(point.get("reached")).get("months_low"))
    return math.inf if months is None else float(months)


def _thresholds_conclusion(rows: Rows) -> str:
    """What is over its limit by now, and what is next; what no growth of today reaches is in the table."""
    over = [p for p in rows if words.number(words.mapping(p.get("reached")).get("months_high")) == 0]
    ahead = [p for p in rows if p not in over and math.isfinite(_earliest(p))]
    said = [f"Already reached: {listed([words.text(p.get('title'), 80) for p in over], 3)}."] if over else []
    said += [f"Next: {words.text(ahead[0].get('title'), 80)}, {_when(ahead[0])}."] if ahead else []
    return " ".join(said) or "At today's growth none of them is reached."


def first_to_break(capacity: Mapping[str, Any]) -> dict[str, Any] | None:
    """For the readout: what breaks first, at how many times today's load, when, and how well that is known."""
    first = next(iter(known(words.rows(capacity.get("breaking_points")))), None)
    if first is None:
        return None
    number, _, unit = times(first["multiple"]).rpartition(" ")
    return {
        "value": Figure(number, f"{unit} today's load"),
        "said": f"{first['title']}: {_how(first)} ({first['grade']})",
        "href": "#bottlenecks",
    }


def _how(first: Mapping[str, Any]) -> str:
    """Below today's load it carries a part of it; else it is the first to break, and when."""
    if first["multiple"] < 1:
        return "all that it carries of today's load"
    return f"first to break{', ' + first['when'] if first['when'] else ''}"


def marks_of(scenarios: Rows) -> list[dict[str, Any]]:
    """Scenarios that are one multiple of today's load, as lines on the ladder; today is drawn anyway."""
    return [
        {"title": words.text(s.get("name") or s.get("title"), 40), "multiple": factor}
        for s in scenarios
        if (factor := words.number(s.get("factor"))) and factor != 1
    ]


def boxes_of(resources: Rows, points: Rows, ranked: Rows) -> list[dict[str, Any]]:
    """One box per component, with the lowest multiple of its resources and the risks found in its area."""
    risks, high = Counter(f["area"] for f in ranked), Counter(f["area"] for f in ranked if f["severity"] == "high")
    first = min(known(points), key=lambda row: row["multiple"], default={}).get("component", "")
    boxes = []
    for component in dict.fromkeys(words.text(r.get("component"), 60) for r in [*resources, *points]):
        multiples = [m for p in points if words.text(p.get("component"), 60) == component
                     and (m := words.number(p.get("multiple"))) is not None]  # fmt: skip
        area = next((area for area, word in AREAS.items() if word in component.lower()), "")
        if component:
            boxes.append({"id": component, "title": component[:1].upper() + component[1:], "layer": layer_of(component),
                          "risks": risks[area], "high": high[area], "multiple": min(multiples, default=None),
                          "first": component == first})  # fmt: skip
    return boxes


def links_of(capacity: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pairs of components that talk to each other, as exports, code or intake say."""
    pairs = [words.texts(entry, 60) for entry in words.entries(words.mapping(capacity.get("systems")).get("links"))]
    return [(pair[0], pair[1]) for pair in pairs if len(pair) == 2]


def with_application(boxes: Rows, links: Sequence[tuple[str, str]]) -> list[Mapping[str, Any]]:
    """The boxes, and one for the application where links begin at it and no resource is its own."""
    known = {box["id"] for box in boxes}
    ends = {end for link in links for end in link if known & set(link)}
    if APPLICATION not in ends or known & set(ANSWERING):
        return list(boxes)
    return [{"id": APPLICATION, "title": APPLICATION.capitalize(), "layer": "app"}, *boxes]


def joined(boxes: Rows, links: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Links between boxes: the application is whatever box answers requests."""
    own = [box["id"] for box in boxes if box["id"] in ANSWERING] or [APPLICATION]
    return [
        (start, stop)
        for one, other in links
        for start in (own if one == APPLICATION else [one])
        for stop in (own if other == APPLICATION else [other])
    ]


def layer_of(component: str) -> str:
    """Edge, data, async or external by its name; what fits nowhere is the application's."""
    name = component.lower()
    return next((layer for layer, found in LAYERS if any(word in name for word in found)), "app")


def needs_table(unknown: Rows, what: str) -> Table:
    """What could not be said and what would give it."""
    rows = [(words.text(row.get("title"), 120), "; ".join(words.texts(row.get("needs"), 160)[:3])) for row in unknown]
    return Table((what, "Not measured: needs"), tuple(dict.fromkeys(rows))[:UNKNOWN])


def conclusion_of(capacity: Mapping[str, Any]) -> str:
    """What breaks first, at what load and when; how much could not be measured."""
    points, unknown = words.rows(capacity.get("breaking_points")), words.rows(capacity.get("unknown"))
    first = next(iter(known(points)), None)
    lacking = f" {plural(len(unknown), 'resource')} could not be measured." if unknown else ""
    if first is None:
        needs = list(dict.fromkeys(need for row in unknown for need in words.texts(row.get("needs"), 160)))
        return f"Not measured: needs {listed(needs, 3)}." if needs else "Not measured: needs load and limits."
    when = f", {first['when']}" if first["when"] else ""
    if first["multiple"] <= 1:
        return f"Past the limit now: {first['title']}, at {times(first['multiple'])} today's load.{lacking}"
    return f"First to break: {first['title']}, at {times(first['multiple'])} today's load{when}.{lacking}"


def _points_table(points: Rows) -> Table:
    """The rows of the ladder with the driver's size there."""
    plain = headroom_table(points)
    by_title = {words.text(p.get("title"), 80): p for p in points}
    rows = tuple(
        (title, at, span, _at(by_title[title]), reached, grade) for title, at, span, reached, grade in plain.rows
    )
    return Table(("Resource", "Breaks at", "Range", "That is", "Reached", "Grade"), rows, frozenset({1, 2}))


def basis_of(points: Rows) -> list[tuple[str, str]]:
    """Of each breaking point its resource, and on what it rests: capacity, load, and what was assumed."""
    return [(words.text(p.get("title"), 80), ". ".join(filter(None, (words.text(p.get("why"), 240).rstrip("."),
             words.text(p.get("note"), 300))))) for p in points if p.get("why")]  # fmt: skip


def _at(point: Mapping[str, Any]) -> str:
    """The size of what moves it at which it breaks: `168,000 users`."""
    value, driver = words.number(point.get("at_value")), words.text(point.get("driver"), 60)
    return "" if value is None else str(figure(float(f"{value:.3g}"), driver.removeprefix("driver.")))


def _when(point: Mapping[str, Any]) -> str:
    return words.text(words.mapping(point.get("reached")).get("words"), 80)


def _scenario_conclusion(scenarios: Rows) -> str:
    """The mildest scenario that fails, else the one that is worst."""
    verdicts = [(_title(s), words.text(s.get("verdict"), 40)) for s in scenarios]
    for verdict in WORST:
        found = [title for title, word in verdicts if word == verdict]
        if found:
            return f"{listed(found)}: {verdict}." + (
                f" {words.text(next(s for s in scenarios if _title(s) == found[0]).get('reason'), 200)}"
            )
    return "No scenario could be judged: a resource that users wait on needs its load and its limit."


def _title(scenario: Mapping[str, Any]) -> str:
    return words.text(scenario.get("title") or scenario.get("name"), 80)


def verdict_rows(scenarios: Rows) -> tuple[tuple[str, ...], ...]:
    """Of each scenario title, what is given, verdict, why, and the first to break."""
    return tuple(
        (_title(s), ", ".join(words.texts(s.get("given"), 120)), words.text(s.get("verdict"), 40).capitalize(),
         words.text(s.get("reason"), 240) or _needs(s), listed(_first(s), 3)) for s in scenarios
    )  # fmt: skip


def _needs(scenario: Mapping[str, Any]) -> str:
    needs = words.texts(scenario.get("needs"), 120)
    return f"Not measured: needs {listed(needs, 3)}" if needs else ""


def _first(scenario: Mapping[str, Any]) -> list[str]:
    titles = {
        words.text(r.get("resource"), 80): words.text(r.get("title"), 80) for r in words.rows(scenario.get("rows"))
    }
    return [titles.get(name, name) for name in words.texts(scenario.get("first_to_break"), 80)]


def _better(scenarios: Rows) -> Table:
    """Changes by scenario, with the share that is in use after them."""
    rows = []
    for scenario in scenarios:
        for change in words.rows(scenario.get("better")):
            used = words.number(change.get("used_after"))
            unit = words.text(change.get("unit"), 20)
            known_ends = [value for end in ("from", "to") if (value := words.number(change.get(end))) is not None]
            ends = [one(_three(value), unit) for value in known_ends]
            change_words = ": ".join(filter(None, (words.text(change.get(n), 160) for n in ("change", "what"))))
            rows.append((_title(scenario), words.text(change.get("title") or change.get("resource"), 80),
                         change_words, " → ".join(ends), "" if used is None else percent(used)))  # fmt: skip
    return Table(("Scenario", "Resource", "Change", "From → to", "Then in use"), tuple(rows[:BETTER]), frozenset({4}))


def _three(value: float) -> float:
    """Three digits that count: no size of a model is known better."""
    return float(f"{value:.3g}")
