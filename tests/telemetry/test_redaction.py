"""A quote shows no secret and no person, and nothing else is changed."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry import redaction
from telemetry.redaction import QUOTE_CHARS, quote_of, redact

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJl"

CHANGED = [
    ("user ann@example.com left", "user [redacted] left", 1),
    ("GET /u?mail=ann%40example.com HTTP/1.1", "GET /u?mail=[redacted] HTTP/1.1", 1),
    ("GET /u?q=mail%3Dann@example.com HTTP/1.1", "GET /u?q=mail%[redacted] HTTP/1.1", 1),
    ("Authorization: Bearer abcdef123456", "Authorization: Bearer [redacted]", 1),
    ("key AKIAIOSFODNN7EXAMPLE used", "key [redacted] used", 1),
    ("sk_live_abcdefgh12345678 and whsec_abcdefgh1234", "[redacted] and [redacted]", 2),
    ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[redacted]", 1),
    ("postgres://app:s3cr:t@db.example.com:5432/shop", "postgres://app:[redacted]@db.example.com:5432/shop", 1),
    ("redis://:hunter2@cache:6379", "redis://:[redacted]@cache:6379", 1),
    ("connect password=hunter2 host=db", "connect password=[redacted] host=db", 1),
    ("PGPASSWORD=hunter2 psql", "PGPASSWORD=[redacted] psql", 1),
    ("""{"password":"hunter2","n":1}""", """{"password":"[redacted]","n":1}""", 1),
    ("set password = 'hunter2' where id = 1", "set password = '[redacted]' where id = 1", 1),
    (f"GET /cb?state={JWT}&x=1", "GET /cb?state=[redacted]&x=1", 1),
    ("GET /r?sig=0123456789abcdef0123456789abcdef&p=2", "GET /r?sig=[redacted]&p=2", 1),
    ("Cookie: sid=1; theme=dark", "Cookie: [redacted]", 1),
    ("203.0.113.77 - - [x]", "203.0.113.x - - [x]", 1),
    ("from http://203.0.113.77:80/ ok", "from http://203.0.113.x:80/ ok", 1),
    ("2001:db8:1:2::42 - -", "2001:db8:1::x - -", 1),
    ("fe80::1 - -", "fe80::x - -", 1),
]

KEPT = [
    "Mozilla/5.0 (X11) Chrome/120.0.0.0 Safari/537.36",
    "2025-11-12 14:05:12.345 UTC [123]: [1-1] LOG:  duration: 12.3 ms",
    "[10/Oct/2000:13:55:36 -0700] 12:30:45",
    "SELECT * FROM users WHERE password = $1 AND token = ?",
    "FATAL:  password authentication failed for user",
    "GET /articles?q=a-very-long-title-of-an-article HTTP/1.1",
    "GET /o?id=123e4567-e89b-12d3-a456-426614174000",
    "iad1::abcde-1700000000000-0123456789ab",
    "SELECT a::text, b::int FROM t",
    "PostgreSQL 16.4.0 version 1.2.3",
    "duration: 3 ms  bind s1: select $1::jsonb",
]


@pytest.mark.parametrize(("text", "expected", "count"), CHANGED)
def test_secret_and_person_go_and_the_rest_stays(text: str, expected: str, count: int) -> None:
    assert redact(text) == (expected, count)


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    assert redact(text) == (text, 0)


@pytest.mark.parametrize("text", [expected for _, expected, _ in CHANGED])
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    assert redact(text)[0] == text


@given(st.text(max_size=300))
def test_any_text_is_redacted_without_error(text: str) -> None:
    assert isinstance(redact(text)[0], str)


@pytest.mark.parametrize("char", ["a", "1", ":", "@", ".", "=", "a@", "?a=", "://", "password", "1.", "e:"])
def test_repeated_characters_take_linear_time(char: str) -> None:
    """Of the processor at most half a second. Each character against each other would be minutes."""
    start = time.process_time()
    redact(char * 50_000)
    assert time.process_time() - start < 10


def test_quote_is_cut_decoded_and_free_of_nul() -> None:
    assert quote_of(b"a\x00b\xff") == "a\ufffdb\ufffd"
    assert len(quote_of(b"x y " * 1000)) == QUOTE_CHARS


def test_quote_shows_what_it_is_about() -> None:
    line = b'{"pad":"' + b"p " * 700 + b'","statusCode":500,' + b'"more":"' + b"q " * 700 + b'"}'
    assert '"statusCode":500' in quote_of(line, around='"statusCode"')


@given(
    st.lists(
        st.sampled_from([*(before for before, _, _ in CHANGED), "a = b", " x@y ", "?page=2", "14:05:09", "z"]),
        max_size=4,
    )
)
def test_asking_first_misses_nothing(parts: list[str]) -> None:
    """The cheap question in front of the rules is never in their way."""
    text = " ".join(parts)
    expected = text
    for pattern, replace in redaction._RULES:
        expected = pattern.sub(replace, expected)
    assert redact(text)[0] == expected
