"""Every case of every parser, run by one function."""

import re
from collections import Counter

import pytest

from telemetry.evidence import ParseError
from telemetry.kinds import KINDS
from telemetry.parsers import PARSERS
from telemetry.source_code.bundle import SourceText, files_of
from tests.telemetry.cases import Case, all_cases, check, run

CASES = list(all_cases())
_HIDDEN = re.compile(r"\[redacted\]|(?<=\d\.)x|::x|…")


def test_there_are_cases() -> None:
    assert len(CASES) >= 4 * len(PARSERS)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case) -> None:
    expected = case.expected
    result = run(case)
    if "error" in expected:
        assert isinstance(result, ParseError), "read, although an error is expected"
        assert expected["error"] in result.message
        return
    assert not isinstance(result, ParseError), result.message
    check(result, expected)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_result_is_sound(case: Case) -> None:
    """Lines add up, metrics are in the vocabulary, and every quote stands in the file at its line."""
    result = run(case)
    if isinstance(result, ParseError):
        assert len(result.message) > 20
        return
    assert result.records_lines + result.rejected + result.blank == result.lines
    texts = texts_of(case)
    for row in result.evidence:
        lines = texts[row.file]
        assert row.kind in case.parser.kinds
        assert set(row.metrics) <= set(KINDS[row.kind]), row
        assert set(row.places) <= set(row.metrics), row
        for place in (row.place, *row.places.values()):
            assert stands_in(place.quote, lines[place.line - 1].replace("\x00", "\ufffd")), place
            assert len(place.quote) <= 500


def texts_of(case: Case) -> dict[str, list[str]]:
    """Lines by file: the case itself under "", and those it holds, for a format that is many files in one."""
    with case.opened().open() as stream:
        whole = stream.read()
    lines = whole.split(b"\n")
    inside = {
        one.path: one.text.decode("utf-8", "replace").split("\n")
        for one in files_of(enumerate(lines, 1), Counter())
        if isinstance(one, SourceText)
    }
    return {"": whole.decode("utf-8", "replace").split("\n"), **inside}


def stands_in(quote: str, line: str) -> bool:
    """Whether everything of a quote that was not hidden stands in the line, in order."""
    at = 0
    for piece in _HIDDEN.split(quote):
        at = line.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return True


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case_is_claimed_by_its_parser_alone(case: Case) -> None:
    """A file that is read is claimed once; one that is refused is claimed by nobody else."""
    head = case.opened().head()
    claims = {parser.id for parser in PARSERS if parser.sniff(head)}
    if "error" in case.expected:
        assert claims <= {case.parser.id}
    else:
        assert claims == {case.parser.id}
