"""Student's t: how far a mean of few may lie from the truth."""

from reviews.capacity.formulas.sane import whole


def two_sided(freedom: int, part: float = 0.95) -> float:
    """The quantile that holds `part` of both sides, for so many degrees of freedom; 2.776 for 4."""
    from scipy.special import stdtrit  # the small part of scipy; its statistics take a second to load

    whole(freedom=freedom)
    return float(stdtrit(freedom, (1 + part) / 2))
