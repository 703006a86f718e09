"""Hold a capture to its promise: every fault really showed, and the decoys stayed healthy."""

from typing import Any

LEAST_WAITING = 100
FAILED_SHARE = 0.05
ERROR_SHARE = 0.01
BOT_SHARE = 0.02
SLOWER = 10


def _waiting(figures: dict[str, Any], queue: str) -> int:
    return int(figures["bullmq-counts.json"][queue]["counts"]["waiting"])


def _failed_share(figures: dict[str, Any], queue: str) -> float:
    counts = figures["bullmq-counts.json"][queue]["counts"]
    return float(counts["failed"] / max(1, counts["failed"] + counts["completed"]))


def broken_promises(figures: dict[str, Any]) -> list[str]:
    """Return what the figures of a capture fail to show, in words; empty when the sample is as described."""
    log, routes, redis = figures["postgresql.log"], figures["access.log.gz"], figures["redis-info.txt"]
    promises = {
        "lock waits in the log": log["lock_waits"] > 0,
        "a deadlock in the log": log["deadlocks"] > 0,
        "a temporary file in the log": log["temp_files"] > 0,
        "keys evicted by Redis": int(redis["evicted_keys"]) > 0,
        "a backlog of e-mails that grew": _waiting(figures, "emails")
        > LEAST_WAITING + figures["run"]["emails_at_start"]["waiting"],
        "failing webhooks": _failed_share(figures, "webhooks") > FAILED_SHARE,
        "checkouts that end with 5xx": routes["/api/checkout"]["share_5xx"] > ERROR_SHARE,
        "orders slower than books": routes["/api/orders"]["p95_s"] > SLOWER * routes["/api/books"]["p95_s"],
        "exports without failures": _failed_share(figures, "exports") == 0,
        "exports that do not wait": _waiting(figures, "exports") == 0,
        "few bots": routes["/_not-found"]["requests"] < BOT_SHARE * routes["total"]["requests"],
    }
    return [promise for promise, kept in promises.items() if not kept]
