"""How fast a reading goes and how long it will take, from a few marks of where it was when."""

from collections import deque

WINDOW_S = 5.0  # long enough to bridge a slow block, short enough to follow a file that changes


class Pace:
    """Bytes a second over the last seconds of a reading that began at `now` (a `time.monotonic()` value)."""

    def __init__(self, now: float) -> None:
        self._marks = deque([(now, 0)])

    def mark(self, now: float, position: int) -> int | None:
        """Note that the reading is at byte `position`; the rate, or None while there is no time to divide by."""
        self._marks.append((now, position))
        while len(self._marks) > 2 and self._marks[1][0] <= now - WINDOW_S:
            self._marks.popleft()
        began, first = self._marks[0]
        return max(0, round((position - first) / (now - began))) if now > began else None


def seconds_left(size: int, position: int, rate: int | None) -> float | None:
    """Until the byte `size` is reached at `rate` bytes a second; None when nothing moves."""
    return max(0, size - position) / rate if rate else None
