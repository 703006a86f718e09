"""The PostgreSQL log parser beyond its cases: prefixes, block sizes, broken bytes, memory, words for people."""

import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.kinds import KINDS
from telemetry.parsers.postgres import families
from telemetry.parsers.postgres.prefix import compile_prefix, find_prefix
from telemetry.parsers.postgres_log import PARSER
from telemetry.source import Head, Source

CASES = Path(__file__).parent / "parsers" / "postgres_log"
LOGS = sorted(CASES.glob("*.log"))
READABLE = [path for path in LOGS if "error" not in json.loads(path.with_suffix(".expected.json").read_text())]
HEAD = "2026-01-05 09:00:{:02d}.000 UTC [{}] app@shop app=web "


class Drops(io.BytesIO):
    """A stream that hands out a few bytes at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        super().__init__(content)
        self.size = size

    def read(self, _: int | None = -1) -> bytes:
        return super().read(self.size)


def parse(content: bytes | str, size: int = 1024 * 1024) -> ParseResult:
    raw = content.encode() if isinstance(content, str) else content
    return PARSER.parse(Source("postgresql.log", Drops(raw, size)))  # type: ignore[arg-type]


def sniff(content: str) -> bool:
    return PARSER.sniff(Head("x", content, True))


def only(result: ParseResult, kind: str) -> Evidence:
    found = [row for row in result.evidence if row.kind == kind]
    assert len(found) == 1
    return found[0]


def facts(result: ParseResult) -> Any:
    rows = [(row.kind, row.subject, dict(row.metrics), row.place, row.attrs) for row in result.evidence]
    return rows, result.totals, result.lines, result.blank, result.rejected, result.records, result.first, result.last


def test_cases_are_there() -> None:
    assert len(READABLE) >= 15


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.stem)
def test_what_the_parser_reads_is_what_stands_in_the_file(path: Path) -> None:
    expected = json.loads(path.with_suffix(".expected.json").read_text())
    if "error" in expected:
        with pytest.raises(ParseError, match=expected["error"]):
            parse(path.read_bytes())
        return
    result = parse(path.read_bytes())
    assert expected["totals"].items() <= result.totals.items()
    assert result.lines == result.records_lines + result.rejected + result.blank
    lines = path.read_bytes().replace(b"\x00", "\ufffd".encode()).decode("utf-8", "replace").split("\n")
    for row in result.evidence:
        for place in (row.place, *row.places.values()):
            parts = place.quote.split("[redacted]")
            assert all(part in lines[place.line - 1] for part in parts), place
        assert row.metrics.keys() <= KINDS[row.kind].keys()
        assert row.places.keys() <= row.metrics.keys()
        assert json.dumps(row.attrs)


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.stem)
def test_block_size_changes_nothing(path: Path) -> None:
    content = path.read_bytes()
    whole = facts(parse(content))
    for size in (97, 1000):
        assert facts(parse(content, size)) == whole


@pytest.mark.parametrize("path", READABLE, ids=lambda path: path.stem)
def test_sniff_claims_every_readable_case(path: Path) -> None:
    assert sniff(path.read_text("utf-8", "replace"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "hello world\n",
        '{"timestamp":"2026-01-05 09:00:00 UTC","message":"LOG:  x"}\n',
        "2026-01-05 09:00:00.125 UTC [12] LOG stats: 10 xacts/s, 20 queries/s\n",
        "psql:schema.sql:3: ERROR:  relation does not exist\n",
        '203.0.113.9 - - [05/Jan/2026:09:00:00 +0000] "GET /?q=ERROR:  HTTP/1.1" 200 5\n',
    ],
)
def test_sniff_leaves_other_files(text: str) -> None:
    assert not sniff(text)


@pytest.mark.parametrize(
    ("line", "escapes"),
    [
        ("2026-01-05 09:00:00.125 UTC [47] app@shop app=web client=::1 LOG:  x", "%m [%p] %q%u@%d app=%a client=%h "),
        ("2026-01-05 09:00:00 UTC:10.0.0.1(5432):app@shop:[47]:LOG:  x", "%t:%r:%u@%d:[%p]:"),
        ("2026-01-05 09:00:00 CET [47-3] app@shop LOG:  x", "%t [%p-%l] %q%u@%d "),
        ("2026-01-05 09:00:00 +05:30-65a1.4f-LOG:  x", "%t-%c-"),
        ("[47]: [3-1] db=shop,user=app LOG:  x", "[%p]: [%l-1] db=%d,user=%u "),
        ("pid=47,user=app,db=shop,app=web,client=[local] LOG:  x", "pid=%p,user=%u,db=%d,app=%a,client=%h "),
    ],
)
def test_a_known_prefix_is_found(line: str, escapes: str) -> None:
    found = find_prefix([line.encode()] * 3)
    assert found is not None
    assert found.escapes == escapes


def test_an_unknown_prefix_is_inferred_with_its_optional_part() -> None:
    lines = [b"2026-01-05 09:00:00.125 UTC|47|u=bob|LOG:  x"] * 3 + [b"2026-01-05 09:00:00.125 UTC|47|LOG:  y"]
    found = find_prefix(lines)
    assert found is not None
    assert found.escapes == "%m|%p|%qu=%u|"


def test_fields_of_a_prefix() -> None:
    found = compile_prefix("%m [%p] %q%u@%d app=%a ").pattern.match(
        b"2026-01-05 09:00:00.125 +0530 [47] ann lee@shop app=web worker LOG:  x"
    )
    assert found is not None
    assert (found["pid"], found["user"], found["app"], found["zone"]) == (b"47", b"ann lee", b"web worker", b"+0530")


def test_a_collectors_stamp_in_front_is_passed_over() -> None:
    line = "2026-01-05T09:00:01.000Z 2026-01-05 09:00:00 UTC:10.0.0.1(1):app@shop:[47]:LOG:  duration: 2.000 ms  "
    result = parse(f"{line}statement: SELECT 1\n" * 2)
    assert result.totals["queries"] == 2
    assert str(result.first) == "2026-01-05 09:00:00+00:00"


def test_a_plan_is_never_query_time() -> None:
    result = parse((CASES / "auto_explain_text.log").read_bytes())
    assert result.totals["plans"] == 18
    statements = [row for row in result.evidence if row.kind == "pg.log.statement"]
    assert sum(row.metrics["total_ms"] for row in statements) == pytest.approx(result.totals["query_ms"])


@pytest.mark.parametrize("ms", ["-0.999", "nan", "inf", "x"])
def test_a_duration_that_no_server_writes_is_no_query(ms: str) -> None:
    time, text = "LOG:  duration: {} ms  statement: ", "SELECT id FROM orders WHERE id = 1\n"
    result = parse("".join(HEAD.format(at, 7) + time.format(took) + text for at, took in enumerate(["2.000", ms])))
    statement = only(result, "pg.log.statement")
    assert (statement.metrics["count"], statement.metrics["total_ms"]) == (1, 2.0)
    assert (result.records, result.rejected) == (2, 0)


def test_details_go_to_the_record_of_their_process() -> None:
    result = parse((CASES / "interleaved.log").read_bytes())
    locks = {row.attrs["query"]: row for row in result.evidence if row.kind == "pg.log.lock"}
    counters = locks["UPDATE counters SET value = value + $1 WHERE name = $2"]
    assert counters.metrics == {"waits": 2, "wait_total_ms": 3500.5, "wait_max_ms": 2500.5}
    assert (counters.place.line, counters.attrs["relation"]) == (10, "counters")
    assert only(result, "pg.log.temp").attrs["tables"] == ["lines"]
    assert only(result, "pg.log.error").attrs["tables"] == ["orderz"]


def test_a_metric_that_the_log_would_not_show_is_absent() -> None:
    line = HEAD.format(0, 1) + "LOG:  duration: 2.000 ms  statement: SELECT 1\n"
    server = only(parse(line), "pg.log.server")
    assert not {"errors", "deadlocks", "lock_waits", "temp_files", "checkpoints"} & server.metrics.keys()
    server = only(parse(line + HEAD.format(1, 1) + 'ERROR:  relation "x" does not exist\n'), "pg.log.server")
    assert (server.metrics["errors"], server.metrics["deadlocks"]) == (1, 0)
    assert "lock_waits" not in server.metrics


def test_bound_values_and_addresses_are_not_quoted() -> None:
    result = parse((CASES / "one.log").read_bytes())
    row = only(result, "pg.log.statement")
    assert "ann@example.com" not in json.dumps([row.place.quote, row.attrs])
    assert result.redacted == 1
    assert row.attrs["tags"] == {"route": "/api/orders"}


def test_a_threshold_is_told() -> None:
    lines = [HEAD.format(i, 1) + f"LOG:  duration: {5 + i}.000 ms  statement: SELECT {i}\n" for i in range(25)]
    assert any("took 5.000 ms" in note for note in parse("".join(lines)).notes)


def test_text_without_a_severity_is_refused() -> None:
    with pytest.raises(ParseError, match="No line holds a severity"):
        parse("hello\nworld\n")


def test_one_off_statements_do_not_push_out_the_heavy_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(families, "_FAMILIES", 100)
    lines = []
    for i in range(1000):
        lines.append(HEAD.format(i % 60, 1) + f"LOG:  duration: 0.100 ms  statement: SELECT c{i}x FROM t\n")
        lines.append(HEAD.format(i % 60, 1) + "LOG:  duration: 9.000 ms  statement: SELECT 1 FROM heavy\n")
    result = parse("".join(lines), 4096)
    assert (result.totals["queries"], result.totals["families"]) == (2000, 1001)
    assert result.totals["query_ms"] == 9100.0
    heavy = next(row for row in result.evidence if row.attrs.get("tables") == ["heavy"])
    assert (heavy.metrics["count"], heavy.metrics["max_ms"]) == (1000, 9.0)
    assert any("lower bounds" in note for note in result.notes)


def test_families_without_a_row_of_their_own_are_one_row_with_their_totals() -> None:
    lines = [
        HEAD.format(i % 60, 1) + f"LOG:  duration: {1 + i // 600}.000 ms  statement: SELECT c{i}x FROM t\n"
        for i in range(700)
    ]
    result = parse("".join(lines))
    rows = {row.subject: row for row in result.evidence if row.kind == "pg.log.statement"}
    other = rows.pop("other")
    assert len(rows) == 500
    wanted = {"count": 200, "total_ms": 200.0, "share": 0.25}
    assert {name: other.metrics[name] for name in wanted} == wanted
    assert other.attrs["families"] == 200
    assert sum(row.metrics["total_ms"] for row in rows.values()) + 200 == result.totals["query_ms"] == 800


@pytest.mark.parametrize("size", [50_000, 999_983])
def test_a_record_over_ten_megabytes_is_cut_alike_wherever_blocks_end(size: int) -> None:
    start = HEAD.format(0, 1) + "LOG:  duration: 2.000 ms  statement: SELECT 1\n"
    text = start + "".join(f"\t, '{'x' * 1000}' -- {n}\n" for n in range(11_000)) + start * 3
    assert facts(parse(text, size)) == facts(parse(text))
    assert parse(text, size).lines == 11_004


def test_an_endless_record_is_counted_and_cut() -> None:
    start = HEAD.format(0, 1) + "LOG:  duration: 2.000 ms  statement: SELECT 1\n"
    result = parse(start + "\t, 1 -- more\n" * 100_000 + start, 50_000)
    assert (result.lines, result.records, result.totals["queries"]) == (100_002, 2, 2)


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_bytes_end_well(tail: bytes) -> None:
    head = HEAD.format(0, 1).encode() + b"LOG:  duration: 2.000 ms  statement: SELECT 1\n"
    for content in (tail, head + tail, head + HEAD.format(1, 1).encode() + tail):
        result = ParseResult()
        with suppress(ParseError):
            result = parse(content)
            assert result.lines == content.count(b"\n") + (not content.endswith(b"\n"))
        assert result.lines == result.records_lines + result.rejected + result.blank


_MESSAGES = st.sampled_from(
    [
        "LOG:  duration: 2.000 ms  statement: SELECT 1",
        "LOG:  duration: 3.000 ms  execute S_1: SELECT a FROM t WHERE b = $1",
        "LOG:  duration: 1.000 ms  bind S_1: SELECT a FROM t WHERE b = $1",
        "DETAIL:  parameters: $1 = '5'",
        "ERROR:  deadlock detected",
        "DETAIL:  Process 1: UPDATE a SET b = 1\n\tProcess 2: DELETE FROM c",
        "LOG:  process 1 still waiting for ShareLock on transaction 5 after 1000.000 ms",
        "STATEMENT:  UPDATE a SET b = 1",
        "LOG:  duration: 4.000 ms  plan:\n\tQuery Text: SELECT 1\n\tResult  (cost=0.00..0.01 rows=1 width=4)",
        "LOG:  connection authorized: user=app database=shop application_name=web",
        "LOG:  disconnection: session time: 0:00:01.000 user=app database=shop host=[local]",
        "",
        "garbage \x00",
    ]
)


@given(
    st.lists(st.tuples(st.integers(0, 59), st.integers(1, 3), _MESSAGES), min_size=1, max_size=30), st.integers(1, 90)
)
@settings(max_examples=60, deadline=None)
def test_any_order_of_messages_reads_the_same_in_any_blocks(rows: list[tuple[int, int, str]], size: int) -> None:
    first = HEAD.format(0, 9) + "LOG:  x\n"
    text = first + "".join(
        (HEAD.format(s, pid) + message if message[:1].isupper() else message) + "\n" for s, pid, message in rows
    )
    result = parse(text)
    assert result.totals["queries"] == text.count("  statement: ") + text.count("  execute ")
    assert result.totals["deadlocks"] == text.count("ERROR:  deadlock detected")
    assert result.rejected == text.count("garbage")
    assert facts(parse(text, size)) == facts(result)
