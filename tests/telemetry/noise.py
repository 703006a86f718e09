"""Bytes without meaning, the same in every run: a test that draws them anew may fail once in a thousand runs."""

import random


def noise(size: int, seed: int = 1) -> bytes:
    """`size` bytes that do not compress; another seed gives others."""
    return random.Random(seed).randbytes(size)
