"""The last gate behind every parser: nothing leaves with a secret, a person or a number without end in it.

Parsers redact what they quote. Names are another matter: a queue, a column, a label or a region may hold an e-mail
address or a key that somebody put there, in every format and at any place. So all text of a result passes here once.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from telemetry.evidence import Evidence, ParseResult, Place
from telemetry.redaction import redact_shapes

SUBJECT_CHARS = 2_000  # a fingerprint, a route or a table is far shorter; what is longer is no name


def scrub(result: ParseResult) -> None:
    """Redact subjects, attributes, quotes, totals and notes in place; what was redacted is counted.

    A metric that is no finite number is none: it is left out.
    """
    gate = _Gate()
    result.evidence = [gate.row(row) for row in result.evidence]
    result.rejected_samples = [gate.place(sample) for sample in result.rejected_samples]
    result.totals = gate.value(result.totals)
    result.notes = gate.value(result.notes)
    result.carrier = gate.text(result.carrier)
    result.redacted += gate.count


def scrubbed(value: Any) -> Any:
    """A JSON-safe value with every text in it redacted."""
    return _Gate().value(value)


class _Gate:
    """Cleans texts, each different one once; `count` is how many places were redacted in them."""

    def __init__(self) -> None:
        self.count = 0
        self._clean: dict[str, str] = {}
        self._subjects: dict[tuple[str, str], str] = {}  # (kind, cleaned subject) -> the subject that has it

    def text(self, text: str) -> str:
        clean = self._clean.get(text)
        if clean is None:
            clean, count = redact_shapes(text)
            self._clean[text] = clean
            self.count += count
        return clean

    def value(self, value: Any) -> Any:
        """A JSON-safe value with every text in it cleaned, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.value(key): self.value(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(inner) for inner in value]
        return value

    def place(self, place: Place) -> Place:
        quote = self.text(place.quote)
        return place if quote == place.quote else replace(place, quote=quote)

    def row(self, row: Evidence) -> Evidence:
        metrics = row.metrics
        if not all(map(math.isfinite, metrics.values())):  # a number of 400 digits, say
            metrics = {name: value for name, value in metrics.items() if math.isfinite(value)}
        return replace(
            row,
            subject=self._subject(row),
            metrics=metrics,
            place=self.place(row.place),
            places={name: self.place(place) for name, place in row.places.items() if name in metrics},
            attrs=self.value(row.attrs),
            file=self.text(row.file),
        )

    def _subject(self, row: Evidence) -> str:
        """Two subjects that differ only in what is redacted stay two: the later ones are numbered."""
        clean = name = self.text(row.subject)[:SUBJECT_CHARS]
        number = 1
        while self._subjects.setdefault((row.kind, name), row.subject) != row.subject:
            number += 1
            name = f"{clean} ({number})"
        return name
