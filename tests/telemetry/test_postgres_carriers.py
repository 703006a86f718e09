"""The same events mean the same, whatever carried them, and a damaged record costs no other."""

import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.postgres_log import PARSER
from telemetry.source import Source

CASES = Path(__file__).parent / "parsers" / "postgres_log"
RECORD = (
    '2026-01-05 09:{m:02d}:{s:02d}.125 UTC,"app","shop",4711,"[local]",65a1.4f,{n},"SELECT",2026-01-05 08:59:59 UTC,'
    '3/7,0,LOG,00000,"duration: 2.000 ms  statement: SELECT ""a""\n FROM t WHERE b = {n}",,,,,,,,,"web",'
    '"client backend",,0\n'
)


class Drops(io.BytesIO):
    """A stream that hands out a few bytes at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        super().__init__(content)
        self.size = size

    def read(self, _: int | None = -1) -> bytes:
        return super().read(self.size)


def parse(content: bytes, size: int = 1024 * 1024) -> ParseResult:
    result = PARSER.parse(Source("log", Drops(content, size)))
    assert result.lines == result.records_lines + result.rejected + result.blank
    return result


def meaning(result: ParseResult) -> Any:
    """Everything but lines and quotes."""
    rows = sorted(
        (row.kind, row.subject, json.dumps([row.metrics, row.attrs], sort_keys=True)) for row in result.evidence
    )
    return rows, result.totals, result.records, result.first, result.last, result.enables


def csvlog(count: int) -> list[str]:
    return [RECORD.format(m=n // 60 % 60, s=n % 60, n=n) for n in range(count)]


@pytest.mark.parametrize("name", ["captured_csvlog.csv", "captured_jsonlog.json"])
def test_one_server_says_the_same_through_every_carrier(name: str) -> None:
    """Captured from one PostgreSQL 15 with log_destination = 'stderr,csvlog,jsonlog'."""
    plain = parse((CASES / "captured_stderr.log").read_bytes())
    assert meaning(parse((CASES / name).read_bytes())) == meaning(plain)
    assert len(plain.evidence) > 50


@pytest.mark.parametrize("path", sorted(CASES.glob("*.csv")) + sorted(CASES.glob("*.json")), ids=lambda path: path.name)
def test_block_size_changes_nothing(path: Path) -> None:
    if path.name.endswith(".expected.json") or "error" in json.loads(
        (CASES / f"{path.stem}.expected.json").read_text()
    ):
        return
    whole = parse(path.read_bytes())
    for size in (97, 1000):
        again = parse(path.read_bytes(), size)
        assert meaning(again) == meaning(whole)
        assert (again.lines, again.blank, again.rejected) == (whole.lines, whole.blank, whole.rejected)


@pytest.mark.parametrize("cut", [30, 120, 135, 165, 190, 205])
@pytest.mark.parametrize("glued", [True, False])
def test_a_damaged_record_costs_itself_only(cut: int, glued: bool) -> None:
    records = csvlog(2000)
    records[1000] = records[1000][:cut] + ("" if glued else "\n")
    result = parse("".join(records).encode())
    assert (result.records, result.totals["queries"], result.totals["families"]) == (1999, 1999, 1)
    assert "1 records of the csvlog are damaged" in result.notes[-1]


def test_a_time_stamp_at_the_start_of_a_line_of_a_statement_is_text() -> None:
    records = csvlog(3)
    records[1] = records[1].replace("\n FROM", "\n2026-01-05 is a day, /* said */\n FROM")
    result = parse("".join(records).encode())
    assert (result.records, result.rejected, result.lines) == (3, 0, 7)


SMALL = [
    path
    for path in sorted(CASES.iterdir())
    if not path.name.endswith(".expected.json") and 0 < path.stat().st_size < 20_000
]


@given(st.sampled_from(SMALL), st.floats(0, 1), st.binary(max_size=20), st.integers(0, 60))
@settings(max_examples=200, deadline=None)
def test_any_damage_ends_well(path: Path, where: float, noise: bytes, lost: int) -> None:
    content = path.read_bytes()
    at = int(where * len(content))
    damaged = content[:at] + noise + content[at + lost :]
    with suppress(ParseError):
        result = parse(damaged)
        assert min(result.records_lines, result.rejected, result.blank) >= 0
        assert all(1 <= row.place.line <= damaged.count(b"\n") + 1 for row in result.evidence)


def test_a_file_of_nothing_but_statements_has_its_first_record() -> None:
    result = parse("".join(csvlog(3)).encode())
    server = next(row for row in result.evidence if row.kind == "pg.log.server")
    assert (server.place.line, server.metrics["queries"], server.metrics["queries_per_s_peak"]) == (1, 3, 1)


def test_one_line_with_several_texts_that_are_none_of_a_server_is_rejected_once() -> None:
    events = [
        {"timestamp": 1767603600000, "message": text} for text in ("boot", "boot again", "LOG:  ready", "LOG:  x")
    ]
    result = parse(json.dumps({"events": events[:2]}).encode() + b"\n" + json.dumps({"events": events}).encode())
    assert (result.lines, result.rejected, result.records) == (2, 2, 2)


def test_a_year_that_turns_in_a_log_without_years_is_one_second() -> None:
    lines = [
        f"{stamp} db1 postgres[7]: [{n}-1] LOG:  duration: 1.000 ms  statement: SELECT {n}\n"
        for n, stamp in enumerate(["Dec 31 23:59:59", "Jan  1 00:00:00"])
    ]
    result = parse("".join(lines).encode())
    server = next(row for row in result.evidence if row.kind == "pg.log.server")
    assert (server.metrics["window_s"], result.first) == (1.0, None)


def test_numbers_do_not_tell_families_apart_but_digits_of_names_do() -> None:
    texts = ["SELECT c1 FROM t WHERE a = 1", "SELECT c2 FROM t WHERE a = 1", "SELECT c1 FROM t WHERE a = 2"]
    lines = [f"2026-01-05 09:00:00.000 UTC [1] a@b LOG:  duration: 1.000 ms  statement: {text}\n" for text in texts * 3]
    assert parse("".join(lines).encode()).totals["families"] == 2


def test_what_follows_a_comment_in_a_statement_of_several_lines_tells_families_apart() -> None:
    lines = [
        f"2026-01-05 09:00:00.000 UTC [1] a@b LOG:  duration: 1.000 ms  statement: SELECT 1 -- all\n\t FROM {table}\n"
        for table in ("orders", "carts")
    ]
    assert parse("".join(lines).encode()).totals["families"] == 2


def test_syslog_names_its_host() -> None:
    """Two hosts in one file name none."""
    line = b"2026-01-05T09:00:0%d+00:00 %s postgres[71]: [1-1] 2026-01-05 09:00:00 UTC [71] app@shop "
    line += b"LOG:  duration: 9.000 ms  statement: SELECT 1\n"
    for hosts, wanted in (((b"db1", b"db1"), "db1"), ((b"db1", b"db2"), None)):
        content = b"".join(line % (number, host) for number, host in enumerate(hosts))
        result = PARSER.parse(Source("syslog", io.BytesIO(content)))
        assert result.evidence[0].attrs.get("host") == wanted
