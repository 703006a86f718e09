"""A JSON document of a load test: its members by key, its numbers, and where each stands."""

from typing import Any

from telemetry.evidence import ParseResult, Place
from telemetry.parsers.readers import JsonText, Member


class Reader:
    """A document and the result that counts what its quotes hide."""

    def __init__(self, document: JsonText, result: ParseResult) -> None:
        self.document, self.result = document, result

    def place(self, entry: Member) -> Place:
        """Where an entry stands."""
        return self.document.place(entry.at, self.result)

    def members(self, entry: Member) -> dict[str, Member]:
        """Its entries by key."""
        return {member.key: member for member in self.document.members(entry.value_at)}

    def top(self) -> dict[str, Member]:
        """The entries of the document."""
        return {member.key: member for member in self.document.members(self.document.start)}


def number(value: Any) -> float | None:
    """A number of the document, None for anything else (true and false are no numbers)."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
    return float(value) if known else None
