"""A fact that the code states: a kind of evidence, what it is about, and where it stands."""

from dataclasses import dataclass, field
from typing import Any

from telemetry.source_code.model import SourceFile, Table


@dataclass(frozen=True, slots=True)
class Fact:
    """`metrics` as the kind names them; `lines` is a metric's own line where that is another one."""

    kind: str
    subject: str
    metrics: dict[str, float]
    file: SourceFile
    line: int
    attrs: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


def number(value: object) -> float | None:
    """A number that is written out; True is none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


class Numbers:
    """Collects the metrics of a fact from option tables, with the lines they stand on."""

    def __init__(self) -> None:
        self.metrics: dict[str, float] = {}
        self.lines: dict[str, int] = {}

    def take(self, table: object, option: str, metric: str, scale: float = 1.0) -> None:
        """Take an option if it is a number; the first table that has it wins."""
        if isinstance(table, Table) and (found := number(table.get(option))) is not None:
            self.put(metric, found * scale, table.lines.get(option))

    def put(self, metric: str, value: float, line: int | None = None) -> None:
        """Keep a value unless one is known."""
        if metric not in self.metrics:
            self.metrics[metric] = value
            if line is not None:
                self.lines[metric] = line
