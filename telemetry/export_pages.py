"""A page for each format: what it is, how Loadline recognises it, and the command a client runs.

    python -m telemetry.export_pages docs/exports

writes the pages anew from the same records that read the files; a test holds the folder to them.
"""

import sys
from pathlib import Path

from telemetry.parsers import PARSERS
from telemetry.parsers.base import Parser


def page_of(parser: Parser) -> str:
    """One format's page as Markdown."""
    parts = [
        f"# {parser.title}",
        f"Recognised by its content, never by its name: {parser.looks_for}.",
        "Read-only. Run it where the client works, look at what it wrote, then send the file as it is.",
        f"```\n{parser.how_to_export.strip()}\n```",
        f"Shown in the review as `{parser.id}`.",
    ]
    return "\n\n".join(parts) + "\n"


def pages() -> dict[str, str]:
    """File name → text, the index first."""
    rows = [f"* [{parser.title}]({parser.id}.md)" for parser in sorted(PARSERS, key=lambda parser: parser.title)]
    index = (
        "# What a client can send\n\nEach page holds the command that makes the export. `loadline-collect.sh` gathers "
        "what psql and redis-cli can reach into one zip; it shows what it would run unless `--run` is given.\n\n"
        + "\n".join(rows)
        + "\n"
    )
    return {"README.md": index} | {f"{parser.id}.md": page_of(parser) for parser in PARSERS}


def write_pages(folder: Path) -> None:
    """Write every page and remove those of formats that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    written = pages()
    for old in folder.glob("*.md"):
        if old.name not in written:
            old.unlink()
    for name, text in written.items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
