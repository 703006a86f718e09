"""The captured bookshop with its logs cut in two: the same findings, each leading to the right file and line."""

import gzip
import shutil
from pathlib import Path
from typing import Any

import pytest

from reviews.assessment import Assessment, assess
from reviews.exports import read_exports
from reviews.intake import parse_intake
from tests.reviews.test_harbor_books import SAMPLE, as_pattern

LOGS = {"postgres-log", "access-log", "function-log"}
Machine = dict[str, Any]


def content_of(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def review(folder: Path) -> Assessment:
    return assess(parse_intake((SAMPLE / "intake.toml").read_text()), read_exports([folder], lambda line: None))


@pytest.fixture(scope="module")
def whole() -> Assessment:
    return review(SAMPLE / "exports")


@pytest.fixture(scope="module")
def halves(whole: Assessment, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Assessment]:
    """Every log as two files, cut at a line in the middle; everything else as it is."""
    folder = tmp_path_factory.mktemp("halves")
    for row in whole.coverage:
        source = SAMPLE / "exports" / row["file"]
        target = folder / row["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        if row["format"] not in LOGS:
            shutil.copy(source, target)
            continue
        lines = content_of(source).splitlines(keepends=True)
        for name, part in (("1", lines[: len(lines) // 2]), ("2", lines[len(lines) // 2 :])):
            target.with_name(f"{target.stem}.part{name}").write_bytes(b"".join(part))
    return folder, review(folder)


def claims(assessment: Assessment) -> dict[str, Machine]:
    """What a finding says, by its key: how bad, and the number that decides."""
    return {
        row["key"]: {"severity": row["severity"], "title": row["title"]} | row["measured"]
        for row in assessment.findings
    }


def test_logs_in_two_parts_give_the_same_findings(whole: Assessment, halves: tuple[Path, Assessment]) -> None:
    wanted, found = claims(whole), claims(halves[1])
    assert set(found) == set(wanted)
    for key, claim in wanted.items():
        value = claim.pop("value")
        assert found[key].pop("value") == pytest.approx(value, rel=1e-4), key
        assert found[key] == claim


def test_evidence_of_joined_logs_stands_where_it_says(halves: tuple[Path, Assessment]) -> None:
    folder, assessment = halves
    files = set()
    for finding in assessment.findings:
        for row in finding["evidence"]:
            line = content_of(folder / row["file"]).split(b"\n")[row["line"] - 1].decode("utf-8", "replace")
            assert as_pattern(row["quote"]).search(line), row
            files.add(row["file"])
    parts = {name for name in files if ".part" in name}
    assert any(name.endswith("1") for name in parts)
    assert any(name.endswith("2") for name in parts), "what stands in the second part is quoted from it"


def test_the_coverage_says_what_was_joined(halves: tuple[Path, Assessment]) -> None:
    notes = [note for row in halves[1].coverage if ".part" in row["file"] for note in row["notes"]]
    assert sum(note.startswith("Part 1 of 2 of one series with ") for note in notes) == 3
    assert sum(note.startswith("Part 2 of 2 of one series with ") for note in notes) == 3
