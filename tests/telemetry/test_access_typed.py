"""Typed decoding of JSON access logs gives what reading line by line gives, whatever stands in the lines."""

import io
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.evidence import ParseError, ParseResult
from telemetry.parsers import access_carriers, access_columns, access_log, access_rows, access_typed
from telemetry.parsers.access_carriers import CarrierLog
from telemetry.parsers.access_json import CADDY, CLOUDFLARE, ROLES, SERVER
from telemetry.parsers.access_rows import Carrier, clock_of
from telemetry.source import Source

_CLOCKS = [
    "2025-11-12T14:05:09+00:00",
    "2025-11-12T14:05:09.123Z",
    "2025-11-12 14:05:10,5",
    "12/Nov/2025:14:05:09 +0100",
]
_CLOCKS += [
    1762956309,
    1762956309.25,
    1762956309250,
    1762956309000000000,
    "1762956309.001",
    "yesterday",
    "",
    None,
    5,
    -1,
]
_CLOCKS += ["2025-11-12T14:05:09.12.3+01:00", "2025-11-31T14:05:09Z", True, 10**30, ["x"]]
_ADDRESSES = [
    "/",
    "/a/17?page=3",
    "/a b",
    "/é",
    "/a\nb",
    "http://h/x",
    "x",
    "?q",
    "",
    None,
    7,
    "/\ud83d\ude00",
    '/a"b\\',
]
_TIMES = [0.109, "0.1, 0.2", "-", "", None, 0, 3, -1, "1e3", "nan", 1e300, 0.0000004, 10**25, True, 12.3456789, "0.5"]
VALUES: dict[str, list[Any]] = {
    "clock": _CLOCKS,
    "method": ["GET", "POST", "PURGE", "get", "", None, 5, "\x16\x03"],
    "address": _ADDRESSES,
    "request": ["GET /x HTTP/1.1", "POST /y", "x", "", None, {"a": 1}, "GET x", "A B C D", "PUT /é HTTP/1.1"],
    "status": [200, "404", 500, "200", 0, None, "20", 2000, 200.0, True, "abc", 10**30, "٣٣٣"],
    "size": [512, "7", 0, -5, None, "", "x", 10**18, 10**40, 1.5, False, "512"],
    "agent": ["curl/8", "Mozilla", "", None, "é\n", 5],
    "agents": [["curl/8"], [], None, ["a", 5], "curl", [""]],
    "client": ["203.0.113.7", "2001:db8::7", "", None, "a\nb", 9],
    "seconds": _TIMES,
    "millis": _TIMES,
    "micros": _TIMES,
    "origin": _TIMES,
}


def put(record: dict[str, Any], name: str, value: Any) -> None:
    *outer, last = name.split(".")
    for part in outer:
        record = record.setdefault(part, {})
    record[last] = value


def log_of(carrier: Carrier, seed: int, oddness: float) -> bytes:
    """Lines of which most are alike; `oddness` is the share of values that are drawn anew, of any kind and name."""
    rng = random.Random(seed)
    roles = ROLES[carrier.name]
    usual = {rng.choice(told.names): rng.choice(VALUES[role][:3]) for role, told in roles.items() if rng.random() < 0.8}
    lines = [line_of(carrier, usual, rng, oddness) for _ in range(rng.randrange(1, 60))]
    return rng.choice([b"\n", b"\n", b"\r\n"]).join(lines) + rng.choice([b"\n", b""])


def line_of(carrier: Carrier, usual: dict[str, Any], rng: random.Random, oddness: float) -> bytes:
    names = dict(usual)
    for role, told in ROLES[carrier.name].items():
        if rng.random() < oddness:
            names[rng.choice(told.names)] = rng.choice(VALUES[role])
    record: dict[str, Any] = {"level": "info", "deep": {"status": 1, "list": [{}]}}
    order = list(names) if rng.random() < 0.8 else rng.sample(list(names), len(names))
    for name in order:
        if rng.random() > oddness / 3:
            put(record, name, names[name])
    text = json.dumps(record, ensure_ascii=rng.random() < 0.5, separators=rng.choice([(",", ":"), (", ", ": ")]))
    line = text.encode("utf-8", "replace")
    return rng.choice(DAMAGES)(line, rng) if rng.random() < oddness / 2 else line


DAMAGES = [
    lambda line, rng: line[: rng.randrange(len(line))],
    lambda line, rng: line + line,
    lambda line, rng: line[: len(line) // 2] + b"\n" + line[len(line) // 2 :],
    lambda line, rng: line.replace(b'"deep"', b'"deep\xff"'),
    lambda line, rng: line.replace(b"info", b"\\ud800"),
    lambda line, rng: line.replace(b"info", b"x" * 3_000),
    lambda line, rng: line[:-1] + b',"status":503}',
    lambda line, rng: line.replace(b"[{}]", b"[" * 20_000 + b"]" * 20_000),
    lambda line, rng: b"  " + line + b" ",
    lambda line, rng: rng.choice([b"", b"   ", b"[]", b"{}", b"null", b"\x00"]),
]


def read(carrier: Carrier, content: bytes) -> ParseResult | str:
    try:
        return access_log.finish(CarrierLog(carrier).read(Source("f", io.BytesIO(content))))
    except ParseError as error:
        return error.message


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([SERVER, CADDY, CLOUDFLARE]), st.integers(0, 10**9), st.sampled_from([0.0, 0.02, 0.2]))
def test_typed_lines_are_counted_as_single_lines_are(carrier: Carrier, seed: int, oddness: float) -> None:
    content = log_of(carrier, seed, oddness)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(access_columns, "_PIECE_BYTES", 2_000)
        typed = read(carrier, content)
        patch.setattr(access_carriers, "ROLES", {})
        assert typed == read(carrier, content)


def test_most_lines_are_read_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    line = b'{"ts":1762956309.25,"status":200,"request":{"method":"GET","uri":"/%d","headers":{"User-Agent":["x"]}}}\n'
    content = b"".join(line % number for number in range(5_000))
    careful: list[bytes] = []
    monkeypatch.setattr(CarrierLog, "_refuse", lambda log, number, line: careful.append(line))
    monkeypatch.setattr(access_typed, "_HOPELESS", 0.0)
    log = CarrierLog(Carrier(CADDY.name, lambda line: None))
    counts = log.read(Source("f", io.BytesIO(content)))
    assert (counts.traffic.requests, careful) == (5_000, [])


def test_a_request_of_no_http_is_a_request_when_the_log_tells_its_parts_as_empty() -> None:
    line = b'{"time_iso8601":"2025-11-12T14:05:09Z","request_method":"%s","request_uri":"%s","status":%s}\n'
    result = read(SERVER, line % (b"", b"", b"400") + line % (b"GET", b"/a\\nb", b"200") * 4)
    assert isinstance(result, ParseResult)
    routes = {row.subject: row.metrics["requests"] for row in result.evidence if row.kind == "http.route"}
    assert routes == {"[not HTTP]": 1, "/a\ufffdb": 4}


@given(
    st.sampled_from([b"2025-11-12T14:05:09", b"06/Feb/2009:12:14:14", b"2025-13-12 14:05:09", b"x" * 20]),
    st.lists(st.sampled_from([b".", b",", b"1", b".12", b"Z", b"+01:00", b" +0100", b"\xb2"]), max_size=4).map(
        b"".join
    ),
)
def test_a_time_is_the_same_whatever_its_fraction(moment: bytes, rest: bytes) -> None:
    assert clock_of(moment + rest) == access_rows._clock_of(moment + rest)
