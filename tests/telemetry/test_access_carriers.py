"""The same four requests in every form of an access log: equal evidence, and nothing secret in a quote."""

import io

import pytest

from telemetry.evidence import ParseResult
from telemetry.opening import open_file
from telemetry.parsers import access_log
from telemetry.parsers.access_rows import clock_of, clock_of_epoch, request_parts
from telemetry.source import Source
from tests.telemetry.cases import FOLDER

CARRIERS = ["nginx_json.log", "apache_json.log", "caddy.log", "cloudflare.ndjson", "iis.log", "alb.log"]
CARRIERS += ["cloudfront.log", "haproxy.log"]
# HAProxy writes no user agent, so it cannot tell bots.
_BOTS = {"bot_requests", "bot_share"}


def read(name: str) -> ParseResult:
    with open_file(FOLDER / "access_log" / name, name).open() as stream:
        return access_log.parse(Source(name, stream))


def numbers(result: ParseResult) -> dict[tuple[str, str], dict[str, float]]:
    rows = [row for row in result.evidence if row.kind != "http.termination"]
    return {
        (row.kind, row.subject): {name: value for name, value in row.metrics.items() if name not in _BOTS}
        for row in rows
    }


@pytest.mark.parametrize("name", CARRIERS)
def test_carriers_give_the_evidence_of_combined_lines(name: str) -> None:
    expected = numbers(read("same_combined.log"))
    found = numbers(read(name))
    assert found.keys() == expected.keys()
    for key, metrics in expected.items():
        assert found[key] == pytest.approx(metrics), key


@pytest.mark.parametrize("name", CARRIERS)
def test_no_cookie_user_or_whole_address_is_quoted(name: str) -> None:
    result = read(name)
    places = [place for row in result.evidence for place in (row.place, *row.places.values())]
    quotes = " ".join([place.quote for place in places + result.rejected_samples])
    assert "abc123secret" not in quotes
    assert "ann" not in quotes
    assert "203.0.113.7" not in quotes


def test_a_request_that_is_no_http_counts_as_one() -> None:
    line = b'{"time_iso8601":"2025-11-12T14:05:09Z","request":"%s","status":%s,"request_time":%s}\n'
    bad = line % (b"\\u0016\\u0003\\u0001", b"400", b"0.000")
    result = access_log.parse(Source("f", io.BytesIO(bad + line % (b"GET /x HTTP/1.1", b"200", b"0.5") * 4)))
    routes = {row.subject: row.metrics["requests"] for row in result.evidence if row.kind == "http.route"}
    assert routes == {"[not HTTP]": 1, "/x": 4}
    assert result.totals["status_4xx"] == 1


def test_clocks() -> None:
    assert clock_of(b"2025-11-12T14:05:09.123+01:00") == (b"12/Nov/2025:14:05", b"09 +0100")
    assert clock_of(b"2025-11-12 14:05:09") == (b"12/Nov/2025:14:05", b"09 +0000")
    assert clock_of(b"2025-13-12 14:05:09") is None
    assert clock_of(b"06/Feb/2009:12:14:14.655") == (b"06/Feb/2009:12:14", b"14 +0000")
    assert clock_of_epoch(1762956309.25) == (b"12/Nov/2025:14:05", b"09 +0000")
    assert clock_of_epoch(5.0) is None


def test_request_parts() -> None:
    assert request_parts(b"GET /a?b=1 HTTP/1.1") == (b"GET", b"/a?b=1")
    assert request_parts(b"<BADREQ>") == (b"", b"")


@pytest.mark.parametrize("end", ["9" * 400 + ' "-" "x"', '5 "-" "x" ' + "9" * 400 + ".5"])
def test_numbers_beyond_any_server_are_not_counted(end: str) -> None:
    line = f'203.0.113.7 - - [12/Nov/2025:14:05:09 +0000] "GET / HTTP/1.1" 200 {end}\n'
    result = access_log.parse(Source("f", io.BytesIO(line.encode())))
    route = next(row for row in result.evidence if row.kind == "http.route")
    assert route.metrics["bytes"] in (0, 5)
    assert "max_ms" not in route.metrics
