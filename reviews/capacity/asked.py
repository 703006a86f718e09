"""Every question that [checks] of an intake may answer: for the scorecard, and for the right-sizing."""

import difflib

from reviews.capacity.readiness import all_checks
from reviews.capacity.right_sizing import questions


def asked() -> dict[str, str]:
    """The statement to answer with yes, no or partly, by its key; checks of the scorecard also with "n/a"."""
    return {check.id: check.text for check in all_checks()} | {entry.check: entry.text for entry in questions()}


def near_check(key: str) -> str:
    """The key that was probably meant, "" when none is near."""
    close = difflib.get_close_matches(key, asked(), n=1, cutoff=0.5)
    return close[0] if close else ""
