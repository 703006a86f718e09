"""Lines are counted as an editor counts them, whatever stands in them, and memory stays bounded."""

import io
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry import source as source_module
from telemetry.evidence import ParseError
from telemetry.source import BLOCK_BYTES, LINE_BYTES, OVERLONG, Head, Source, is_overlong


def lines_of(content: bytes) -> list[bytes]:
    numbered = list(Source("f", io.BytesIO(content)).lines())
    assert [number for number, _ in numbered] == list(range(1, len(numbered) + 1))
    return [line for _, line in numbered]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", []),
        (b"\n", [b""]),
        (b"a", [b"a"]),
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\r\nb\r\n", [b"a", b"b"]),
        (b"a\r\nb", [b"a", b"b"]),
        (b"a\rb\nc", [b"a\rb", b"c"]),
        (b"a\r\n\r\nb", [b"a", b"", b"b"]),
        (b"a\x00b\x0bc\x85d\n", [b"a\x00b\x0bc\x85d"]),
    ],
)
def test_lines_end_at_lf_and_crlf_only(content: bytes, expected: list[bytes]) -> None:
    assert lines_of(content) == expected


@given(st.binary(max_size=200).map(lambda raw: re.sub(rb"[^\n\r]", b"x", raw)), st.integers(1, 9))
def test_block_size_does_not_change_the_lines(content: bytes, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source_module, "BLOCK_BYTES", size)
        small = lines_of(content)
        blocks = list(Source("f", io.BytesIO(content)).blocks())
    assert small == lines_of(content)
    assert b"".join(blocks) == content
    assert all(block.endswith(b"\n") for block in blocks[:-1])


@pytest.mark.parametrize("size", [LINE_BYTES + 1, 3 * LINE_BYTES])
@pytest.mark.parametrize("ending", [b"\n", b"", b"\nlast\n"])
def test_over_long_line_is_replaced_and_the_rest_is_read(size: int, ending: bytes) -> None:
    found = lines_of(b"first\n" + b"x" * size + ending)
    assert found[:2] == [b"first", OVERLONG]
    assert is_overlong(found[1])
    assert found[2:] == ([b"last"] if ending == b"\nlast\n" else [])


@pytest.mark.parametrize("size", [LINE_BYTES - 1, LINE_BYTES])
def test_line_at_the_limit_is_kept(size: int) -> None:
    assert [len(line) for line in lines_of(b"a\n" + b"x" * size + b"\nb\n")] == [1, size, 1]


def test_read_refuses_a_document_above_the_limit() -> None:
    with pytest.raises(ParseError, match="larger than 1 MB"):
        Source("f", io.BytesIO(b"x" * 2_200_000)).read(limit=1_048_576)
    assert Source("f", io.BytesIO(b"abc")).read() == b"abc"


def test_progress_is_told_bytes_and_records() -> None:
    seen: list[tuple[int, int]] = []
    source = Source("f", io.BytesIO(b"a\n" * 1_000_000), lambda count, records: seen.append((count, records)))
    for _ in source.lines():
        source.records += 1
    assert seen[0] == (BLOCK_BYTES, 0)
    assert seen[-1] == (2_000_000, 2_000_000 // BLOCK_BYTES * BLOCK_BYTES // 2)


def test_deadline_ends_the_reading() -> None:
    source = Source("f", io.BytesIO(b"a\n" * 10), deadline=time.monotonic() - 1)
    with pytest.raises(ParseError, match="time limit"):
        list(source.lines())


def test_head_counts_lines_like_the_source() -> None:
    head = Head("f", "a\r\nb\u2028c\x0bd\ncut", complete=False)
    assert head.lines == ["a", "b\u2028c\x0bd", "cut"]
    assert head.whole_lines == ["a", "b\u2028c\x0bd"]
    assert Head("f", "a\nb", complete=True).whole_lines == ["a", "b"]
