"""From one file to another: which join leads from a failure to a flow, and how sure it is."""

from typing import Any

import pytest

from reviews.intake import Flow
from reviews.risk.finding import finding_of
from reviews.risk.flows import expose
from reviews.risk.joins import Joins, joins_of
from reviews.risk.plain import plain, restored
from reviews.risk.rank import rank_hits
from reviews.risk.score import Exposure
from telemetry.evidence import Evidence, EvidenceSet, Place
from telemetry.rules.base import Hit
from tests.reviews.risk.making import make_hit, make_row, make_rule, outcome

PAY = Flow("pay", 0.5, 0.2, ("/api/pay", "/api/receipts/[id]"), ("orders",), ("mails",))
READ = Flow("read", 0.3, 0.6, ("/api/read",), ("books",))
FLOWS = (PAY, READ)
TRAFFIC = {"/api/pay": 100.0, "/api/receipts/[id]": 300.0, "/api/read": 600.0}


def row(kind: str, subject: str, **attrs: Any) -> Evidence:
    return Evidence(kind, subject, {"calls": 5.0}, Place(1, subject), attrs=attrs, file="export")


USE = row("code.use", "/api/pay", run_as="route", tables=["Ledger"], queues=["charges"], hosts=["api.bank.example"])
JOB = row("code.use", "jobs.ts:nightly", run_as="job", tables=["archive"], queues=[], hosts=[])
TAGGED = row("pg.stat.statement", "f00d", tags={"route": "/api/pay", "db_driver": "pg"})
CONTROLLER = row("pg.stat.statement", "beef", tags={"controller": "pay"})
NAMED = row("pg.log.statement", "cafe", applications=["/api/read", "psql"])
SPAN = row("trace.query", "ab12", routes=["POST /api/receipts/{id}"])
PART = row("schema.foreign_key", "lines(order)", table="lines", references="public.orders", on_delete="cascade")
LOOSE = row("schema.foreign_key", "audit(order)", table="audit", references="orders", on_delete="no action")
COUNTED = row("queue.counts", "mails", system="bullmq")
JOINS = joins_of(EvidenceSet([USE, JOB, TAGGED, CONTROLLER, NAMED, SPAN, PART, LOOSE, COUNTED]))


def reached(hit: Hit, traffic: dict[str, float] = TRAFFIC, joins: Joins = JOINS) -> list[tuple[str, str, str, float]]:
    found = expose(hit, FLOWS, traffic, joins)
    assert all(entry.reached for entry in found)
    return [(e.flow, e.reached.by, e.touched.grade.word, e.touched.point) for e in found if e.reached]


def query(fingerprint: str, **changes: Any) -> Hit:
    return make_hit(
        ("query", f"SELECT {fingerprint}"), make_row("pg.stat.statement", fingerprint, calls=5.0), **changes
    )


@pytest.mark.parametrize(
    ("hit", "expected"),
    [
        (make_hit(("route", "/api/pay")), ("pay", "finding", "derived", 0.25)),
        (query("f00d"), ("pay", "tags", "derived", 0.25)),
        (query("cafe"), ("read", "application", "derived", 1.0)),
        (query("ab12"), ("pay", "trace", "derived", 0.75)),
        (make_hit(("table", "ledger(account)")), ("pay", "code", "derived", 0.25)),
        (make_hit(("queue", "charges")), ("pay", "code", "derived", 0.25)),
        (make_hit(("external host", "API.bank.example")), ("pay", "code", "derived", 0.25)),
        (make_hit(("table", "orders")), ("pay", "intake", "stated", 0.5)),
        (make_hit(("queue", "mails")), ("pay", "intake", "stated", 0.5)),
        (make_hit(("key pattern", "bull:mails:*")), ("pay", "intake", "stated", 0.5)),
        (make_hit(("table", "lines")), ("pay", "foreign key", "assumed", 0.25)),
    ],
)
def test_a_flow_is_reached_by_the_surest_join(hit: Hit, expected: tuple[str, str, str, float]) -> None:
    assert reached(hit) == [expected]


@pytest.mark.parametrize("hit", [make_hit(("table", "audit")), make_hit(("table", "archive"))])
def test_a_loose_key_or_a_job_leads_to_no_flow(hit: Hit) -> None:
    other, *unlisted = expose(hit, FLOWS, TRAFFIC, JOINS)
    assert (other.flow, other.reached) == ("other use", None)
    assert {entry.reached.by for entry in unlisted if entry.reached} == {"assumption"}


def test_a_tag_that_names_code_is_no_route() -> None:
    assert {flow: by for flow, by, _, _ in reached(query("beef"))} == {"pay": "assumption", "read": "assumption"}


def test_code_bounds_a_share_from_above() -> None:
    [exposure] = expose(make_hit(("table", "ledger")), FLOWS, TRAFFIC, JOINS)
    assert (exposure.touched.low, exposure.touched.high) == (0.02, 0.25)


def test_code_without_counted_requests_says_less_than_the_client() -> None:
    both = make_hit(("table", "orders"), tables=("ledger",))
    assert [entry[1:3] for entry in reached(both, traffic={})] == [("intake", "stated")]
    assert [entry[1:3] for entry in reached(make_hit(("table", "ledger")), traffic={})] == [("code", "assumed")]


def test_a_foreign_key_adds_no_flow_where_a_better_join_is_known() -> None:
    lines = make_hit(("table", "lines"), routes=("/api/read",))
    assert [entry[:2] for entry in reached(lines)] == [("read", "finding")]


def test_the_code_adds_no_flow_without_shares_where_another_is_known() -> None:
    silent = Flow("silent", routes=("/api/pay",))
    flows = (READ, silent)
    known = expose(make_hit(("table", "books"), tables=("ledger",)), flows, TRAFFIC, JOINS)
    assert [entry.flow for entry in known] == ["read"]
    assert [entry.flow for entry in expose(make_hit(("table", "ledger")), flows, TRAFFIC, JOINS)] == ["silent"]


def test_the_order_of_the_files_does_not_matter() -> None:
    rows = [USE, row("code.use", "/api/pay", run_as="page", tables=["ledger"]), TAGGED, SPAN, PART]
    assert joins_of(EvidenceSet(rows)) == joins_of(EvidenceSet(rows[::-1]))


def test_the_finding_says_by_which_join() -> None:
    hit = query("f00d", breach=True)
    [risk] = rank_hits([outcome(make_rule(), hit)], EvidenceSet([TAGGED]), FLOWS)
    finding = finding_of(risk)
    assert finding["reached_by"] == [
        {"flow": "pay", "by": "tags", "grade": "measured", "basis": "a comment in the statement names /api/pay"}
    ]
    assert finding["severity_reason"][0]["label"] == "pay: reached by"
    assert restored(plain(risk.inputs)).exposures[0].reached == risk.inputs.exposures[0].reached


def test_a_finding_stored_before_joins_were_told_is_read() -> None:
    [risk] = rank_hits([outcome(make_rule(), query("f00d"))], EvidenceSet([TAGGED]), FLOWS)
    old = plain(risk.inputs)
    del old["exposures"][0]["reached"]
    assert isinstance(restored(old).exposures[0], Exposure)
