"""What a reading left out to keep its memory bounded. A part of a file that left anything out cannot be joined."""

from dataclasses import dataclass, field

from telemetry.evidence import ParseResult
from telemetry.source import Source
from telemetry.splitting import Undividable


@dataclass(slots=True)
class Bounds:
    """`left_out` is for people. `doubtful` says that the order in which a file is read may have changed its result."""

    left_out: set[str] = field(default_factory=set)
    doubtful: bool = False

    def leave_out(self, what: str) -> None:
        """More of these than can be followed."""
        self.left_out.add(what)
        self.doubtful = True

    def tell(self, source: Source, result: ParseResult) -> None:
        """Tell how far the reading is. A part that cannot be joined is not worth reading on."""
        source.records = result.records
        if source.is_part and self.doubtful:
            raise Undividable(", ".join(self.left_out))

    def join(self, later: "Bounds") -> None:
        """Undividable where either part left something out."""
        if self.doubtful or later.doubtful:
            raise Undividable(", ".join(self.left_out | later.left_out))
