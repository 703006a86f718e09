"""What holds for every picture: a message, a description, ids of its own, text that stays text, classes that exist."""

import re
from pathlib import Path
from typing import Any

import pytest

from reviews.report.pictures.cost import cost_by_phase, cost_per_user
from reviews.report.pictures.flows import time_per_flow
from reviews.report.pictures.growth import growth_line
from reviews.report.pictures.headroom import headroom
from reviews.report.pictures.heat import heat_table
from reviews.report.pictures.ladder import step_ladder
from reviews.report.pictures.latency import latency_ranges
from reviews.report.pictures.matrix import coverage_matrix
from reviews.report.pictures.pareto import pareto
from reviews.report.pictures.queues import queue_health
from reviews.report.pictures.scorecard import scorecard_bars
from reviews.report.pictures.shapes import STYLES
from reviews.report.pictures.topology import topology
from reviews.report.pictures.usl import usl_curve
from reviews.report.pictures.wait import wait_curve
from reviews.report.svg import text_width
from tests.reviews.report.pictures import gallery
from tests.reviews.report.pictures.drawing import SVG, drawn

CSS = (Path(__file__).resolve().parents[4] / "static/css/charts.css").read_text("utf-8")
TAGS = {"svg", "title", "desc", "defs", "pattern", "g", "rect", "line", "path", "circle", "text"}
HOSTILE = "</title><script>x</script>\"'><image href='http://a.invalid'/> {{ x }} \x00\x1b & ]]>"
LONG = "Müller & Söhne Übertragungswarteschlangenverarbeitungsdienst " * 4


@pytest.mark.parametrize("name", gallery.GALLERY)
def test_a_picture_says_its_message_and_what_is_drawn(name: str) -> None:
    picture = gallery.GALLERY[name](name)
    tree = drawn(picture)
    assert tree.findtext(f"{SVG}title") == picture.message
    assert picture.message
    assert tree.findtext(f"{SVG}desc")
    assert tree.get("role") == "img"
    assert tree.get("aria-labelledby") == f"{name}-title {name}-desc"


@pytest.mark.parametrize("name", gallery.GALLERY)
def test_ids_begin_with_the_prefix_and_every_fill_is_defined(name: str) -> None:
    tree = drawn(gallery.GALLERY[name](f"{name} 7"))
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    used = {found for e in tree.iter() for found in re.findall(r"url\(#([^)]+)\)", e.get("fill", ""))}
    assert all(str(entry).startswith(f"{name}-7-") for entry in ids)
    assert len(ids) == len(set(ids))
    assert used <= set(ids)


@pytest.mark.parametrize("name", gallery.GALLERY)
def test_every_class_has_its_look_on_a_page(name: str) -> None:
    classes = {c for e in drawn(gallery.GALLERY[name](name)).iter() for c in e.get("class", "").split()}
    assert [c for c in classes if f".{c} " not in CSS and f".{c}," not in CSS] == []


def test_every_kind_of_shape_has_its_look_on_a_page() -> None:
    assert [kind for kind in STYLES if f".ll-{kind} " not in CSS and f".ll-{kind}," not in CSS] == []


def test_zones_of_the_risk_grid_keep_their_tints() -> None:
    """Of two rules with equal weight the later one holds."""
    assert CSS.index(".ll-chart .ll-zone {") < CSS.index(".ll-zone--high {")


@pytest.mark.parametrize("name", gallery.GALLERY)
def test_text_stays_inside(name: str) -> None:
    """By the writer's own estimate of widths, which is what labels are shortened by."""
    tree = drawn(gallery.GALLERY[name](name))
    width, height = (float(part) for part in tree.get("viewBox", "").split()[2:])
    for text in tree.iter(f"{SVG}text"):
        long = text_width(text.text or "", float(text.get("font-size", 0)))
        share = {"start": 0.0, "middle": 0.5, "end": 1.0}[text.get("text-anchor", "start")]
        left = float(text.get("x", 0)) - long * share
        assert left >= -1, text.text
        assert left + long <= width + 1, text.text
        assert 0 < float(text.get("y", 0)) <= height, text.text


def worse(value: Any, text: str) -> Any:
    """The same rows with `text` instead of every text but dates."""
    if isinstance(value, dict):
        return {name: worse(entry, text) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [worse(entry, text) for entry in value]
    return text if isinstance(value, str) and not re.match(r"\d{4}-", value) else value


@pytest.mark.parametrize("text", [HOSTILE, LONG])
@pytest.mark.parametrize("name", gallery.GALLERY)
def test_what_strangers_write_stays_text_and_fits(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for given in ("POINTS", "MARKS", "SCENARIOS", "WAIT", "USL", "GROWTH", "FLOWS", "QUERIES", "QUEUES", "DIMENSIONS",
                  "PHASES", "LATENCY", "STEPS", "INPUTS", "BOXES"):  # fmt: skip
        monkeypatch.setattr(gallery, given, worse(getattr(gallery, given), text))
    draw, table = gallery.GALLERY[name], gallery.TABLES.get(name)
    assert {element.tag.removeprefix(SVG) for element in drawn(draw(text) or "<svg/>").iter()} <= TAGS | {"svg"}
    assert table is None or table().rows
    if draw(text):
        test_text_stays_inside(name)


@pytest.mark.parametrize("name", gallery.TABLES)
def test_the_table_beside_it_is_whole(name: str) -> None:
    table = gallery.TABLES[name]()
    assert table.rows
    assert {len(row) for row in table.rows} == {len(table.head)}
    assert all(isinstance(cell, str) for row in table.rows for cell in row)
    assert all(index < len(table.head) for index in table.numeric)


NOTHING: list[Any] = [[], [{}], [{"title": None, "rows": None, "parts": None, "depth": "x", "cells": 4}]]


@pytest.mark.parametrize("rows", NOTHING)
def test_without_data_there_is_no_picture(rows: Any) -> None:
    first = rows[0] if rows else {}
    assert headroom(rows, rows, "x") == ""
    assert heat_table(rows, "x") == ""
    assert wait_curve(first, "x") == ""
    assert usl_curve(first, "x") == ""
    assert growth_line(first, "x") == ""
    assert time_per_flow(rows, "x") == ""
    assert pareto(rows, "x", "statement", "s", "the whole") == ""
    assert queue_health(rows, "x") == ""
    assert cost_by_phase(rows, "USD", "x") == ""
    assert cost_per_user(rows, "USD", "x") == ""
    assert latency_ranges(rows, "x") == ""
    assert coverage_matrix(rows, [], "x") == ""
    assert scorecard_bars([], None, "x") == step_ladder([], "x") == topology([], [], "x") == ""
