"""Engagements for the tests of the capacity model: the demo's, read once, and small ones from a few numbers."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from reviews.capacity.breaking import breaking_points
from reviews.capacity.gather import gathered
from reviews.capacity.inputs import Input, Inputs, Source
from reviews.capacity.known import inputs_of
from reviews.capacity.model import drivers_of, model_of
from reviews.capacity.resources import resources_of
from reviews.capacity.scenarios import scenarios_of
from reviews.capacity.shapes import Gathered
from reviews.capacity.situation import situations
from reviews.exports import read_exports
from reviews.intake import Intake, parse_intake
from reviews.risk.matrix import Grade
from telemetry.across import evidence_of
from telemetry.coverage import coverage_row
from telemetry.evidence import EvidenceSet
from telemetry.joining import Part

Machine = dict[str, Any]
DEMO = Path(__file__).parents[2] / "samples/harbor-books"
HEAD = '[engagement]\nclient = "A"\ntitle = "B"\n'
STATED = {
    "http.rps_mean": 100,
    "http.peak_factor": 2,
    "http.rps_carried": 400,
    "postgres.max_connections": 100,
    "postgres.reserved_connections": 3,
    "postgres.connections": 30,
    "postgres.pool_size": 10,
    "postgres.instances": 4,
    "postgres.hold_s": "[0.05, 0.1]",
    "postgres.cpu_busy_mean": 0.2,
    "postgres.cpu_busy_max": 0.6,
    "postgres.disk_bytes": 1e11,
    "postgres.disk_free_bytes": 4e10,
    "postgres.bytes_per_day": 1e8,
    "pooler.clients": 50,
    "pooler.max_clients": 200,
    "table.orders.rows": 4e6,
    "table.orders.rows_per_day": 20000,
    "table.orders.limit_rows": 5e6,
    "sequence.orders_id_seq.last_value": 1.9e9,
    "sequence.orders_id_seq.max_value": 2147483647,
    "sequence.orders_id_seq.per_day": 20000,
    "redis.used_memory": 1e8,
    "redis.maxmemory": 5e8,
    "redis.evicts": 0,
    "redis.growth_bytes_per_s": 20,
    "redis.clients": 40,
    "redis.maxclients": 10000,
    "redis.busy": 0.1,
    "queue.mail.in_per_s": 3,
    "queue.mail.run_s": 1.5,
    "queue.mail.slots": 8,
    "queue.mail.peak_factor": 1.5,
    "queue.sync.in_per_s": 3,
    "queue.sync.out_per_s": 2,
    "queue.sync.waiting_per_s": 1,
    "functions.concurrency_mean": 20,
    "functions.limit": 1000,
    "host.web.cpu_busy_mean": 0.3,
    "host.web.cpu_busy_max": 0.8,
    "host.web.memory_bytes": 4e9,
    "host.web.memory_used_max": 2.5e9,
    "host.web.memory_fixed": 1e9,
    "container.api.memory_limit": 5e8,
    "container.api.memory_max": 3e8,
    "disk./var.bytes": 5e10,
    "disk./var.used_bytes": 3e10,
    "disk./var.bytes_per_day": 1e8,
    "quota.mailer.limit_per_hour": 5000,
    "quota.mailer.calls_per_hour": 1200,
}


@cache
def demo_evidence() -> EvidenceSet:
    """What the demo's exports say."""
    readings = read_exports([DEMO / "exports"], lambda line: None)
    parts = [Part(coverage_row(row), list(row.result.evidence)) for row in readings if row.result]
    return EvidenceSet(evidence_of(parts))


@cache
def demo() -> tuple[Intake, Gathered]:
    """The demo's intake, and the numbers of its exports."""
    intake = parse_intake((DEMO / "intake.toml").read_text())
    return intake, gathered(demo_evidence(), intake, date(2026, 11, 20))


@cache
def full() -> tuple[Intake, Gathered]:
    """An engagement without a file, in which every kind of resource is stated as numbers."""
    numbers = "\n".join(f'"{key}" = {value}' for key, value in STATED.items())
    intake = parse_intake(f"{HEAD}current_mau = 1000\ntarget_mau = 9000\ngrowth_per_month = 0.1\n[capacity]\n{numbers}")
    return intake, Gathered(Inputs([]), date(2026, 3, 1))


def number(key: str, value: float, unit: str = "1", grade: Grade = Grade.MEASURED) -> Input:
    """A measured input."""
    return Input(key, key, value, unit, grade, Source("measured", "a.log", 1, "quote"))


def numbers(**by_key: float) -> Inputs:
    """Measured inputs; `__` in a name stands for a dot."""
    return Inputs(number(key.replace("__", "."), value) for key, value in by_key.items())


def model(toml: str = "", known: Inputs | None = None) -> Machine:
    """The model of an intake (its [engagement] table may go on in `toml`) and of measured inputs."""
    intake, found = parse_intake(HEAD + toml), Gathered(known or Inputs([]), date(2026, 3, 1))
    return model_of(inputs_of(intake, found.inputs), intake, found)


def core(toml: str, known: Inputs | None = None) -> Machine:
    """Breaking points and scenarios alone, for tests that compute many."""
    intake = parse_intake(HEAD + toml)
    inputs = inputs_of(intake, known or Inputs([]))
    found = resources_of(inputs, intake.capacity, intake.stack)
    cases = situations(inputs, intake.capacity, drivers_of(intake, found[0]))
    return {"breaking_points": breaking_points(inputs, found[0]), "scenarios": scenarios_of(cases, lambda _: found)}


def row_of(rows: list[Machine], **facts: Any) -> Machine:
    """The only row with these facts."""
    (found,) = [row for row in rows if all(row[name] == value for name, value in facts.items())]
    return found
