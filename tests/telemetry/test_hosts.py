"""Logs that two machines wrote in the same hour stay apart where the carrier names the machine, and only there."""

from dataclasses import replace
from io import BytesIO

import pytest

from telemetry.coverage import coverage_row
from telemetry.joining import Part, join_parts
from telemetry.opening import Opened
from telemetry.reading import read_opened
from tests.telemetry.cases import FOLDER

POSTGRES, ACCESS = "postgres_log", "access_log"
# The case, how it writes the machine's name, how another is written there, and what both are called.
_SQL = ("shop-prod:main", "shop-prod:other")
NAMED = [
    (
        POSTGRES,
        "cloud_sql_lines.json",
        b'"shop-prod:main"',
        b'"shop-prod:other"',
        ("shop-prod:main", "shop-prod:other"),
    ),
    (
        POSTGRES,
        "cloud_sql_pretty.json",
        b'"shop-prod:main"',
        b'"shop-prod:other"',
        ("shop-prod:main", "shop-prod:other"),
    ),
    (POSTGRES, "azure_single.json", b'"LogicalServerName": "shop"', b'"LogicalServerName": "two"', ("shop", "two")),
    (POSTGRES, "azure_flexible.json", b"FLEXIBLESERVERS/SHOP", b"FLEXIBLESERVERS/TWO", ("shop", "two")),
    (POSTGRES, "cloudnativepg.json", b'"shop-1"', b'"shop-2"', ("shop-1", "shop-2")),
    (
        POSTGRES,
        "cloudnativepg.json",
        b'"logging_pod": "shop-1"',
        b'"kubernetes": {"pod_name": "shop-3"}',
        ("shop-1", "shop-3"),
    ),
    (POSTGRES, "supabase_drain.json", b'"db-x"', b'"db-y"', ("db-x", "db-y")),
    (POSTGRES, "planetscale.json", b'"p-1"', b'"p-2"', ("p-1", "p-2")),
    (POSTGRES, "cloudwatch_events.json", b'"shop.0"', b'"shop.1"', ("shop.0", "shop.1")),
    (ACCESS, "haproxy.log", b" lb1 ", b" lb2 ", ("lb1", "lb2")),
    (ACCESS, "alb.log", b"app/shop/50dc", b"app/shop/60dc", ("app/shop/50dc6c495c0c9188", "app/shop/60dc6c495c0c9188")),
]


def content(module: str, name: str) -> bytes:
    return (FOLDER / module / name).read_bytes()


def part(name: str, raw: bytes) -> Part:
    reading = read_opened(Opened(name, len(raw), lambda: BytesIO(raw)))
    assert reading.result is not None, reading.error
    return Part(coverage_row(reading), [replace(row, file=name) for row in reading.result.evidence])


def host_of(raw: bytes) -> object:
    return next((row.attrs["host"] for row in part("x", raw).rows if row.attrs.get("host")), None)


@pytest.mark.parametrize(("module", "name", "one", "other", "hosts"), NAMED, ids=lambda value: str(value)[:30])
def test_two_machines_of_one_hour_stay_two(
    module: str, name: str, one: bytes, other: bytes, hosts: tuple[str, str]
) -> None:
    first = content(module, name)
    second = first.replace(one, other)
    assert (host_of(first), host_of(second)) == hosts
    parts = [part("a", first), part("b", second)]
    servers = [row for row in join_parts(parts) if row.subject == "server"]
    assert [row.file for row in servers] == ["a", "b"]
    assert servers[0].metrics == servers[1].metrics
    assert [part.notes for part in parts] == [
        [f"Written by {host}: judged apart from the logs of other servers."] for host in hosts
    ]


@pytest.mark.parametrize(("module", "name", "one", "other", "hosts"), NAMED, ids=lambda value: str(value)[:30])
def test_the_same_machine_twice_is_one(
    module: str, name: str, one: bytes, other: bytes, hosts: tuple[str, str]
) -> None:
    parts = [part("a", content(module, name)), part("b", content(module, name))]
    assert len([row for row in join_parts(parts) if row.subject == "server"]) == 1


def nginx(extra: str) -> bytes:
    line = '{"time_iso8601":"2025-11-12T14:05:0%d+00:00","request":"GET / HTTP/1.1","status":200,"bytes":5,%s}\n'
    return "".join(line % (second, extra) for second in range(5)).encode()


@pytest.mark.parametrize(
    ("extra", "host"),
    [
        ('"hostname":"web1"', "web1"),
        ('"host":{"name":"web1"}', "web1"),
        ('"kubernetes":{"pod_name":"web-7f-x"}', "web-7f-x"),
        ('"host":"shop.example"', None),  # what was asked for, not who answered
        ('"server_name":"shop.example","hostname":"shop.example"', None),
        ('"hostname":7', None),
    ],
)
def test_json_lines_name_the_machine_or_the_site(extra: str, host: str | None) -> None:
    assert host_of(nginx(extra)) == host


def test_a_log_that_two_machines_wrote_names_none() -> None:
    assert host_of(nginx('"hostname":"web1"') + nginx('"hostname":"web2"')) is None
    lines = content(POSTGRES, "planetscale.json").splitlines(keepends=True)
    assert host_of(b"".join([lines[0].replace(b'"p-1"', b'"p-2"'), *lines[1:]])) is None


def test_a_virtual_host_is_no_machine() -> None:
    line = '%s:443 203.0.113.7 - - [12/Nov/2025:14:05:09 +0000] "GET / HTTP/1.1" 200 512 "-" "Mozilla/5.0"\n'
    parts = [part(site, (line % site * 5).encode()) for site in ("shop.example", "blog.example")]
    assert not [row for one in parts for row in one.rows if row.attrs.get("host")]


def test_iis_names_its_computer() -> None:
    text = "#Fields: date time s-computername cs-method cs-uri-stem sc-status c-ip\n"
    text += "2025-11-12 14:05:09 WEB1 GET / 200 203.0.113.7\r\n" * 5
    assert host_of(text.encode()) == "WEB1"


def test_datadog_and_heroku_name_the_server() -> None:
    assert host_of(content(POSTGRES, "datadog.csv")) == host_of(content(POSTGRES, "datadog_content.csv")) == "db-1"
    heroku = "2026-01-05T09:00:00+00:00 app[postgres.9]: [%s] [%d-1] sql_error_code = 00000 LOG:  checkpoint complete\n"
    for channel in ("DATABASE", "HEROKU_POSTGRESQL_CYAN"):
        assert host_of("".join(heroku % (channel, number) for number in range(1, 4)).encode()) == channel
