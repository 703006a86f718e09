"""A log that came in parts says what the whole says: every case of every log format, cut at every record."""

import re
from collections import Counter
from dataclasses import replace
from io import BytesIO

import pytest

from telemetry.coverage import coverage_row
from telemetry.evidence import OTHER, Evidence, ParseError, ParseResult
from telemetry.joining import Part, join_parts
from telemetry.kinds.joins import JOINS, SERIES
from telemetry.reading import Reading
from telemetry.source import Source
from tests.telemetry.cases import Case, all_cases


def is_of_series(case: Case) -> bool:
    """Whether the case's format and carrier can be joined."""
    series = SERIES.get(case.parser.id)
    if series is None or "error" in case.expected:
        return False
    return not series.carriers or case.expected.get("carrier") in series.carriers


CASES = [case for case in all_cases() if is_of_series(case)]
# Lines that go on with the record before them: details of PostgreSQL, parts of a message in syslog.
GOES_ON = re.compile(rb"(?:DETAIL|STATEMENT|CONTEXT|HINT|QUERY|LOCATION): |\[\d+-(?:[2-9]|\d\d)\]|^\s")
NUMBERED = re.compile(rb"\[(\d+)-\d+\]")
# Points of k6 that belong to the request before them.
POINT = re.compile(rb'"metric":"http_req_|^http_req_')
# What is written in two lines far apart: a wait and its end, a refusal told twice, the open and the close of a session.
PAIRS = {
    "pg.log.lock": {"waits", "wait_total_ms"},
    "pg.log.application": {"session_median_s", "session_max_s"},
    "pool.log": {"query_wait_timeouts", "max_client_conn_hits"},
    "pool.log.database": {"query_wait_timeouts", "max_client_conn_hits"},
    "lambda.function": {"timeouts", "timeout_share", "errors"},  # an uncaught error, and the report that says so too
}
CUTS = 60
Key = tuple[str, str]


def part_of(case: Case, name: str, content: bytes) -> Part | None:
    """A file with this content, None when it is not of the format."""
    try:
        result = case.parser.parse(Source(name, BytesIO(content)))
    except ParseError:
        return None
    return part(name, result, case.parser.id)


def part(name: str, result: ParseResult, format_id: str) -> Part:
    rows = [replace(row, file=name) for row in result.evidence]
    return Part(coverage_row(Reading(name, 1, format_id, result, None, None, 0.0)), rows)


def content_of(case: Case) -> bytes:
    with case.opened().open() as stream:
        return stream.read()


def halves_of(case: Case) -> list[tuple[Part, Part]]:
    """Both parts for every cut between two records; a header stands in both."""
    whole = part_of(case, "whole", content_of(case))
    lines = content_of(case).splitlines(keepends=True)
    csv = case.path.suffix == ".csv" and not lines[0][:4].isdigit()
    header = lines[: next((at for at, line in enumerate(lines) if not line.startswith(b"#")), 0)] or lines[: int(csv)]
    cuts = range(len(header) + 1, len(lines))
    found = []
    for cut in cuts[:: max(1, len(cuts) // CUTS)]:
        before, after = (set(NUMBERED.findall(b"".join(part))) for part in (lines[:cut], lines[cut:]))
        if GOES_ON.search(lines[cut]) or POINT.search(lines[cut]) or before & after:
            continue
        first = part_of(case, "a", b"".join(lines[:cut]))
        second = part_of(case, "b", b"".join([*header, *lines[cut:]]))
        if whole and first and second and _is_clean(whole, first, second):
            found.append((first, second))
    return found


def _is_clean(whole: Part, first: Part, second: Part) -> bool:
    """Whether no record was cut: records, requests and traces add up, and the parts follow each other in time."""
    for name in ("records", "rejected"):
        if whole.coverage[name] != first.coverage[name] + second.coverage[name]:
            return False
    sums = [_sums(part) for part in (whole, first, second)]
    return sums[0] == sums[1] + sums[2] and _in_order(first, second)


def _sums(part: Part) -> Counter[str]:
    counted = ("requests", "traces", "orphans", "spans", "events")
    rows = [row for row in part.rows if row.subject == "server"]
    return Counter({name: int(row.metrics[name]) for row in rows for name in counted if name in row.metrics})


def _in_order(first: Part, second: Part) -> bool:
    one, two = first.span, second.span
    return bool(one and two and (one[1] <= two[0] or two[1] <= one[0]))


def metrics_of(rows: list[Evidence]) -> dict[Key, dict[str, float]]:
    return {(row.kind, row.subject): dict(row.metrics) for row in rows}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_two_parts_say_what_the_whole_says(case: Case) -> None:
    whole = part_of(case, "whole", content_of(case))
    assert whole
    for first, second in halves_of(case):
        compare(join_parts([second, first]), whole.rows)


def compare(joined: list[Evidence], whole: list[Evidence]) -> None:
    """Every number of every subject; percentiles too, since histograms add up exactly."""
    got, wanted = metrics_of(joined), metrics_of(whole)
    # A session that was opened in the other part is known by its user only, a wait there may lack its statement.
    more = {key for key in set(got) - set(wanted) if key[0] != "pg.log.application" or "connections" in got[key]}
    assert more <= {("pg.log.lock", OTHER)}
    assert set(wanted) <= set(got)
    for (kind, subject), metrics in wanted.items():
        loose = {name for name, join in JOINS[kind].items() if not join.exact} | PAIRS.get(kind, set())
        exact = {name: value for name, value in metrics.items() if name not in loose}
        found = {name: value for name, value in got[kind, subject].items() if name not in loose}
        assert found == pytest.approx(exact, rel=1e-5, abs=1e-6), (kind, subject)
        for name in loose & set(metrics) - PAIRS.get(kind, set()):
            assert 0 <= got[kind, subject][name] <= metrics[name], (kind, subject, name)


def test_every_log_format_was_cut() -> None:
    """Formats of which no case can be cut would pass unseen."""
    cut = Counter({case.parser.id: 0 for case in CASES})
    for case in CASES:
        cut[case.parser.id] += len(halves_of(case))
    assert all(cut[name] > 0 for name in set(SERIES) - set(LATER)), cut


# Formats whose cases hold few whole records: the second part is the case an hour and more later, with ids of its own.
LATER: dict[str, tuple[str, tuple[tuple[bytes, bytes], ...]]] = {
    "traces": ("traces/many.ndjson", ((b'"traceId":"0', b'"traceId":"1'), (b'Nano":"17629', b'Nano":"17630'))),
    "function-log": (
        "vercel_logs/many.ndjson",
        ((b'"req-', b'"later-'), (b'"id":"log', b'"id":"more'), (b'"timestamp":17629', b'"timestamp":17631')),
    ),
    "stripe-events": ("stripe_events/lines.ndjson", ((b'"created": 1735', b'"created": 1736'), (b'"evt_', b'"evt_2'))),
}


@pytest.mark.parametrize("name", LATER)
def test_a_file_and_what_came_later_add_up(name: str) -> None:
    path, changes = LATER[name]
    case = next(case for case in CASES if str(case) == path)
    early = late = content_of(case)
    for old, new in changes:
        assert old in late
        late = late.replace(old, new)
    parts = [part_of(case, "a", early), part_of(case, "b", late)]
    whole = part_of(case, "whole", early + late)
    assert whole
    compare(join_parts([part for part in parts if part]), whole.rows)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_same_file_twice_changes_nothing(case: Case) -> None:
    one = part_of(case, "a", content_of(case))
    two = part_of(case, "b", content_of(case))
    assert one
    assert two
    alone = metrics_of(join_parts([one]))
    if one.span:
        assert metrics_of(join_parts([one, two])) == alone


LINE = '203.0.113.{0} - - [12/Nov/2025:{1} +0000] "GET {2} HTTP/1.1" {3} 100 "-" "Mozilla" 0.{4:03d}\n'
ACCESS = next(case for case in CASES if str(case) == "access_log/many.log")


def access(name: str, *requests: tuple[str, str, int, int]) -> Part:
    """An access log of requests (time of day, path, status, ms)."""
    found = part_of(ACCESS, name, "".join(LINE.format(7, *request) for request in requests).encode())
    assert found
    return found


def of(rows: list[Evidence], kind: str, subject: str) -> Evidence:
    (row,) = [row for row in rows if (row.kind, row.subject) == (kind, subject)]
    return row


def test_each_number_keeps_its_own_file_and_line() -> None:
    first = access("a.log", ("10:00:00", "/x", 200, 900), ("10:00:30", "/x", 200, 5))
    second = access("b.log", ("10:01:00", "/x", 200, 5), ("10:01:10", "/y", 200, 5), ("10:01:20", "/x", 503, 7))
    row = of(join_parts([first, second]), "http.route", "/x")
    assert (row.file, row.place_of("max_ms").file, row.place_of("max_ms").line) == ("a.log", "", 1)
    failed = row.place_of("status_5xx")
    assert (failed.file, failed.line, failed.quote[-30:]) == (
        "b.log",
        3,
        second.rows[1].places["status_5xx"].quote[-30:],
    )
    assert row.place_of("error_share") == failed
    assert row.metrics["error_share"] == 1 / 4


def test_a_minute_that_is_cut_in_two_counts_as_one() -> None:
    """10:01 has two requests in each file; no other minute has more than two."""
    first = access("a", ("10:00:00", "/x", 200, 1), *(("10:01:0" + str(n), "/x", 200, 1) for n in (1, 2)))
    second = access("b", *(("10:01:3" + str(n), "/x", 200, 1) for n in (1, 2)), ("10:02:00", "/x", 200, 1))
    assert of(join_parts([first, second]), "http.route", "/x").metrics["per_min_peak"] == 4


def test_an_excerpt_is_not_added_to_its_log() -> None:
    requests = [(f"10:{n:02d}:00", "/x", 200, n) for n in range(1, 60)]
    log, excerpt = access("log", *requests), access("excerpt", *requests[20:40])
    rows = join_parts([excerpt, log])
    assert metrics_of(rows) == metrics_of(log.rows)
    assert "the same time as log" in excerpt.notes[0]


def test_of_the_same_time_the_fuller_reading_of_each_subject_counts() -> None:
    """What only one of the files tells stays."""
    one = access("one", ("10:00:00", "/x", 200, 1), ("10:30:00", "/x", 200, 1), ("10:40:00", "/y", 200, 1))
    two = access("two", ("10:10:00", "/x", 200, 1), ("10:50:00", "/z", 200, 1))
    rows = join_parts([one, two])
    assert [of(rows, "http.route", route).metrics["requests"] for route in ("/x", "/y", "/z")] == [2, 1, 1]


def test_a_gap_is_said() -> None:
    first, second = access("a", ("10:00:00", "/x", 200, 1)), access("b", ("15:00:00", "/x", 200, 1))
    row = of(join_parts([first, second]), "http.server", "server")
    assert row.metrics["window_s"] == 5 * 3600
    assert "No file covers the 5.0 h before this one" in second.notes[1]


def test_two_runs_of_a_load_test_stay_two() -> None:
    case = next(case for case in CASES if str(case) == "load_test/many.ndjson")
    later = content_of(case)
    for day in (b"2025-11-12", b"2026-01-05"):
        later = later.replace(day, b"2026-02-01")
    assert later != content_of(case)
    parts = [part_of(case, "a", content_of(case)), part_of(case, "b", later)]
    rows = join_parts([part for part in parts if part])
    assert [row.file for row in rows if row.kind == "load.run"] == ["a", "b"]


def test_logs_of_two_hosts_are_not_joined() -> None:
    first, second = access("a", ("10:00:00", "/x", 200, 1)), access("b", ("11:00:00", "/x", 200, 1))
    for one, host in ((first, "web1"), (second, "web2")):
        one.rows[0] = replace(one.rows[0], attrs={"host": host})
    rows = join_parts([first, second])
    assert [row.file for row in rows if row.kind == "http.server"] == ["a", "b"]
    assert [one.notes for one in (first, second)] == [
        [f"Written by {host}: judged apart from the logs of other servers."] for host in ("web1", "web2")
    ]


def test_one_server_has_one_log_whether_a_carrier_names_it_or_not() -> None:
    """Another carrier may have no name for it, or another name."""
    for host in ("", "prod:web1"):
        first, second = access("a", ("10:00:00", "/x", 200, 1)), access("b", ("11:00:00", "/x", 200, 1))
        first.rows[0] = replace(first.rows[0], attrs={"host": "web1"})
        second.rows[0] = replace(second.rows[0], attrs={"host": host})
        second.coverage = {**second.coverage, "carrier": "another"}
        (server,) = [row for row in join_parts([first, second]) if row.kind == "http.server"]
        assert server.metrics["requests"] == 2
