"""The dashboard: fields as Grafana wants them, panels that do not overlap, and names that stay names."""

import json
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.capacity.packs.alerts import alert_rules
from reviews.capacity.packs.dashboard import dashboard
from tests.reviews.capacity.packs.making import document, hostile

Panel = dict[str, Any]


def panels_of(made: dict[str, Any]) -> list[Panel]:
    return list(json.loads(dashboard(made))["panels"])


def overlap(one: Panel, other: Panel) -> bool:
    a, b = one["gridPos"], other["gridPos"]
    beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
    return not (beside or a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"])


@pytest.mark.parametrize("made", [document(), hostile(), {}], ids=["usual", "hostile", "empty"])
def test_panels_have_ids_of_their_own_and_do_not_overlap(made: dict[str, Any]) -> None:
    panels = panels_of(made)
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert not [pair for pair in combinations(panels, 2) if overlap(*pair)]
    assert all(panel["gridPos"]["x"] >= 0 and panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in panels)
    assert dashboard(made) == dashboard(made)


def test_every_panel_asks_the_source_that_is_chosen_on_import() -> None:
    model = json.loads(dashboard(document()))
    (variable,) = model["templating"]["list"]
    assert (variable["type"], variable["query"]) == ("datasource", "prometheus")
    drawn = [panel for panel in model["panels"] if panel["type"] != "row"]
    assert drawn
    for panel in drawn:
        assert panel["targets"]
        assert panel["datasource"]["uid"] == f"${{{variable['name']}}}"
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
        assert all(target["expr"] and target["datasource"] == panel["datasource"] for target in panel["targets"])
        steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
        assert steps[0]["value"] is None
        assert [step["value"] for step in steps[1:]] == sorted(step["value"] for step in steps[1:])


# panel, unit, steps
LINES = [
    ("95th percentile of the time to answer", "ms", [("green", None), ("orange", 500.0)]),
    ("Database connections in use", "percentunit", [("green", None), ("red", 0.9)]),
    ("Share of reads that the cache answers", "percentunit", [("red", None), ("green", 0.7)]),
    ("Queue emails", "short", [("green", None), ("red", 500.0)]),
]


@pytest.mark.parametrize(("title", "unit", "steps"), LINES)
def test_lines_are_the_thresholds_of_the_alerts(title: str, unit: str, steps: list[tuple[str, float | None]]) -> None:
    (panel,) = [panel for panel in panels_of(document()) if panel["title"] == title]
    defaults = panel["fieldConfig"]["defaults"]
    assert defaults["unit"] == unit
    assert [(step["color"], step["value"]) for step in defaults["thresholds"]["steps"]] == steps


def test_a_panel_without_a_threshold_draws_none() -> None:
    (panel,) = [one for one in panels_of(document(policy=None, targets=None)) if one["title"] == "Queue webhooks"]
    assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"] == [{"color": "green", "value": None}]
    assert panel["fieldConfig"]["defaults"]["custom"]["thresholdsStyle"]["mode"] == "off"


def test_recorded_names_are_those_of_the_alerts_file() -> None:
    rules = alert_rules(document())
    asked = " ".join(target["expr"] for panel in panels_of(document()) for target in panel.get("targets", []))
    recorded = {word for word in asked.split() if word.startswith("loadline:")}
    assert recorded
    assert all(f"record: {name}" in rules for name in recorded)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_no_name_becomes_a_variable(queue: str, client: str) -> None:
    made = document(systems={"names": ["http"], "queues": [{"name": queue, "system": "bullmq"}]})
    made["engagement"]["client"] = client
    model = json.loads(dashboard(made))
    texts = [model["title"], *(panel["title"] for panel in model["panels"])]
    texts += [target["expr"] for panel in model["panels"] for target in panel.get("targets", [])]
    assert not [text for text in texts if "$" in text or "[[" in text]
    dashboard(made).encode()
