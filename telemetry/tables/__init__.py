"""Tables that no parser knows: what they look like, what they can be, and how a consultant's mapping reads them.

A table becomes evidence only through a mapping that somebody confirmed; nothing here reads a table by guess.
"""
