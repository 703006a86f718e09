"""A log that came in parts says what the whole says: every case of every log format, cut at every record."""

import re
from collections import Counter
from dataclasses import replace
from io import BytesIO

import pytest

from telemetry.coverage import coverage_row
from telemetry.evidence import Evidence, ParseError, ParseResult
from telemetry.joining import Part, join_parts
from telemetry.kinds.joins import JOINS, SERIES
from telemetry.reading import Reading
from telemetry.source import Source
from tests.telemetry.cases import Case, all_cases

CASES = [case for case in all_cases() if case.parser.id in SERIES and "error" not in case.expected]
# Lines that go on with the record before them: details of PostgreSQL, parts of a message in syslog.
GOES_ON = re.compile(rb"(?:DETAIL|STATEMENT|CONTEXT|HINT|QUERY|LOCATION): |\[\d+-(?:[2-9]|\d\d)\]|^\s")
NUMBERED = re.compile(rb"\[(\d+)-\d+\]")
# Points of k6 that belong to the request before them.
POINT = re.compile(rb'"metric":"http_req_')
# What is written in two lines far apart: a wait and its end, a refusal told twice, the open and the close of a session.
PAIRS = {
    "pg.log.lock": {"waits", "wait_total_ms"},
    "pg.log.application": {"session_median_s", "session_max_s"},
    "pool.log": {"query_wait_timeouts", "max_client_conn_hits"},
    "pool.log.database": {"query_wait_timeouts", "max_client_conn_hits"},
    "lambda.function": {"timeouts", "timeout_share"},
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
    # A session that was opened in the other part is known by its user only.
    more = {key for key in set(got) - set(wanted) if key[0] != "pg.log.application" or "connections" in got[key]}
    assert not more
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
