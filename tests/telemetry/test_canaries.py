"""A secret or a person at any place of any export comes out nowhere: no name, no quote, no message."""

from pathlib import Path

import pytest

from telemetry.evidence import Evidence, ParseResult, Place
from telemetry.opening import open_file
from telemetry.reading import read_opened
from telemetry.scrubbing import scrub
from tests.telemetry.canaries import CANARIES, Canary, leaks, planted
from tests.telemetry.cases import Case, all_cases

CASES = [case for case in all_cases() if 20 < case.path.stat().st_size < 100_000]
EACH = 10


@pytest.mark.parametrize("case", CASES, ids=str)
def test_nothing_planted_comes_out(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "export"
    for canary, text in planted(case.path.read_bytes().decode("utf-8", "replace"), EACH):
        path.write_text(text)
        assert leaks(read_opened(open_file(path, "export")), canary) == "", canary.name


def test_names_that_differ_only_in_what_is_redacted_stay_apart() -> None:
    rows = [Evidence("queue.counts", f"mail-{name}@example.com", {"waiting": 1}, Place(1, "x")) for name in "aba"]
    result = ParseResult(evidence=rows)
    scrub(result)
    assert [row.subject for row in result.evidence] == ["[redacted]", "[redacted] (2)", "[redacted]"]
    assert result.redacted == 2


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.name)
def test_every_text_of_a_result_is_scrubbed(canary: Canary) -> None:
    text = canary.text
    row = Evidence("queue.counts", text, {"waiting": 1}, Place(1, text), {"waiting": Place(2, text)}, {text: [text]})
    result = ParseResult(evidence=[row], notes=[text], totals={"version": text}, rejected_samples=[Place(3, text)])
    scrub(result)
    assert text not in repr(result)


def test_a_number_without_end_is_left_out() -> None:
    row = Evidence(
        "queue.counts", "mail", {"waiting": float("inf"), "failed": 2.0}, Place(1, "x"), {"waiting": Place(1, "x")}
    )
    result = ParseResult(evidence=[row])
    scrub(result)
    assert result.evidence[0].metrics == {"failed": 2.0}
    assert not result.evidence[0].places
