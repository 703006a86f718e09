"""One thing that stands around an export."""

from collections.abc import Callable
from dataclasses import dataclass

Strip = Callable[[bytes], bytes]
Cut = Callable[[bytes], int]


@dataclass(frozen=True, slots=True)
class Layer:
    """One thing to take off. `strip` makes of whole lines as many lines; `cut` tells the length of the whole ones at
    the start of a block, 0 for none. `carries` the time, where the lines have none of their own.
    """

    words: str
    strip: Strip
    carries: bool = False
    cut: Cut = lambda block: block.rfind(b"\n") + 1
