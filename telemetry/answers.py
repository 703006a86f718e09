"""What a reading can ask about a file that does not speak for itself, and what people answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from telemetry.evidence import ParseError
from telemetry.tables.mapping import ColumnMap
from telemetry.tables.shape import MAX_COLUMNS, Table

COLUMNS, FORMAT = "columns", "format"  # what is asked


@dataclass(frozen=True, slots=True)
class Answers:
    """Mappings of tables, the first that fits is used, and the format of this file where several parsers claim it."""

    mappings: tuple[ColumnMap, ...] = ()
    format: str = ""


NO_ANSWERS = Answers()


class Unrecognised(ParseError):
    """No parser knows the file, or several do. `looked_for` are the titles of those that were asked.

    `asks` is what a person could say about it: {"what": "columns", "columns": [...], "signature": ...} for a table that
    nothing recognises, {"what": "format", "formats": [...]} where several parsers claim it, None for anything else.
    """

    def __init__(self, message: str, looked_for: Sequence[str], asks: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.looked_for = tuple(looked_for)
        self.asks = asks


def unmapped(table: Table, looked_for: Sequence[str]) -> Unrecognised:
    """The words and the question for a table that nothing recognises and no mapping fits."""
    start = f"Not recognised. This looks like {table.words}"
    if len(table.columns) > MAX_COLUMNS:
        return Unrecognised(f"{start}. At most {MAX_COLUMNS} columns can be read; send those that matter.", looked_for)
    message = f"{start}, a table that nothing recognises. Say what it is on the evidence page, or with --mapping FILE; "
    return Unrecognised(f"{message}or send an export as its command writes it.", looked_for, question(table))


def question(table: Table) -> dict[str, Any]:
    """What may be said about a table, and said otherwise later."""
    return {"what": COLUMNS, "columns": list(table.columns), "signature": table.signature}
