"""Readiness of workers, of the interface and of what it runs on: what must carry the load."""

from reviews.capacity.readiness.base import KEEPS, LIMITS, STOPS, Check, Dimension

_WORKER = "shared-host stress audit, worker and queue stress"
_FORMAT = "500,000 users review format"
_OUT = "right-sized guide, horizontal scaling requires"
_HOST = "shared-host stress audit, infrastructure thresholds"

WORKERS = Dimension(
    "worker-architecture",
    "Worker architecture",
    (
        Check(
            "worker.keeps-up",
            "Queues drain, and their jobs have workers",
            STOPS,
            _WORKER,
            ("backlog", "stalled-consumers"),
            measured=("QU001", "QU020", "QU002"),
        ),
        Check(
            "worker.async",
            "Slow work runs in workers, not in requests",
            STOPS,
            _FORMAT,
            ("work-in-request",),
        ),
        Check(
            "worker.durable",
            "Jobs survive a full memory and a restart",
            STOPS,
            _WORKER,
            ("eviction-of-durable-keys", "persistence-risk", "mixed-namespaces"),
        ),
        Check(
            "worker.failures",
            "Jobs seldom fail, and retries do not multiply the load",
            LIMITS,
            _WORKER,
            ("QU003", "QU031", "retry-storm"),
            measured=("QU003 QU031", "QU027"),
        ),
        Check(
            "worker.dead-letter",
            "A job that keeps failing is set aside and seen",
            LIMITS,
            _FORMAT,
            ("no-dead-letter",),
        ),
        Check(
            "worker.window",
            "Jobs end before their next run and their time limit",
            LIMITS,
            _WORKER,
            ("long-jobs", "overlapping-schedule"),
            measured=("QU025", "QU030"),
        ),
        Check("worker.priority", "Important jobs do not wait behind many others", KEEPS, _WORKER),
        Check(
            "worker.retention",
            "Finished jobs do not pile up",
            KEEPS,
            _WORKER,
            ("unbounded-retention",),
            measured=("QU004",),
        ),
    ),
)

API = Dimension(
    "api-scalability",
    "API scalability",
    (
        Check(
            "api.latency",
            "Routes of the top flows keep their latency budget",
            STOPS,
            _FORMAT,
            ("slow-route",),
            measured=("PL001",),
        ),
        Check(
            "api.errors",
            "Requests are answered without errors and in time",
            STOPS,
            _FORMAT,
            ("error-burst", "function-timeout"),
            measured=("PL002", "PL003 PL004"),
        ),
        Check(
            "api.caching",
            "What can be cached is, and the cache is hit",
            LIMITS,
            "shared-host stress audit, bottleneck priority",
            ("PL007", "PL048", "low-hit-rate", "frozen-route"),
        ),
        Check(
            "api.dependencies",
            "Calls to others have a time limit and a way out",
            LIMITS,
            _WORKER,
            ("slow-dependency",),
        ),
        Check(
            "api.limits",
            "The platform refuses no request, and seldom starts cold",
            LIMITS,
            _FORMAT,
            ("throttling", "payload-too-large", "cold-starts"),
            measured=("PL005", "PL006", "PL009"),
        ),
        Check(
            "api.load-tested",
            "A load test reached the real peak and passed",
            LIMITS,
            "backend scalability review, load testing",
            ("load-test-breach",),
            measured=("PL055", "PL056", "PL057"),
        ),
        Check(
            "horizontal.stateless",
            "The application keeps no state in its process",
            LIMITS,
            _OUT,
            ("PL072",),
        ),
        Check("horizontal.sessions", "Sessions are stored outside the application", KEEPS, _OUT),
        Check("horizontal.files", "Files are stored outside the application", KEEPS, _OUT),
    ),
)

INFRASTRUCTURE = Dimension(
    "infrastructure",
    "Infrastructure",
    (
        Check(
            "infrastructure.single-point",
            "No single machine or process carries everything",
            STOPS,
            _HOST,
            ("single-point-of-failure",),
        ),
        Check("infrastructure.backups", "Backups are made, and restoring them was rehearsed", STOPS, _HOST),
        Check("infrastructure.separate-database", "Database and application do not share a machine", LIMITS, _HOST),
        Check(
            "infrastructure.processor",
            "Processors have room at the peak",
            LIMITS,
            _HOST,
            ("cpu-saturation",),
            measured=("PL030",),
        ),
        Check(
            "infrastructure.memory",
            "Memory has room at the peak",
            LIMITS,
            _HOST,
            ("memory-saturation",),
            measured=("PL032", "PL035"),
        ),
        Check(
            "infrastructure.disk",
            "Disks have room and keep up",
            LIMITS,
            _HOST,
            ("disk-saturation",),
            measured=("PL033", "PL034"),
        ),
        Check(
            "infrastructure.replicas",
            "Replicas keep up with their primary",
            KEEPS,
            _HOST,
            ("replication-lag",),
            measured=("PG049",),
        ),
        Check(
            "infrastructure.redis",
            "Redis has a limit it stays below, and its keys expire",
            LIMITS,
            _FORMAT,
            ("memory-growth", "writes-rejected", "no-expiry", "client-limit"),
            measured=("RD030", "RD004", "RD001 RD022"),
        ),
        Check(
            "infrastructure.redis-speed",
            "No command or key holds Redis up",
            KEEPS,
            _FORMAT,
            ("blocking-command", "big-key", "hot-key"),
            measured=("RD005 RD025", "RD020", "RD021"),
        ),
        Check(
            "infrastructure.cost",
            "Spend follows use",
            KEEPS,
            "growth strategy, cost optimisation",
            ("runaway-cost", "over-provisioned", "ai-cost"),
            measured=("CO002", "CO003", "CO004", "CO005"),
        ),
    ),
)
