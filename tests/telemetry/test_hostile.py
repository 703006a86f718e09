"""Whatever is sent ends in a result or in a message that says what was found and what to send; memory stays bounded."""

import gzip
import json
import subprocess
import sys
import time
import zipfile
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from telemetry.opening import open_path
from telemetry.parsers import PARSERS
from telemetry.reading import Reading, read_opened
from tests.telemetry.cases import Case, all_cases
from tests.telemetry.noise import noise

ROOT = Path(__file__).resolve().parents[2]
MANY = [case for case in all_cases() if case.name == "many"]
# Formats of one record a line: a broken line costs that line. The others are one document each.
BY_LINE = {"postgres-log", "access-log", "function-log"}
LIMIT_MB = 60  # above an idle interpreter with the same modules

_READ = """
import json, sys
from pathlib import Path
from telemetry.opening import open_path
from telemetry.reading import read_opened
from tests.telemetry.memory import peak_mb
before = peak_mb()
reading = read_opened(next(open_path(Path(sys.argv[1]))))
result = reading.result
print(json.dumps({"mb": peak_mb() - before, "error": reading.error,
                  "format": reading.format, "rejected": result.rejected if result else None,
                  "records": result.records if result else None}))
"""


def read(path: Path) -> Reading:
    return read_opened(next(open_path(path)))


def write(folder: Path, content: bytes, name: str = "export.txt") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def outcome(reading: Reading) -> tuple[object, ...]:
    """Everything of a reading but its name and its time."""
    assert reading.result is not None, reading.error
    rows = [(row.kind, row.subject, row.metrics, row.place, row.places, row.attrs) for row in reading.result.evidence]
    return reading.format, rows, reading.result.totals, reading.result.lines, reading.result.rejected


def helps(message: str | None) -> bool:
    """Whether a message says what to do: every one of ours uses one of these verbs."""
    return bool(message) and any(word in str(message).lower() for word in ("send", "export", "save"))


def test_every_parser_takes_part() -> None:
    assert {case.parser.id for case in MANY} == {parser.id for parser in PARSERS}


def test_empty_file(tmp_path: Path) -> None:
    reading = read(write(tmp_path, b""))
    assert reading.error is not None
    assert reading.error.startswith("The file is empty")
    assert helps(reading.error)


@pytest.mark.parametrize("case", MANY, ids=str)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_other_encodings_give_the_same_result(tmp_path: Path, case: Case, encoding: str) -> None:
    raw = case.path.read_bytes()
    plain = write(tmp_path, raw, "plain")
    other = write(tmp_path, raw.decode().encode(encoding), "other")
    assert outcome(read(other)) == outcome(read(plain))


@pytest.mark.parametrize("case", MANY, ids=str)
def test_windows_line_ends_give_the_same_numbers(tmp_path: Path, case: Case) -> None:
    raw = case.path.read_bytes().replace(b"\r\n", b"\n")
    plain, other = read(write(tmp_path, raw, "plain")), read(write(tmp_path, raw.replace(b"\n", b"\r\n"), "other"))
    assert outcome(other)[2:] == outcome(plain)[2:]


@pytest.mark.parametrize("case", MANY, ids=str)
def test_truncated_gzip(tmp_path: Path, case: Case) -> None:
    packed = gzip.compress(case.path.read_bytes())
    reading = read(write(tmp_path, packed[: len(packed) * 2 // 3], "export.gz"))
    assert reading.error is not None
    assert "gzip file is cut off" in reading.error
    assert helps(reading.error)
    assert reading.result is None


@pytest.mark.parametrize("case", MANY, ids=str)
def test_nul_bytes(tmp_path: Path, case: Case) -> None:
    """A hole of NUL bytes, as a crashed machine leaves it, costs at most what stands there, and no quote holds one."""
    raw = case.path.read_bytes()
    cut = raw.rfind(b"\n", 0, len(raw) * 2 // 3) + 1
    reading = read(write(tmp_path, raw[:cut] + b"\x00" * 300 + b"\n" + raw[cut:]))
    if reading.result is None:
        assert helps(reading.error)
        return
    shown = [asdict(row) for row in [*reading.result.evidence, *reading.result.rejected_samples]]
    assert r"\u0000" not in json.dumps(shown)


@pytest.mark.parametrize("case", MANY, ids=str)
@pytest.mark.parametrize("share", [0.3, 0.7, 0.95])
def test_file_cut_anywhere(tmp_path: Path, case: Case, share: float) -> None:
    raw = case.path.read_bytes()
    reading = read(write(tmp_path, raw[: int(len(raw) * share)]))
    assert reading.result is not None or helps(reading.error)


@pytest.mark.parametrize("case", MANY, ids=str)
def test_line_of_70_megabytes(tmp_path: Path, case: Case) -> None:
    raw = case.path.read_bytes()
    raw = raw if raw.endswith(b"\n") else raw + b"\n"
    path = tmp_path / "export"
    with path.open("wb") as out:
        out.write(raw)
        for _ in range(70):  # above what a document may be
            out.write(b"x" * 1_000_000)
        out.write(b"\n" + raw)
    command = [sys.executable, "-c", _READ, str(path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    path.unlink()
    found = json.loads(ran.stdout)
    assert found["mb"] < LIMIT_MB if case.parser.id in BY_LINE else found["mb"] < 5 * LIMIT_MB
    if case.parser.id in BY_LINE:
        assert found["format"] == case.parser.id
        assert found["rejected"] == 1 + 2 * int(case.expected.get("rejected", 0))
    else:
        assert found["rejected"] or helps(found["error"]), found


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a PNG image"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "a JPEG image"),
        (b"<!DOCTYPE html>\n<html><title>Sign in</title></html>", "an HTML page"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "a 7-Zip archive"),
        (b"REDIS0011\xfa\x09redis-ver", "a Redis RDB dump"),
        (b"\x00" * 4096, "without text"),
        (b" \n\n \n", "without text"),
        (noise(4096).replace(b"\n", b"\x80"), "binary content"),
        (b'{"a":1,"<b>":2}', "JSON object with keys a, ?b?"),
        (b'[{"a":1},{"a":2}]', "a list of 2"),
        (b"name;age\nann;3\n", "CSV separated by semicolons with 2 columns: name, age"),
        ("Журнал запросов\nпервая строка\nвторая\n".encode(), "text that is not in a format of an export"),
        (b"Dear consultant,\nplease find attached nothing.\n", "looks like text."),
        (b"[2025-11-12T14:05:09,123][WARN ][index.search.slowlog.query] [node] took[1.2s]\n", "Elasticsearch slow log"),
        (b"# Server\r\npika_version:3.5.0\r\npika_git_sha:abc\r\nos:Linux\r\n", "INFO of Pika"),
        (b"# Time: 2025-11-12T14:05:09Z\n# User@Host: a[a] @ b\n# Query_time: 2\nSELECT 1;\n", "MySQL slow query log"),
    ],
)
def test_what_is_no_export_gets_its_name(tmp_path: Path, content: bytes, words: str) -> None:
    reading = read(write(tmp_path, content))
    assert reading.format is None or "pika" in content.decode("latin-1")
    assert reading.error is not None
    assert words in reading.error or "Pika" in reading.error


REPEATED = (
    *(
        " ",
        "\n",
        "\r\n",
        "\t\n",
        "\t",
        ",",
        ";",
        "a",
        "1",
        '"',
        "{",
        "[",
        '{"',
        "a,",
        "a,b\n",
        "a b ",
        "-",
        "- ",
        "# \n",
    ),
    *("-> \n", "<a ", "word\n", "1 ", "a.", "a:", "a: 1\n", "a=", "| ", "a | b\n", '"a":', '{"a":1}\n', "'", "(", "/a"),
    *("\\", "2025-01-01T00:00:00Z ", "[1] ", "%", "$ ", "> ", "_", "\x1b[0m", "```\n", "at a (b", '"GET / HTTP/1.1" '),
    *("1.1.1.1 - - [", "---\n", "SELECT ", "/* ", "E'", "$$", "db-1  | x\n", "[pod/a/b] \n"),
)


@pytest.mark.parametrize("start", ["", "{", "[", "a,b,c\n"])
def test_no_head_is_looked_at_for_long(tmp_path: Path, start: str) -> None:
    """64 KB of one thing again and again: a pattern that tries every place from every place takes many seconds."""
    for again in REPEATED:
        path = write(tmp_path, (start + again * (70_000 // len(again))).encode())
        began = time.process_time()
        read(path)
        assert time.process_time() - began < 3, again


def test_bytes_without_meaning_are_called_nothing_else(tmp_path: Path) -> None:
    """Whatever their first bytes happen to be."""
    for seed in range(300):
        reading = read(write(tmp_path, noise(256, seed).replace(b"\n", b"\x80")))
        assert reading.error is not None
        assert "binary content" in reading.error, seed
    assert helps(reading.error)


def test_unrecognised_file_lists_what_was_looked_for(tmp_path: Path) -> None:
    reading = read(write(tmp_path, b"nothing\n"))
    assert reading.error is not None
    assert "Not recognised. This looks like text" in reading.error
    assert reading.looked_for == tuple(parser.title for parser in PARSERS)


def test_excel_file_says_save_as_csv(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "stats.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    reading = read(tmp_path / "stats.xlsx")
    assert reading.error is not None
    assert "an Excel or Word file; save it as CSV" in reading.error


def test_zip_bomb(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("pg.log", "w") as member:
        member.write(b"2025-11-12 14:05:09.123 UTC [77] LOG:  duration: 12.3 ms  statement: select 1\n")
        for _ in range(60):
            member.write(b"\x00" * 1024 * 1024)
    reading = read(path)
    assert reading.result is None
    assert reading.error is not None
    assert "more than 200 times its size" in reading.error
    assert helps(reading.error)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_table_with_ten_thousand_columns(tmp_path: Path, delimiter: str) -> None:
    header = delimiter.join(["query", "calls", "total_exec_time", *(f"c{number}" for number in range(10_000))])
    reading = read(write(tmp_path, f"{header}\n{delimiter.join(['1'] * 10_003)}\n".encode(), "wide.csv"))
    assert reading.result is None
    assert reading.error is not None
    assert "columns" in reading.error
    assert helps(reading.error)


def test_name_is_never_used_as_more_than_a_name(tmp_path: Path) -> None:
    reading = read(write(tmp_path, b"nothing\n", "<script>alert(1)<\\script>"))
    assert reading.file == "<script>alert(1)<\\script>"
    assert reading.error is not None
    assert "<script>" not in reading.error


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":', b'[{"Plan":'])
def test_deep_json_ends_in_a_message(tmp_path: Path, opening: bytes) -> None:
    reading = read(write(tmp_path, opening * 20_000))
    assert helps(reading.error)


@pytest.mark.parametrize("case", MANY, ids=str)
def test_deadline_and_progress(tmp_path: Path, case: Case) -> None:
    told: list[tuple[int, int]] = []
    reading = read_opened(case.opened(), lambda count, records: told.append((count, records)), deadline=0.0)
    assert reading.error == "Reading took longer than the time limit; send a shorter period."
    assert told[-1][0] > 0


def test_a_fault_of_ours_is_not_hidden(tmp_path: Path) -> None:
    def broken(source: object) -> None:
        raise ZeroDivisionError

    faulty = replace(PARSERS[0], sniff=lambda head: True, parse=broken)  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError):
        read_opened(next(open_path(write(tmp_path, b"x\n"))), parsers=[faulty])


def test_two_claims_name_both(tmp_path: Path) -> None:
    greedy = [replace(parser, sniff=lambda head: True) for parser in PARSERS[:2]]
    reading = read_opened(next(open_path(write(tmp_path, b"x\n"))), parsers=greedy)
    assert reading.error is not None
    assert all(parser.title in reading.error for parser in greedy)
