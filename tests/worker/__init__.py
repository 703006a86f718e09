"""What a file begins with for the two faulty formats of `faulty.py`, which only the worker may import."""

POISON, LARGE = "poison export", "large export"
