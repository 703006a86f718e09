"""The printed severity matrix and the bands that lead into it.

The bands, the matrix and the probabilities are declared policy: the same for every client, printed in each report, and
monotone, so that a worse input never gives a milder answer.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from reviews.report.figures import percent

# (at least this share, band); a share below all of them is band 1
REVENUE_BANDS = ((0.10, 5), (0.03, 4), (0.01, 3), (0.003, 2))
USER_BANDS = ((0.25, 5), (0.10, 4), (0.03, 3), (0.01, 2))
# (at least this share of a limit at peak, proximity) and (at most this many days to the limit, proximity)
UTILISATION_BANDS = ((0.80, 4), (0.60, 3), (0.40, 2))
DAYS_BANDS = ((30.0, 4), (90.0, 3), (365.0, 2))
# Probability that a risk of this proximity hurts within 90 days
PROBABILITY = {5: 0.9, 4: 0.6, 3: 0.3, 2: 0.1, 1: 0.03}
MISSING_CONTROL = 2
MISSED_CONTROL = 3  # an incident speaks of it
# Shares are products of decimals: 0.1 * 0.3 must still reach the band that begins at 0.03.
EPSILON = 1e-9


class Severity(IntEnum):
    """How bad and how near, in three words."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def word(self) -> str:
        """The word of the machine interface."""
        return self.name.lower()


class Grade(StrEnum):
    """Where an input comes from, best first."""

    MEASURED = "M"
    DERIVED = "D"
    STATED = "S"
    ASSUMED = "A"

    @property
    def word(self) -> str:
        """The grade in words."""
        return {"M": "measured", "D": "derived", "S": "stated", "A": "assumed"}[self.value]


_L, _M, _H = Severity.LOW, Severity.MEDIUM, Severity.HIGH
# row: impact 5 to 1; column: proximity 1 to 5
MATRIX = {
    5: (_M, _M, _H, _H, _H),
    4: (_L, _M, _M, _H, _H),
    3: (_L, _L, _M, _M, _M),
    2: (_L, _L, _L, _L, _M),
    1: (_L, _L, _L, _L, _L),
}


@dataclass(frozen=True, slots=True)
class Proximity:
    """How close a failure is, 1..5. `trend` says that it comes from a measured date, not from a level."""

    value: int
    reason: str
    grade: Grade = Grade.MEASURED
    trend: bool = False


def severity_of(impact: int, proximity: int) -> Severity:
    """The cell of the matrix."""
    return MATRIX[impact][proximity - 1]


def printed_policy() -> dict[str, dict[str, float]]:
    """Bands and probabilities by step, as text keys: what a report freezes beside the matrix."""
    return {
        "revenue": {str(band): share for share, band in REVENUE_BANDS},
        "users": {str(band): share for share, band in USER_BANDS},
        "probability": {str(step): chance for step, chance in PROBABILITY.items()},
    }


def revenue_band(share: float) -> int:
    """Band 1..5 of a share of monthly revenue."""
    return _band_at_least(share, REVENUE_BANDS)


def user_band(share: float) -> int:
    """Band 1..5 of a share of active users."""
    return _band_at_least(share, USER_BANDS)


def proximity_of(breach: bool, utilisation: float | None, days_to_limit: float | None, incident: str = "") -> Proximity:
    """The nearest of what was observed; nothing observed is a missing control that has not hurt yet.

    `incident` is the component of incidents that speaks of it, "" when none does.
    """
    if breach:
        return Proximity(5, "it already happened within the window of the evidence")
    answers = []
    if utilisation is not None:
        reason = f"peak use is {percent(utilisation)} of the limit"
        answers.append(Proximity(_band_at_least(utilisation, UTILISATION_BANDS), reason))
    if days_to_limit is not None:
        reason = f"the limit is reached in {days_to_limit:.0f} days"
        answers.append(Proximity(_band_at_most(days_to_limit, DAYS_BANDS), reason, trend=True))
    if answers:
        return max(answers, key=lambda answer: (answer.value, answer.trend))
    if incident:
        reason = f"a control is missing where incidents speak of {incident}"
        return Proximity(MISSED_CONTROL, reason, Grade.DERIVED)
    return Proximity(MISSING_CONTROL, "a control is missing, no damage was observed", Grade.DERIVED)


def _band_at_least(share: float, bands: tuple[tuple[float, int], ...]) -> int:
    return next((band for limit, band in bands if share >= limit - EPSILON), 1)


def _band_at_most(days: float, bands: tuple[tuple[float, int], ...]) -> int:
    return next((band for limit, band in bands if days <= limit + EPSILON), 1)


def printed_matrix() -> list[dict[str, int | list[str]]]:
    """The matrix as the report prints it: impact 5 first, severities for proximity 1 to 5."""
    return [{"impact": impact, "severities": [cell.word for cell in row]} for impact, row in MATRIX.items()]
