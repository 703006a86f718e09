"""What the carriers of one Redis artefact agree on, and what of a client's data never gets through."""

import io
from pathlib import Path

import pytest

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import redis_config, redis_keys, redis_latency, redis_slowlog
from telemetry.parsers.base import Parser
from telemetry.parsers.redis_patterns import folded, pattern_of
from telemetry.source import Source
from tests.telemetry.cases import FOLDER


def read(parser: Parser, path: Path) -> ParseResult:
    with path.open("rb") as stream:
        return parser.parse(Source(path.name, stream))


def test_terminal_and_pipe_give_the_same_evidence() -> None:
    terminal, pipe = (read(redis_slowlog.PARSER, FOLDER / "redis_slowlog" / name) for name in ("many.txt", "pipe.txt"))
    assert [(row.subject, row.metrics, row.attrs) for row in terminal.evidence] == [
        (row.subject, row.metrics, row.attrs) for row in pipe.evidence
    ]
    # 18 arguments of seven entries, and 30 shown + the left out ones of the three that the server cut itself
    assert terminal.redacted == pipe.redacted == 18 + 30 + 29_971 + 30 + 11_971 + 30 + 15_971


def test_arguments_of_slow_commands_are_not_kept() -> None:
    for name in ("json.json", "many.txt", "one.txt", "pipe.txt"):
        result = read(redis_slowlog.PARSER, FOLDER / "redis_slowlog" / name)
        text = repr(result)
        assert "ann@" not in text
        assert "return s" not in text
        assert "000036ec" not in text


@pytest.mark.parametrize(
    ("key", "pattern"),
    [
        ("session:00014e0a", "session:*"),
        ("user:1:profile", "user:*:profile"),
        ("cache:project:85677:v1", "cache:project:*:v1"),
        ("leaderboard", "leaderboard"),
        ("sess:AbCdEfGhIjKlMnOpQr", "sess:*"),
        ("cart:ann@example.com:lines", "cart:*:lines"),
        ("rate:203.0.113.9", "rate:*"),
        ("celery-task-meta-42173d10-fbc7-4560-9ba8-4fec47521a30", "celery-task-meta-*"),
        ("cache:GET:/api/orders/17", "cache:GET:/api/orders/*"),
        ("bull:emails:meta", "bull:emails:meta"),
        ("lock:order_991", "lock:order_*"),
    ],
)
def test_pattern_of_a_key(key: str, pattern: str) -> None:
    assert pattern_of(key) == pattern


def test_many_names_in_one_place_are_one_pattern() -> None:
    names = [f"user:{letter}" for letter in "abcdefghijklm"]
    assert set(folded(names).values()) == {"user:*"}
    assert set(folded(names[:12]).values()) == set(names[:12])


def test_patterns_are_bounded_and_add_up() -> None:
    lines = ["key,type,ttl,memory,length"]
    lines += [f"{a}{b}{c}:x,string,-1,10,1" for a in "abcdefghij" for b in "abcdefghij" for c in "abcdefghij"]
    result = redis_keys.PARSER.parse(Source("keys.csv", io.BytesIO("\n".join(lines).encode())))
    assert len(result.evidence) == 201
    assert result.evidence[-1].subject == "other"
    assert sum(row.metrics["keys"] for row in result.evidence) == 1_000
    assert sum(row.metrics["bytes"] for row in result.evidence) == 10_000


def test_a_history_with_other_values_than_numbers_is_refused() -> None:
    text = b'1) 1) (integer) 1795179301\n   2) (integer) 1\n2) 1) (integer) 1795179302\n   2) "x"\n'
    assert redis_latency.PARSER.parse(Source("f", io.BytesIO(text))).evidence[0].metrics["spikes"] == 1
    with pytest.raises(ParseError):
        redis_latency.PARSER.parse(Source("f", io.BytesIO(text.replace(b"(integer) 1\n", b'"x"\n'))))


@pytest.mark.parametrize(
    "text",
    [
        "maxmemory\n0\nrequirepass\nmole-and-rat\nmasterauth\nmole-and-rat\nmaxclients\n9\n",
        '{"maxmemory":"0","requirepass":"mole-and-rat","masterauth":"mole-and-rat","maxclients":"9"}\n',
        '1) "maxmemory"\n2) "0"\n3) "requirepass"\n4) "mole-and-rat"\n5) "masterauth"\n6) "mole-and-rat"\n'
        '7) "maxclients"\n8) "9"\n',
    ],
)
def test_passwords_in_settings_are_only_counted(text: str) -> None:
    result = redis_config.PARSER.parse(Source("config", io.BytesIO(text.encode())))
    assert result.evidence[0].metrics == {"maxmemory": 0, "maxclients": 9}
    assert result.evidence[0].attrs["password"] is True
    assert result.redacted == 2
    assert "mole-and-rat" not in repr(result)


def test_keys_of_rejected_lines_are_not_kept() -> None:
    lines = ["key,type,ttl,memory", '"sess:9f31aa02bc77",string,60,1']
    lines += ['"sess:9f31aa02bc78",string', "sess:9f31aa02bc79,string,soon,1"]
    result = redis_keys.PARSER.parse(Source("keys.csv", io.BytesIO("\n".join(lines).encode())))
    assert result.rejected == 2
    assert result.totals == {"sampled_keys": 1}
    assert "9f31aa02bc" not in repr(result)
