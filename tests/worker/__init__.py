"""What a file begins with for the two faulty formats of `faulty.py`, which only the worker may import.

A file named DIES kills its first reader while what it says is stored. One whose name begins with HELD stays in the
middle of its first reading until `held_in` is removed, the reading is cancelled, or its reader is killed.
"""

from pathlib import Path

POISON, LARGE = "poison export", "large export"
DIES = "dies-while-it-is-stored.txt"
HELD = "held"


def held_in(home: Path) -> Path:
    """The file that is there once a reading is held."""
    return home / "held"
