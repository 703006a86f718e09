"""What sniffers ask first because it is cheap says the same as what they ask then."""

from hypothesis import given
from hypothesis import strategies as st

from telemetry.parsers.postgres import prefix
from telemetry.source import Head

PIECES = [*sorted(prefix._SEVERITIES), b":  ", b":  ", b": ", b" ", b"x", b"[1]", b"_", "é".encode(), b"9", b"y" * 290]


@given(st.lists(st.sampled_from(PIECES), max_size=8).map(b"".join))
def test_a_severity_is_found_where_the_expression_finds_one(line: bytes) -> None:
    assert prefix.carries_severity(line) == bool(prefix._ANYWHERE.search(line[:1000]))
    assert prefix.has_severity(line) == bool(prefix._ANYWHERE.search(line[:300]))


@given(st.text(st.sampled_from('"ab:\n'), max_size=30))
def test_what_is_quoted_stands_in_the_text(text: str) -> None:
    quoted = Head("f", text, complete=True).quoted
    for name in ("", "a", "b", "ab", "a:", ":", "\n"):
        assert (name in quoted) == (f'"{name}"' in text)
