"""An export copied from a terminal or a chat, or kept by a container runtime, is read like the export itself."""

import json
from collections.abc import Callable
from io import BytesIO

import pytest

from telemetry.opening import Opened
from telemetry.reading import Reading, read_opened
from tests.telemetry.cases import FOLDER

Wrap = Callable[[str], str]
TIME = "2026-01-05T10:00:00.123456789Z"
# One of each way in which text can be laid out: by columns, by pairs of lines, in a box, as a document, as a log.
CASES = (
    "pg_stat_user_tables/many.csv",
    "redis_info/redis_7_0_default.txt",
    "redis_memory/one.txt",
    "pg_locks/dialect_expanded_unicode.txt",
    "explain/json_pg_15.json",
    "next_routes/build_15.txt",
    "sql_schema/migrations.sql",
    "postgres_log/captured_stderr.log",
    "access_log/many.log",
    "load_test/locust_stats.csv",
    "compose_file/many.yaml",
    "redis_latency/history_pipe.txt",
)


def each(prefix: str) -> Wrap:
    return lambda text: "".join(prefix + line for line in text.splitlines(keepends=True))


WRAPS: dict[str, tuple[int, Wrap]] = {  # lines before the export, and how it is wrapped
    "blank lines": (2, lambda text: f"\n \n{text}"),
    "fence": (3, lambda text: f"This is what it says:\n\n```text\n{text}```"),
    "command": (1, lambda text: f"$ sudo tool --all\n{text}"),
    "shell": (1, lambda text: f"root@web-1:~# tool --all\n{text}root@web-1:~# "),
    "powershell": (1, lambda text: f"PS C:\\Users\\kim> tool --all\n{text}"),
    "query": (3, lambda text: f"SELECT a, b\nFROM x ORDER BY 1;\n\n{text}"),
    "psql": (4, lambda text: f'psql (15.2)\nType "help" for help.\n\nshop=# select 1;\n{text}'),
    "redis-cli": (1, lambda text: f"127.0.0.1:6379> info\n{text}"),
    "indented": (0, each("    ")),
    "quoted": (0, each("> ")),
    "compose": (0, each("db-1  | ")),
    "compose in colours": (0, each("\x1b[36mdb_1   |\x1b[0m ")),
    "compose with times": (0, each(f"db-1  | {TIME} ")),
    "kubectl": (0, each("[pod/web-5d8f/app] ")),
    "runtime's time": (0, each(f"{TIME} ")),
    "cri": (0, each(f"{TIME} stdout F ")),
    "journald": (0, each("Jan 05 10:00:00 web-1 app[123]: ")),
    "docker json": (0, lambda text: _json_lines(text)),
}


def _json_lines(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(json.dumps({"log": line, "stream": "stdout", "time": TIME}) + "\n" for line in lines).replace(
        '": "', '":"'
    )


def read(text: str) -> Reading:
    return read_opened(Opened("export", len(text), lambda: BytesIO(text.encode())))


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("case", CASES)
def test_it_is_read_like_the_export_itself(case: str, wrap: str) -> None:
    text = (FOLDER / case).read_text()
    plain, wrapped = read(text), read(WRAPS[wrap][1](text))
    assert plain.result is not None
    assert wrapped.result is not None, wrapped.error
    assert wrapped.format == plain.format
    assert wrapped.result.records == plain.result.records
    assert wrapped.result.rejected == plain.result.rejected
    assert [(row.kind, row.subject, row.metrics) for row in wrapped.result.evidence] == [
        (row.kind, row.subject, row.metrics) for row in plain.result.evidence
    ]
    before = WRAPS[wrap][0]
    assert [row.place.line - before for row in wrapped.result.evidence] == [
        row.place.line for row in plain.result.evidence
    ]


def test_a_line_that_came_in_parts_is_one() -> None:
    sql = "select 1 " + "/* long */ " * 4
    line = f"2026-01-05 10:00:00.000 UTC [7] LOG:  duration: 5.000 ms  statement: {sql}"
    log = (
        f"{TIME} stdout P {line[:40]}\n{TIME} stdout P {line[40:60]}\n{TIME} stdout F {line[60:]}\n"
        f"{TIME} stderr F 2026-01-05 10:00:01.000 UTC [7] ERROR:  division by zero\n"
    )
    parts = (line[:40], line[40:] + "\n", "2026-01-05 10:00:01.000 UTC [7] ERROR:  division by zero\n")
    records = "".join(f'{{"log":{json.dumps(part)},"stream":"stderr","time":"{TIME}"}}\n' for part in parts)
    for text, lines in ((log, 4), (records, 3)):
        result = read(text).result
        assert result is not None
        assert (result.lines, result.totals["queries"], result.totals["query_ms"]) == (lines, 1, 5.0)
        assert result.totals["errors"] == 1


def test_of_several_containers_the_one_with_an_export_is_read() -> None:
    log = (FOLDER / "postgres_log/captured_stderr.log").read_text()
    plain = read(log).result
    mixed = "".join(f"db-1   | {line}\nworker-1  | tick {at}\n" for at, line in enumerate(log.splitlines()))
    result = read(mixed).result
    assert plain is not None
    assert result is not None
    assert result.totals == plain.totals
    assert any("all but db" in note for note in result.notes)


def test_what_a_format_writes_itself_is_left_in_place() -> None:
    for case in (
        *("access_log/haproxy.log", "postgres_log/syslog.log", "postgres_log/syslog_rfc5424.log"),
        *("postgres_log/logplex.log", "heroku_log/many.log"),
    ):
        result = read((FOLDER / case).read_text()).result
        assert result is not None
        assert not any("around" in note for note in result.notes)


def test_a_table_of_markdown_is_read_as_csv() -> None:
    rows = [line.split(",") for line in (FOLDER / "pg_stat_user_tables/one.csv").read_text().splitlines()]
    cells = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    text = "\n".join([cells[0], "|" + " --- |" * len(rows[0]), *cells[1:]])
    plain, table = read((FOLDER / "pg_stat_user_tables/one.csv").read_text()).result, read(text).result
    assert plain is not None
    assert table is not None
    assert [dict(row.metrics) for row in table.evidence] == [dict(row.metrics) for row in plain.evidence]


def test_json_lines_that_jq_printed_are_read_as_lines() -> None:
    lines = (FOLDER / "postgres_log/cloudnativepg.json").read_text()
    pretty = "".join(json.dumps(json.loads(line), indent=2) + "\n" for line in lines.splitlines() if line.strip())
    plain, printed = read(lines).result, read(pretty).result
    assert plain is not None
    assert printed is not None
    assert printed.totals == plain.totals
    assert printed.lines == pretty.count("\n")
