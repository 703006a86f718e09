"""What a formula refuses: numbers that make no sense, and evidence too thin to answer from."""

import math


class OutOfRange(ValueError):
    """An input is not a number that the formula is defined for; the text says which and what it must be."""


class TooLittle(ValueError):
    """The evidence does not carry an answer; the text says what would."""


def positive(**named: float) -> None:
    """Every number is finite and above zero, else OutOfRange naming the first that is not."""
    for name, value in named.items():
        if not (math.isfinite(value) and value > 0):
            raise OutOfRange(f"{_words(name)} must be above 0, not {value}")


def not_negative(**named: float) -> None:
    """Every number is finite and not below zero."""
    for name, value in named.items():
        if not (math.isfinite(value) and value >= 0):
            raise OutOfRange(f"{_words(name)} must be 0 or more, not {value}")


def share(**named: float) -> None:
    """Every number is from 0 to 1."""
    for name, value in named.items():
        if not 0 <= value <= 1:
            raise OutOfRange(f"{_words(name)} must be a share from 0 to 1, not {value}")


def target(**named: float) -> None:
    """Every number is a share above 0, up to 1: a utilisation that one sizes for."""
    positive(**named)
    share(**named)


def whole(**named: float) -> None:
    """Every number counts something: a whole number of at least 1."""
    for name, value in named.items():
        if not (math.isfinite(value) and value >= 1 and value == int(value)):
            raise OutOfRange(f"{_words(name)} must be a whole number of at least 1, not {value}")


def counted(value: float) -> float:
    """The result itself, unless it left the range of numbers: then the inputs were absurd."""
    if not math.isfinite(value):
        raise OutOfRange("the result is too large to be counted: check the units of the inputs")
    return value


def enough(needed: float) -> int:
    """The smallest whole number that is not below `needed`; rounding of decimals (1.0000000001) adds nothing."""
    counted(needed)
    return max(1, math.ceil(needed * (1 - 1e-12)))


def _words(name: str) -> str:
    return name.replace("_", " ")
