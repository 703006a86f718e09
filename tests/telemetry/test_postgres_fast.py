"""The short ways through a server log give exactly what reading it record by record gives."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.postgres import csvlog
from telemetry.parsers.postgres.csvlog import CsvReader
from telemetry.parsers.postgres.jsonlog import JsonReader, lines_of
from telemetry.parsers.postgres.lines import folded
from telemetry.parsers.postgres.reader import LogReader
from telemetry.parsers.postgres_log import PARSER
from telemetry.source import Source
from tests.bench.postgres_log import convert
from tests.telemetry.test_postgres_log import HEAD, Drops

CASES = Path(__file__).parent / "parsers" / "postgres_log"
LOGS = sorted(path for path in CASES.iterdir() if not path.name.endswith(".expected.json"))
SAMPLE = Path(__file__).parents[1] / "samples/harbor-books/exports/postgresql.log"


def result_of(content: bytes, block: int = 1024 * 1024) -> ParseResult | str:
    try:
        return PARSER.parse(Source("log", Drops(content, block)))
    except ParseError as problem:
        return problem.message


def _plain(self: LogReader, text: bytes) -> None:
    for line in _whole(text):
        self.feed_lines([line])


def _whole(text: bytes) -> Iterator[bytes]:
    """Records of a log whose every line begins with the century or a TAB, or belongs to the one before."""
    record: list[bytes] = []
    for line in text[:-1].split(b"\n"):
        if record and line.startswith(b"20"):
            yield b"\n".join(record)
            record = []
        record.append(line)
    yield b"\n".join(record)


def _csv(self: CsvReader, text: bytes) -> None:
    self._careful(self.result.lines + 1, text[:-1])
    self.result.lines += text.count(b"\n")


def _json(self: JsonReader, block: bytes) -> None:
    for line in lines_of(block):
        self.result.lines += 1
        self._see(self.result.lines, line)


@contextmanager
def record_by_record() -> Iterator[None]:
    """Every reader without its short way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LogReader, "feed", _plain)
        patch.setattr(CsvReader, "feed", _csv)
        patch.setattr(JsonReader, "feed", _json)
        yield


def assert_same(content: bytes, block: int = 1024 * 1024) -> ParseResult | str:
    with record_by_record():
        expected = result_of(content)
    assert result_of(content, block) == expected
    return expected


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name)
def test_cases_are_read_the_same(path: Path) -> None:
    assert_same(path.read_bytes())


@pytest.mark.parametrize("carrier", ["stderr", "csvlog", "jsonlog"])
def test_a_day_of_a_shop_is_read_the_same(carrier: str, tmp_path: Path) -> None:
    path = SAMPLE if carrier == "stderr" else tmp_path / carrier
    if carrier != "stderr":
        convert(SAMPLE, path, carrier)
    result = assert_same(path.read_bytes())
    assert isinstance(result, ParseResult)
    assert result.records > 1000


_NAMES = st.sampled_from(["", "S_1", "<unnamed>", "fetch from S_1/C_2", "a:b"])
_PHASES = st.sampled_from(["execute", "bind", "parse"])
_TIMES = st.sampled_from(
    ["0.000", "0.021", "4.994", "99.999", "100.001", "123456.789", "1e3", "-1.000", "nan", "7", "x"]
)
_SQL = st.lists(
    st.sampled_from(
        ["SELECT a", "SELECT b FROM t", " WHERE c = 7", " WHERE c = $1", " AND d = 'it''s 5'", " AND e = 'x", " -- no",
         " /* f */", "\n\t\tLIMIT 3", "\n\tLIMIT 44", " IN (1, 2)", " IN (1,2,3)", " E'\\'", "$$x$$", ' "q"', "\x03"]
    ),
    max_size=6,
).map("".join)  # fmt: skip
_DURATION = st.one_of(
    st.builds("LOG:  duration: {} ms  statement: {}".format, _TIMES, _SQL),
    st.builds("LOG:  duration: {} ms  {} {}: {}".format, _TIMES, _PHASES, _NAMES, _SQL),
    st.builds("LOG:  duration: {} ms  plan:\n\tQuery Text: {}\n\tSeq Scan on t  (cost=1.00..2.00 rows=9 width=4) "
              "(actual rows=3 loops=2)\n\t  Rows Removed by Filter: 12".format, _TIMES, _SQL),
    st.builds("LOG:  duration: {} ms".format, _TIMES),
    st.builds("LOG:  00000: duration: {} ms  statement: {}".format, _TIMES, _SQL),
    st.builds("DETAIL:  duration: {} ms  statement: {}".format, _TIMES, _SQL),
)  # fmt: skip
_OTHER = st.sampled_from(
    [
        "DETAIL:  parameters: $1 = '5'",
        "ERROR:  deadlock detected",
        "DETAIL:  Process 1: UPDATE a SET b = 1\n\tProcess 2: DELETE FROM c",
        "STATEMENT:  UPDATE a SET b = 1",
        "LOG:  process 1 still waiting for ShareLock on transaction 5 after 1000.000 ms",
        "LOG:  process 1 acquired ShareLock on transaction 5 after 1500.000 ms",
        'CONTEXT:  while updating tuple (0,1) in relation "a"',
        'LOG:  temporary file: path "base/pgsql_tmp/pgsql_tmp1.0", size 2048',
        "LOG:  connection authorized: user=app database=shop application_name=api",
        "WARNING:  there is no transaction in progress\n\nlost\n\ttab",
    ]
)
_HEADS = st.builds(
    HEAD.replace("web", "{}").replace("00:{:02d}", "{:02d}:{:02d}").format,
    st.integers(0, 2), st.sampled_from([0, 1, 59]), st.integers(1, 3), st.sampled_from(["web", "a:  b", "[unknown]"]),
)  # fmt: skip
_DETAIL = st.sampled_from(
    ["DETAIL:  parameters: $1 = '5'", "DETAIL:  parameters: $1 = 'a\n\tb'", "DETAIL:  a\nb", "CONTEXT:  c", "DETAIL: "]
)
_LINES = st.one_of(
    st.builds(str.__add__, _HEADS, st.one_of(_DURATION, _OTHER)),
    st.builds("{0}{1}\n{0}{2}".format, _HEADS, _DURATION, _DETAIL),
    st.sampled_from(["", "garbage", "2026-13-05 09:00:00.000 UTC [1] app@shop app=web LOG:  x", "20", "\tlost"]),
)


@given(st.lists(_LINES, min_size=1, max_size=40), st.sampled_from([50, 700, 1024 * 1024]))
@settings(max_examples=400, deadline=None)
def test_any_log_is_read_the_same(lines: list[str], block: int) -> None:
    assert_same(
        ("2026-01-05 09:00:00.000 UTC [1] app@shop app=web LOG:  x\n" + "\n".join(lines) + "\n").encode(), block
    )


@given(st.lists(_LINES, min_size=1, max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_log_in_columns_or_objects_is_read_the_same(lines: list[str]) -> None:
    plain = ("2026-01-05 09:00:00.000 UTC [1] app@shop app=web LOG:  x\n" + "\n".join(lines) + "\n").encode()
    for carrier in ("csvlog", "jsonlog"):
        assert isinstance(assert_same(converted(plain, carrier)), ParseResult)


_DAMAGE = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 30),
        st.sampled_from(
            [b"", b'"', b'""', b",", b"\n", b"\n20", b"\n\t", b"\x00", b"\n2026-01-05 09:00:00.000 UTC,", b":  "]
        ),
    ),
    min_size=1,
    max_size=3,
)


@given(st.lists(_LINES, min_size=1, max_size=12), _DAMAGE, st.sampled_from(["stderr", "csvlog", "jsonlog"]))
@settings(max_examples=300, deadline=None)
def test_any_damaged_log_is_read_the_same(
    lines: list[str], damage: list[tuple[float, int, bytes]], carrier: str
) -> None:
    content = ("2026-01-05 09:00:00.000 UTC [1] app@shop app=web LOG:  x\n" + "\n".join(lines) + "\n").encode()
    if carrier != "stderr":
        content = converted(content, carrier)
    for share, lost, put in damage:
        at = int(share * len(content))
        content = content[:at] + put + content[at + lost :]
    assert_same(content)


def converted(plain: bytes, carrier: str) -> bytes:
    """A plain log as another carrier holds it."""
    with tempfile.TemporaryDirectory() as folder:
        source, carried = Path(folder) / "plain", Path(folder) / "carried"
        source.write_bytes(plain)
        convert(source, carried, carrier)
        return carried.read_bytes()


_CELLS = st.sampled_from(
    ["", "1", '"a"', '"[local]"', '"a,b"', '"a""b"', '"a\nb"', '"', "a b", '"a', "A,", "LOG", "00000"]
)
_ERROR_RECORD = (
    '2026-01-05 09:00:00.125 UTC,"app","shop",4711,"[local]",65a1.4f,7,"SELECT",2026-01-05 08:59:59 UTC,3/7,0,ERROR,'
    '40P01,"deadlock ""detected""","Process 1: a\nProcess 2: b","hint",,,"while updating","UPDATE a SET b = 1",,,"web",'
    '"client backend",,-5'
)


@given(st.lists(st.tuples(st.integers(0, 26), _CELLS), max_size=3), st.integers(22, 27))
@settings(max_examples=1000, deadline=None)
def test_a_record_that_looks_simple_says_what_it_says_cell_by_cell(changes: list[tuple[int, str]], count: int) -> None:
    cells = _ERROR_RECORD.split(",")[:count]
    for at, cell in changes:
        cells[at : at + 1] = [cell]
    line = ",".join(cells).encode()
    simple, found = csvlog._simple_fields(line), csvlog._RECORD.fullmatch(folded(line))
    assert simple is None or (found is not None and simple == csvlog._fields(found))
    if not changes and count in (23, 24, 26):
        assert simple is not None
