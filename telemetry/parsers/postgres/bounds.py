"""What a reading left out to keep its memory bounded. A part of a file that left anything out cannot be joined."""

from dataclasses import dataclass, field

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

    def join(self, later: "Bounds") -> None:
        """Undividable where either part left something out."""
        if self.doubtful or later.doubtful:
            raise Undividable(", ".join(self.left_out | later.left_out))
