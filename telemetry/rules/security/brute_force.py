"""Passwords are being guessed."""

from collections.abc import Iterator

from telemetry.evidence import Evidence, EvidenceSet
from telemetry.rules.base import Effort, FirstSlice, Hit, Rule, Subject, Threshold
from telemetry.rules.numbers import Told, shown, wilson_lower, worst_each

ENOUGH_FAILURES = 20
ENOUGH_SIGN_INS = 200
MOSTLY = 0.5


def check(evidence: EvidenceSet, threshold: Threshold) -> Iterator[Hit]:
    """One client that fails faster than a person types, or sign-ins most of which fail.

    Many clients that fail now and then are people; when more sign-ins fail than succeed they are a list of stolen
    passwords, tried from many places.
    """
    for row in worst_each(evidence.having("http.auth", "failures"), "failures_per_min_max"):
        fast = row.metrics["failures_per_min_max"] > threshold.value
        route = _mostly_failing(evidence, row)
        if fast and row.metrics["failures"] >= ENOUGH_FAILURES:
            yield _hit(row, threshold.value, _failing(evidence, row))
        elif route is not None:
            yield _stuffing(row, route)


def _mostly_failing(evidence: EvidenceSet, row: Evidence) -> Evidence | None:
    for route in evidence.having("http.route", "status_401", "requests"):
        failed, requests = route.metrics["status_401"], route.metrics["requests"]
        if route.subject == row.subject and requests >= ENOUGH_SIGN_INS and wilson_lower(failed, requests) > MOSTLY:
            return route
    return None


def _failing(evidence: EvidenceSet, row: Evidence) -> float | None:
    """The share of the sign-ins that failed, where they are counted."""
    whole = sum(
        one.metrics["requests"] for one in evidence.having("http.route", "requests") if one.subject == row.subject
    )
    return min(1.0, row.metrics["failures"] / whole) if whole else None


def _stuffing(row: Evidence, route: Evidence) -> Hit:
    told = Told()
    limit = MOSTLY * route.metrics["requests"]
    said = (
        f"{told(route, 'status_401')} of {told(route, 'requests')} sign-ins at {row.subject} failed (limit "
        f"{shown(limit, '1')}): passwords from a list are tried."
    )
    told.also(row, "failures", "clients", "failures_per_min_max")
    return Hit(
        subject=Subject("route", row.subject),
        title=f"Stolen passwords are tried at {row.subject}",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        routes=(row.subject,),
        shared=True,
        exposure=min(1.0, route.metrics["status_401"] / route.metrics["requests"]),
    )


def _hit(row: Evidence, limit: float, share: float | None) -> Hit:
    told = Told()
    said = (
        f"One client failed to sign in at {row.subject} {told(row, 'failures_per_min_max')} times within a minute "
        "(limit "
        f"{shown(limit, '1/min')}); {told(row, 'failures')} sign-ins failed there."
    )
    told.also(row, "clients")
    return Hit(
        subject=Subject("route", row.subject),
        title=f"Passwords are guessed at {row.subject}",
        said=said,
        cites=told.cites,
        limit=limit,
        breach=True,
        routes=(row.subject,),
        shared=share is not None,  # the accounts of all flows stand behind one door
        exposure=share,
    )


RULE = Rule(
    id="SE001",
    slug="brute-force",
    area="security",
    mechanism="brute-force",
    title="Passwords are being guessed",
    needs=(("http.auth", "failures"), ("http.auth", "failures_per_min_max")),
    threshold=Threshold(
        5,
        "1/min",
        "A person who forgot a password tries a few times; more than five failures a minute from one client are a "
        "program.",
        "House limit; OWASP Authentication Cheat Sheet asks for throttling and names no number",
    ),
    degradation=0.6,
    why="A program is trying passwords on your customers' accounts. Each account it opens is a breach you may have to "
    "report.",
    fix=(
        "Limit failed sign-ins by client and by account, with growing pauses.",
        "Block the client's network at the edge now.",
        "Look for successful sign-ins from the same network, and end those sessions.",
        "Offer a second factor, and refuse passwords known from breaches.",
    ),
    first_slice=FirstSlice("Limit failed sign-ins by client and account", 6),
    effort=Effort(0.5, 1, 2),
    removes=0.8,
    verify="No client reaches more than five failures a minute in the next log.",
    rollback="Raise the limit; it is one constant.",
    references=(
        "OWASP, Authentication Cheat Sheet "
        "https://cheatsheetseries.owasp.org/cheatsheets/Authentication_Cheat_Sheet.html",
    ),
    check=check,
)
