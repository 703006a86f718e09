"""The exports of one draw of the lab, reviewed again: nothing that was found may be lost, no healthy system accused.

The figures of unseen draws stand in tests/lab/README.md; these samples are the draw that the rules were developed on,
so that their floors say "as good as it was", not how good that is.
"""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

LAB = Path(__file__).parent / "lab"
SAMPLES = sorted((Path(__file__).parent / "samples/lab").glob("*.tar.gz"))
sys.path.insert(0, str(LAB))

from exports import PARTS, write_poor  # noqa: E402
from keep import unpack  # noqa: E402
from score import judge  # noqa: E402

Judged = dict[str, Any]
FULL = "csv"


def judge_sample(sample: Path, folder: Path) -> dict[str, Judged]:
    """By shape what the review says of a run; logs alone are slow to read, and not asked of single faults."""
    run = folder / sample.name.removesuffix(".tar.gz")
    unpack(sample, run)
    write_poor(run)
    found = {FULL: judge(run, FULL)}
    slow = ("poor-logs",) if found[FULL]["family"] == "fault" else ()
    return found | {shape: judge(run, shape) for shape in PARTS if shape not in slow}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Judged]]:
    """By shape all runs, judged by two processes."""
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as judges:
        rows = list(judges.map(partial(judge_sample, folder=tmp_path_factory.mktemp("lab")), SAMPLES))
    return {shape: [row[shape] for row in rows if shape in row] for shape in (FULL, *PARTS)}


def controls(rows: list[Judged]) -> list[Judged]:
    return [row for row in rows if row["family"] in ("healthy", "decoy")]


def test_a_whole_draw_is_there() -> None:
    assert len(SAMPLES) >= 40


def test_what_was_found_is_found(judged: dict[str, list[Judged]]) -> None:
    hits = {(row["run"], number): hit for row in judged[FULL] for number, hit in enumerate(row["hit"])}
    missed = [name for name, hit in hits.items() if not hit]
    assert len(hits) - len(missed) >= 0.95 * len(hits), missed


def test_it_stands_among_the_first_three(judged: dict[str, list[Judged]]) -> None:
    ranks = {(row["run"], number): rank for row in judged[FULL] for number, rank in enumerate(row["ranks"])}
    late = [name for name, rank in ranks.items() if not 0 < rank <= 3]
    assert len(ranks) - len(late) >= 0.9 * len(ranks), late


def test_what_is_said_is_true(judged: dict[str, list[Judged]]) -> None:
    shown = sum(row["shown"] for row in judged[FULL])
    wrong = [(row["run"], *said) for row in judged[FULL] for said in row["wrong"]]
    assert shown - len(wrong) >= 0.95 * shown, wrong


@pytest.mark.parametrize("shape", [FULL, *PARTS])
def test_no_healthy_system_is_accused(judged: dict[str, list[Judged]], shape: str) -> None:
    rows = controls(judged[shape])
    assert len(rows) >= 8
    assert [(row["run"], row["said"]) for row in rows if row["high"]] == []
    assert [(row["run"], row["broken_silence"]) for row in rows if row["broken_silence"]] == []


@pytest.mark.parametrize("shape", [FULL, *PARTS])
def test_every_quote_stands_where_it_is_said_to(judged: dict[str, list[Judged]], shape: str) -> None:
    assert sum(row["quotes"] for row in judged[shape]) > 0
    assert [row["run"] for row in judged[shape] if row["ungrounded"]] == []
