"""`manage.py review`: exit statuses, outputs, names of files, the time budget; never the database."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command, execute_from_command_line

from reviews import exports
from reviews.exports import TOO_LATE, Entry, read_exports
from telemetry.reading import Reading

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests/samples/harbor-books"
INFO = SAMPLE / "exports/redis-info.txt"
COUNTS = SAMPLE / "exports/bullmq-counts.json"


def review(*paths: Path, **options: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("review", *map(str, paths), stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def files_of(out: str) -> list[str]:
    return [row["file"] for row in json.loads(out)["coverage"]]


def test_json_goes_to_standard_output_and_progress_beside_it() -> None:
    out, err = review(INFO, json="-")
    document = json.loads(out)
    assert document["schema"] == "loadline.review/1"
    assert document["coverage"][0]["format"] == "redis-info"
    assert err.startswith("redis-info.txt: redis-info, 0.0 MB, ")
    assert err.rstrip().endswith(" s")


def test_without_an_output_a_summary_is_printed() -> None:
    out, _ = review(INFO, COUNTS, intake=str(SAMPLE / "intake.toml"))
    assert "Harbor Books: 500k MAU scaling review" in out
    assert "2 of 2 files read" in out
    assert "redis-info.txt:" in out
    assert "HIGH" in out
    assert "Plan: Day 1 " in out


def test_tickets_are_written_as_csv(tmp_path: Path) -> None:
    out, _ = review(INFO, tickets=str(tmp_path / "tickets.csv"), json="-")
    rows = list(csv.DictReader((tmp_path / "tickets.csv").read_text().splitlines()))
    assert [row["id"] for row in rows] == [row["id"] for row in json.loads(out)["tickets"]]


def test_files_are_named_as_they_stand_in_what_was_given(tmp_path: Path) -> None:
    inside = tmp_path / "exports" / "redis"
    inside.mkdir(parents=True)
    (inside / "info.txt").write_bytes(INFO.read_bytes())
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.write(COUNTS, "queues/counts.json")
    out, _ = review(tmp_path / "exports", tmp_path / "more.zip", INFO, json="-")
    assert files_of(out) == ["redis/info.txt", "more.zip/queues/counts.json", "redis-info.txt"]
    cited = {row["file"] for finding in json.loads(out)["findings"] for row in finding["evidence"]}
    assert cited <= set(files_of(out))


def test_the_same_exports_give_the_same_bytes(tmp_path: Path) -> None:
    written = []
    for name in ("one.json", "two.json"):
        review(INFO, COUNTS, json=str(tmp_path / name))
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"json": "/nowhere/at/all/x.json"}, "--json"),
        ({"pdf": "/nowhere/at/all/x.pdf"}, "--pdf"),
        ({"tickets": str(ROOT)}, "--tickets"),
        ({"json": "-", "pdf": "-"}, "Only --json"),
        ({"intake": "/nowhere/intake.toml"}, "--intake: /nowhere/intake.toml cannot be read"),
        ({"intake": str(INFO)}, "not valid TOML"),
    ],
)
def test_unusable_arguments_are_named_before_anything_is_read(options: dict[str, str], words: str) -> None:
    with pytest.raises(CommandError, match=words) as caught:
        review(INFO, **options)
    assert caught.value.returncode == 2


def test_a_wrong_intake_names_every_key(tmp_path: Path) -> None:
    wrong = tmp_path / "intake.toml"
    wrong.write_text('[engagement]\nclient = "A"\ntitle = "B"\nengineer = 3\n[[flow]]\nname = "x"\nuser_share = 20\n')
    with pytest.raises(CommandError) as caught:
        review(INFO, intake=str(wrong))
    assert caught.value.returncode == 2
    assert "engagement.engineer: unknown key; did you mean engineers?" in str(caught.value)
    assert "flow[1].user_share" in str(caught.value)


def test_nothing_readable_says_what_was_found_and_still_writes_the_coverage(tmp_path: Path) -> None:
    (tmp_path / "empty.log").touch()
    (tmp_path / "notes.txt").write_text("hello\n")
    with pytest.raises(CommandError, match=r"notes\.txt: Not recognised") as caught:
        review(tmp_path, json=str(tmp_path / "out.json"))
    assert caught.value.returncode == 3
    assert [row["format"] for row in json.loads((tmp_path / "out.json").read_text())["coverage"]] == [None, None]


def test_a_broken_archive_does_not_stop_the_others(tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04" + b"\0" * 40)
    rows = json.loads(review(broken, INFO, json="-")[0])["coverage"]
    assert rows[0]["error"]
    assert rows[1]["format"] == "redis-info"


def test_what_the_time_did_not_allow_is_listed() -> None:
    readings = read_exports([INFO, COUNTS], lambda line: None, max_seconds=1e-9)
    assert [(reading.file, reading.error) for reading in readings] == [
        ("redis-info.txt", TOO_LATE),
        ("bullmq-counts.json", TOO_LATE),
    ]
    assert [reading.result.notes for reading in readings if reading.result] == [[TOO_LATE], [TOO_LATE]]


def test_two_processes_read_the_same_as_one_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    def shown(readings: list[Reading]) -> list[Any]:
        return [(reading.file, reading.format, reading.result, reading.error) for reading in readings]

    alone = read_exports([SAMPLE / "exports"], lambda line: None)
    monkeypatch.setattr(exports, "WORTH_A_POOL_BYTES", 0)
    together = read_exports([SAMPLE / "exports"], lambda line: None)
    assert len(together) > 2
    assert shown(together) == shown(alone)


def test_a_file_whose_process_died_is_read_alone() -> None:
    died: Future[Reading] = Future()
    died.set_exception(BrokenProcessPool())
    entry = Entry(INFO, 0, INFO.name, INFO.stat().st_size)
    assert exports._answer(entry, died) is None
    assert exports._alone(entry, None, exports.How()).format == "redis-info"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ([str(INFO), "--json", "-"], 0, ""),
        ([], 2, "EXPORT"),
        ([str(INFO), "--max-seconds", "-5"], 2, "seconds above 0"),
        ([str(INFO), "--colour"], 2, "--colour"),
        (["/nowhere/pg.log"], 2, "/nowhere/pg.log"),
        ([__file__], 3, "Nothing readable"),
    ],
)
def test_exit_statuses(arguments: list[str], status: int, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        execute_from_command_line(["manage.py", "review", *arguments])
        ended = 0
    except SystemExit as end:
        ended = end.code
    said = capsys.readouterr().err
    assert ended == status, said
    assert words in said


def test_a_status_reaches_the_shell_and_no_traceback_the_person() -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "review", __file__]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)
    assert ended.returncode == 3, ended.stderr
    assert "Nothing readable" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_table_says_its_columns_and_is_read_with_a_mapping(tmp_path: Path) -> None:
    table, mapping = tmp_path / "bill.csv", tmp_path / "map.toml"
    table.write_text("Item,Total price\nRDS,5\nS3,6\n")
    (row,) = json.loads(review(table, INFO, json="-")[0])["coverage"][:1]
    assert "CSV with 2 columns: Item, Total price" in row["error"]
    assert "--mapping FILE" in row["error"]
    mapping.write_text(
        '[[mapping]]\nfiles = "bill*"\ntarget = "invoice"\n'
        '[mapping.columns]\nItem = "service"\n"Total price" = "amount"\n'
    )
    (row,) = json.loads(review(table, json="-", mapping=str(mapping))[0])["coverage"]
    assert (row["format"], row["totals"]["billed"], row["error"]) == ("billing", 11.0, None)


def test_a_wrong_mapping_names_its_problems(tmp_path: Path) -> None:
    mapping = tmp_path / "map.toml"
    mapping.write_text('[[mapping]]\nfiles = "*"\ntarget = "bill"\n')
    with pytest.raises(CommandError, match=r"mapping\[1\]\.target: Say what the table is") as caught:
        review(INFO, json="-", mapping=str(mapping))
    assert caught.value.returncode == 2


def test_packs_are_written_into_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "packs"
    out, _ = review(INFO, COUNTS, intake=str(SAMPLE / "intake.toml"), packs=str(folder), json="-")
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "alerts.yml",
        "dashboard.json",
        "load-test.js",
    ]
    assert "Harbor Books" in (folder / "alerts.yml").read_text()
    assert json.loads(out)["schema"] == "loadline.review/1"
    review(INFO, packs=str(folder))  # a second time writes over them
    assert "Client not named" in (folder / "alerts.yml").read_text()


def test_packs_need_a_folder_that_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "no" / "packs"):
        with pytest.raises(CommandError, match="--packs") as caught:
            review(INFO, packs=str(place))
        assert caught.value.returncode == 2
