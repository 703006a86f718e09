"""Rows read to page through a list: n P (P + 1) / 2 with OFFSET, n P by key.

Arithmetic: page p reads and throws away everything before it. Source: PostgreSQL documentation, "LIMIT and OFFSET"
("the rows skipped by an OFFSET clause still have to be computed"). Does not matter below some ten thousand rows.
"""

from reviews.capacity.formulas.sane import counted, not_negative


def by_offset(page_size: float, pages: float) -> float:
    """Rows read to see the first `pages` pages one after the other with LIMIT and OFFSET."""
    not_negative(page_size=page_size, pages=pages)
    return counted(page_size * pages * (pages + 1) / 2)


def by_key(page_size: float, pages: float) -> float:
    """Rows read when each page begins after the last key of the one before."""
    not_negative(page_size=page_size, pages=pages)
    return counted(page_size * pages)


def of_one_page(page_size: float, page: float) -> float:
    """Rows read to show page number `page` alone with OFFSET."""
    return by_key(page_size, page)
