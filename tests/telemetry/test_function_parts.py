"""A drain read in parts, or record by record, gives what the whole gives."""

import io
import json
import pickle
import random
from collections.abc import Sequence
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemetry.evidence import ParseResult
from telemetry.parsers import function_counts, function_evidence
from telemetry.parsers.function_drain import Drain
from telemetry.parsers.vercel_logs import PARSER, finish, join, read, start
from telemetry.source import Source
from telemetry.splitting import Undividable
from tests.bench.function_log import drain_records
from tests.telemetry.cases import FOLDER


def mixed_drain() -> bytes:
    """Records of one request far apart and contradicting each other, other carriers' lines, blank and broken ones."""
    rng = random.Random(5)
    lines = [json.loads(line) for line in islice(drain_records(3), 1_500)]
    for number, record in enumerate(lines):
        if number % 7 == 0:
            record["requestId"] = lines[max(0, number - rng.randrange(1, 20))]["requestId"]
        if number % 11 == 0:
            record["statusCode"] = rng.choice([-1, None, 200, 500])
        if number % 13 == 0:
            record["proxy"]["responseByteSize"] = rng.choice([None, 5, 9_000_000])
        if number % 17 == 0:
            record["path"] = rng.choice([None, "/_middleware", "/a\x00b", f"/blog/{'abcdefgh'[number % 8]}"])
    texts = [json.dumps(record) for record in lines]
    texts[100], texts[101], texts[102] = "", "broken", '{"other": 1}'
    texts[700] = json.dumps([lines[700], lines[701], {"strange": True}])
    texts[900] = json.dumps(lines[900] | {"statusCode": "200"})
    return ("\n".join(texts) + "\n").encode()


MIXED = mixed_drain()


def whole_of(content: bytes) -> ParseResult:
    return PARSER.parse(Source("f", io.BytesIO(content)))


def parts_of(content: bytes, cuts: Sequence[int]) -> ParseResult:
    lines = content.splitlines(keepends=True)
    context = start(Source("f", io.BytesIO(content)))
    assert context is not None
    bounds = [0, *sorted(cut % (len(lines) + 1) for cut in cuts), len(lines)]
    states = []
    for first, last in pairwise(bounds):
        text = b"".join(lines[first:last])
        state = read(context, Source("f", io.BytesIO(text), lines_before=first))
        states.append(pickle.loads(pickle.dumps(state)))  # noqa: S301 - our own
    whole = states[0]
    for state in states[1:]:
        whole = join(whole, state)
    return finish(whole)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=2))
def test_two_and_three_parts(cuts: list[int]) -> None:
    assert parts_of(MIXED, cuts) == whole_of(MIXED)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=2))
def test_parts_that_forget_older_requests(cuts: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(function_counts, "_REMEMBERED", 250)
        assert parts_of(MIXED, cuts).totals == whole_of(MIXED).totals


def test_every_case_of_a_drain_in_two_parts() -> None:
    for name in ("one", "many", "malformed"):
        content = (FOLDER / "vercel_logs" / f"{name}.ndjson").read_bytes()
        for cut in range(content.count(b"\n") + 1):
            assert parts_of(content, [cut]) == whole_of(content), (name, cut)


def test_blocks_give_what_single_records_give(monkeypatch: pytest.MonkeyPatch) -> None:
    clean = "\n".join(islice(drain_records(3), 3_000)).encode()
    fast = [whole_of(clean), whole_of(MIXED)]
    monkeypatch.setattr(Drain, "records_of", lambda self, block: None)
    assert fast == [whole_of(clean), whole_of(MIXED)]


_MESSAGES = st.sampled_from(
    ["", "ok", "REPORT RequestId: x", "a REPORT", "Init Duration: 5 ms", "Task timed out after 3 s",
     "FUNCTION_THROTTLED", "INFINITE_LOOP_DETECTED", "deadlock detected", "sorry, too many clients already",
     "lock\nINIT", "ENOSPC", "\ud800"]
)  # fmt: skip
_VALUES = st.sampled_from(["200", 200, 504, True, 1.5, None, [], {}, -1, "lambda", "build", "req-1", 10**30])
_MEMBERS = st.sampled_from(
    ["statusCode", "requestId", "source", "path", "message", "proxy", "timestamp", "deploymentId"]
)
_DAMAGE = st.sampled_from([b"", b"", b"", b"\xff", b'"statusCode":500,', b"\n", b"\r", b'"message":"exited",'])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(_MESSAGES, _MEMBERS, st.none() | _VALUES, st.integers(1, 300), _DAMAGE), min_size=1, max_size=20)
)
def test_any_block_gives_what_single_records_give(changes: list[tuple[str, str, object, int, bytes]]) -> None:
    lines = [line.encode() for line in islice(drain_records(3), len(changes) + 1)]
    for number, (message, member, value, at, damage) in enumerate(changes, 1):
        record = json.loads(lines[number]) | {"message": message}
        text = json.dumps(record if value is None else record | {member: value}).encode()
        cut = text.find(b'"', at)
        lines[number] = text[:cut] + damage + text[cut:]
    content = b"\n".join(lines)
    fast = whole_of(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Drain, "records_of", lambda self, block: None)
        assert whole_of(content) == fast


def test_other_carriers_and_documents_are_read_by_one_process() -> None:
    for name in ("cli.ndjson", "pretty_array.json", "array_per_line.json"):
        assert start(Source("f", io.BytesIO((FOLDER / "vercel_logs" / name).read_bytes()))) is None


def test_too_many_deployments_fall_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function_counts, "_DEPLOYMENTS", 3)
    record = json.loads(next(drain_records(3)))
    records = [record | {"deploymentId": f"dpl_{n}", "requestId": f"r{n}"} for n in range(9)]
    content = "".join(json.dumps(one) + "\n" for one in records).encode()
    rows = [row for row in whole_of(content).evidence if row.kind == "function.deployment"]
    assert {row.subject: row.metrics["requests"] for row in rows} == {"dpl_0": 1, "dpl_1": 1, "dpl_2": 1, "other": 6}
    with pytest.raises(Undividable):
        parts_of(content, [4])


def test_routes_beyond_the_bound_are_one_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function_evidence, "TOP_ROUTES", 2)
    result = whole_of(MIXED)
    rows = {row.subject: row for row in result.evidence if row.kind == "function.route"}
    assert sum(row.metrics["requests"] for row in rows.values()) == result.totals["requests"]
    assert "status_5xx" not in rows["other"].places
    assert rows["other"].metrics["status_5xx"] == 0
