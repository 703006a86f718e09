"""The cases of the parsers: a file as a client would send it and, beside it, what must come of it.

`parsers/<parser module>/<case>.<ext>` goes with `<case>.expected.json`. Every key given there must match: `error` (a
part of the message) or `carrier`, `records`, `lines`, `blank`, `rejected`, `totals`, `first`, `last`, `notes_contain`
(a list of parts), and `evidence`, a list of rows that must be found: `kind`, `subject`, `metrics` (a subset), `absent`
(metrics that must not be there), `attrs` (a subset), `line`, `quote` (a part). `places` maps a metric to the line it
stands on. Expected numbers are worked out by hand from the file, never copied from a run.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.opening import Opened, open_file
from telemetry.parsers.base import Parser
from telemetry.source import Source

FOLDER = Path(__file__).parent / "parsers"
_KNOWN = {"error", "carrier", "records", "lines", "blank", "rejected", "totals", "first", "last", "notes_contain"}
_EVIDENCE = {"kind", "subject", "metrics", "absent", "attrs", "line", "quote", "places"}


@dataclass(frozen=True)
class Case:
    """One case of a parser."""

    module: str
    path: Path

    @property
    def name(self) -> str:
        """The part before the first dot: "empty", "many"."""
        return self.path.name.split(".")[0]

    @property
    def expected(self) -> dict[str, Any]:
        """What must come of it."""
        expected: dict[str, Any] = json.loads(self.path.with_name(f"{self.name}.expected.json").read_text())
        return expected

    @property
    def parser(self) -> Parser:
        """The parser whose case this is."""
        parser: Parser = import_module(f"telemetry.parsers.{self.module}").PARSER
        return parser

    def opened(self) -> Opened:
        """The file as the reader gets it."""
        return open_file(self.path, self.path.name)

    def __str__(self) -> str:
        return f"{self.module}/{self.path.name}"


def all_cases() -> Iterator[Case]:
    """Every case on disk, sorted."""
    for path in sorted(FOLDER.glob("*/*")):
        if path.is_file() and not path.name.endswith((".expected.json", ".py", ".toml", ".md")):
            yield Case(path.parent.name, path)


def run(case: Case) -> ParseResult | ParseError:
    """What the case's own parser makes of its file."""
    with case.opened().open() as stream:
        try:
            return case.parser.parse(Source(case.path.name, stream))
        except ParseError as problem:
            return problem


def check(result: ParseResult, expected: dict[str, Any]) -> None:
    """Compare every key that is given."""
    assert set(expected) <= _KNOWN | {"evidence"}, f"unknown keys {set(expected) - _KNOWN}"
    for key in ("carrier", "records", "lines", "blank", "rejected"):
        if key in expected:
            assert getattr(result, key) == expected[key], key
    for key, value in expected.get("totals", {}).items():
        assert result.totals[key] == (pytest.approx(value) if isinstance(value, float) else value), key
    for key in ("first", "last"):
        if key in expected:
            moment = getattr(result, key)
            assert (moment.isoformat() if moment else None) == expected[key]
    for part in expected.get("notes_contain", []):
        assert any(part in note for note in result.notes), (part, result.notes)
    for wanted in expected.get("evidence", []):
        assert set(wanted) <= _EVIDENCE, f"unknown keys {set(wanted) - _EVIDENCE}"
        assert any(fits(row, wanted) for row in result.evidence), (wanted, nearest(result.evidence, wanted))


def fits(row: Evidence, wanted: dict[str, Any]) -> bool:
    """Whether a row is the wanted one."""
    metrics = wanted.get("metrics", {})
    places = wanted.get("places", {})
    return (
        row.kind == wanted["kind"]
        and row.subject == wanted.get("subject", row.subject)
        and all(row.metrics.get(name) == pytest.approx(value) for name, value in metrics.items())
        and not set(wanted.get("absent", [])) & set(row.metrics)
        and all(row.attrs.get(name) == value for name, value in wanted.get("attrs", {}).items())
        and row.place.line == wanted.get("line", row.place.line)
        and wanted.get("quote", "") in row.place.quote
        and all(row.place_of(name).line == line for name, line in places.items())
    )


def nearest(rows: list[Evidence], wanted: dict[str, Any]) -> list[Evidence]:
    """Rows of the same kind and subject, for the failure's message."""
    return [row for row in rows if row.kind == wanted["kind"] and row.subject == wanted.get("subject", row.subject)]
