"""An access log read in parts, cut at any line, gives what the whole gives."""

import copy
import io
import pickle
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.evidence import ParseResult
from telemetry.parsers import access_columns, access_counting, access_log, http_counts
from telemetry.parsers.access_counting import AccessLog
from telemetry.parsers.access_log import finish, join, read, start
from telemetry.source import Source
from telemetry.splitting import Undividable
from tests.bench.access_log import log_lines
from tests.telemetry.cases import FOLDER

CASES = [path for path in sorted((FOLDER / "access_log").iterdir()) if path.suffix in (".log", ".ndjson")]
DIVISIBLE = [path for path in CASES if path.stem not in ("empty", "iis", "cloudfront")]


def parts_of(content: bytes, cuts: Sequence[int]) -> ParseResult:
    """Read between cuts (numbers of lines), each part as another process would."""
    lines = content.splitlines(keepends=True)
    context = start(Source("f", io.BytesIO(content)))
    assert context is not None
    bounds = [0, *sorted(cut % (len(lines) + 1) for cut in cuts), len(lines)]
    states = []
    for first, last in pairwise(bounds):
        text = b"".join(lines[first:last])
        state = read(context, Source("f", io.BytesIO(text), lines_before=first))
        states.append(pickle.loads(pickle.dumps(state)))  # noqa: S301 - our own
    whole = states[0]
    for state in states[1:]:
        whole = join(whole, state)
    return finish(whole)


def whole_of(content: bytes) -> ParseResult:
    return access_log.parse(Source("f", io.BytesIO(content)))


@pytest.mark.parametrize("path", DIVISIBLE, ids=lambda path: path.stem)
def test_every_case_in_two_parts(path: Path) -> None:
    content = path.read_bytes()
    whole = whole_of(content)
    for cut in range(content.count(b"\n") + 1):
        assert parts_of(content, [cut]) == whole, cut


def mixed_log() -> bytes:
    """Crowded folders, scanners, escaped quotes, blank and broken lines, pages, times, several minutes."""
    lines = log_lines(seed=11)
    out: list[str] = []
    for number in range(3_000):
        line = next(lines)[:-1]
        if number % 3 == 0:
            line = line.replace("GET /books/", f"GET /shelf/{chr(97 + number % 26)}{chr(97 + number % 17)}x/")
        out.append(f"{line} {number % 37 / 100:.3f}\n")
    out[100] = "\n"
    out[101] = "broken\n"
    out[1500] = '203.0.113.7 - - [12/Nov/2025:14:05:09 +0000] "GET /a\\"b HTTP/1.1" 500 9999999 "-" "a\\"b" 9.0\n'
    out[1501] = '203.0.113.7 - - [12/Nov/2025:14:05:09 +0000] "POST /api/login HTTP/1.1" 401 7 "-" "x" 8.999\n'
    out[2500] = '203.0.113.7 - - [11/Nov/2025:14:05:09 +0100] "GET /a"b HTTP/1.1" 500 9999999 "-" "x" 9.0\n'
    return "".join(out).encode()


MIXED = mixed_log()
WHOLE = whole_of(MIXED)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=2), st.sampled_from([2_000, 9_000, 96 * 1024]))
def test_a_log_of_everything_in_two_and_three_parts(cuts: list[int], piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access_columns, "_PIECE_BYTES", piece)
        found = parts_of(MIXED, cuts)
    assert found == WHOLE


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=2))
def test_crowded_folders_fall_together_in_the_same_way(cuts: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access_counting, "_KNOWN", (400, 30))
        patch.setattr(access_counting, "_LOST", (400, 5))
        assert parts_of(MIXED, cuts) == whole_of(MIXED)


def test_what_is_forgotten_by_order_is_not_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_counting, "_CELLS", 500)
    with pytest.raises(Undividable):
        parts_of(MIXED, [1_000])
    monkeypatch.undo()
    monkeypatch.setattr(http_counts, "_MINUTES", 1)
    with pytest.raises(Undividable):
        parts_of(MIXED, [1_000])


def test_closing_minutes_keeps_the_busiest() -> None:
    line = '203.0.113.7 - - [12/Nov/2025:{:02}:{:02}:09 +0000] "GET /a HTTP/1.1" 200 5 "-" "x"\n'
    text = "".join(line.format(at // 60, at % 60) * (9 if at == 300 else 1) for at in range(900)).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access_counting, "_CELLS", 100)
        patch.setattr(access_columns, "_PIECE_BYTES", 3_000)
        closed = whole_of(text)
    assert closed.evidence == whole_of(text).evidence


def test_w3c_is_read_by_one_process() -> None:
    assert start(Source("f", io.BytesIO((FOLDER / "access_log" / "iis.log").read_bytes()))) is None


def test_counting_goes_on_behind_settling() -> None:
    log = AccessLog()
    counts = copy.deepcopy(log.read(Source("f", io.BytesIO(MIXED))))
    again = log.settled()
    assert again.traffic.requests == counts.traffic.requests


CONTENTS = {path.stem: path.read_bytes() for path in DIVISIBLE} | {"mixed": MIXED}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_cutting_at_quotes_gives_what_expressions_give(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = whole_of(content)
    monkeypatch.setattr(access_columns, "_QUOTES", ())
    assert whole_of(content) == cut


def test_more_quoted_fields_behind_the_agent_are_cut_too(monkeypatch: pytest.MonkeyPatch) -> None:
    line = '2001:db8::7 - - [12/Nov/2025:14:05:09 +0000] "GET /a HTTP/1.1" {} - "-" "x" "203.0.113.9" "z" rt=0.{:03}\n'
    content = "".join(line.format(500 if at == 7 else 200, at) for at in range(40)).encode()
    cut = whole_of(content)
    route = next(row for row in cut.evidence if row.subject == "/a")
    assert (route.metrics["requests"], route.metrics["status_5xx"], route.metrics["max_ms"]) == (40, 1, 39)
    assert cut.evidence[0].metrics["clients"] == 1
    monkeypatch.setattr(access_columns, "_QUOTES", ())
    assert whole_of(content) == cut
