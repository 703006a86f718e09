"""Readiness of the database, of tenants' isolation and of money: what must not be lost or mixed up."""

from reviews.capacity.readiness.base import KEEPS, LIMITS, STOPS, Check, Dimension

_AUDIT = "shared-host stress audit"
_TENANT = "shared-host stress audit, tenant isolation"
_MONEY = "shared-host stress audit, financial integrity"

DATABASE = Dimension(
    "database-design",
    "Database design",
    (
        Check(
            "database.indexes",
            "Filters and joins have their indexes",
            STOPS,
            _AUDIT,
            ("missing-index",),
            measured=("PG001",),
        ),
        Check(
            "database.connections",
            "Connections last at the peak, through a pool",
            STOPS,
            "backend scalability review, pool exhaustion",
            ("connection-exhaustion", "pool-exhaustion", "connection-churn"),
            measured=("PG006", "PG040", "PG007 PG047", "PG054 PG085"),
        ),
        Check(
            "database.queries",
            "Queries have a limit and are not repeated for every row",
            LIMITS,
            "right-sized guide, do this first",
            ("n-plus-one", "unbounded-query", "offset-pagination"),
            measured=("PG002", "PG010", "PG009"),
        ),
        Check(
            "database.speed",
            "Statements stay within their time and memory",
            LIMITS,
            "500,000 users review format",
            ("slow-query", "stale-statistics", "temp-file-spill", "cache-misses"),
            measured=("PG008", "PG013", "PG005 PG046", "PG015"),
        ),
        Check(
            "database.locks",
            "Sessions do not wait for each other's locks",
            LIMITS,
            _AUDIT,
            ("lock-contention", "deadlock", "long-transaction", "ddl-lock"),
            measured=("PG003", "PG004", "PG037", "PG045", "PG039"),
        ),
        Check(
            "database.growth",
            "Tables that grow have a plan: partitions or a retention",
            LIMITS,
            _AUDIT,
            ("table-growth", "wraparound-risk"),
        ),
        Check(
            "database.constraints",
            "The schema itself refuses duplicates and orphans",
            LIMITS,
            _AUDIT,
            ("missing-constraint",),
        ),
        Check(
            "database.reporting",
            "Reports do not compete with daily work",
            KEEPS,
            "500,000 users review format",
            ("reporting-on-primary",),
            measured=("PG011",),
        ),
        Check(
            "database.timeouts",
            "Statements, locks and idle transactions have a time limit",
            KEEPS,
            _AUDIT,
            ("missing-timeouts",),
        ),
        Check(
            "database.upkeep",
            "Vacuum keeps up, and every index earns its writes",
            KEEPS,
            _AUDIT,
            ("table-bloat", "redundant-index"),
            measured=("PG012", "PG034"),
        ),
        Check(
            "database.settings",
            "Settings fit the machine and the load",
            KEEPS,
            "PostgreSQL manual, server configuration",
            ("misconfiguration", "checkpoint-pressure"),
            measured=("PG041", "PG042", "PG043", "PG044", "PG014"),
        ),
    ),
)

TENANCY = Dimension(
    "tenant-isolation",
    "Tenant isolation",
    (
        Check(
            "tenancy.filter",
            "Every query is limited to its tenant",
            STOPS,
            _TENANT,
            ("missing-tenant-filter",),
        ),
        Check("tenancy.identity", "The tenant comes from the signed-in identity, not the request", STOPS, _TENANT),
        Check("tenancy.database-guard", "The database itself keeps tenants apart", LIMITS, _TENANT),
        Check("tenancy.tools", "Tools that see all tenants are few, and their use is logged", KEEPS, _TENANT),
        Check(
            "tenancy.fairness",
            "No tenant takes the capacity of the others",
            LIMITS,
            _TENANT,
            ("tenant-skew",),
            measured=("TE001",),
        ),
    ),
)

MONEY = Dimension(
    "financial-integrity",
    "Financial integrity",
    (
        Check(
            "integrity.idempotency",
            "A repeated request does not repeat its effect",
            STOPS,
            _MONEY,
            ("missing-idempotency",),
        ),
        Check(
            "integrity.duplicates",
            "An event that arrives twice counts once",
            STOPS,
            _MONEY,
            ("duplicate-delivery",),
        ),
        Check("integrity.unique-payment", "A payment's id is unique in the database", STOPS, _MONEY),
        Check(
            "integrity.signed",
            "Events of the payment provider are verified",
            STOPS,
            _MONEY,
            ("unsigned-webhook",),
        ),
        Check(
            "integrity.buffered",
            "Events are stored before they are worked on",
            LIMITS,
            _MONEY,
            ("QU051",),
        ),
        Check("integrity.append-only", "Money is recorded in rows that are never changed", LIMITS, _MONEY),
        Check("integrity.counting", "No sum counts a fact twice", LIMITS, _MONEY, ("double-counting",)),
        Check(
            "integrity.arrives", "Events of the payment provider arrive", STOPS, _MONEY, ("QU052",), measured=("QU052",)
        ),
    ),
)
