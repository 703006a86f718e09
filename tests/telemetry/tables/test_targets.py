"""Every target: what is suggested for a usual export, and what comes of it; numbers are worked out by hand."""

from datetime import UTC, datetime

import pytest

from telemetry.evidence import ParseError
from telemetry.kinds import KINDS
from telemetry.tables.mapping import ColumnMap
from telemetry.tables.targets import TARGETS
from tests.telemetry.tables.making import read, row_of, suggested

EXPORTS = {
    "invoice": "Service;Betrag;Datum\nRDS;1.234,56;2026-10-01\nS3;12,50;2026-10-02\nTotal;1.247,06;\n;;\n",
    "prices": "Instance type,Price,Unit\nr6g.large,$0.26,hour\nr6g.xlarge,$0.52,hour\n",
    "incidents": "Start,End,Service,Priority\n2026-04-13 10:00,2026-04-13 11:30,checkout,P1\n2026-04-20,,search,P3\n",
    "queues": "timestamp,depth,workers\n1764374400,5,2\n1764374460,15,2\n",
    "routes": "Endpoint,Requests,P95 (ms),Errors\n/api/checkout,1200,12.3,3\n/api/x,400,1.2 s,0\n",
    "series": "Time,db-1 cpu,db-2 cpu\n2026-11-01T00:00:00Z,45.2%,30\n2026-11-01T00:01:00Z,50,31\n",
    "sizes": "table_name|total_size|row_estimate\norders|12 GB|1200000\nusers|8192 bytes|10\n",
    "tenants": "Company,Email,MRR,API calls\nAcme,jane@acme.com,1200,5000\nBeta GmbH,x@b.de,800,15000\n",
    "growth": "Month,Registered users,Orders\n2026-08,100,5\n2026-09,110,6\n2026-10,121,20\n",
}


def test_every_target_has_an_export() -> None:
    assert list(EXPORTS) == [target.id for target in TARGETS]


@pytest.mark.parametrize("name", EXPORTS)
def test_the_right_target_is_suggested(name: str) -> None:
    assert suggested(EXPORTS[name]).target == name


@pytest.mark.parametrize("name", EXPORTS)
def test_evidence_is_in_the_vocabulary_and_its_quotes_stand_in_the_file(name: str) -> None:
    result = read(EXPORTS[name])
    target = next(target for target in TARGETS if target.id == name)
    lines = EXPORTS[name].split("\n")
    assert result.evidence
    for row in result.evidence:
        assert row.kind in target.kinds
        assert set(row.metrics) <= set(KINDS[row.kind]), row
        for piece in row.place.quote.split("[redacted]"):
            assert piece in lines[row.place.line - 1]


def test_invoice() -> None:
    result = read(EXPORTS["invoice"])
    assert row_of(result, "ops.cost", "all").metrics["billed"] == pytest.approx(1_247.06)  # the line Total not again
    assert row_of(result, "ops.cost", "S3").place.line == 3
    assert (result.records, result.lines, result.blank, result.rejected) == (2, 5, 1, 0)


def test_an_invoice_by_month_says_nothing_of_weeks() -> None:
    text = "Service,Cost,Month\n" + "".join(f"RDS,{at}00,2026-{at:02}-01\n" for at in range(1, 7))
    metrics = row_of(read(text), "ops.cost", "RDS").metrics
    assert metrics["billed"] == 2_100
    assert "last_7d" not in metrics


def test_prices() -> None:
    row = row_of(read(EXPORTS["prices"]), "ops.price", "r6g.xlarge (hour)")
    assert (row.metrics, row.attrs) == ({"price": 0.52}, {"unit": "hour", "currency": "USD"})


def test_incidents() -> None:
    result = read(EXPORTS["incidents"])
    assert row_of(result, "ops.component", "all").metrics["open"] == 1
    assert row_of(result, "ops.incident", "line 2").metrics["duration_s"] == 5_400
    assert row_of(result, "ops.incident", "line 2").attrs["severity"] == "high"


def test_queues() -> None:
    result = read(EXPORTS["queues"])
    metrics = row_of(result, "queue.counts", "queue").metrics
    assert (metrics["waiting"], metrics["waiting_per_min"], metrics["workers"]) == (15, 10, 2)
    assert result.first == datetime(2025, 11, 29, tzinfo=UTC)


def test_routes() -> None:
    metrics = row_of(read(EXPORTS["routes"]), "http.route", "/api/checkout").metrics
    assert metrics == pytest.approx(
        {"requests": 1200, "status_5xx": 3, "p95_ms": 12.3, "error_share": 0.0025, "share": 0.75}
    )


def test_percentiles_of_several_lines_of_a_route_are_not_combined() -> None:
    result = read("Endpoint,Requests,P95 (ms),Max (ms)\n/a,10,5,90\n/a,20,500,70\n")
    assert row_of(result, "http.route", "/a").metrics == {"requests": 30, "max_ms": 90, "share": 1}
    assert any("cannot be combined" in note for note in result.notes)


def test_series() -> None:
    row = row_of(read(EXPORTS["series"]), "metric.series", "db-1 cpu")
    assert row.metrics == pytest.approx(
        {"value": 50, "first": 45.2, "min": 45.2, "max": 50, "mean": 47.6, "points": 2, "window_s": 60}
    )


def test_sizes() -> None:
    row = row_of(read(EXPORTS["sizes"]), "pg.table", "orders")
    assert row.metrics == {"live": 1_200_000, "bytes": 12 * 1024**3}


def test_customers_are_ranked_and_their_names_are_not_kept() -> None:
    result = read(EXPORTS["tenants"])
    assert row_of(result, "business.tenant", "tenant 1").metrics["revenue_share"] == pytest.approx(0.6)
    assert row_of(result, "business.tenants", "all").metrics["largest_requests_share"] == pytest.approx(0.75)
    assert result.redacted == 4
    assert "acme" not in repr(result).lower()
    assert "Beta" not in repr(result)


def test_growth_is_compound() -> None:
    result = read(EXPORTS["growth"])
    assert row_of(result, "business.growth", "users").metrics["growth_per_month"] == pytest.approx(0.1)
    assert row_of(result, "business.growth", "orders").metrics["growth_per_month"] == pytest.approx(1.0)
    assert row_of(result, "business.month", "2026-09").metrics == {"users": 110, "orders": 6}


def test_days_that_may_be_months_are_asked() -> None:
    suggestion = suggested("Start,End,Service\n03/04/2026,04/04/2026,checkout\n05/06/2026,05/06/2026,search\n")
    assert suggestion.columns == {"Service": "component"}
    assert "begin with the day or with the month" in suggestion.hints["Start"]


def test_a_latency_without_a_unit_is_asked() -> None:
    suggestion = suggested("Endpoint,Requests,P95\n/a,10,5\n/b,10,6\n")
    assert suggestion.columns == {"Endpoint": "route", "Requests": "requests"}
    assert suggestion.hints["P95"].endswith("In which unit?")


def test_nothing_is_suggested_for_a_table_that_says_nothing() -> None:
    assert suggested("foo,bar\nx,y\nz,w\n").target == ""


def test_a_row_that_cannot_be_read_says_why() -> None:
    seen: list[tuple[int, str]] = []
    mapping = ColumnMap("invoice", {"Service": "service", "Cost": "amount"})
    text = 'Service,Cost\nRDS,"1,234"\nS3,5\n,6\nx,y,z\n'
    result = read(text, mapping, lambda row, why: seen.append((row.line, why)))
    assert seen == [
        (2, "Cost: 1,234 may be a thousand or a fraction"),
        (3, ""),
        (4, "Service or item is empty"),
        (5, "another number of fields than there are columns"),
    ]
    assert (result.records, result.rejected) == (1, 3)
    assert any(note.startswith("Not read: 1 × ") for note in result.notes)


def test_a_table_of_which_no_row_can_be_read_is_refused_with_the_first_reason() -> None:
    mapping = ColumnMap("growth", {"Month": "month:auto", "Users": "users"})
    with pytest.raises(ParseError, match=r"The first one: Month: “03/04/2026” may be the 3\. or the 4\. of a month"):
        read("Month,Users\n03/04/2026,5\n", mapping)
