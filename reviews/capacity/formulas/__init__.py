"""The models, one short module each: floats in SI units in, a number or a named answer out, source and limits beside.

Rates are per second, times in seconds, sizes in bytes, shares from 0 to 1, unless a docstring says otherwise. An input
that makes no sense raises `OutOfRange`, evidence too thin for the question raises `TooLittle` (both in `sane`). "Never"
is None, never a large number. Ranges go through `ranges.at_ends`.
"""
