"""What the readers promise: lines that are right, numbers that are read in one way only, positions in JSON."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import readers
from telemetry.parsers.readers import Header, JsonText, Row
from telemetry.source import Head, Source


def read_csv(text: str) -> tuple[list[Row], ParseResult, str]:
    result = ParseResult()
    header, rows = readers.open_csv(Source("x.csv", io.BytesIO(text.encode())), result, "Export it again.")
    return list(rows), result, header.delimiter


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234", 1234.0),
        ("-3", -3.0),
        ("0.0002808000000000001", 0.0002808000000000001),
        ("6e-05", 6e-05),
        ("1.234", 1.234),
        ("1,234,567", 1234567.0),
        ("1.234.567", 1234567.0),
        ("1 234 567", 1234567.0),
        ("1'234", 1234.0),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("12,5", 12.5),
        ("0,123", 0.123),
        ("1234,567", 1234.567),
        ("  7 ", 7.0),
        ("", None),
        ("\\N", None),
        ("[NULL]", None),
    ],
)
def test_it_reads_numbers_as_tools_print_them(text: str, value: float | None) -> None:
    assert readers.number(text) == value


@pytest.mark.parametrize(
    "text", ["1,234", "12,34,567", "1.2.3", "abc", "NaN", "Infinity", "1e999", "--1", "1,,2", "5 %"]
)
def test_it_refuses_numbers_that_can_be_read_in_two_ways_or_in_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"thousand|not a number|too large"):
        readers.number(text)


def test_it_does_not_trust_a_point_in_a_file_of_a_spreadsheet() -> None:
    assert readers.number("1.5", ";") == 1.5
    with pytest.raises(ValueError, match="thousand or a fraction"):
        readers.number("1.234", ";")


@pytest.mark.parametrize(
    ("text", "value"), [("1,234", 1234.0), ("1.234", 1234.0), ("12", 12.0), ("3.0", 3.0), ("", None)]
)
def test_it_reads_a_group_sign_in_a_count_as_a_thousand(text: str, value: float | None) -> None:
    assert readers.whole(text) == value


@pytest.mark.parametrize("text", ["1.5", "-1", "0,5"])
def test_it_refuses_counts_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="not a count"):
        readers.whole(text)


def test_it_counts_the_line_where_a_record_starts() -> None:
    rows, result, _ = read_csv('a,b\n1,"x\ny\nz"\n\n2,"p ""q"""\r\n3,w\n')
    assert [(row.line, row.span, row.text) for row in rows] == [(2, 3, '1,"x'), (6, 1, '2,"p ""q"""'), (7, 1, "3,w")]
    assert rows[0].fields == ["1", "x\ny\nz"]
    assert rows[1].fields == ["2", 'p "q"']
    assert (result.lines, result.blank, result.rejected) == (7, 1, 0)


@pytest.mark.parametrize(("text", "delimiter"), [("a,b", ","), ("a;b", ";"), ("a\tb", "\t"), ('\ufeff"A",b', ",")])
def test_it_finds_the_delimiter_in_the_header(text: str, delimiter: str) -> None:
    assert readers.read_header(text) == Header(["a", "b"], delimiter)


@pytest.mark.parametrize("text", ["a,b;c,d", "one", "1,2", "a,,b", "{,}", ""])
def test_it_takes_no_other_line_for_a_header(text: str) -> None:
    assert readers.read_header(text) is None


def test_it_rejects_records_of_another_width_with_all_their_lines() -> None:
    rows, result, _ = read_csv('a,b\n1,2,3\n"4\n5"\n6,7\n8,"never closed\n9,10\n')
    assert [row.fields for row in rows] == [["6", "7"]]
    assert (result.lines, result.rejected) == (7, 5)
    assert [sample.line for sample in result.rejected_samples] == [2, 3, 6]


def test_it_says_how_many_columns_are_too_many() -> None:
    wide = ",".join(f"c{number}" for number in range(2_001))
    with pytest.raises(ParseError, match="2,001 columns"):
        read_csv(f"{wide}\n")
    assert readers.sniff_header(Head("x", wide, complete=True)) is None
    assert readers.read_header(wide.rpartition(",")[0]) is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The file is empty"),
        ("\n\n", "The file is empty"),
        (" a | b | c \n---+---+---\n", "as psql prints it"),
        ("-[ RECORD 1 ]\na | 1\n", "as psql prints it"),
        ("hello\n", "no CSV"),
        ("<html>,<body>\n", "no CSV"),
    ],
)
def test_it_says_what_is_wrong_with_a_file_without_header(text: str, words: str) -> None:
    with pytest.raises(ParseError, match=f"{words}.*Export it again"):
        read_csv(text)


def test_it_keeps_secrets_out_of_quotes_and_counts_them() -> None:
    result = ParseResult()
    line = "alter role app password 'hunter2'; select 1 -- for ann@example.com " + "x" * 500
    quote = readers.quote(line, result)
    assert "hunter2" not in quote
    assert "ann@" not in quote
    assert (len(quote), result.redacted) == (300, 2)


def test_it_finds_the_line_of_nested_keys_even_when_names_repeat() -> None:
    text = '{\n "a": {"n": 1},\n "b": {\n  "x": "\\"n\\": 9",\n  "n":\n   2\n }\n}'
    document = JsonText(text.encode())
    b = document.member(document.start, "b")
    assert b is not None
    n = document.member(b.value_at, "n")
    assert n is not None
    result = ParseResult()
    assert (n.value, document.line(n.at), document.line(n.value_at)) == (2, 5, 6)
    assert document.place(n.at, result).quote == '  "n":'
    assert document.lines == 8


def test_it_quotes_the_entry_when_the_document_is_one_long_line() -> None:
    text = json.dumps({f"queue{number}": {"waiting": number} for number in range(1_000)})
    document = JsonText(text.encode())
    member = document.member(document.start, "queue900")
    assert member is not None
    place = document.place(member.at, ParseResult())
    assert place.line == 1
    assert place.quote.startswith('"queue900": {"waiting": 900}, ')
    assert place.quote in text


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"  \n",
        b"{",
        b'{"a": 1',
        b'{"a": NaN}',
        b"[1] [2]",
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5_000 + b"}",
        b"nothing",
    ],
)
def test_it_refuses_broken_json_with_words(raw: bytes) -> None:
    with pytest.raises(ParseError, match="JSON"):
        JsonText(raw)


_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(_values, st.sampled_from([None, 0, 1, 2]))
def test_it_walks_every_document_that_the_decoder_reads(value: object, indent: int | None) -> None:
    document = JsonText(json.dumps(value, indent=indent).encode())

    def walk(at: int, expected: object) -> None:
        members = document.members(at)
        if isinstance(expected, dict):
            assert {member.key: member.value for member in members} == expected
        elif isinstance(expected, list):
            assert [member.value for member in members] == expected
        else:
            assert members == []
        for member in members:
            assert document.line(member.value_at) == document.text[: member.value_at].count("\n") + 1
            walk(member.value_at, member.value)

    walk(document.start, value)


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\r\x00", codec="utf-8"), max_size=6), min_size=2, max_size=2)
    )
)
def test_it_accounts_for_every_line_of_a_csv(records: list[list[str]]) -> None:
    body = "".join(",".join('"' + field.replace('"', '""') + '"' for field in record) + "\n" for record in records)
    rows, result, _ = read_csv("name,note\n" + body)
    assert result.lines == body.count("\n") + 1
    kept = [record for record in records if record != ["name", "note"]]
    assert [row.fields for row in rows] == kept
    assert sum(row.span for row in rows) + result.blank + result.rejected + 1 == result.lines
