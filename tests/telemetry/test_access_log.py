"""The fast reading of access logs against a slow and obvious one, and its bounds."""

import io
import random
import re
from collections import Counter

import pytest

from telemetry import source as source_module
from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.parsers import access_columns, access_log
from telemetry.parsers.access_lines import client_in, epoch_of
from telemetry.routes import route_of
from telemetry.source import Head, Source
from tests.bench.access_log import log_lines

SIMPLE = re.compile(r'\S+ - - \[([^\]]+):\d\d \+0000\] "(?:([A-Z]+) ([^ ?]+)\S* HTTP/[\d.]+|[^"]*)" (\d+) (\S+) "')


def parse(content: bytes) -> ParseResult:
    return access_log.parse(Source("access.log", io.BytesIO(content)))


def rows(result: ParseResult, kind: str) -> dict[str, Evidence]:
    return {row.subject: row for row in result.evidence if row.kind == kind}


def some_lines(count: int) -> list[str]:
    lines = log_lines(seed=7)
    return [next(lines) for _ in range(count)]


def test_equal_to_the_obvious_way() -> None:
    rng = random.Random(3)
    lines = [line[:-1] + f" {rng.paretovariate(1.1) / 100:.3f}\n" for line in some_lines(20_000)]
    result = parse("".join(lines).encode())
    found = [SIMPLE.match(line) for line in lines]
    assert all(found)
    requests = Counter(route_of(match[3]) if match and match[2] else "[not HTTP]" for match in found)
    errors = Counter(route_of(match[3] or "") for match in found if match and match[4] >= "500")
    by_minute = Counter(match[1] for match in found if match)
    routes = rows(result, "http.route")
    shown = {route: count for route, count in requests.items() if route in routes}
    assert len(shown) > 20
    for route, count in shown.items():
        assert routes[route].metrics["requests"] == count
        assert routes[route].metrics["status_5xx"] == errors[route]
    exact = sorted(float(line.rsplit(" ", 1)[1]) * 1000 for line in lines)
    server = rows(result, "http.server")["server"]
    assert server.metrics["p95_ms"] == pytest.approx(exact[19_000 - 1], rel=0.01)
    assert server.metrics["timed_requests"] == 20_000
    window = server.metrics["window_s"]
    assert server.metrics["peak_factor"] == pytest.approx(max(by_minute.values()) / (20_000 / window * 60))


@pytest.mark.parametrize("block", [1_000, 4_096, 65_536])
@pytest.mark.parametrize("piece", [0, 500, 10_000])
def test_block_ends_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch, block: int, piece: int) -> None:
    lines = some_lines(2_000)
    lines[500] = "no log line\n"
    lines[900] = "\n"
    content = "".join(lines).encode()
    whole = parse(content)
    monkeypatch.setattr(source_module, "BLOCK_BYTES", block)
    monkeypatch.setattr(access_columns, "_PIECE_BYTES", piece)
    assert parse(content) == whole
    assert (whole.lines, whole.records, whole.rejected, whole.blank) == (2_000, 1_998, 1, 1)


def test_scanners_do_not_crowd_out_real_routes() -> None:
    words = [f"{first}{second}{third}" for first in "abcdefgh" for second in "abcdefgh" for third in "abcdefghijklmno"]
    line = '203.0.113.7 - - [12/Nov/2025:14:05:09 +0000] "GET /{} HTTP/1.1" {} 5 "-" "x"\n'
    guesses = [line.format(f"{word}.bak", 404) for word in words]
    real = [line.format("checkout", 200), line.format("api/orders/7", 200)] * 20
    result = parse("".join(guesses + real).encode())
    routes = rows(result, "http.route")
    assert routes["/checkout"].metrics["requests"] == 20
    assert routes["/api/orders/[id]"].metrics["requests"] == 20
    assert routes["/[slug]"].metrics["requests"] == len(words)
    assert len(routes) == 3


def test_slugs_without_digits_share_one_route() -> None:
    words = [f"{first}{second}{third}" for first in "abcdefgh" for second in "abcdefgh" for third in "abcdefgh"]
    line = '203.0.113.7 - - [12/Nov/2025:14:05:09 +0000] "GET /blog/{} HTTP/1.1" 200 5 "-" "x"\n'
    text = "".join(line.format(word) for word in words) + line.format("welcome") * 100
    routes = rows(parse(text.encode()), "http.route")
    assert (
        routes["/blog/[slug]"].metrics["requests"]
        + sum(row.metrics["requests"] for route, row in routes.items() if route != "/blog/[slug]")
        == len(words) + 100
    )
    assert len(routes) <= 2


def test_routes_with_errors_are_always_shown() -> None:
    line = '203.0.113.7 - - [12/Nov/2025:14:05:09 +0000] "GET /{}/{} HTTP/1.1" {} 5 "-" "x"\n'
    names = [first + second for first in "abcdefghijklmnopqrst" for second in "abcdefghijklmnopqrst"]
    text = "".join(line.format(name, "x", 200) * 2 for name in names) + line.format("rare", "y", 500)
    routes = rows(parse(text.encode()), "http.route")
    assert len(routes) == 302  # and all others as one
    assert routes["other"].metrics["requests"] == 200
    assert routes["/rare/y"].metrics["status_5xx"] == 1


@pytest.mark.parametrize(
    ("prefix", "client"),
    [
        (b"203.0.113.7 - - ", b"203.0.113.7"),
        (b"203.0.113.7, 10.0.0.1 - frank ", b"203.0.113.7"),
        (b"www.shop.example:443 203.0.113.7 - - ", b"203.0.113.7"),
        (b"2001:db8::1 - - ", b"2001:db8::1"),
        (b"- - - ", b"-"),
    ],
)
def test_client_is_the_first_address(prefix: bytes, client: bytes) -> None:
    assert client_in(prefix) == client


def test_clock() -> None:
    assert epoch_of(b"[01/Jan/1970:00:01:00 +0000] ") == 60
    assert epoch_of(b"[01/Jan/1970:00:01:36 -0700] ") == 60 + 36 + 7 * 3600
    assert epoch_of(b"[02/Jan/1970:00:00:05 +0530] ") == 86_400 + 5 - 5 * 3600 - 30 * 60
    assert epoch_of(b"[01/Foo/1970:00:01:00 +0000] ") is None
    assert epoch_of(b"[01/Jan/1970:24:01:00 +0000] ") is None


def test_sniffing_wants_four_of_five_lines() -> None:
    good = '203.0.113.7 - - [12/Nov/2025:14:05:09 +0000] "GET / HTTP/1.1" 200 5\n'
    sniff = access_log.PARSER.sniff
    assert sniff(Head("f", good * 4 + "other\n", complete=True))
    assert not sniff(Head("f", good * 3 + "other\n", complete=True))
    assert not sniff(Head("f", "", complete=True))


def test_nothing_but_other_lines_is_an_error() -> None:
    with pytest.raises(ParseError, match="No line of this file"):
        parse(b"hello\n\n")
