"""A server log read in parts gives exactly what it gives as a whole, wherever it is cut."""

import io
import pickle
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers.postgres import families, locks
from telemetry.parsers.postgres_log import PARSER
from telemetry.source import Source
from telemetry.splitting import Split, Undividable

CASES = Path(__file__).parent / "parsers" / "postgres_log"
SAMPLE = Path(__file__).parents[1] / "samples/harbor-books/exports/postgresql.log"
assert PARSER.split is not None
SPLIT: Split = PARSER.split


def whole(content: bytes) -> ParseResult:
    return PARSER.parse(Source("log", io.BytesIO(content)))


def in_parts(content: bytes, places: list[int]) -> tuple[ParseResult, int]:
    """The result of parts that begin at the first possible cuts behind some places, and how many parts there were."""
    context = SPLIT.start(Source("log", io.BytesIO(content)))
    found = [place + cut for place in places if (cut := SPLIT.cut(context, content[place:])) > 0]
    bounds = sorted({0, *found, len(content)})
    state = None
    for start, end in pairwise(bounds):
        source = Source("log", io.BytesIO(content[start:end]), lines_before=content[:start].count(b"\n"))
        source.is_part = True
        part = pickle.loads(pickle.dumps(SPLIT.read(context, source)))  # noqa: S301
        state = part if state is None else SPLIT.join(state, part)
    return SPLIT.finish(state), len(bounds) - 1


def dividable(path: Path) -> bool:
    if path.name.endswith(".expected.json"):
        return False
    content = path.read_bytes()
    try:
        whole(content)
        return SPLIT.start(Source("log", io.BytesIO(content))) is not None and in_parts(content, [1])[1] > 1
    except ParseError:
        return False


DIVIDABLE = [path for path in sorted(CASES.iterdir()) if dividable(path)]
SMALL = [path for path in DIVIDABLE if path.stat().st_size < 30_000]


def test_the_cases_are_there() -> None:
    names = {path.stem for path in DIVIDABLE}
    assert {"captured_stderr", "captured_csvlog", "captured_jsonlog", "interleaved", "csvlog_damaged"} <= names
    assert len(DIVIDABLE) >= 15


@pytest.mark.parametrize("path", SMALL, ids=lambda path: path.name)
def test_every_cut_of_a_case_changes_nothing(path: Path) -> None:
    content = path.read_bytes()
    expected = whole(content)
    starts = [at for at in range(len(content)) if content[at : at + 1] == b"\n"]
    for place in starts[:: max(1, len(starts) // 60)]:
        assert in_parts(content, [place])[0] == expected, place


@pytest.mark.parametrize(
    "path", [*[path for path in DIVIDABLE if path not in SMALL], SAMPLE], ids=lambda path: path.name
)
@pytest.mark.parametrize("shares", [(0.5,), (0.31, 0.72)])
def test_large_logs_are_the_same_in_parts(path: Path, shares: tuple[float, ...]) -> None:
    content = path.read_bytes()
    result, parts = in_parts(content, [int(share * len(content)) for share in shares])
    assert parts == len(shares) + 1
    assert result == whole(content)


HEAD = "2026-01-05 09:{:02d}:{:02d}.000 UTC [{}] app@shop app={} "
_APPS = st.sampled_from(["web", "job", "[unknown]"])
_MESSAGES = st.sampled_from(
    [
        "LOG:  duration: 2.000 ms  statement: SELECT 1",
        "LOG:  duration: 2.000 ms  statement: SELECT a FROM t WHERE b = 7",
        "LOG:  duration: 3.000 ms  execute S_1: SELECT a FROM t WHERE b = $1",
        "LOG:  duration: 1.000 ms  bind S_1: SELECT a FROM t WHERE b = $1",
        "DETAIL:  parameters: $1 = '5'",
        "ERROR:  deadlock detected",
        "DETAIL:  Process 1: UPDATE a SET b = 1\n\tProcess 2: DELETE FROM c",
        'ERROR:  duplicate key value violates unique constraint "x"',
        "LOG:  process {pid} still waiting for ShareLock on transaction 5 after 1000.000 ms",
        "LOG:  process {pid} acquired ShareLock on transaction 5 after 1500.000 ms",
        "LOG:  process {pid} still waiting for ShareLock on relation 9 after 1000.000 ms",
        "LOG:  process {pid} acquired ShareLock on transaction 5 after 1500.001 ms",
        'CONTEXT:  while updating tuple (0,1) in relation "a"',
        "STATEMENT:  UPDATE a SET b = 1",
        "STATEMENT:  DELETE FROM c",
        'LOG:  temporary file: path "base/pgsql_tmp/pgsql_tmp1.0", size 2048',
        "LOG:  duration: 4.000 ms  plan:\n\tQuery Text: SELECT 1\n\tResult  (cost=0.00..0.01 rows=1 width=4)",
        "LOG:  connection authorized: user=app database=shop application_name=api",
        "LOG:  connection authorized: user=app database=shop",
        "LOG:  disconnection: session time: 0:00:01.000 user=app database=shop host=[local]",
        "LOG:  checkpoint complete: wrote 5 buffers (0.0%)",
        'LOG:  automatic vacuum of table "shop.public.a": index scans: 1\n\telapsed: 2.5 s',
        "FATAL:  sorry, too many clients already",
        "",
        "garbage \x00",
    ]
)
_ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 59), st.integers(1, 3), _APPS, _MESSAGES), min_size=2, max_size=40
)


@given(_ROWS, st.lists(st.floats(0, 1), min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_any_log_cut_anywhere_is_the_same(rows: list[tuple[int, int, int, str, str]], shares: list[float]) -> None:
    rows = sorted(rows, key=lambda row: row[:2])
    lines = [HEAD.format(0, 0, 9, "x") + "LOG:  x"]
    lines += [
        HEAD.format(minute, second, pid, app) + message.replace("{pid}", str(pid)) if message[:1].isupper() else message
        for minute, second, pid, app, message in rows
    ]
    content = "\n".join(lines).encode() + b"\n"
    result, _ = in_parts(content, [int(share * len(content)) for share in shares])
    assert result == whole(content)


def test_a_log_whose_time_goes_back_is_not_divided() -> None:
    lines = [HEAD.format(m, 0, 1, "web") + f"LOG:  duration: 1.000 ms  statement: SELECT {m}\n" for m in (5, 6, 2, 3)]
    with pytest.raises(Undividable):
        in_parts("".join(lines).encode(), [150])


@pytest.mark.parametrize(("module", "bound"), [(families, "_FAMILIES"), (locks, "_FAMILIES"), (locks, "_OPEN")])
def test_more_than_can_be_followed_is_not_divided(module: object, bound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = b"".join(
        HEAD.format(0, 0, pid, "web").encode() + text
        for pid in range(1, 9)
        for text in (
            b"LOG:  duration: 1.000 ms  statement: SELECT c%d\n" % pid,
            b"LOG:  process %d still waiting for ShareLock on transaction 5 after 1000.000 ms\n" % pid,
            b"STATEMENT:  UPDATE t%d SET a = 1\n" % pid,
        )
    )
    assert in_parts(content, [len(content) // 2])[0] == whole(content)
    monkeypatch.setattr(module, bound, 5)
    with pytest.raises(Undividable):
        in_parts(content, [len(content) // 2])
    assert whole(content).totals["families"] == 8
