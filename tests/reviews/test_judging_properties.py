"""What must hold whatever is sent: no order of files, no missing file and no larger volume bends a judgement."""

import random
import tarfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reviews.assessment import assess
from reviews.exports import read_exports
from reviews.intake import Intake, parse_intake
from telemetry.evidence import Evidence, EvidenceSet
from telemetry.kinds import unit_of
from telemetry.reading import Reading
from telemetry.rules.base import Status, run_rule
from tests.telemetry.rule_cases import Case, cases_of

SAMPLE = Path(__file__).parents[1] / "samples/harbor-books"
LAB = SAMPLE.parent / "lab"
EXPORTS = SAMPLE / "exports"
FILES = sorted(path.name for path in EXPORTS.iterdir())
CONFIDENCE = ("assumed", "partly-measured", "measured")
TOLD = ["severity", "severity_range", "rank", "impact", "proximity", "confidence", "flows", "causes", "symptoms"]
TOLD += ["said", "reached_by"]
# A log or counter of twice the time holds twice of these, and as much a minute as before.
LOGS = ("http.", "pg.log.", "function.", "trace.", "pg.stat.statement", "lambda.")
GROWS = ("total_ms", "window_s", "requests", "count", "calls", "rows", "status_", "timed_", "bot_")
GROWS += ("get_", "post_", "cache_", "timeouts", "throttled", "crashes", "cold_starts", "errors", "bytes")
# Clear cases that stand at the least evidence a rule asks for: more of the same is enough of it.
TOO_FEW = {
    "observability/untimed-access-log-clear-1",
    "postgres/missing-index-clear-1",
    "release/schema-mismatch-clear-1",
}


@cache
def intake() -> Intake:
    return parse_intake((SAMPLE / "intake.toml").read_text())


@cache
def readings() -> tuple[Reading, ...]:
    return tuple(read_exports([EXPORTS], lambda line: None))


def judged(given: list[Reading]) -> dict[str, dict[str, Any]]:
    return {finding["key"]: finding for finding in assess(intake(), given).findings}


@pytest.mark.parametrize("seed", range(8))
def test_the_order_of_files_changes_nothing(seed: int) -> None:
    part = random.Random(seed).sample(readings(), len(FILES) - seed % 4)
    before, after = judged(part), judged(part[::-1])
    told = [{key: {name: found[key][name] for name in TOLD} for key in found} for found in (before, after)]
    assert told[0] == told[1]


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_two_exports_of_each_kind_changes_nothing(seed: int) -> None:
    """Every export is there twice, the second from another time, so that each rule has to choose between them."""
    first = list(readings())
    second = [replace(grown(one, 3.0), file=f"later-{one.file}") for one in first]
    given = [renamed(one) for one in random.Random(seed).sample([*first, *second], 2 * len(FILES) - seed)]
    before, after = judged(given), judged(given[::-1])
    told = [{key: {name: found[key][name] for name in TOLD} for key in found} for found in (before, after)]
    assert told[0] == told[1]


def renamed(reading: Reading) -> Reading:
    """The reading with its own name on each of its rows."""
    assert reading.result
    rows = [replace(row, file=reading.file) for row in reading.result.evidence]
    return replace(reading, result=replace(reading.result, evidence=rows))


@pytest.mark.parametrize("file", FILES)
def test_removing_a_file_never_raises_confidence(file: str) -> None:
    whole, less = judged(list(readings())), judged([one for one in readings() if one.file != file])
    raised = [
        (key, whole[key]["confidence"], found["confidence"])
        for key, found in less.items()
        if key in whole and CONFIDENCE.index(found["confidence"]) > CONFIDENCE.index(whole[key]["confidence"])
    ]
    assert raised == []


@pytest.mark.parametrize("file", ["", *FILES])
def test_nothing_is_high_without_a_measured_breach_or_limit(file: str) -> None:
    found = judged([one for one in readings() if file in ("", one.file)])
    for finding in found.values():
        measured = finding["inputs"]["proximity"]["grade"] == "measured"
        assert finding["severity"] != "high" or finding["lifted"] or (measured and finding["proximity"] >= 3)
    roots = {finding["id"]: finding for finding in found.values()}
    for finding in roots.values():
        if finding["lifted"]:  # what lifts it is High by itself, and measured
            assert any(roots[name]["severity"] >= finding["severity"] for name in finding["symptoms"])


def longer(row: Evidence, times: float) -> Evidence:
    """A log's row as of a longer time: counts, sums and the window grow, shares, percentiles and peaks do not."""
    if not row.kind.startswith(LOGS):
        return row
    metrics = {name: value * times if _grows(row.kind, name) else value for name, value in row.metrics.items()}
    return replace(row, metrics=metrics)


def _grows(kind: str, metric: str) -> bool:
    return metric.startswith(GROWS) and "_per_" not in metric and unit_of(kind, metric) in ("1", "ms", "s")


def grown(reading: Reading, times: float) -> Reading:
    assert reading.result
    return replace(
        reading, result=replace(reading.result, evidence=[longer(r, times) for r in reading.result.evidence])
    )


@pytest.mark.parametrize("times", [2.0, 10.0])
def test_more_of_the_same_makes_no_healthy_part_sick(times: float) -> None:
    """The bookshop holds healthy tables, routes and statements beside its faults: none of them turns sick.

    What is sick already may be seen by one more rule, which had too little to go by before.
    """
    before, after = judged(list(readings())), judged([grown(one, times) for one in readings()])
    sick = {finding["subject"]["name"] for finding in before.values()}
    assert [key for key in set(after) - set(before) if after[key]["subject"]["name"] not in sick] == []


@pytest.mark.parametrize("name", ["healthy", "busy", "pure_cache", "expected_refusals"])
@pytest.mark.parametrize("times", [3.0, 20.0])
def test_a_healthy_system_stays_healthy_in_a_longer_log(name: str, times: float, tmp_path: Path) -> None:
    """Real exports of the lab's controls, as of a longer time at the same load: nothing becomes High or Medium."""
    with tarfile.open(LAB / f"11-{name}.tar.gz") as packed:
        packed.extractall(tmp_path, filter="data")
    known = parse_intake((tmp_path / "intake.toml").read_text())
    read = [one for one in read_exports([tmp_path / "csv"], lambda line: None) if one.result]
    before, after = (shown(known, given) for given in (read, [grown(one, times) for one in read]))
    assert after - before == set()


def shown(known: Intake, given: list[Reading]) -> set[str]:
    return {one["key"] for one in assess(known, given).findings if one["severity"] in ("high", "medium")}


@pytest.mark.parametrize("case", cases_of("clear"), ids=lambda case: case.name)
@pytest.mark.parametrize("times", [2.0, 10.0])
def test_more_of_the_same_turns_nothing_healthy_sick(case: Case, times: float) -> None:
    if case.name in TOO_FEW:
        pytest.skip("clear because there is too little of it, not because it is healthy")
    assert run_rule(case.rule, EvidenceSet([longer(row, times) for row in case.rows])).status is not Status.HIT
