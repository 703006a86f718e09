"""What a file begins with for the two faulty formats of `faulty.py`, which only the worker may import.

A file named DIES kills its first reader while what it says is stored.
"""

POISON, LARGE = "poison export", "large export"
DIES = "dies-while-it-is-stored.txt"
