"""The pages that tell a client how to export are the records that read the files."""

from pathlib import Path

from telemetry.export_pages import pages, write_pages

FOLDER = Path(__file__).parents[2] / "docs" / "exports"


def test_the_folder_holds_what_the_records_say() -> None:
    stored = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
    assert stored == pages(), "run: python -m telemetry.export_pages docs/exports"


def test_a_page_of_a_format_that_is_gone_is_removed(tmp_path: Path) -> None:
    (tmp_path / "gone.md").write_text("old")
    write_pages(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(pages())
