"""How long an availability target lets a service be down: (1 - share) x window. Arithmetic; maintenance counts too."""

from reviews.capacity.formulas.little import DAY_S
from reviews.capacity.formulas.sane import counted, positive, share


def downtime(available: float, days: float = 30) -> float:
    """Seconds of downtime in so many days; 0.999 allows 2,592 in 30."""
    share(available=available)
    positive(days=days)
    return counted((1 - available) * days * DAY_S)
