"""Counts by minute, of which two stay open: processes write a little out of order."""

from collections import Counter
from typing import Any

from telemetry.splitting import Undividable

_OPEN = 2
_EARLY = 2


class Minutes:
    """Counts of anything within minutes ("2026-01-31 10:00", which sort as text).

    The first two minutes are kept beside the last two: a part of the log before this one may share them.
    """

    def __init__(self) -> None:
        self.open: dict[bytes, Counter[Any]] = {}
        self.early: dict[bytes, Counter[Any]] = {}

    @property
    def edges(self) -> dict[bytes, Counter[Any]]:
        """The minutes at both ends of the log."""
        return self.early | self.open

    def of(self, minute: bytes) -> Counter[Any]:
        """The counts of a minute. Where time goes back over all that is open, the log begins anew."""
        counts = self.open.get(minute)
        if counts is None:
            if len(self.open) >= _OPEN:
                least = min(self.open)
                for closed in [least] if minute > least else sorted(self.open):
                    if len(self.early) < _EARLY:
                        self.early[closed] = self.open[closed]
                    del self.open[closed]
            counts = self.open[minute] = Counter()
        return counts

    def join(self, later: "Minutes") -> Counter[Any]:
        """Go on with a later part of the log; gives the counts of the minute in which one ended and the other began.

        Undividable where the later part begins in a minute before that.
        """
        if not self.open or not later.open:
            self.open, self.early = self.open or later.open, self.early or later.early
            return Counter()
        ended, began = max(self.open), min(later.early or later.open)
        if began < ended:
            raise Undividable("time goes back")
        shared = later.edges[began] if began == ended else Counter()
        if began == ended:
            shared.update(self.open[ended])
        minutes = self.edges | later.edges
        going = later.open if later.early else {minute: minutes[minute] for minute in sorted(minutes)[-_OPEN:]}
        done = [minute for minute in sorted(minutes) if minute not in going and minute not in self.early]
        for minute in done[: _EARLY - len(self.early)]:
            self.early[minute] = minutes[minute]
        self.open = going
        return shared
