"""The capacity model of an engagement in one pass: inputs, resources, what breaks, and what to do. Pure, JSON-safe."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from reviews.capacity.backlogs import backlogs_of
from reviews.capacity.breaking import breaking_points
from reviews.capacity.cost import cost_of, with_cost
from reviews.capacity.deadlines import must_fix_of
from reviews.capacity.inputs import USERS, Inputs, Missing
from reviews.capacity.known import Changes, inputs_of
from reviews.capacity.measured import measured, with_use
from reviews.capacity.phases import phases_of
from reviews.capacity.policy import Chosen, Policy, chosen_policy, policy_of, policy_row
from reviews.capacity.polling import polling_of
from reviews.capacity.redesign import redesign_of
from reviews.capacity.repeats import repeats_of
from reviews.capacity.resource import Resource
from reviews.capacity.resources import resources_of
from reviews.capacity.right_sizing import right_sizing_of
from reviews.capacity.roadmap import roadmap_of
from reviews.capacity.runs_out import with_what_runs_out
from reviews.capacity.scenarios import conditions_of, scenarios_of
from reviews.capacity.scorecard import scorecard_of
from reviews.capacity.shapes import Gathered, figure_row, input_row, missing_row
from reviews.capacity.situation import situations
from reviews.capacity.targets import targets_of
from reviews.capacity.verdict import RULE
from reviews.capacity.waits import wait_of
from reviews.intake import Intake

Machine = dict[str, Any]


def capacity_of(
    intake: Intake,
    gathered: Gathered,
    findings: Sequence[Machine] = (),
    clear: Sequence[Machine] = (),
    not_assessed: Sequence[Machine] = (),
    tickets: Sequence[Machine] = (),
    changes: Changes | None = None,
    policy: Chosen | None = None,
) -> Machine:
    """The part "capacity" of a document.

    `gathered` is what `gather.gathered` found in the evidence, kept with the engagement between judgings; dates count
    from its newest day. `changes` are a consultant's values by key, `policy` the one that they chose.
    """
    chosen = chosen_policy(intake.capacity.policy, policy)
    if policy is not None:  # it also says how many rows a table may have
        intake = replace(intake, capacity=replace(intake.capacity, policy=chosen.profile.name))
    inputs = with_cost(inputs_of(intake, gathered.inputs, changes), intake.capacity.prices, intake.currency)
    return model_of(inputs, intake, gathered, findings, clear, not_assessed, tickets, chosen)


def model_of(
    inputs: Inputs,
    intake: Intake,
    gathered: Gathered,
    findings: Sequence[Machine] = (),
    clear: Sequence[Machine] = (),
    not_assessed: Sequence[Machine] = (),
    tickets: Sequence[Machine] = (),
    chosen: Policy | None = None,
) -> Machine:
    """The same from inputs that were put together already."""
    stated, as_of, policy = intake.capacity, gathered.as_of, chosen or policy_of(intake.capacity.policy)
    parts, unknown = resources_of(inputs, stated, intake.stack)

    def resources(known: Inputs) -> tuple[list[Resource], list[Missing]]:
        """Anew only for a scenario that states inputs of its own."""
        return (parts, unknown) if known is inputs else resources_of(known, stated, intake.stack)

    drivers = drivers_of(intake, parts)
    scenarios = scenarios_of(situations(inputs, stated, drivers), resources, conditions_of(findings))
    breaking, size = breaking_points(inputs, parts, as_of), measured(with_use(inputs, parts), policy.profile.driver)
    phases = with_what_runs_out(phases_of(policy, inputs, parts, as_of), size, inputs, parts, breaking, as_of)
    sized = right_sizing_of(policy, inputs, parts, stated.checks, findings, clear, not_assessed, breaking)
    card = scorecard_of(stated.checks, findings, clear, not_assessed)
    return {
        "as_of": as_of and as_of.isoformat(),
        "inputs": [input_row(entry) for entry in inputs],
        "resources": [_resource_row(part) for part in parts],
        "unknown": [missing_row(gap) for gap in unknown],
        "breaking_points": breaking,
        "backlogs": backlogs_of(inputs),
        "repeats": repeats_of(inputs),
        "rule": RULE,
        "scenarios": scenarios,
        "polling": polling_of(inputs),
        "curves": gathered.curves,
        "paging": gathered.paging,
        "traffic": gathered.traffic,
        "systems": gathered.systems,
        "seen": gathered.seen,
        "policy": policy_row(policy),
        "phases": phases,
        "right_sizing": sized,
        "scorecard": card,
        "must_fix": must_fix_of(scenarios, breaking, tickets, findings),
        "redesign": redesign_of(sized["rows"], tickets, phases, card),
        "roadmap": roadmap_of(tickets, intake.engineers),
        "cost": cost_of(inputs, stated.prices, findings, intake.currency),
        "targets": targets_of(inputs, stated.targets, policy),
    }


def drivers_of(intake: Intake, parts: Iterable[Resource]) -> list[str]:
    """Keys of all drivers: users, those of the intake, and what moves a resource; each once."""
    stated = [f"driver.{driver.name}" for driver in intake.capacity.drivers]
    return list(dict.fromkeys([USERS, *stated, *(part.driver for part in parts if part.driver)]))


def _resource_row(part: Resource) -> Machine:
    load = part.peak or part.mean
    shown = [figure for figure in (part.capacity, part.mean, part.peak, part.per_day, part.hold) if figure is not None]
    return {
        "id": part.id,
        "title": part.title,
        "kind": part.kind,
        "component": part.component,
        "driver": part.driver or None,
        "critical": part.critical,
        "unit": part.capacity.unit,
        "capacity": figure_row(part.capacity),
        "fixed": part.fixed,
        "load_mean": figure_row(part.mean),
        "load_peak": figure_row(part.peak),
        "used_mean": part.utilisation(1.0, "mean"),
        "used_peak": part.utilisation(1.0),
        "grows": part.grows,
        "per_day": figure_row(part.per_day),
        "hold": figure_row(part.hold),
        "tries": part.tries,
        "grade": load.grade.word if load else part.capacity.grade.word,
        "formula": load.formula if load else part.capacity.formula,
        "uses": list(dict.fromkeys(key for figure in shown for key in figure.uses)),
        "wait": wait_of(part),
        "when_full": part.when_full,
        "note": part.note,
    }
