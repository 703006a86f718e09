"""How long an availability target lets a service be down: (1 - share) x window. Arithmetic; maintenance counts too."""

from reviews.capacity.formulas.little import DAY_S
from reviews.capacity.formulas.sane import counted, not_negative, positive, share


def downtime(available: float, days: float = 30) -> float:
    """Seconds of downtime in so many days; 0.999 allows 2,592 in 30."""
    share(available=available)
    positive(days=days)
    return counted((1 - available) * days * DAY_S)


def available(down: float, days: float = 30) -> float:
    """The share that so many seconds of downtime left; 0 when they fill the window."""
    not_negative(down=down)
    positive(days=days)
    return max(0.0, 1 - down / (days * DAY_S))
