"""The frame of a curve: two axes with round numbers, their words, and thin lines across."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reviews.report.figures import digits
from reviews.report.pictures.scale import Scale
from reviews.report.pictures.shapes import WIDTH, bold, line, muted
from reviews.report.svg import Svg, join, text_width

LEFT, RIGHT, TOP, FOOT, HEIGHT = 52.0, 14.0, 24.0, 34.0, 230.0


@dataclass(frozen=True)
class Frame:
    """Where a curve is drawn: `x` to the right, `y` upwards."""

    x: Scale
    y: Scale

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The place of a point."""
        return self.x.at(x), self.y.at(y)

    def through(self, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        """Places of the points that the frame holds from left to right."""
        return [self.at(x, y) for x, y in points if self.x.holds(x)]


def frame(
    x_ends: tuple[float, float], y_ends: tuple[float, float], *, log_y: bool = False, height: float = HEIGHT,
    right: float = RIGHT,
) -> Frame:  # fmt: skip
    """The frame of a whole wide picture for these ends."""
    return Frame(
        Scale(*x_ends, LEFT, WIDTH - right), Scale(*y_ends, height - FOOT, TOP, log=log_y)
    )  # fmt: skip


def axes(
    drawn: Frame, x_words: str, y_words: str, *,
    say_x: Callable[[float], str] = digits, say_y: Callable[[float], str] = digits,
    marks: Sequence[float] | None = None,
) -> Svg:  # fmt: skip
    """Both axes with round numbers, or those of `marks` below, and what they count."""
    x, y = drawn.x, drawn.y
    parts = [muted(y_words, 0, 10), muted(x_words, x.end, y.start + 28, "end")]
    for tick in y.ticks(5):
        parts += [line("rule", x.start, y.at(tick), x.end, y.at(tick)),
                  muted(say_y(tick), x.start - 6, y.at(tick) + 3, "end")]  # fmt: skip
    free = -1.0
    for tick in x.ticks(6) if marks is None else marks:
        place, half = x.at(tick), text_width(say_x(tick), 8.5) / 2
        parts.append(line("axis", place, y.start, place, y.start + 3))
        if place - half > free:
            parts.append(muted(say_x(tick), min(place, x.end - half + 10), y.start + 14, "middle"))
            free = place + half + 4
    return join(*parts, line("axis", x.start, y.start, x.end, y.start))


def flag(drawn: Frame, x: float, words: str, kind: str = "limit") -> Svg:
    """A vertical line with its words on top, on the side that has room."""
    place = drawn.x.at(x)
    right = place + text_width(words, 9.5) + 8 < WIDTH
    return join(
        line(kind, place, drawn.y.end, place, drawn.y.start),
        bold(words, place + (5 if right else -5), drawn.y.end + 8, "start" if right else "end", size=9),
    )
