"""The pictures of capacity: each a function from plain rows to SVG, and one that gives the same rows as a table."""
