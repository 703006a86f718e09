"""Readiness of security, of what is watched and of how changes go out: what keeps a bad day short."""

from reviews.capacity.readiness.base import KEEPS, LIMITS, STOPS, Check, Dimension

_GROWTH = "security under growth, shared-host stress audit"
_FIRST = "growth strategy, security of phases 1 and 2"
_LATER = "growth strategy, security of phases 3 and 4"
_FORMAT = "500,000 users review format"

SECURITY = Dimension(
    "security",
    "Security",
    (
        Check(
            "security.rate-limit",
            "Sign-in and dear routes have a rate limit",
            STOPS,
            _GROWTH,
            ("no-rate-limit",),
        ),
        Check(
            "security.brute-force",
            "Passwords are not being guessed",
            STOPS,
            _GROWTH,
            ("brute-force",),
            measured=("SE001",),
        ),
        Check(
            "security.secrets",
            "No credential lies in the repository or an image",
            STOPS,
            _GROWTH,
            ("exposed-secret",),
        ),
        Check(
            "security.bots",
            "Scanners and bots take no relevant share",
            KEEPS,
            _GROWTH,
            ("bot-traffic",),
            measured=("PL008",),
        ),
        Check("security.https", "Every connection is encrypted", LIMITS, _FIRST),
        Check("security.input", "Inputs are checked against a schema", LIMITS, _FIRST),
        Check("security.injection", "Statements are built with parameters only", LIMITS, _FIRST),
        Check("security.output", "Output is escaped", LIMITS, _FIRST),
        Check("security.lockout", "Failed sign-ins slow down or lock", KEEPS, _GROWTH),
        Check("security.cors", "Other origins are allowed by name only", KEEPS, _FIRST),
        Check("security.rotation", "Keys and secrets are renewed by a schedule", KEEPS, _FIRST),
        Check("security.body-limits", "Bodies and uploads have limits of size and type", KEEPS, _GROWTH),
        Check("security.proxy", "The proxy's configuration is known and limits requests", KEEPS, _GROWTH),
        Check("security.vault", "Secrets are kept by a service made for them", KEEPS, _LATER),
        Check("security.at-rest", "Data is encrypted where it is stored", KEEPS, _LATER),
        Check("security.audit-log", "What administrators do is recorded", KEEPS, _LATER),
        Check("security.penetration-test", "Somebody else tests the defences every quarter", KEEPS, _LATER),
        Check("security.residency", "Personal data stays where the law wants it", KEEPS, _LATER),
        Check("security.attested", "An auditor has attested the controls (SOC 2 or alike)", KEEPS, _LATER),
        Check("security.allow-list", "Large customers can limit access to their networks", KEEPS, _LATER),
    ),
)

OBSERVABILITY = Dimension(
    "observability",
    "Observability",
    (
        Check(
            "observability.routes",
            "Rate, errors and duration are known for each top flow",
            STOPS,
            _FORMAT,
            ("missing-route-metrics",),
        ),
        Check(
            "observability.alerts",
            "Somebody is told of errors, and soon",
            STOPS,
            _FORMAT,
            ("missing-alerts",),
        ),
        Check(
            "observability.database",
            "The database logs what the review needs",
            LIMITS,
            _FORMAT,
            ("missing-telemetry",),
        ),
        Check("observability.queues", "Depth and age of every queue are watched", LIMITS, _FORMAT),
        Check("observability.uptime", "Somebody outside watches whether the product answers", KEEPS, "growth strategy"),
        Check("observability.traces", "A slow request can be followed through its parts", KEEPS, "growth strategy"),
    ),
)

RELEASE = Dimension(
    "release-safety",
    "Release safety",
    (
        Check("release.rollback", "There is a tested way back", STOPS, _FORMAT, ("no-rollback",)),
        Check(
            "release.gates",
            "Nothing reaches users without passing tests",
            STOPS,
            _FORMAT,
            ("missing-gates",),
        ),
        Check(
            "release.migrations",
            "Schema changes neither lock tables nor break the way back",
            STOPS,
            _FORMAT,
            ("unsafe-migration",),
        ),
        Check("release.deploys", "Deployments seldom fail", LIMITS, _FORMAT, ("failed-deploys",), measured=("RL010",)),
        Check(
            "release.recovery",
            "Incidents end soon and do not come back",
            LIMITS,
            _FORMAT,
            ("slow-recovery", "repeat-incident"),
            measured=("RL030", "RL031"),
        ),
        Check("release.smoke", "Smoke checks run after each deployment", LIMITS, _FORMAT),
        Check("release.flags", "New paths can be switched off without a deployment", KEEPS, _FORMAT),
        Check("release.runbooks", "There are runbooks for the likeliest incidents", KEEPS, _FORMAT),
    ),
)
